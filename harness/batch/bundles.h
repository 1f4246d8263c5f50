// SPDX-License-Identifier: Apache-2.0
// bundles.h - which cases of a run become bundles, and where they go
#ifndef GONEAWAY_BATCH_BUNDLES_H
#define GONEAWAY_BATCH_BUNDLES_H

#include "cli/options.h"
#include "image/image.h"
#include "report/report.h"
#include "run/items.h"

#include <jansson.h>

/** All zero: none are wanted. */
struct bundles {
    const char *folder; ///< of --bundle
    bool all;           ///< of cases that passed, too
    json_t *machine;    ///< object: facts common to all of them
    size_t count;       ///< written so far
    char *last;         ///< path of the latest one
    bool lost;          ///< one could not be written; `err` is the first reason
    struct err err;     ///< the first reason
};

void bundles_open(struct bundles *bundles, const struct options *options);
/** Writes the case's bundle if one is wanted; the record must still have its whole log. */
void bundles_take(struct bundles *bundles, struct images *images, const struct run_item *item,
                  const struct report_case *result);
/** The names of the cache entries that server and connector have, as a list: another recipe, or
 * another adapter, has other names. New reference. */
json_t *bundles_entries(struct images *images, const struct server_recipe *server,
                        const struct connector_recipe *connector);
/** Whether such a list, which may be a stranger's, contains a name. */
bool bundles_have_entry(const json_t *list, const char *name);
/** Says on standard error which were written. */
void bundles_tell(const struct bundles *bundles);
void bundles_release(struct bundles *bundles);

#endif
