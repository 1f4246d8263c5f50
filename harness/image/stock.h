// SPDX-License-Identifier: Apache-2.0
// stock.h - the entries that lie in the cache, whatever recipe or reference they came by
#ifndef GONEAWAY_IMAGE_STOCK_H
#define GONEAWAY_IMAGE_STOCK_H

#include "image/image.h"

#include <time.h>

/** An entry. The strings live as long as the arena that it was read with. */
struct stock_item {
    const char *path;  ///< of its folder
    const char *name;  ///< the folder's name, STORE-KIND-HASH
    const char *store; ///< what all entries of one recipe or reference have in common
    const char *kind;  ///< "root", "data" or "adapter"
    bool examined;     ///< the root of a server by reference
    // of the data of such a server; NULL: of others
    const char *reference;      ///< as it was resolved
    const char *called;         ///< the server's short name
    const char *flavour, *full; ///< what it is
    struct timespec made;
};
struct stock {
    size_t count;
    struct stock_item *items;
};

/** Reads what is there, sorted by name; nothing if there is no cache. */
void stock_read(struct stock *stock, struct images *images);
void stock_release(struct stock *stock);
/** The newest entry of that store and kind; NULL: there is none. */
const struct stock_item *stock_newest(const struct stock *stock, const char *store,
                                      const char *kind);
/** Whether an entry belongs to a server by reference. */
bool stock_is_by_reference(const struct stock *stock, const struct stock_item *item);

#endif
