// SPDX-License-Identifier: Apache-2.0
// sandbox.h - a process with namespaces of its own, with which everything in it dies
//
// The process model, once for all of goneaway: the main process stays on the host and forks one
// sandbox per worker (and one for preparing an image). A sandbox is process 1 of a new PID
// namespace and has its own user, mount, network and IPC namespaces. Whatever it starts lives
// inside. When it ends, however it ends, the kernel kills all processes in there, and with the last
// of them go the mounts, links, addresses, rules and sockets. When the main process ends, even by
// SIGKILL, the parent-death signal ends every sandbox. So nothing has to be cleaned up.
//
// No root is needed where the kernel gives ordinary users user namespaces. The sandbox's uid 0 is
// the user who runs goneaway, and no other id exists in there.
#ifndef GONEAWAY_SANDBOX_SANDBOX_H
#define GONEAWAY_SANDBOX_SANDBOX_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct sandbox {
    pid_t pid; ///< on the host
    int pidfd; ///< readable when it has ended
};

/** A sandbox's own tmpfs: the place for everything that a run writes. It shadows the host's /run.
 */
#define SANDBOX_DIR "/run/goneaway"

/** What a sandbox does; its return value is the exit status. Descriptors are inherited. */
typedef int sandbox_body(void *context);

/** Starts a sandbox. Returns after its namespaces are ready, with an error and a remedy if they
 * could not be made. */
int sandbox_open(struct sandbox *sandbox, sandbox_body *body, void *context, struct err *err);
/** Kills a sandbox with all that is in it, and waits for its end. */
void sandbox_close(struct sandbox *sandbox);

#endif
