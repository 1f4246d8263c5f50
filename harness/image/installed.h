// SPDX-License-Identifier: Apache-2.0
// installed.h - a server that is installed on this machine
#ifndef GONEAWAY_IMAGE_INSTALLED_H
#define GONEAWAY_IMAGE_INSTALLED_H

#include "cache/keeper.h"
#include "cache/key.h"

/** Adds, for the files that a server program of this machine needs, the same of each. */
void installed_add_key(struct key *key, const char *path);
/** Copies the server program at `path` with all these to their places below `folder`. */
int installed_copy(struct keeper *keeper, const char *name, const char *path, const char *folder,
                   struct err *err);

#endif
