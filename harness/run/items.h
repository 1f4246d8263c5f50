// SPDX-License-Identifier: Apache-2.0
// items.h - the cases of a run, each at its place, and what is known of them before they are run
#ifndef GONEAWAY_RUN_ITEMS_H
#define GONEAWAY_RUN_ITEMS_H

#include "image/image.h"
#include "plan/plan.h"
#include "record/record.h"

/** A case at a place. */
struct run_item {
    // filled in by the caller
    const struct plan_case *plan;
    const struct server_recipe *server;
    const struct connector_recipe *connector;
    const struct proxy_recipe *proxy; ///< of the plan's wire, or NULL
    const char *unfit; ///< why the case cannot be carried out with the connector; NULL: it can
    int repeat;        ///< 0, or which repetition from 1
    int origin;        ///< who brought scenario and connector; a worker serves one of these only
    // by items_prepare()
    int group;        ///< items of one number want the same server, and are of one origin
    bool plain;       ///< that server has no options of its own
    bool leaves;      ///< that server will probably not serve another case
    int64_t waits_ms; ///< how long it may take
    int64_t guess_ms; ///< the same, to begin the long ones early; or chance, of items_shuffle()
    // by schedule.c
    bool taken;    ///< given to a worker
    bool put_back; ///< and taken from it, since it did not begin
    bool hinted;   ///< a worker boots a server ahead for it:
    int hinted_to; ///< this one
    // by dispatch.c
    double began_ms; ///< when a worker was last given it, as of clock_ms(); 0: it never was
    double took_ms;  ///< how long it took; -1 until it is over
};

/** Numbers the servers that the items want, and guesses how long each item takes. */
void items_prepare(struct run_item *items, size_t count);

/** Has them carried out in an order that the seed decides, as far as their servers allow it:
 * a worker still prefers the server that it has. */
void items_shuffle(struct run_item *items, size_t count, unsigned int seed);

/** The record of one that nobody carried out to its end, `ms` after it was begun. */
struct record *items_lost(const struct run_item *item, const char *why, double ms);

/** How many of them should run at a time if nobody says so: more than there are processors where
 * they wait much, but no more than it pays to boot servers for. */
int items_jobs(const struct run_item *items, size_t count, int processors);

/** How much longer they take, from what is known of them and what the others took that are over;
 * -1: none is over. `now_ms`: as of clock_ms(). */
double items_left_ms(const struct run_item *items, size_t count, int jobs, double now_ms);

#endif
