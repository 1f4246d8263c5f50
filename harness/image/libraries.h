// SPDX-License-Identifier: Apache-2.0
// libraries.h - where this machine's loader finds a program's libraries
#ifndef GONEAWAY_IMAGE_LIBRARIES_H
#define GONEAWAY_IMAGE_LIBRARIES_H

#include "image/elf.h"

/** Where it looks for all programs alike; lives as long as the arena. */
struct library_folders {
    struct arena *arena;
    struct list usual; ///< const char *: from LD_LIBRARY_PATH, /etc/ld.so.conf, and those built in
    size_t of_caller;  ///< how many of these come from LD_LIBRARY_PATH, which goes first
};
void libraries_open(struct library_folders *folders, struct arena *arena);

/** Whose library is wanted. */
struct library_seeker {
    const char *path; ///< of the program or library that names it
    const struct elf *elf;
    const char *program_rpath; ///< the DT_RPATH of the program, which holds for what it loads too
};
/** The path of a library as the loader opens it; NULL: it is nowhere. `ret_own` says whether the
 * one that seeks it names the folder, so that the loader finds it without any configuration. */
const char *library_find(const struct library_folders *folders, const struct library_seeker *seeker,
                         const char *name, bool *ret_own);

#endif
