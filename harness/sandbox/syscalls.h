// SPDX-License-Identifier: Apache-2.0
// syscalls.h - which system calls the programs in containers may not make
#ifndef GONEAWAY_SANDBOX_SYSCALLS_H
#define GONEAWAY_SANDBOX_SYSCALLS_H

#include "base/err.h"

/** A file with the filter, as bubblewrap takes it, to be closed; -1 on error. */
int syscalls_filter(struct err *err);

#endif
