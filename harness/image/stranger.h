// SPDX-License-Identifier: Apache-2.0
// stranger.h - files of an image that somebody else has made
#ifndef GONEAWAY_IMAGE_STRANGER_H
#define GONEAWAY_IMAGE_STRANGER_H

#include "base/err.h"

/** Makes a stranger's files harmless, and counts them: more or larger files than an image may have
 * are an error. Devices, sockets and FIFOs are removed, and so are setuid bits and extended
 * attributes. Their owner, the caller, can read everything, and nobody else can write. */
int stranger_tame(const char *root, struct err *err);
/** Refuses a folder with more, or larger, files than an image may have. */
int stranger_measure(const char *root, struct err *err);
/** Refuses a `path` (absolute, below the root) with a link above its last part, which could
 * redirect an operation to the host's files. Anything after a final `/` is not checked. */
int stranger_refuse_links(const char *root, const char *path, struct err *err);

#endif
