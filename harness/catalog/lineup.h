// SPDX-License-Identifier: Apache-2.0
// lineup.h - the servers and connectors that a command works with
#ifndef GONEAWAY_CATALOG_LINEUP_H
#define GONEAWAY_CATALOG_LINEUP_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "image/image.h"
#include "plan/plan.h"

#include <stdio.h>

struct lineup {
    struct images images;
    size_t server_count, connector_count, proxy_count;
    struct server_recipe **servers;
    struct connector_recipe **connectors;
    struct proxy_recipe **proxies; ///< those named for `prepare`; a run looks at its cases instead
};

/** Reads the recipes and picks those that the options name. lineup_close() also after an error. */
int lineup_open(struct lineup *lineup, const char *home, const struct options *options,
                struct err *err);
void lineup_close(struct lineup *lineup);
/** Whether a scenario is for a connector: it names it, or is for all client libraries. */
bool connector_is_for(const struct connector_recipe *connector, const struct scenario *scenario);
/** Drops the connectors that no selected case is for, so that they need not be prepared. */
void lineup_drop_unused(struct lineup *lineup, const struct catalog *catalog,
                        const struct options *options);
/** Brings everything chosen into the cache; says first what that takes, and reports its progress. */
int lineup_prepare(struct lineup *lineup, FILE *progress, struct err *err);

/** Prints one word that identifies what preparing would make: it changes if and only if that does,
 * regardless of paths on this machine and of the order of names. */
int lineup_print_key(struct lineup *lineup, FILE *out, struct err *err);

/** Prints a line about the progress of preparing; `context` is a FILE. */
void prepare_progress(void *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
