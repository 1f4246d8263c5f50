// SPDX-License-Identifier: Apache-2.0
// connector.h - a connector's adapter, built
#ifndef GONEAWAY_IMAGE_CONNECTOR_H
#define GONEAWAY_IMAGE_CONNECTOR_H

#include "image/debian.h"

/** The entry of a connector's adapter; -1 if a source cannot be read. */
int connector_entry(struct images *images, const struct connector_recipe *recipe, char **ret_entry,
                    struct err *err);
/** Builds a connector's adapter into the cache; its root filesystem must be there. */
int connector_prepare(struct keeper *keeper, struct images *images,
                      const struct connector_recipe *recipe, const char *entry, struct err *err);

#endif
