// SPDX-License-Identifier: Apache-2.0
// limit.c - what the faults that cap a resource of the server have in common
#include "faults/limit.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

// A server out of resources may end itself in many ways; nobody kills it.
bool limit_may_end(const struct choice *act, const char *whom, int signal) {
    (void)act;
    return strcmp(whom, "server") == 0 && signal != SIGKILL;
}

bool limit_hampers_admin(const struct choice *act) {
    (void)act;
    return true;
}

pid_t limit_process(const struct case_run *run, struct err *err) {
    pid_t pid = server_pid(&run->world->server);
    return pid > 0 ? pid : err_set(err, "the server is not running: `server: start` comes first");
}

static int set_soft_limit(struct case_run *run, int resource, rlim_t soft, rlim_t *ret_before,
                          struct err *err) {
    struct rlimit limit, was;
    pid_t pid = limit_process(run, err);
    if (pid < 0)
        return -1;
    if (prlimit(pid, (__rlimit_resource_t)resource, NULL, &was) < 0)
        return err_errno(err, "prlimit of the server");
    limit = (struct rlimit){.rlim_cur = soft, .rlim_max = was.rlim_max};
    if (prlimit(pid, (__rlimit_resource_t)resource, &limit, NULL) < 0 ||
        prlimit(pid, (__rlimit_resource_t)resource, NULL, &limit) < 0)
        return err_errno(err, "prlimit of the server");
    if (ret_before)
        *ret_before = was.rlim_cur;
    return limit.rlim_cur == soft;
}

int limit_arm(struct case_run *run, struct case_fault *fault, int resource, int64_t soft,
              struct err *err) {
    struct limit_state *state = fault->state;
    int in_force = set_soft_limit(run, resource, (rlim_t)soft, &state->before, err);
    fault->fired = in_force > 0;
    return in_force < 0 ? -1 : 0;
}

// The server may have ended meanwhile; then there is nothing to lift.
int limit_lift(struct case_run *run, const struct case_fault *fault, int resource,
               struct err *err) {
    const struct limit_state *state = fault->state;
    int ret = set_soft_limit(run, resource, state->before, NULL, err);
    return ret < 0 && server_pid(&run->world->server) > 0 ? -1 : 0;
}
