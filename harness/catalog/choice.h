// SPDX-License-Identifier: Apache-2.0
// choice.h - the servers and connectors that a command works with
#ifndef GONEAWAY_CATALOG_CHOICE_H
#define GONEAWAY_CATALOG_CHOICE_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "image/image.h"
#include "plan/plan.h"

#include <stdio.h>

struct chosen {
    struct images images;
    size_t server_count, connector_count, proxy_count;
    struct server_recipe **servers;
    struct connector_recipe **connectors;
    struct proxy_recipe **proxies; ///< those named for `prepare`; a run looks at its cases instead
};

/** Reads the recipes and picks what the options name. Call chosen_close() after an error too. */
int chosen_open(struct chosen *chosen, const char *home, const struct options *options,
                struct err *err);
void chosen_close(struct chosen *chosen);
/** Whether a scenario is for a connector: it names it, or is for all client libraries. */
bool connector_is_for(const struct connector_recipe *connector, const struct scenario *scenario);
/** Drops the connectors that no selected case is for, so that they need not be prepared. */
void chosen_drop_unused(struct chosen *chosen, const struct catalog *catalog,
                        const struct options *options);
/** Brings everything chosen into the cache, and reports its progress. */
int chosen_prepare(struct chosen *chosen, FILE *progress, struct err *err);

/** Prints one word that identifies what preparing would make: it changes if and only if that does,
 * regardless of paths on this machine and of the order of names. */
int chosen_print_key(struct chosen *chosen, FILE *out, struct err *err);

/** Prints a line about the progress of preparing; `context` is a FILE. */
void prepare_progress(void *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
