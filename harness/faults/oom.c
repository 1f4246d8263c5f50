// SPDX-License-Identifier: Apache-2.0
// oom.c - the kernel kills the server for want of memory
//
// The OOM killer acts on memory in use, within a memory cgroup, and the cgroup counts its kills.
#include "faults/faults.h"
#include "faults/limit.h"

#include <string.h>

static const struct type type_oom = {
    .name = "oom",
    .kind = TYPE_RECORD,
    .size = sizeof(struct limit_args),
    .shorthand = "spare",
    .fields =
        (const struct field[]){FIELD(struct limit_args, spare, "spare", SIZE(0, 16 * GIB),
                                     FIELD_REQUIRED, "how much more than now the server may use"),
                               END}};

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct limit_args *args = fault->step->act.args;
    pid_t pid = limit_process(run, err);
    (void)deadline_ms;
    if (pid < 0)
        return -1;
    return cgroup_open(fault->state, run->world->cgroups, CGROUP_MEMORY, pid, args->spare, err);
}

static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    const struct cgroup *cgroup = fault->state;
    (void)run;
    return cgroup->folder ? cgroup_count(cgroup, &fault->fired, err) : 0;
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    struct err ignored;
    if (count(run, fault, err) == 0)
        return cgroup_close(fault->state, deadline_ms, err);
    cgroup_close(fault->state, deadline_ms, &ignored);
    return -1;
}

static bool may_end(const struct choice *act, const char *whom, int signal) {
    (void)act, (void)signal;
    return strcmp(whom, "server") == 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words = "the limit is in force",
                                              .cause = "resources",
                                              .promise = PROMISE_ANY,
                                              .because =
                                                  "whether the server needs more of it decides",
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_oom = {
    .word = {"oom", 0, &type_oom, LIMIT_FLAGS,
             "the kernel kills the server when it needs more memory than its control group "
             "(cgroup) has; fires when it has been killed"},
    .tale = "the kernel kills the server as soon as it needs more than {spare} more memory",
    .effect = effect_of,
    .mechanism = "cgroup",
    .needs = NEED_BIT(NEED_MEMORY_CGROUP),
    .may_end = may_end,
    .arm = arm,
    .lift = lift,
    .count = count,
    .state_bytes = sizeof(struct cgroup),
};
