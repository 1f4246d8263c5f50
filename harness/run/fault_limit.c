// SPDX-License-Identifier: Apache-2.0
// fault_limit.c - faults that leave the server no more memory, descriptors or threads, by limits
//
// A soft limit of a running process can be set from outside (prlimit) and taken back. RLIMIT_DATA
// counts what is private and writable, stacks of new threads included: with it an allocation fails
// as it does on a full machine, and the server goes on. RLIMIT_AS would not do: MariaDB reserves
// terabytes of address space. The kernel does not tell that a limit has refused something, so these
// faults have fired when the limit is in force; that it struck shows in the server's error log.
// The kernel's killer (oom) acts on what is in use, in a memory cgroup, and counts whom it killed;
// a pids cgroup (threads) counts what it refused.
#include "run/fault.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

// -1: it has none
static pid_t process_to_limit(const struct case_run *run, struct err *err) {
    pid_t pid = server_pid(&run->world->server);
    return pid > 0 ? pid : err_set(err, "the server is not running: `server: start` comes first");
}

static int set_soft_limit(struct case_run *run, int resource, rlim_t soft, int64_t *ret_before,
                          struct err *err) {
    struct rlimit limit, was;
    pid_t pid = process_to_limit(run, err);
    if (pid < 0)
        return -1;
    if (prlimit(pid, (__rlimit_resource_t)resource, NULL, &was) < 0)
        return err_errno(err, "prlimit of the server");
    limit = (struct rlimit){.rlim_cur = soft, .rlim_max = was.rlim_max};
    if (prlimit(pid, (__rlimit_resource_t)resource, &limit, NULL) < 0 ||
        prlimit(pid, (__rlimit_resource_t)resource, NULL, &limit) < 0)
        return err_errno(err, "prlimit of the server");
    if (ret_before)
        *ret_before = (int64_t)was.rlim_cur;
    return limit.rlim_cur == soft;
}

static int arm(struct case_run *run, struct case_fault *fault, int resource, int64_t soft,
               struct err *err) {
    int in_force = set_soft_limit(run, resource, (rlim_t)soft, &fault->before, err);
    fault->fired = in_force > 0;
    return in_force < 0 ? -1 : 0;
}

// The server may have ended meanwhile; then there is nothing left to take away.
static int lift(struct case_run *run, const struct case_fault *fault, int resource,
                struct err *err) {
    int ret = set_soft_limit(run, resource, (rlim_t)fault->before, NULL, err);
    return ret < 0 && server_pid(&run->world->server) > 0 ? -1 : 0;
}

// ---- memory ------------------------------------------------------------------------------------

// What RLIMIT_DATA counts: VmData of /proc/PID/status. -1 if it cannot be read.
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

int fault_arm_memory(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    const struct limit_args *args = fault->step->act.args;
    int64_t now = data_bytes(server_pid(&run->world->server));
    (void)deadline_ms;
    if (now < 0)
        return err_set(err, "the server has no process to limit");
    return arm(run, fault, RLIMIT_DATA, now + args->spare, err);
}

int fault_lift_memory(struct case_run *run, struct case_fault *fault, double deadline_ms,
                      struct err *err) {
    (void)deadline_ms;
    return lift(run, fault, RLIMIT_DATA, err);
}

// ---- descriptors -------------------------------------------------------------------------------

// The lowest number that is above `spare` unused ones: new descriptors get the lowest numbers.
// Without any to spare it is well below, so that one which the server closes meanwhile is not free
// again.
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

int fault_arm_descriptors(struct case_run *run, struct case_fault *fault, double deadline_ms,
                          struct err *err) {
    const struct limit_args *args = fault->step->act.args;
    int64_t limit = limit_with_spare(server_pid(&run->world->server), args->spare, err);
    (void)deadline_ms;
    return limit < 0 ? -1 : arm(run, fault, RLIMIT_NOFILE, limit, err);
}

int fault_lift_descriptors(struct case_run *run, struct case_fault *fault, double deadline_ms,
                           struct err *err) {
    (void)deadline_ms;
    return lift(run, fault, RLIMIT_NOFILE, err);
}

// ---- oom ---------------------------------------------------------------------------------------

int fault_arm_oom(struct case_run *run, struct case_fault *fault, double deadline_ms,
                  struct err *err) {
    const struct limit_args *args = fault->step->act.args;
    pid_t pid = process_to_limit(run, err);
    (void)deadline_ms;
    if (pid < 0)
        return -1;
    return cgroup_open(&fault->cgroup, run->world->cgroups, CGROUP_MEMORY, pid, args->spare, err);
}

int fault_count_oom(struct case_run *run, struct case_fault *fault, struct err *err) {
    (void)run;
    return fault->cgroup.folder ? cgroup_count(&fault->cgroup, &fault->fired, err) : 0;
}

int fault_lift_oom(struct case_run *run, struct case_fault *fault, double deadline_ms,
                   struct err *err) {
    struct err ignored;
    if (fault_count_oom(run, fault, err) == 0)
        return cgroup_close(&fault->cgroup, deadline_ms, err);
    cgroup_close(&fault->cgroup, deadline_ms, &ignored);
    return -1;
}

// ---- threads -----------------------------------------------------------------------------------

int fault_arm_threads(struct case_run *run, struct case_fault *fault, double deadline_ms,
                      struct err *err) {
    const struct limit_args *args = fault->step->act.args;
    pid_t pid = process_to_limit(run, err);
    (void)deadline_ms;
    if (pid < 0)
        return -1;
    if (thread_limit_open(&fault->threads, run->world->cgroups, pid, args->spare, err) < 0)
        return -1;
    fault->mechanism = thread_limit_mechanism(&fault->threads);
    return 0;
}

int fault_count_threads(struct case_run *run, struct case_fault *fault, struct err *err) {
    (void)run;
    return fault->threads.pid ? thread_limit_count(&fault->threads, &fault->fired, err) : 0;
}

int fault_lift_threads(struct case_run *run, struct case_fault *fault, double deadline_ms,
                       struct err *err) {
    struct err ignored;
    if (fault_count_threads(run, fault, err) == 0)
        return thread_limit_close(&fault->threads, deadline_ms, err);
    thread_limit_close(&fault->threads, deadline_ms, &ignored);
    return -1;
}
