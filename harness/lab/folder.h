// SPDX-License-Identifier: Apache-2.0
// folder.h - the folder of a lab on the host: where its control listens, and what its command sees
//
// It is the caller's alone, and lies in XDG_RUNTIME_DIR, TMPDIR or /tmp. A process watches over it
// and removes it when the lab has ended, even by SIGKILL.
#ifndef GONEAWAY_LAB_FOLDER_H
#define GONEAWAY_LAB_FOLDER_H

#include "base/err.h"
#include "world/names.h"

#include <sys/types.h>

/** All zero: closed. */
struct lab_folder {
    char *path;
    char *control;            ///< the socket of the control
    char *sockets;            ///< where the command sees the server's socket
    char *names[NAMES_FILES]; ///< the command's files for name look-ups, by names_files
    int listener;             ///< listens at `control`
    pid_t sweeper;
};

/** Makes it. `served`: a name service answers for the server's name; if not, a file does. */
int lab_folder_open(struct lab_folder *folder, bool served, struct err *err);
/** Removes it. Accepts one that was not or only half opened. */
void lab_folder_close(struct lab_folder *folder);

#endif
