// SPDX-License-Identifier: Apache-2.0
// connectors.h - the connectors that options name: goneaway's own, and the user's adapters
#ifndef GONEAWAY_CATALOG_CONNECTORS_H
#define GONEAWAY_CATALOG_CONNECTORS_H

#include "cli/options.h"
#include "image/image.h"

/** Reads all recipes below `home`, and adds a connector for each --adapter. Call images_close()
 * after an error too. */
int connectors_open(struct images *images, const char *home, const struct options *options,
                    struct err *err);
/** The connectors named by --connector, by name, else by family; without it the adapters, else all
 * that are not `on_request`. To be freed. */
int connectors_choose(struct images *images, const struct options *options,
                      struct connector_recipe ***ret, size_t *ret_count, struct err *err);

#endif
