// SPDX-License-Identifier: Apache-2.0
// command.h - the command of a lab: the user's own program, in the network of the app's host
//
//     lab --- supervisor --- process 1 --- the command, and whatever it starts
//
// Nothing but the network is the lab's: the command has the user's files as they are, writable,
// the user's id, terminal and environment. It has a PID namespace, so that nothing it starts can
// outlive it, and with that a /proc; and a mount namespace, for the files of name look-ups and for
// the server's socket. An ordinary user makes these in a user namespace below the sandbox's, where
// the id is the user's again; root needs none.
//
// The supervisor dies with the lab, process 1 with the supervisor, and the rest with process 1,
// whatever ends them.
#ifndef GONEAWAY_LAB_COMMAND_H
#define GONEAWAY_LAB_COMMAND_H

#include "lab/folder.h"

#include <signal.h>

/** What the command is started with. */
struct lab_command {
    char *const *argv;
    char *const *env;
    const struct lab_folder *folder;
    int user, netns; ///< the sandbox's user namespace, the network namespace of the app's host
    int sockets;     ///< a mount, detached: the folder of the server's socket
    int link;        ///< the supervisor holds it until the command has ended
    const sigset_t *signals; ///< those that were blocked before
    mode_t umask;
};

/** The user's environment with these variables ("NAME=VALUE", terminated by NULL) in place of those
 * of the same names. To be freed; the strings are those given and the user's. */
char **lab_environment(char *const *variables);

/** Starts it; sets `ret_pid` to the supervisor, which forwards signals, and ends as the command
 * does: with its exit status, or 128 and its signal. A usage error if it cannot be executed. */
int lab_command_start(const struct lab_command *command, pid_t *ret_pid, struct err *err);

#endif
