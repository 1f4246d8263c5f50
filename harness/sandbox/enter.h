// SPDX-License-Identifier: Apache-2.0
// enter.h - runs a program of the user's choice in a sandbox that is there
#ifndef GONEAWAY_SANDBOX_ENTER_H
#define GONEAWAY_SANDBOX_ENTER_H

#include "base/err.h"

#include <sys/types.h>

/** What is run, and where. */
struct enter_spec {
    pid_t sandbox;      ///< its process 1, on the host
    int netns_fd;       ///< descriptor of that process: the network namespace to be in
    const char *folder; ///< working folder, as the sandbox sees it; "/" if it cannot be entered
    const char *const *argv; ///< argv[0] is a path in the sandbox
    const char *const *env;
    int until; ///< when this descriptor is readable, the program is ended
};

/** Runs a program in a sandbox's namespaces, with the caller's terminal, to its end. It is also
 * ended when the caller is. 0 with its exit status; 1: it was ended; -1 on error. */
int sandbox_enter(const struct enter_spec *spec, int *ret_status, struct err *err);

#endif
