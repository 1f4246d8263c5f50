// SPDX-License-Identifier: Apache-2.0
// limit.h - faults that deny the server more of a resource
//
// A soft limit of a running process can be set from outside (prlimit) and taken back. The kernel
// does not tell that such a limit has refused something, so these faults have fired when the limit
// is in force; that it struck shows in the server's error log. Cgroups, in contrast, have counters.
// Not for disk space: all that a server writes, its error log too, is on one tmpfs of SERVER_BYTES
// (world/server.c).
#ifndef GONEAWAY_FAULTS_LIMIT_H
#define GONEAWAY_FAULTS_LIMIT_H

#include "run/case.h"

#include <sys/resource.h>

/** What the server may still take, in bytes or by number. */
struct limit_args {
    int64_t spare;
};

/** Flags of these kinds: a server that has had other cases keeps memory, files and threads that it
 * needs no more, and would take from these what it shall not get. */
enum { LIMIT_FLAGS = VERB_DIRTIES | VERB_FRESH };

/** Without more of it the server may end, and not answer its admin. */
bool limit_may_end(const struct choice *act, const char *whom, int signal);
bool limit_hampers_admin(const struct choice *act);

/** The server's process; -1: it has none. */
pid_t limit_process(const struct case_run *run, struct err *err);

/** State of a fault that is a soft limit. */
struct limit_state {
    rlim_t before;   ///< what lifting brings back
    long log_offset; ///< of memory: the end of the server's error log when it was armed
};
/** Sets the server's soft limit of a resource, and takes it back. */
int limit_arm(struct case_run *run, struct case_fault *fault, int resource, int64_t soft,
              struct err *err);
int limit_lift(struct case_run *run, const struct case_fault *fault, int resource, struct err *err);

#endif
