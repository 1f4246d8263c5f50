// SPDX-License-Identifier: Apache-2.0
// stage.h - a machine dressed up for strangers: what they must not read, write or reach
//
// In mount namespaces of the test's own, where the same paths are the same things on every machine:
//   /home/me                  the user's home, with .ssh/id_ed25519, which only the user may read
//   /home/me/here             the current folder, in which the attacks lie
//   /home/me/canary           a folder that the user may write
//   /srv, /root, /tmp, /var/tmp, /dev/shm
//                             a file `secret` in each
//   /etc/issue, /etc/shadow   secrets too
//   /mnt                      the program, its home, the cache, a folder for what runs say,
//                             and one in which commands may do as they like
// Every secret is the same random token, so one search finds any of them. The host listens at a
// port of its loopback, at an abstract name and at sockets in /tmp and /usr/src, where it reads
// from a FIFO too. All of it is gone when the test's process ends.
#ifndef GONEAWAY_TEST_LIB_STAGE_H
#define GONEAWAY_TEST_LIB_STAGE_H

#include "base/text.h"

#include <sys/types.h>

#define STAGE_HOME "/home/me"
#define STAGE_WORK STAGE_HOME "/here"
#define STAGE_SAID "/mnt/said"
#define STAGE_OWN "/mnt/own"
#define STAGE_PROGRAM "/mnt/build/goneaway"
#define STAGE_FIXTURES "/mnt/goneaway/fixtures"

/** Where things are on the real machine. */
struct stage_sources {
    const char *program; ///< absolute
    const char *home;    ///< GONEAWAY_HOME
    const char *cache;   ///< one that belongs to the user
};

/** Dresses the machine up and, unless `user` is 0, becomes that user. Sets the environment and the
 * current folder. */
void stage_open(const struct stage_sources *sources, uid_t user);
/** The secret. */
const char *stage_token(void);
/** Appends a line for each file that nobody may touch, with everything that a change would
 * alter. */
void stage_look(struct text *seen);
/** Descriptors that the program inherits without knowing, terminated by -1: a secret, the root
 * folder, a file to write. */
const int *stage_descriptors(void);

#endif
