// SPDX-License-Identifier: Apache-2.0
// deal.h - deals the chosen cases to several machines, and marks the parts as belonging together
#ifndef GONEAWAY_BATCH_DEAL_H
#define GONEAWAY_BATCH_DEAL_H

#include "report/report.h"
#include "run/items.h"

/** A card is a case at a place. */
struct deal_card {
    int64_t cost_ms; ///< estimated duration
    int column;      ///< its place: one number per server and connector
};
/** Deals cards to `shards` hands of about equal duration, each with its share of every column.
 * `ret_hands` gets the hand of each card, from 0. The result depends on the cards alone, not on the
 * machine. */
void deal_cards(const struct deal_card *cards, size_t count, int shards, int *ret_hands);

/** Reduces the items, which are the whole choice, to those of shard `index` (from 1) of `count`, in
 * order. `ret_shard` gets which part of the whole that is, whose cases with their repetitions are
 * `cases`; `repeat` only marks it. */
int deal_choose(struct run_item *items, size_t *item_count, int index, int count, int repeat,
                int cases, struct report_shard *ret_shard, struct err *err);

#endif
