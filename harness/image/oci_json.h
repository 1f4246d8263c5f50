// SPDX-License-Identifier: Apache-2.0
// oci_json.h - reads manifests of images, which other programs read after us
//
// What goneaway finds in a manifest must be what skopeo and umoci find there too. They are written
// in Go, whose parser accepts `Layers` for `layers`, and the last of two. So a manifest that could
// be read in two ways is refused, as is one whose parts would be fetched from other addresses.
#ifndef GONEAWAY_IMAGE_OCI_JSON_H
#define GONEAWAY_IMAGE_OCI_JSON_H

#include "base/err.h"

#include <jansson.h>

/** Reads a manifest or an index. NULL on error. */
json_t *oci_json_parse(const char *text, struct err *err);
/** The same from a file, of at most 4 MiB. */
json_t *oci_json_read(const char *path, struct err *err);
/** The hexadecimal SHA-256 in a descriptor; NULL if it has none. */
const char *oci_json_digest(const json_t *descriptor);
/** The name of this machine's architecture in images; NULL: it has none. */
const char *oci_json_machine(void);
/** Refuses an image for another architecture. */
int oci_json_check_machine(const char *architecture, struct err *err);

#endif
