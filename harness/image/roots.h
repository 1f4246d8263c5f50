// SPDX-License-Identifier: Apache-2.0
// roots.h - which root filesystem a server, a connector or a proxy runs in
#ifndef GONEAWAY_IMAGE_ROOTS_H
#define GONEAWAY_IMAGE_ROOTS_H

#include "image/debian.h"

struct debian_root server_root(const struct server_recipe *recipe);
/** The root filesystem that a connector runs in: its server's or its own. */
struct debian_root connector_root(const struct images *images,
                                  const struct connector_recipe *recipe);
/** The one that its adapter is built in, if that needs packages of its own: false, if it does not.
 */
bool connector_build_root(const struct images *images, const struct connector_recipe *recipe,
                          struct debian_root *ret_root);
struct debian_root proxy_root(const struct proxy_recipe *recipe);

#endif
