// SPDX-License-Identifier: Apache-2.0
// npm.h - a package of npm in a root filesystem
#ifndef GONEAWAY_IMAGE_NPM_H
#define GONEAWAY_IMAGE_NPM_H

#include "image/debian.h"

/** Refuses anything but NAME@VERSION as npm names packages and versions, or a digest of a tarball;
 * the nodes give the positions. */
int npm_check(const char *name, const struct node *name_at, const char *sha256,
              const struct node *sha256_at, struct err *err);
/** Unpacks the package to /opt/NAME in the root filesystem at `folder`, and the modules to
 * /node_modules, where Node.js finds them from everywhere. */
int npm_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err);

#endif
