// SPDX-License-Identifier: Apache-2.0
// cases.h - the cases of a run: which ones, and on which server and connector
#ifndef GONEAWAY_BATCH_CASES_H
#define GONEAWAY_BATCH_CASES_H

#include "batch/last_failed.h"
#include "catalog/catalog.h"
#include "catalog/lineup.h"
#include "cli/options.h"
#include "report/report.h"
#include "run/items.h"

/** The cases of a run, each with its place. All zero: none. */
struct cases {
    size_t count;
    struct run_item *items;
    size_t origin_count;
    char **origins;                           ///< the origins of the items, by number
    struct report_shard shard;                ///< which part of the whole choice they are
    const struct proxy_recipe *missing_proxy; ///< one whose image could not be had; NULL: none
    char *missing_proxy_why;
};

/** Checks that the transports in a list such as "tcp,tls" exist; NULL is fine. */
int cases_check_transports(const char *list, struct err *err);
/** Deselects the cases that --transport and --only exclude; with --program also those over other
 * transports, if the scenario is chosen over tcp. */
void cases_narrow(struct catalog *catalog, const struct options *options);
/** Adds a case at a place, whatever it is for. */
void cases_add_one(struct cases *cases, const char *home, const struct plan_case *plan,
                   const struct server_recipe *server, const struct connector_recipe *connector);
/** Adds the selected cases of the catalogue, on each server and connector that they are for. */
void cases_add_all(struct cases *cases, const char *home, const struct catalog *catalog,
                   const struct lineup *lineup, const struct options *options);
/** The same, narrowed to the shard that the options ask for, and repeated as often as they say. */
int cases_add(struct cases *cases, const char *home, const struct catalog *catalog,
              const struct lineup *lineup, const struct options *options,
              const struct last_failed *last, struct err *err);
/** How many times a case runs. */
int cases_repeat(const struct plan_case *plan, const struct options *options);
/** Says on standard error that no case is left, in all or in the shard. */
void cases_tell_none(const struct cases *cases);
/** Gets the proxies that the cases need. An image that cannot be had is no error: `missing_proxy`
 * names it. */
int cases_prepare_proxies(struct cases *cases, struct images *images, struct err *err);
void cases_release(struct cases *cases);

#endif
