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

/** The cases of a run, each at its place. All zero: none. */
struct cases {
    size_t count;
    struct run_item *items;
    size_t origin_count;
    char **origins;                           ///< the origins of the items, by number
    struct report_shard shard;                ///< which part of all that were chosen they are
    const struct proxy_recipe *missing_proxy; ///< whose image could not be had, NULL: none
    char *missing_proxy_why;
};

/** Whether there are the transports of a list such as "tcp,tls", or NULL. */
int cases_check_transports(const char *list, struct err *err);
/** Takes back the choice of cases that --transport and --only leave out; with --program
 * also those of a scenario over other transports than tcp, if it is chosen over that. */
void cases_narrow(struct catalog *catalog, const struct options *options);
/** Adds a case at a place, whatever it is for. */
void cases_add_one(struct cases *cases, const char *home, const struct plan_case *plan,
                   const struct server_recipe *server, const struct connector_recipe *connector);
/** Adds what is chosen of the catalogue, at each server and connector that it is for. */
void cases_add_all(struct cases *cases, const char *home, const struct catalog *catalog,
                   const struct lineup *lineup, const struct options *options);
/** Adds what is chosen of the catalogue, at each server and connector that it is for, or the shard
 * of it that the options ask for; as often as they say. */
int cases_add(struct cases *cases, const char *home, const struct catalog *catalog,
              const struct lineup *lineup, const struct options *options,
              const struct last_failed *last, struct err *err);
/** Says on standard error that no case is left, in all or in the shard. */
void cases_tell_none(const struct cases *cases);
/** Gets the proxies that they want. An image that cannot be had is no error: cases that want it
 * remain without. */
int cases_prepare_proxies(struct cases *cases, struct images *images, struct err *err);
void cases_release(struct cases *cases);

#endif
