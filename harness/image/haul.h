// SPDX-License-Identifier: Apache-2.0
// haul.h - collects files of this machine, with the links to them and the libraries they need
#ifndef GONEAWAY_IMAGE_HAUL_H
#define GONEAWAY_IMAGE_HAUL_H

#include "base/err.h"
#include "image/libraries.h"

#include <stdbool.h>
#include <sys/stat.h>

/** A file or link to take. */
struct haul_file {
    const char *path; ///< absolute, without links above its last part
    struct stat info;
};

/** Everything to take; from haul_open() to haul_close(). */
struct haul {
    struct arena *arena;
    const char *base; ///< the folder where the server is installed; NULL: not known yet
    struct library_folders folders;
    size_t count;
    struct haul_file *pieces;
    long long bytes;
    const char *libraries; ///< the folder of libc, which the loader searches by default; NULL: no
                           ///< libc
    struct list strays;    ///< const char *: paths of libraries in folders that it searches only if
                           ///< told
};
void haul_open(struct haul *haul);
void haul_close(struct haul *haul);
#define cleanup_haul __attribute__((cleanup(haul_close)))

/** What a process loads, starting with its program: a library that is loaded is not searched
 * again. */
struct process {
    const char *rpath; ///< the program's DT_RPATH
    size_t count;
    struct loaded {
        const char *name, *path;
    } * loaded;
};
void haul_forget(struct process *process);
#define cleanup_process __attribute__((cleanup(haul_forget)))

/** Takes each link on the way, and the file at its end if that is a readable regular file.
 * `ret_real` (PATH_MAX bytes) gets the path without links, "" if it leads nowhere. */
int haul_path(struct haul *haul, const char *path, char *ret_real, struct err *err);
/** Takes the libraries that a file of the process needs, and those that they need; a file that is
 * not ELF needs none. A missing one is an error only with `must`: plugins cannot all be loaded
 * everywhere. */
int haul_load(struct haul *haul, struct process *process, const char *path, bool must,
              struct err *err);
/** Takes a program with everything it loads, if it exists. */
int haul_program(struct haul *haul, const char *path, struct err *err);

#endif
