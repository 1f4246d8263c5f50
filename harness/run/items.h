// SPDX-License-Identifier: Apache-2.0
// items.h - the cases of a run, each with its place, and what is known about them before they run
#ifndef GONEAWAY_RUN_ITEMS_H
#define GONEAWAY_RUN_ITEMS_H

#include "image/image.h"
#include "plan/plan.h"
#include "record/record.h"

/** A case with its place. */
struct run_item {
    // filled in by the caller
    const struct plan_case *plan;
    const struct server_recipe *server;
    const struct connector_recipe *connector;
    const struct proxy_recipe *proxy; ///< for the plan's wire, or NULL
    const char *unfit;                ///< why the case cannot run with the connector; NULL: it can
    int repeat;                       ///< 0, or the number of the repetition, from 1
    int origin; ///< who supplied scenario and connector; a worker serves only one origin
    // by items_prepare()
    int group;        ///< items with the same number need the same server, and have the same origin
    bool plain;       ///< that server has no special options
    bool leaves;      ///< that server will probably not serve another case
    int64_t waits_ms; ///< how long it may take
    int64_t guess_ms; ///< the same, to start long ones early; or random, by items_shuffle()
    // by schedule.c
    bool taken;    ///< given to a worker
    bool put_back; ///< and taken back, since it did not begin
    bool hinted;   ///< some worker boots a server ahead for it
    int hinted_to; ///< which one
    // by dispatch.c
    double began_ms; ///< when a worker was last given it, as of clock_ms(); 0: never
    double took_ms;  ///< how long it took; -1: it is not over
};

/** Numbers the servers that the items need, and estimates how long each item takes. */
void items_prepare(struct run_item *items, size_t count);

/** Puts the items into an order that the seed decides, as far as their servers allow: a worker
 * still prefers the server that it has. */
void items_shuffle(struct run_item *items, size_t count, unsigned int seed);

/** The record of an item that was not carried out to its end, `ms` after it began. */
struct record *items_lost(const struct run_item *item, const char *why, double ms);

/** How many items should run at a time by default: more than there are processors if they mostly
 * wait, but no more than are worth booting servers for. */
int items_jobs(const struct run_item *items, size_t count, int processors);

/** The estimated time left, judging by the estimates and by the items that are over; -1: none is
 * over. `now_ms`: as of clock_ms(). */
double items_left_ms(const struct run_item *items, size_t count, int jobs, double now_ms);

#endif
