// SPDX-License-Identifier: Apache-2.0
// stock.h - lists the entries in the cache, by whatever recipe or reference they were made
#ifndef GONEAWAY_IMAGE_STOCK_H
#define GONEAWAY_IMAGE_STOCK_H

#include "image/image.h"

#include <time.h>

/** An entry. The strings live as long as the arena that it was read with. */
struct stock_item {
    const char *path;  ///< of its folder
    const char *name;  ///< the folder's name, STORE-KIND-HASH
    const char *store; ///< shared by all entries of one recipe or reference
    const char *kind;  ///< "root", "data" or "adapter"
    bool examined;     ///< the root of a server by reference
    // for the data of such a server; NULL: for others
    const char *reference;      ///< as it was resolved
    const char *called;         ///< the server's short name
    const char *flavour, *full; ///< what it is
    struct timespec made;
};
struct stock {
    size_t count;
    struct stock_item *items;
};

/** Reads the entries, sorted by name; none if there is no cache. */
void stock_read(struct stock *stock, struct images *images);
void stock_release(struct stock *stock);
/** The newest entry with that name and kind; NULL: none. */
const struct stock_item *stock_newest(const struct stock *stock, const char *store,
                                      const char *kind);
/** Whether an entry belongs to a server by reference. */
bool stock_is_by_reference(const struct stock *stock, const struct stock_item *item);

#endif
