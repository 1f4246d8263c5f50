// SPDX-License-Identifier: Apache-2.0
// memory.c - the server gets no more memory
//
// RLIMIT_DATA counts private writable memory, including the stacks of new threads: allocations fail
// as on a full machine, and the server continues. RLIMIT_AS does not work, since MariaDB reserves
// terabytes of address space.
#include "faults/faults.h"
#include "faults/limit.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const struct type type_memory = {
    .name = "memory",
    .kind = TYPE_RECORD,
    .size = sizeof(struct limit_args),
    .shorthand = "spare",
    .fields = (const struct field[]){FIELD(struct limit_args, spare, "spare", SIZE(0, 16 * GIB),
                                           FIELD_REQUIRED,
                                           "how much more than now the server may allocate"),
                                     END}};

// What RLIMIT_DATA counts: VmData in /proc/PID/status. -1 if it cannot be read.
static int64_t data_bytes(pid_t pid) {
    cleanup_free char *path = xprintf("/proc/%d/status", pid);
    char line[256];
    long long kilobytes = -1;
    FILE *file = fopen(path, "re");
    while (file && kilobytes < 0 && fgets(line, sizeof line, file))
        if (text_starts(line, "VmData:"))
            kilobytes = strtoll(line + strlen("VmData:"), NULL, 10);
    if (file)
        fclose(file);
    return kilobytes < 0 ? -1 : kilobytes * 1024;
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct limit_args *args = fault->step->act.args;
    int64_t now = data_bytes(server_pid(&run->world->server));
    (void)deadline_ms;
    if (now < 0)
        return err_set(err, "the server has no process to limit");
    struct limit_state *state = fault->state;
    state->log_offset = server_log_size(&run->world->server, err);
    if (state->log_offset < 0)
        return -1;
    return limit_arm(run, fault, RLIMIT_DATA, now + args->spare, err);
}

// The kernel does not report that a limit refused something, but the server does, in its own words
// or in those of the C++ runtime that ends it.
static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    static const char *const words[] = {"Out of memory", "Can't create thread", "Cannot allocate",
                                        "bad_alloc"};
    const struct limit_state *state = fault->state;
    cleanup_text struct text log = {0};
    if (server_log_read(&run->world->server, state->log_offset, &log, err) < 0)
        return -1;
    fault->fired = 0;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        for (const char *at = text_get(&log); (at = strstr(at, words[i])); at++)
            fault->fired++;
    return 0;
}

// An app may notice before the server has logged it.
static int settle(struct case_run *run, struct case_fault *fault, struct err *err) {
    enum { SETTLE_MS = 300 };
    double began = clock_ms();
    while (count(run, fault, err) == 0) {
        if (fault->fired > 0 || clock_ms() - began > SETTLE_MS)
            return 0;
        clock_look_again(began);
    }
    return -1;
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    (void)deadline_ms;
    return settle(run, fault, err) < 0 ? -1 : limit_lift(run, fault, RLIMIT_DATA, err);
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

const struct fault_kind fault_memory = {
    .word =
        {"memory", 0, &type_memory, LIMIT_FLAGS,
         "the server gets no more memory (RLIMIT_DATA); fires for each line of its error log that "
         "says so"},
    .tale = "the server gets {spare} more memory and no more",
    .effect = effect_of,
    .mechanism = "prlimit",
    .hampers_admin = limit_hampers_admin,
    .may_end = limit_may_end,
    .arm = arm,
    .lift = lift,
    .count = count,
    .state_bytes = sizeof(struct limit_state),
};
