// SPDX-License-Identifier: Apache-2.0
// syscalls.h - which system calls the programs in containers may not make
#ifndef GONEAWAY_SANDBOX_SYSCALLS_H
#define GONEAWAY_SANDBOX_SYSCALLS_H

#include "base/err.h"

#include <linux/filter.h>

/** The filter, as seccomp(2) takes it; `ret->filter` is to be freed. */
int syscalls_filter(struct sock_fprog *ret, struct err *err);

#endif
