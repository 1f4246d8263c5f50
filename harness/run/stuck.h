// SPDX-License-Identifier: Apache-2.0
// stuck.h - where the threads of a process are, by what the kernel says of them
#ifndef GONEAWAY_RUN_STUCK_H
#define GONEAWAY_RUN_STUCK_H

#include <sys/types.h>

/** A line for each thread, the first ones: "adapter: recvfrom of socket:[4711], in wait_woken". ""
 * if nothing is known. To be freed. */
char *stuck_tell(pid_t pid);

#endif
