// SPDX-License-Identifier: Apache-2.0
// layers.h - the layers of an OCI image, before anybody unpacks them
#ifndef GONEAWAY_IMAGE_LAYERS_H
#define GONEAWAY_IMAGE_LAYERS_H

#include "cache/keeper.h"

/** Checks the only image in the folder of an OCI layout. */
int layers_check(struct keeper *keeper, const char *layout, struct err *err);

#endif
