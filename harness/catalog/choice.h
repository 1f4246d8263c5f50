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
    struct proxy_recipe **proxies; ///< what `prepare` was asked for; a run asks its cases
};

/** Reads the recipes and picks those that the options name. chosen_close() also after an error. */
int chosen_open(struct chosen *chosen, const char *home, const struct options *options,
                struct err *err);
void chosen_close(struct chosen *chosen);
/** Whether a scenario is for a connector: it names it, or is for all client libraries. */
bool connector_is_for(const struct connector_recipe *connector, const struct scenario *scenario);
/** Drops the connectors that no chosen case of the catalog is for: they need not be there. */
void chosen_drop_unused(struct chosen *chosen, const struct catalog *catalog,
                        const struct options *options);
/** Brings all of them into the cache, reporting what it does. */
int chosen_prepare(struct chosen *chosen, FILE *progress, struct err *err);

/** Prints one word that stands for what preparing them would make: another one if and only if that
 * changes, whatever the machine's paths and the order of names. */
int chosen_print_key(struct chosen *chosen, FILE *out, struct err *err);

/** Prints a line of preparing's progress to `context`, a FILE. */
void prepare_progress(void *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
