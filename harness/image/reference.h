// SPDX-License-Identifier: Apache-2.0
// reference.h - what names an image: docker://, oci:, docker-archive:, rootfs:, path:
#ifndef GONEAWAY_IMAGE_REFERENCE_H
#define GONEAWAY_IMAGE_REFERENCE_H

#include "image/debian.h"

#include <sys/stat.h>

/** Whether an image is not a server's name, but docker://NAME:TAG, oci:FOLDER:TAG,
 * docker-archive:FILE or rootfs:FOLDER. */
bool reference_is(const char *image);
bool reference_is_rootfs(const char *reference);
/** The path of the server program that path:PROGRAM names; NULL: it is another reference. */
const char *reference_program(const char *reference);
/** The same reference; a path that does not begin at / is one below `folder`. */
const char *reference_resolve(struct arena *arena, const char *reference, const char *folder);
/** Adds a reference, and what can quickly be seen of the content if that is on this machine. */
void reference_add_key(struct key *key, const char *reference);
/** Adds a file's name, and what can quickly be seen of its content. */
void reference_add_file(struct key *key, const char *name, const struct stat *info);
/** Refuses a folder in which, with all below it, are more than `most` files. */
int rootfs_check(const char *folder, size_t most, struct err *err);
/** Copies the folder of a rootfs: reference to `folder`. */
int rootfs_copy(struct keeper *keeper, const struct debian_root *root, const char *folder,
                struct err *err);

#endif
