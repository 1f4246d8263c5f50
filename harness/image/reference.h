// SPDX-License-Identifier: Apache-2.0
// reference.h - what names an image: docker://, oci:, docker-archive:, rootfs:, path:
#ifndef GONEAWAY_IMAGE_REFERENCE_H
#define GONEAWAY_IMAGE_REFERENCE_H

#include "image/debian.h"

#include <sys/stat.h>

/** Whether an image is given as docker://NAME:TAG, oci:FOLDER:TAG, docker-archive:FILE or
 * rootfs:FOLDER, not as a server's name. */
bool reference_is(const char *image);
bool reference_is_rootfs(const char *reference);
/** The server program in path:PROGRAM; NULL: another kind of reference. */
const char *reference_program(const char *reference);
/** The same reference, with a relative path resolved against `folder`. */
const char *reference_resolve(struct arena *arena, const char *reference, const char *folder);
/** Adds a reference to a key; if it is on this machine, also what can be seen quickly of its
 * content. */
void reference_add_key(struct key *key, const char *reference);
/** Adds a file's name, and what can be seen quickly of its content. */
void reference_add_file(struct key *key, const char *name, const struct stat *info);
/** Refuses a folder with more than `most` files in and below it. */
int rootfs_check(const char *folder, size_t most, struct err *err);
/** Copies the folder of a rootfs: reference to `folder`. */
int rootfs_copy(struct keeper *keeper, const struct debian_root *root, const char *folder,
                struct err *err);

#endif
