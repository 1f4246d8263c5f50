// SPDX-License-Identifier: Apache-2.0
// progress.h - what a worker is doing, so that the main process can say it if the worker has to be
// ended
//
// A few numbers in shared memory. The main process treats them as a mere claim by the worker: they
// decide the wording of a reason, and when a case's time begins, but nothing else.
#ifndef GONEAWAY_RUN_PROGRESS_H
#define GONEAWAY_RUN_PROGRESS_H

#include "plan/plan.h"

#include <stdatomic.h>

enum progress_phase {
    PROGRESS_STARTING,
    PROGRESS_TIDYING, ///< after a case whose record was taken
    PROGRESS_WAITING, ///< for an order
    PROGRESS_SERVING, ///< getting a server ready for the case
    PROGRESS_SET_UP,
    PROGRESS_STEP,
    PROGRESS_EVIDENCE,
};

struct progress {
    atomic_int phase;       ///< enum progress_phase
    atomic_int step;        ///< PROGRESS_STEP: index in the plan
    _Atomic double used_ms; ///< the worker's own processor time so far
};

/** Memory for `count` workers, shared with processes started later; NULL with errno. */
struct progress *progress_map(size_t count);
void progress_unmap(struct progress *all, size_t count);

/** In a worker: sets where it reports from now on. */
void progress_use(struct progress *own);
/** In a worker: reports what it is doing; `step` is an index in the plan. Does nothing before
 * progress_use(). */
void progress_tell(enum progress_phase phase, size_t step);

/** In the main process, while the worker waits for it: resets the worker to before its next
 * case. */
void progress_begin_anew(struct progress *own);
/** Whether the worker has begun with the case that it was given. */
bool progress_has_begun(struct progress *own);
/** "it was at step 7 (app query)"; to be freed. */
char *progress_text(struct progress *own, const struct plan_case *plan);

#endif
