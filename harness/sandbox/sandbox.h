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
//
// A sandbox does what a stranger's file says. So it has a root filesystem of its own, in which the
// host's files are not there at all but for a few, read-only (root.h); and of the descriptors of
// the main process, which may be anything that its caller had open, it has those that it is given.
#ifndef GONEAWAY_SANDBOX_SANDBOX_H
#define GONEAWAY_SANDBOX_SANDBOX_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct sandbox {
    pid_t pid; ///< on the host
    int pidfd; ///< readable when it has ended
};

/** The place for everything that a sandbox writes: a folder of the tmpfs that is its root. */
#define SANDBOX_DIR "/run/goneaway"
/** Where it finds goneaway-netem and its library, if they are installed. */
#define SANDBOX_GUEST SANDBOX_DIR "/goneaway-netem"
#define SANDBOX_GUEST_LIBRARY SANDBOX_GUEST ".so"
/** An empty folder, for what is not to be seen. */
#define SANDBOX_NOTHING SANDBOX_DIR "/nothing"
/** And goneaway-wait. */
#define SANDBOX_WAIT SANDBOX_DIR "/goneaway-wait"

/** A file or folder of the host, with all that is mounted below it, that a sandbox sees at the same
 * path. */
struct sandbox_place {
    const char *path; ///< absolute
    bool writable;
    bool optional; ///< it may be missing
    bool inert; ///< sockets and FIFOs in it lead to nobody, and nothing that is mounted below it is
                ///< seen; a file must be a regular one
};

/** What a sandbox does; its return value is the exit status. */
typedef int sandbox_body(void *context);

struct sandbox_spec {
    sandbox_body *body;
    void *context;
    const struct sandbox_place *places; ///< ended by a NULL path; NULL: none
    const int *keep; ///< descriptors that it has besides standard error, ended by -1; NULL: none
};

/** Starts a sandbox. Returns after its namespaces are ready, with an error and a remedy if they
 * could not be made. */
int sandbox_open(struct sandbox *sandbox, const struct sandbox_spec *spec, struct err *err);
/** Kills a sandbox with all that is in it, and waits for its end. */
void sandbox_close(struct sandbox *sandbox);

#endif
