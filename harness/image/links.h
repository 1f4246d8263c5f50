// SPDX-License-Identifier: Apache-2.0
// links.h - absolute links of a root filesystem
#ifndef GONEAWAY_IMAGE_LINKS_H
#define GONEAWAY_IMAGE_LINKS_H

#include "base/err.h"

/** Makes the absolute links below `root` relative, so that they lead nowhere else. */
int links_make_relative(const char *root, struct err *err);

#endif
