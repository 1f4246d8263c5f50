// SPDX-License-Identifier: Apache-2.0
// fault.c - arms and lifts faults, and collects the proof that they fired
#include "run/case.h"

#include "base/clock.h"
#include "plan/kind.h"

#include <stdlib.h>
#include <string.h>

int faults_prepare(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->plan->step_count; i++) {
        const struct plan_step *step = &run->plan->steps[i];
        if (step->kind == STEP_FAULT && fault_kind_of(step)->prepare &&
            fault_kind_of(step)->prepare(run, step, err) < 0)
            return err_context(err, "prepare the fault '%s'", step->name);
    }
    return 0;
}

int fault_arm(struct case_run *run, const struct plan_step *step, double deadline_ms,
              struct err *err) {
    struct case_fault *fault = &run->faults[run->fault_count++];
    const struct fault_kind *kind = fault_kind_of(step);
    *fault = (struct case_fault){.step = step, .armed = true};
    for (size_t i = 0; i < run->actor_count; i++)
        run->actors[i].replaced = -1;
    if (kind->state_bytes > 0)
        fault->state = xcalloc(1, kind->state_bytes);
    if (kind->arm(run, fault, deadline_ms, err) < 0)
        return err_context(err, "arm the fault '%s'", step->name);
    return 0;
}

static struct case_fault *find_fault(struct case_run *run, const char *id) {
    for (size_t i = 0; i < run->fault_count; i++)
        if (strcmp(run->faults[i].step->name, id) == 0)
            return &run->faults[i];
    return NULL;
}

// Whether an app does something in this step that could meet a fault.
static bool may_meet(const struct plan_step *step) {
    return step->kind == STEP_APP || step->kind == STEP_RAW || step->kind == STEP_AWAIT ||
           step->kind == STEP_IDLE || step->kind == STEP_PROGRAM;
}

// Whether anybody can have met a fault: an app did something while it was in force, or was waiting
// for an answer all along.
static bool was_met(const struct case_run *run, const struct case_fault *fault) {
    bool met = run->plan->of_sessions; // nobody knows what they do
    for (size_t i = 0; !met && i < run->actor_count; i++)
        met = run->actors[i].pending != NULL;
    for (size_t i = run->begun; !met && i-- > 0 && &run->plan->steps[i] != fault->step;)
        met = may_meet(&run->plan->steps[i]);
    return met;
}

int fault_lift(struct case_run *run, const char *id, double deadline_ms, struct err *err) {
    struct case_fault *fault = find_fault(run, id);
    if (!fault || !fault->armed)
        return 0;
    fault->armed = false;
    bool met = !fault_kind_of(fault->step)->stands || was_met(run, fault);
    if (fault_kind_of(fault->step)->lift &&
        fault_kind_of(fault->step)->lift(run, fault, deadline_ms, err) < 0)
        return err_context(err, "lift the fault '%s'", id);
    if (!met)
        fault->fired = 0;
    return 0;
}

// Whether a fault may keep the server from answering its admin.
static bool hampers_admin(const struct plan_step *step) {
    const struct fault_kind *kind = fault_kind_of(step);
    return kind->hampers_admin && kind->hampers_admin(&step->act);
}

int faults_release_server(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->fault_count; i++) {
        if (hampers_admin(run->faults[i].step) &&
            fault_lift(run, run->faults[i].step->name, clock_ms() + STEP_DEADLINE_MS, err) < 0)
            return -1;
    }
    return 0;
}

int faults_finish(struct case_run *run, struct err *err) {
    int ret = 0;
    for (size_t i = 0; i < run->fault_count; i++) {
        struct case_fault *fault = &run->faults[i];
        if (fault_lift(run, fault->step->name, clock_ms() + STEP_DEADLINE_MS, err) < 0)
            ret = -1;
        struct record_fault *seen = record_add_fault(
            run->record, fault->step->name, fault->step->act.verb->name,
            fault->mechanism ? fault->mechanism : fault_kind_of(fault->step)->mechanism);
        seen->fired = fault->fired;
        seen->waits = fault->waits;
        free(fault->state);
    }
    run->fault_count = 0;
    return nat_close(run, err) < 0 ? -1 : ret;
}

int fault_count(struct case_run *run, const char *id, int64_t *ret_count, struct err *err) {
    struct case_fault *fault = find_fault(run, id);
    *ret_count = 0;
    if (!fault && run->nat_open && strcmp(run->plan->nat_id, id) == 0)
        return nat_count(run, ret_count, err);
    if (!fault)
        return 0;
    if (fault->armed && fault_kind_of(fault->step)->count &&
        fault_kind_of(fault->step)->count(run, fault, err) < 0)
        return -1;
    *ret_count = fault->fired;
    return 0;
}
