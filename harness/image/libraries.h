// SPDX-License-Identifier: Apache-2.0
// libraries.h - where this machine's loader finds a program's libraries
#ifndef GONEAWAY_IMAGE_LIBRARIES_H
#define GONEAWAY_IMAGE_LIBRARIES_H

#include "image/elf.h"

/** Folders searched for every program; lives as long as the arena. */
struct library_folders {
    struct arena *arena;
    struct list usual; ///< const char *: from LD_LIBRARY_PATH, /etc/ld.so.conf, and the built-in
                       ///< ones
    size_t of_caller;  ///< how many of these are from LD_LIBRARY_PATH, which comes first
};
void libraries_open(struct library_folders *folders, struct arena *arena);

/** Who needs the library. */
struct library_seeker {
    const char *path; ///< from the program or library that names it
    const struct elf *elf;
    const char *program_rpath; ///< the program's DT_RPATH, which also applies to what it loads
};
/** The path of a library as the loader opens it; NULL: not found. `ret_own` says whether the seeker
 * itself names the folder, so that the loader finds it without configuration. */
const char *library_find(const struct library_folders *folders, const struct library_seeker *seeker,
                         const char *name, bool *ret_own);

#endif
