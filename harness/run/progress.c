// SPDX-License-Identifier: Apache-2.0
// progress.c - what a worker is doing
#include "run/progress.h"

#include "base/clock.h"

#include <sys/mman.h>

static struct progress *mine; // this process's own, if it is a worker

struct progress *progress_map(size_t count) {
    void *all = mmap(NULL, count * sizeof(struct progress), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return all == MAP_FAILED ? NULL : all;
}

void progress_unmap(struct progress *all, size_t count) {
    if (all)
        munmap(all, count * sizeof *all);
}

void progress_use(struct progress *own) {
    mine = own;
}

void progress_tell(enum progress_phase phase, size_t step) {
    if (!mine)
        return;
    atomic_store(&mine->used_ms, clock_used_ms());
    atomic_store(&mine->step, (int)step);
    atomic_store(&mine->phase, (int)phase);
}

void progress_begin_anew(struct progress *own) {
    atomic_store(&own->phase, PROGRESS_TIDYING);
}

bool progress_has_begun(struct progress *own) {
    return atomic_load(&own->phase) > PROGRESS_WAITING;
}

static char *step_text(const struct plan_step *step) {
    const char *verb = step->act.verb ? step->act.verb->name : step->name;
    return xprintf("it was at step %d (%s%s%s)", step->number, step->actor, verb ? " " : "",
                   verb ? verb : "");
}

char *progress_text(struct progress *own, const struct plan_case *plan) {
    static const char *const texts[] = {
        [PROGRESS_STARTING] = "it was starting up",
        [PROGRESS_TIDYING] = "it was tidying up after the case before",
        [PROGRESS_WAITING] = "it was waiting for the case",
        [PROGRESS_SERVING] = "it was getting a server ready",
        [PROGRESS_SET_UP] = "it was setting the case up",
        [PROGRESS_EVIDENCE] = "it was collecting evidence",
    };
    int phase = atomic_load(&own->phase), step = atomic_load(&own->step);
    if (phase == PROGRESS_STEP && step >= 0 && (size_t)step < plan->step_count)
        return step_text(&plan->steps[step]);
    bool known = phase >= 0 && phase < (int)COUNT_OF(texts) && texts[phase];
    return xstrdup(known ? texts[phase] : "what it was about is not known");
}
