// SPDX-License-Identifier: Apache-2.0
// elf.h - what a program's file reveals before anybody runs it: its machine, and what it loads
#ifndef GONEAWAY_IMAGE_ELF_H
#define GONEAWAY_IMAGE_ELF_H

#include "base/arena.h"
#include "yaml/table.h"

/** A program or library; the strings live as long as the arena. */
struct elf {
    int machine;                 ///< EM_X86_64 ..; -1: neither program nor library
    const char *interpreter;     ///< its loader; NULL: none
    struct list needed;          ///< const char *: names of the libraries it needs
    const char *rpath, *runpath; ///< folders to search, separated by colons; NULL: none
};

/** Reads a file. -1 with errno: it cannot be read, or (ENOEXEC) this machine could not load it;
 * `machine` then says what it is for. */
int elf_read(struct elf *elf, struct arena *arena, const char *path);

/** The machine that an open file is for; -1: no program that any kernel could load. */
int elf_machine(int fd);
/** The machine of this program itself. */
int elf_own_machine(void);
/** Its common name. */
const char *elf_machine_name(int machine);

#endif
