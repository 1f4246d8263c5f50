// SPDX-License-Identifier: Apache-2.0
// threads.c - the server gets no more threads
//
// A pids cgroup counts what it refuses; a resource limit does not.
#include "faults/faults.h"
#include "faults/limit.h"

#include "world/threads.h"

static const struct type type_threads = {
    .name = "threads",
    .kind = TYPE_RECORD,
    .size = sizeof(struct limit_args),
    .shorthand = "spare",
    .fields = (const struct field[]){
        FIELD(struct limit_args, spare, "spare", COUNT(0, 100000), FIELD_REQUIRED,
              "how many more than now the server may start; 0: none, even "
              "if one ends meanwhile"),
        END}};

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct limit_args *args = fault->step->act.args;
    pid_t pid = limit_process(run, err);
    (void)deadline_ms;
    if (pid < 0)
        return -1;
    if (thread_limit_open(fault->state, run->world->cgroups, pid, args->spare, err) < 0)
        return -1;
    fault->mechanism = thread_limit_mechanism(fault->state);
    return 0;
}

static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    const struct thread_limit *limit = fault->state;
    (void)run;
    return limit->pid ? thread_limit_count(limit, &fault->fired, err) : 0;
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    struct err ignored;
    if (count(run, fault, err) == 0)
        return thread_limit_close(fault->state, deadline_ms, err);
    thread_limit_close(fault->state, deadline_ms, &ignored);
    return -1;
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

const struct fault_kind fault_threads = {
    .word =
        {"threads", 0, &type_threads, LIMIT_FLAGS,
         "the server gets no more threads (pids cgroup; for an ordinary user RLIMIT_NPROC); fires "
         "for each that the cgroup refuses, or once when there are as many as RLIMIT_NPROC allows"},
    .tale = "the server can start {spare} more threads and no more",
    .effect = effect_of,
    .mechanism = "cgroup",
    .needs = NEED_BIT(NEED_THREADS),
    .hampers_admin = limit_hampers_admin,
    .may_end = limit_may_end,
    .arm = arm,
    .lift = lift,
    .count = count,
    .state_bytes = sizeof(struct thread_limit),
};
