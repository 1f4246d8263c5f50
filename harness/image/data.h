// SPDX-License-Identifier: Apache-2.0
// data.h - a server's initialised data
#ifndef GONEAWAY_IMAGE_DATA_H
#define GONEAWAY_IMAGE_DATA_H

#include "cache/keeper.h"
#include "image/image.h"

/** The entry of a server's data; -1 if a certificate cannot be read. */
int server_entry(struct images *images, const struct server_recipe *recipe, char **ret_entry,
                 struct err *err);
/** Makes a server's initialised data in the cache; its root filesystem must be there. */
int server_prepare(struct keeper *keeper, struct images *images, struct server_recipe *recipe,
                   const char *entry, struct err *err);
/** Names of the files in fixtures/certificates, and where servers find them. */
enum { CERTIFICATE_COUNT = 3 };
extern const char *const certificate_names[CERTIFICATE_COUNT];
#define CERTIFICATES_DIR "/etc/goneaway"

#endif
