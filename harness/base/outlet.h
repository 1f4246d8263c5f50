// SPDX-License-Identifier: Apache-2.0
// outlet.h - a stream, such as a pipe, whose reader may be slow: the process can still be stopped
//
// A process that blocks signals and reads them from a descriptor does not notice them in write().
#ifndef GONEAWAY_BASE_OUTLET_H
#define GONEAWAY_BASE_OUTLET_H

#include <stdbool.h>
#include <stdio.h>

/** A stream that writes to `fd`; fclose() closes that too if it is `own`. NULL with errno. Once the
 * process is asked to end, each write must finish within half a second or fails (ETIMEDOUT).
 * Without a reader it fails as usual (EPIPE), SIGPIPE being ignored. */
FILE *outlet_open(int fd, bool own);
/** Sets the descriptor that becomes readable when the process is to end; -1, the default: none. */
void outlet_heed(int stop_fd);
/** The width of the terminal `fd`; 0 if it is none, or cannot redraw a line. */
int outlet_columns(int fd);
/** Whether the reader of `fd` is gone. */
bool outlet_is_deserted(int fd);

#endif
