// SPDX-License-Identifier: Apache-2.0
// oci_json.h - manifests of images, which other programs read after us
//
// What goneaway finds in one is what skopeo and umoci must find there too. They are written in Go,
// whose reader takes `Layers` for `layers`, and the last of two: so a manifest that could be read
// in two ways is refused, and so is one that has its parts fetched from other addresses.
#ifndef GONEAWAY_IMAGE_OCI_JSON_H
#define GONEAWAY_IMAGE_OCI_JSON_H

#include "base/err.h"

#include <jansson.h>

/** Reads a manifest or an index. NULL on error. */
json_t *oci_json_parse(const char *text, struct err *err);
/** The same from a file, of at most 4 MiB. */
json_t *oci_json_read(const char *path, struct err *err);
/** The hexadecimal digits of the SHA-256 that a descriptor has; NULL if that is not what it has. */
const char *oci_json_digest(const json_t *descriptor);
/** What this machine's architecture is called in images; NULL: it has no name there. */
const char *oci_json_machine(void);
/** Refuses an image for another architecture than this machine's. */
int oci_json_check_machine(const char *architecture, struct err *err);

#endif
