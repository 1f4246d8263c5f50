// SPDX-License-Identifier: Apache-2.0
// deal.h - a choice of cases dealt to several machines, and what shows that they belong together
#ifndef GONEAWAY_BATCH_DEAL_H
#define GONEAWAY_BATCH_DEAL_H

#include "report/report.h"
#include "run/items.h"

/** What is dealt: a case at a place. */
struct deal_card {
    int64_t cost_ms; ///< how long it may take
    int column;      ///< its place: one number for each server and connector
};
/** Deals cards to `shards` hands that take about as long as each other, each with its part of
 * every column. `ret_hands` gets the hand of each card, from 0. The same cards are always dealt
 * alike, whatever the machine. */
void deal_cards(const struct deal_card *cards, size_t count, int shards, int *ret_hands);

/** Leaves of the items, which are all that were chosen, those of shard `index` (from 1) of `count`,
 * in their order. Tells in `ret_shard` which part of what that is, each item counted `repeat`
 * times. */
int deal_choose(struct run_item *items, size_t *item_count, int index, int count, int repeat,
                struct report_shard *ret_shard, struct err *err);

#endif
