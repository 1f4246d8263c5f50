// SPDX-License-Identifier: Apache-2.0
// examine.h - which server an image has
#ifndef GONEAWAY_IMAGE_EXAMINE_H
#define GONEAWAY_IMAGE_EXAMINE_H

#include "image/debian.h"
#include "image/learn.h"

/** Asks the server in `folder`/root what it is, and saves the answer in `folder`. */
int server_examine(struct keeper *keeper, const struct images *images,
                   const struct debian_root *root, const char *folder, struct err *err);
/** Reads that answer; false if it is incomplete. */
bool learned_read(struct learned *learned, struct arena *arena, const char *folder);

#endif
