// SPDX-License-Identifier: Apache-2.0
// sandbox.h - a process with its own namespaces, in which everything dies with it
//
// This is the process model of goneaway: the main process stays on the host and forks one sandbox
// per worker (and one for preparing an image). A sandbox is process 1 of a new PID namespace and
// has its own user, mount, network and IPC namespaces. Whatever it starts lives inside. When it
// ends, however it ends, the kernel kills all processes inside, and with the last of them the
// mounts, links, addresses, rules and sockets vanish. When the main process ends, even by SIGKILL,
// the parent-death signal ends every sandbox. So nothing has to be cleaned up.
//
// No root is needed if the kernel allows ordinary users to make user namespaces. The sandbox's uid
// 0 is the user who runs goneaway, and no other id exists inside.
//
// A sandbox does what a stranger's file says. So it has its own root filesystem, from which the
// host's files are absent except for a few, read-only (root.h). Of the main process's descriptors,
// which may include anything that its caller had open, it keeps only those that it is given.
#ifndef GONEAWAY_SANDBOX_SANDBOX_H
#define GONEAWAY_SANDBOX_SANDBOX_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct sandbox {
    pid_t pid; ///< on the host
    int pidfd; ///< readable once it has ended
};

/** The folder for everything that a sandbox writes, on the tmpfs that is its root. */
#define SANDBOX_DIR "/run/goneaway"
/** Where goneaway-netem and its library are, if they are installed. */
#define SANDBOX_GUEST SANDBOX_DIR "/goneaway-netem"
#define SANDBOX_GUEST_LIBRARY SANDBOX_GUEST ".so"
/** An empty folder, to hide others. */
#define SANDBOX_NOTHING SANDBOX_DIR "/nothing"
/** Where goneaway-wait is. */
#define SANDBOX_WAIT SANDBOX_DIR "/goneaway-wait"

/** A file or folder of the host, with everything mounted below it, that a sandbox sees at the same
 * path. */
struct sandbox_place {
    const char *path; ///< absolute
    bool writable;
    bool optional; ///< it may be missing
    bool inert;    ///< sockets and FIFOs in it are dead, and nothing mounted below it is visible; a
                   ///< file must be a regular one
};

/** What a sandbox executes; returns the exit status. */
typedef int sandbox_body(void *context);

struct sandbox_spec {
    sandbox_body *body;
    void *context;
    const struct sandbox_place *places; ///< terminated by a NULL path; NULL: none
    const int *keep; ///< descriptors to keep besides standard error, terminated by -1; NULL: none
    const int *keep_too; ///< further ones, likewise
};

/** Starts a sandbox. Returns once its namespaces are ready, or with an error and a remedy if they
 * could not be made. */
int sandbox_open(struct sandbox *sandbox, const struct sandbox_spec *spec, struct err *err);
/** Kills a sandbox with everything in it, and waits for its end. */
void sandbox_close(struct sandbox *sandbox);

#endif
