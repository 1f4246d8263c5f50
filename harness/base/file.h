// SPDX-License-Identifier: Apache-2.0
// file.h - files and folders
#ifndef GONEAWAY_BASE_FILE_H
#define GONEAWAY_BASE_FILE_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <sys/types.h>

/** Appends a whole file of at most `max` bytes to `data`. What is no regular file is refused. */
int file_read(const char *path, size_t max, struct text *data, struct err *err);
/** Writes a file anew (not atomically). A full disk is an error, with the folder named. */
int file_write(const char *path, const char *data, size_t length, struct err *err);
/** Whether a file lies, with all links followed, in the folder or below it; -1 with an error. What
 * is missing does: that is reported when it is read. */
int file_is_within(const char *path, const char *folder, struct err *err);
/** Replaces a file, or makes it: whoever reads it sees the old one or the new one, whole. A
 * symbolic link keeps pointing, and the file keeps its mode. */
int file_replace(const char *path, const char *data, size_t length, struct err *err);
/** Writes a file anew below the folder `root` (a descriptor), and makes the folders on its way.
 * `path` and the links on it are taken as if `root` were the root directory: they cannot lead out.
 */
int file_write_inside(int root, const char *path, const char *data, size_t length, struct err *err);
/** Writes into a file that exists, such as one of /proc; not created, one write(). */
int file_put(const char *path, const char *data, struct err *err);
/** Makes a folder and those above it. */
int file_make_folders(const char *path, mode_t mode, struct err *err);
/** Removes a file or a whole folder; that it is not there is no error. Never crosses symlinks. */
int file_remove_tree(const char *path, struct err *err);
/** Opens the file of a Unix socket; connecting to the path that file_socket_path() makes of the
 * descriptor leads to this socket, whatever its name becomes meanwhile. A link is refused
 * (ELOOP), and so is what is no socket (ENOTSOCK). Returns -1 with errno set. */
int file_open_socket(const char *path);
/** "/proc/self/fd/N" */
char *file_socket_path(int socket);
/** Whether something is there. */
bool file_exists(const char *path);

#endif
