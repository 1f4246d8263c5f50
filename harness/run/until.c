// SPDX-License-Identifier: Apache-2.0
// until.c - waiting for a state that can be observed
#include "run/case.h"

#include "base/clock.h"
#include "plan/kind.h"
#include "run/program.h"

int until_begin(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->plan->step_count; i++) {
        const struct plan_step *step = &run->plan->steps[i];
        if (step->kind == STEP_UNTIL && state_kind_of(step)->begin &&
            state_kind_of(step)->begin(run, &step->act, &run->baselines[i], err) < 0)
            return -1;
    }
    return 0;
}

static int look_once(struct case_run *run, const struct plan_step *step, struct state_look *look,
                     struct err *err) {
    int ret = state_kind_of(step)->look(run, &step->act, look, err);
    return ret < 0 ? err_context(err, "until %s", step->act.verb->name) : ret;
}

// Whether a fault, or something equally certain, has happened since the program's moment.
static bool has_acted(const struct plan_step *step) {
    while ((--step)->kind != STEP_PROGRAM)
        if (step->kind != STEP_UNTIL && step->kind != STEP_IDLE)
            return true;
    return false;
}

// A state that comes about by itself must not be mistaken for the end of a program. 1: the program
// continues; 0: it has ended, and there is nothing left to wait for.
static int look_at_program(struct case_run *run, const struct plan_step *step, struct err *err) {
    if (!run->plan->program || !run->actors[0].folder || has_acted(step))
        return 1;
    return program_goes_on(run, "what was waited for had come about", err);
}

int until_wait(struct case_run *run, const struct plan_step *step, double deadline_ms,
               struct err *err) {
    cleanup_free void *state = xcalloc(1, state_kind_of(step)->state_bytes + 1);
    struct state_look seen = {.before = run->baselines[step - run->plan->steps], .state = state};
    double began = clock_ms();
    for (;;) {
        int goes_on = look_at_program(run, step, err);
        if (goes_on <= 0)
            return goes_on < 0 ? err_context(err, "until %s", step->act.verb->name) : 0;
        int ret = look_once(run, step, &seen, err);
        if (ret != 0)
            return ret < 0 ? -1 : 0;
        if (clock_ms() >= deadline_ms && step->optional)
            return 1;
        if (clock_ms() >= deadline_ms)
            return err_set(err, "until %s: not so within the deadline; seen last: %s",
                           step->act.verb->name, seen.seen);
        clock_look_again(began);
    }
}
