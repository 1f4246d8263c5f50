// SPDX-License-Identifier: Apache-2.0
// host.h - what a scenario sets at a host: the kernel's TCP settings, and the resolver's
#ifndef GONEAWAY_RUN_HOST_H
#define GONEAWAY_RUN_HOST_H

#include "plan/language.h"
#include "world/names.h"
#include "world/netns.h"

/** Sets what is asked of the kernel. 1: something was changed. */
int host_set(const struct netns *netns, const struct host_side_args *asked, struct err *err);
/** Writes a host's files for name look-ups, see names_write(); also to take back what was asked of
 * it before. */
int host_write_names(const char *folder, enum side side, const struct host_side_args *asked,
                     char *ret_paths[NAMES_FILES], struct err *err);

#endif
