// SPDX-License-Identifier: Apache-2.0
// host.h - settings of a host: the kernel's TCP, and the resolver
#ifndef GONEAWAY_RUN_HOST_H
#define GONEAWAY_RUN_HOST_H

#include "plan/language.h"
#include "world/names.h"
#include "world/netns.h"

/** Applies the kernel's settings. 1: something was changed. */
int host_set(const struct netns *netns, const struct host_side_args *asked, struct err *err);
/** Writes a host's files for name look-ups, see names_write(); also used to undo an earlier
 * case's. */
int host_write_names(const char *folder, enum side side, const struct host_side_args *asked,
                     char *ret_paths[NAMES_FILES], struct err *err);

#endif
