// SPDX-License-Identifier: Apache-2.0
// estimate.h - what preparing will take, before it begins
#ifndef GONEAWAY_IMAGE_ESTIMATE_H
#define GONEAWAY_IMAGE_ESTIMATE_H

#include "image/image.h"

/** What the cache lacks. Start with `= {0}`, end with estimate_release(). */
struct estimate {
    size_t images;  ///< root filesystems to be made
    size_t unknown; ///< of these, the ones whose recipe does not say how large they are
    size_t builds;  ///< adapters that are built in a root that is not kept
    int64_t disk_mb, download_mb;
    size_t count; ///< roots that were looked at
    struct estimated {
        const char *entry, *suite; ///< suite: NULL for an image by reference
    } * roots;
};
void estimate_release(struct estimate *estimate);

/** Adds what one of the three lacks. What the cache has is held from then on. */
void estimate_server(struct estimate *estimate, struct images *images,
                     const struct server_recipe *recipe);
void estimate_connector(struct estimate *estimate, struct images *images,
                        const struct connector_recipe *recipe);
void estimate_proxy(struct estimate *estimate, struct images *images,
                    const struct proxy_recipe *recipe);
/** Says it in one line; NULL: nothing is lacking. To be freed. */
char *estimate_text(const struct estimate *estimate);

#endif
