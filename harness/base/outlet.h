// SPDX-License-Identifier: Apache-2.0
// outlet.h - a stream into what others read, such as a pipe: however long they take, the process
// can be told to end
//
// A process that blocks signals, and reads them from a descriptor, is deaf while it is in write().
#ifndef GONEAWAY_BASE_OUTLET_H
#define GONEAWAY_BASE_OUTLET_H

#include <stdbool.h>
#include <stdio.h>

/** A stream for writing into `fd`; fclose() closes that too if it is `own`. NULL with errno. Once
 * the process is to end, all that it is given must be taken within half a second, or writing fails
 * (ETIMEDOUT); without a reader it fails as always (EPIPE), SIGPIPE being ignored. */
FILE *outlet_open(int fd, bool own);
/** The descriptor that is readable when the process is to end; -1, as at first: none is. */
void outlet_heed(int stop_fd);
/** The width of the terminal `fd`; 0: it is none, or one that cannot draw a line anew. */
int outlet_columns(int fd);
/** Whether what `fd` leads to has lost its reader. */
bool outlet_is_deserted(int fd);

#endif
