// SPDX-License-Identifier: Apache-2.0
// ranges.h - folds what single versions showed into ranges of versions
#ifndef GONEAWAY_EXPLAIN_RANGES_H
#define GONEAWAY_EXPLAIN_RANGES_H

#include <stddef.h>

/** Most versions of one connector, or of one vendor's servers. */
enum { RANGES_MOST = 64 };

/** What a version of a connector showed on a version of a server. */
struct range_point {
    const char *connector, *server; ///< versions
    const char *sight;              ///< ""; the case is not for it, or it cannot carry it out
};

/** Versions next to each other that showed the same. The texts are to be released. */
struct range {
    const char *sight;
    char *connector, *server; ///< "3.3.20", or "3.3.20..3.4.10" from the first to the last measured
    char *connector_since, *server_since; ///< "3.3.20> <=3.4.9": came after 3.3.20, and 3.4.9 has
                                          ///< it; NULL: no older version showed otherwise
    char *connector_until, *server_until; ///< likewise, when it went
};
struct ranges {
    size_t count;
    struct range *items; ///< by the connector's version, then by the server's
};

/** The largest ranges. Where few of the combinations were measured, some may overlap; they then
 * agree. Versions beyond RANGES_MOST are left out. */
void ranges_find(struct ranges *ret, const struct range_point *points, size_t count);
void ranges_release(struct ranges *ranges);
#define cleanup_ranges __attribute__((cleanup(ranges_release)))

/** The range of an ordered list of versions: "1.0" or "1.0..2.0"; to be freed. */
char *range_text(const char *first, const char *last);

#endif
