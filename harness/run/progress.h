// SPDX-License-Identifier: Apache-2.0
// progress.h - what a worker is about, for the main process to tell when it has to end the worker
//
// A few numbers in memory that both see. The main process takes them for what a worker says of
// itself: they decide the words of a reason, and when a case's time begins, but nothing else.
#ifndef GONEAWAY_RUN_PROGRESS_H
#define GONEAWAY_RUN_PROGRESS_H

#include "plan/plan.h"

#include <stdatomic.h>

enum progress_phase {
    PROGRESS_STARTING,
    PROGRESS_TIDYING, ///< after a case whose record has been taken
    PROGRESS_WAITING, ///< for an order
    PROGRESS_SERVING, ///< a server is got ready for the case
    PROGRESS_SET_UP,
    PROGRESS_STEP,
    PROGRESS_EVIDENCE,
};

struct progress {
    atomic_int phase;       ///< enum progress_phase
    atomic_int step;        ///< of PROGRESS_STEP: index in the plan
    _Atomic double used_ms; ///< processor time of the worker itself so far
};

/** Memory for `count` workers, which processes that are started later share; NULL with errno. */
struct progress *progress_map(size_t count);
void progress_unmap(struct progress *all, size_t count);

/** In a worker: where it notes from now on what it is doing. */
void progress_use(struct progress *own);
/** In a worker: what it is about now; `step` is an index in the plan. Nothing before
 * progress_use(). */
void progress_tell(enum progress_phase phase, size_t step);

/** In the main process, while the worker waits for it: its next case has not begun. */
void progress_begin_anew(struct progress *own);
/** Whether the worker has begun with the case that it was given. */
bool progress_has_begun(struct progress *own);
/** "it was at step 7 (app query)"; to be freed. */
char *progress_text(struct progress *own, const struct plan_case *plan);

#endif
