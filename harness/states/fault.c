// SPDX-License-Identifier: Apache-2.0
// fault.c - a fault has fired
#include "states/states.h"

#include "plan/parts.h"

#include <stdio.h>

struct fired_args {
    const char *id;
    int64_t times; ///< -1: once
};

static const struct type type_fired = {
    .name = "fault",
    .kind = TYPE_RECORD,
    .size = sizeof(struct fired_args),
    .shorthand = "id",
    .fields = (const struct field[]){
        FIELD(struct fired_args, id, "id", &type_name, FIELD_REQUIRED, "which fault"),
        FIELD(struct fired_args, times, "fired", COUNT(0, 1000000), 0, "how often (default: once)"),
        END}};

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct fired_args *args = step->act.args;
    return check_fault_or_nat(plan, step->value, args->id, err);
}

static bool is_damage(const struct choice *what) {
    (void)what;
    return true;
}

static int look(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err) {
    const struct fired_args *args = what->args;
    int64_t count;
    if (fault_count(run, args->id, &count, err) < 0)
        return -1;
    snprintf(look->seen, sizeof look->seen, "it has fired %lld times", (long long)count);
    return count >= (args->times < 0 ? 1 : args->times);
}

const struct state_kind state_fault = {
    .word = {"fault", 0, &type_fired, 0, "a fault has fired"},
    .tale = "the fault `{id}` has fired[ {fired} times]",
    .check = check,
    .is_damage = is_damage,
    .look = look,
};
