// SPDX-License-Identifier: Apache-2.0
// file.h - files and folders
#ifndef GONEAWAY_BASE_FILE_H
#define GONEAWAY_BASE_FILE_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <sys/types.h>

/** Appends a whole file of at most `max` bytes to `data`. Only a regular file is accepted. */
int file_read(const char *path, size_t max, struct text *data, struct err *err);
/** Writes a file anew (not atomically). A full disk is an error, with the folder named. */
int file_write(const char *path, const char *data, size_t length, struct err *err);
/** Whether a file, all links resolved, lies in the folder or below it; -1 with an error. A missing
 * file counts as inside: reading it reports the error. */
int file_is_within(const char *path, const char *folder, struct err *err);
/** Replaces a file, or creates it, atomically: a reader sees either the old or the new content,
 * whole. Symbolic links are followed, and the file's mode is kept. */
int file_replace(const char *path, const char *data, size_t length, struct err *err);
/** Writes a file anew below the folder `root` (a descriptor), and makes the folders on its way.
 * `path`, and links on it, resolve as if `root` were the root directory, so they cannot escape. */
int file_write_inside(int root, const char *path, const char *data, size_t length, struct err *err);
/** Writes to an existing file, such as one in /proc, in one write(); never creates it. */
int file_put(const char *path, const char *data, struct err *err);
/** Makes a folder and its parents. */
int file_make_folders(const char *path, mode_t mode, struct err *err);
/** Removes a file or a whole folder; a missing one is no error. Never follows symlinks. */
int file_remove_tree(const char *path, struct err *err);
/** Opens the file of a Unix socket. Connecting to the path that file_socket_path() makes from the
 * descriptor reaches this socket, even if its name changes meanwhile. A link is refused (ELOOP),
 * and anything but a socket (ENOTSOCK). Returns -1 with errno set. */
int file_open_socket(const char *path);
/** "/proc/self/fd/N" */
char *file_socket_path(int socket);
/** Whether a file or folder that may not exist yet could be made there, before work is spent on it:
 * the nearest folder that exists is writable. A usage error if not. */
int file_check_place(const char *path, struct err *err);
/** Refuses to overwrite anything: 0 if the folder is empty or missing, else a usage error. */
int file_check_empty(const char *folder, struct err *err);
/** Whether the path exists. */
bool file_exists(const char *path);

#endif
