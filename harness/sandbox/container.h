// SPDX-License-Identifier: Apache-2.0
// container.h - a program in a root filesystem of its own, by bubblewrap
#ifndef GONEAWAY_SANDBOX_CONTAINER_H
#define GONEAWAY_SANDBOX_CONTAINER_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct container_bind {
    const char *from, *to;
    bool writable;
};

/** How a container is started. Inside there are a new PID namespace, /proc, /dev, and empty /tmp,
 * /run and /dev/shm. The program has no capabilities, cannot make user namespaces (see syscalls.c),
 * and gets a clean environment and no descriptors except 0 to 2. */
struct container_spec {
    const char *root; ///< the folder that becomes /
    bool root_writable;
    const char *scratch; ///< folder of container_scratch() for /tmp, /run and /dev/shm; NULL: they
                         ///< are unlimited, for trusted programs
    const char *folder;  ///< working folder inside; NULL: /
    const struct container_bind *binds; ///< terminated by a NULL `from`; NULL: none
    const char *const *argv;
    const char *const *env; ///< "NAME=VALUE", terminated by NULL; NULL: only PATH
    int netns;              ///< -1: the caller's
    int in, out, err;       ///< -1: as in struct proc_spec
    unsigned descriptors;   ///< as in struct proc_spec
    bool exact_status;      ///< tell an exit status of 139 from a SIGSEGV, by goneaway-wait
};

struct container {
    pid_t supervisor; ///< bubblewrap itself, our child; its exit status is the program's
    pid_t init;       ///< process 1 of the container, by its pid outside
    int pidfd;        ///< of the supervisor: readable when the program has ended
    int init_pidfd;   ///< of process 1; only if `init` is set
    int status_fd;    ///< where goneaway-wait writes the wait status; only if `waited`
    bool waited;      ///< the program is a child of goneaway-wait
    bool ended;       ///< container_ended() has reported the end
    int status;       ///< the wait status
};

/** Starts a container. Call inside a sandbox. */
int container_open(struct container *container, const struct container_spec *spec, struct err *err);
/** Kills everything in the container and waits for its end; also needed after container_ended(),
 * since the program may have left children. Accepts a zeroed container. */
void container_close(struct container *container);
/** The program's pid outside; 0 if it has ended or does not exist yet. */
pid_t container_program(const struct container *container);
/** Whether a process, by its pid outside, is in the container; false if it has ended. */
bool container_has(const struct container *container, pid_t pid);
/** Whether the program has ended; `ret_status` is then as from waitpid(), with signals reported as
 * such. */
bool container_ended(struct container *container, double deadline_ms, int *ret_status);

/** Makes `folder` and mounts a tmpfs of at most `bytes` there, for everything that one container
 * writes. */
int container_scratch(const char *folder, int64_t bytes, struct err *err);
/** Unmounts it and removes the folder with its contents. */
void container_drop_scratch(const char *folder);

/** Mounts an overlay at `folder`/root: `layers`, from top to bottom and terminated by NULL, stay
 * unchanged, writes go to `folder`/upper. Returns the mount's path, to be freed, or NULL. */
char *container_overlay(const char *folder, const char *const *layers, struct err *err);

#endif
