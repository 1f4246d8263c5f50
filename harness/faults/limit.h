// SPDX-License-Identifier: Apache-2.0
// limit.h - faults that cap a resource of the server
//
// A soft limit of a running process can be set from outside (prlimit) and taken back. The kernel
// does not report that such a limit refused something, so these faults count as fired once the
// limit is in force; its effect shows in the server's error log. Cgroups, in contrast, have
// counters. Disk space cannot be capped: everything that a server writes, including its error log,
// is on one tmpfs of SERVER_BYTES (world/server.c).
#ifndef GONEAWAY_FAULTS_LIMIT_H
#define GONEAWAY_FAULTS_LIMIT_H

#include "run/case.h"

#include <sys/resource.h>

/** How much more the server may take, in bytes or by number. */
struct limit_args {
    int64_t spare;
};

/** Flags of these kinds. A reused server keeps memory, files and threads that it no longer needs,
 * and would draw on these instead of what it is denied. */
enum { LIMIT_FLAGS = VERB_DIRTIES | VERB_FRESH };

/** Without more of it the server may end, or not answer its admin. */
bool limit_may_end(const struct choice *act, const char *whom, int signal);
bool limit_hampers_admin(const struct choice *act);

/** The server's process; -1: it has none. */
pid_t limit_process(const struct case_run *run, struct err *err);

/** State of a fault that sets a soft limit. */
struct limit_state {
    rlim_t before;   ///< restored when lifted
    long log_offset; ///< for memory: the size of the server's error log when armed
};
/** Sets the server's soft limit of a resource, and takes it back. */
int limit_arm(struct case_run *run, struct case_fault *fault, int resource, int64_t soft,
              struct err *err);
int limit_lift(struct case_run *run, const struct case_fault *fault, int resource, struct err *err);

#endif
