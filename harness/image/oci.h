// SPDX-License-Identifier: Apache-2.0
// oci.h - OCI images, by skopeo and umoci
#ifndef GONEAWAY_IMAGE_OCI_H
#define GONEAWAY_IMAGE_OCI_H

#include "image/debian.h"

/** Unpacks an OCI image as a root filesystem at `folder`, by skopeo and umoci. */
int oci_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err);
/** Adds a remedy to what a failed skopeo or umoci said. Always returns -1. */
int oci_explain(const char *reference, struct err *err);

#endif
