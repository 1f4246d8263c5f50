// SPDX-License-Identifier: Apache-2.0
// descriptors.c - the server gets no more descriptors
#include "faults/faults.h"
#include "faults/limit.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>

static const struct type type_descriptors = {
    .name = "descriptors",
    .kind = TYPE_RECORD,
    .size = sizeof(struct limit_args),
    .shorthand = "spare",
    .fields =
        (const struct field[]){FIELD(struct limit_args, spare, "spare", COUNT(0, 100000),
                                     FIELD_REQUIRED, "how many more than now the server may open"),
                               END}};

// The limit that leaves `spare` descriptors. New ones get the lowest unused numbers, so the limit
// is the smallest number with that many unused ones below it. With none to spare it is halved, so
// that closing a descriptor does not return one to the server.
static int64_t limit_with_spare(pid_t pid, int64_t spare, struct err *err) {
    enum { MOST = 65536 };
    cleanup_free char *folder = xprintf("/proc/%d/fd", pid);
    cleanup_free bool *used = xcalloc(MOST, sizeof *used);
    DIR *descriptors = opendir(folder);
    if (!descriptors)
        return err_errno(err, "%s", folder);
    for (struct dirent *entry; (entry = readdir(descriptors));) {
        char *end;
        long number = strtol(entry->d_name, &end, 10);
        if (*end == '\0' && number >= 0 && number < MOST)
            used[number] = true;
    }
    closedir(descriptors);
    int64_t limit = 0, left = spare;
    while (limit < MOST && (used[limit] || left-- > 0))
        limit++;
    return spare > 0 ? limit : limit / 2;
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct limit_args *args = fault->step->act.args;
    int64_t limit = limit_with_spare(server_pid(&run->world->server), args->spare, err);
    (void)deadline_ms;
    return limit < 0 ? -1 : limit_arm(run, fault, RLIMIT_NOFILE, limit, err);
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    (void)deadline_ms;
    return limit_lift(run, fault, RLIMIT_NOFILE, err);
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

const struct fault_kind fault_descriptors = {
    .word = {"descriptors", 0, &type_descriptors, LIMIT_FLAGS,
             "the server gets no more descriptors (RLIMIT_NOFILE); fires when the limit is "
             "in force: neither the kernel nor every server reports that it has refused something"},
    .tale = "the server can open {spare} more descriptors and no more",
    .effect = effect_of,
    .mechanism = "prlimit",
    .hampers_admin = limit_hampers_admin,
    .may_end = limit_may_end,
    .arm = arm,
    .lift = lift,
    .state_bytes = sizeof(struct limit_state),
};
