// SPDX-License-Identifier: Apache-2.0
// installed.h - a server that is installed on this machine
#ifndef GONEAWAY_IMAGE_INSTALLED_H
#define GONEAWAY_IMAGE_INSTALLED_H

#include "cache/keeper.h"
#include "cache/key.h"

/** Adds the same for every file that a server program of this machine needs. */
void installed_add_key(struct key *key, const char *path);
/** Copies the server program at `path`, with those files, to the same paths below `folder`. */
int installed_copy(struct keeper *keeper, const char *name, const char *path, const char *folder,
                   struct err *err);

#endif
