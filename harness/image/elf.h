// SPDX-License-Identifier: Apache-2.0
// elf.h - what a program says of itself before anybody runs it: its machine, what it needs to load
#ifndef GONEAWAY_IMAGE_ELF_H
#define GONEAWAY_IMAGE_ELF_H

#include "base/arena.h"
#include "yaml/table.h"

/** A program or library; the strings live as long as the arena. */
struct elf {
    int machine;                 ///< EM_X86_64 ..; -1: it is neither program nor library
    const char *interpreter;     ///< the loader that it names; NULL: none
    struct list needed;          ///< const char *: names of the libraries that it needs
    const char *rpath, *runpath; ///< folders to look for them in, with a : between; NULL: none
};

/** Reads a file. -1 with errno: it cannot be read, or (ENOEXEC) is none that this machine could
 * load; then `machine` says what it is for. */
int elf_read(struct elf *elf, struct arena *arena, const char *path);

/** Which machine an open file is for; -1: it is no program that any kernel could load. */
int elf_machine(int fd);
/** The same of this very program. */
int elf_own_machine(void);
/** What people call it. */
const char *elf_machine_name(int machine);

#endif
