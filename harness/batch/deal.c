// SPDX-License-Identifier: Apache-2.0
// deal.c - deals the chosen cases to several machines
//
// Every machine deals all cases and takes its own hand, so the machines need not communicate. The
// longest case goes first, each to the hand with the least work so far. Cases of equal length are
// dealt place by place: in plain order, with two servers and two shards, each shard would get the
// cases of one server.
#include "batch/deal.h"

#include "cache/cache.h"
#include "run/items.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What every case costs beyond its plan: its share of a server's boot, an app, a login.
enum { LEAST_MS = 500 };

/** A card being dealt: its original index, and what decides its turn. */
struct turn {
    struct deal_card card;
    size_t index;
};

static int by_cost(const void *a, const void *b) {
    const struct turn *one = a, *other = b;
    if (one->card.cost_ms != other->card.cost_ms)
        return one->card.cost_ms > other->card.cost_ms ? -1 : 1;
    if (one->card.column != other->card.column)
        return one->card.column < other->card.column ? -1 : 1;
    return one->index < other->index ? -1 : 1;
}

static int least(const int64_t *loads, int count) {
    int best = 0;
    for (int i = 1; i < count; i++)
        if (loads[i] < loads[best])
            best = i;
    return best;
}

void deal_cards(const struct deal_card *cards, size_t count, int shards, int *ret_hands) {
    cleanup_free struct turn *turns = xcalloc(count + 1, sizeof *turns);
    cleanup_free int64_t *loads = xcalloc((size_t)shards, sizeof *loads);
    for (size_t i = 0; i < count; i++)
        turns[i] = (struct turn){.card = cards[i], .index = i};
    qsort(turns, count, sizeof *turns, by_cost);
    for (size_t i = 0; i < count; i++) {
        int hand = least(loads, shards);
        loads[hand] += turns[i].card.cost_ms;
        ret_hands[turns[i].index] = hand;
    }
}

// An item's column: the number of the first item at the same place.
static int column_of(const struct run_item *items, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (items[i].server == items[index].server && items[i].connector == items[index].connector)
            return (int)i;
    return (int)index;
}

static int *deal_items(struct run_item *items, size_t count, int shards) {
    cleanup_free struct deal_card *cards = xcalloc(count + 1, sizeof *cards);
    int *hands = xcalloc(count + 1, sizeof *hands);
    items_prepare(items, count);
    for (size_t i = 0; i < count; i++)
        cards[i] = (struct deal_card){.cost_ms = LEAST_MS + items[i].guess_ms,
                                      .column = column_of(items, i)};
    deal_cards(cards, count, shards, hands);
    return hands;
}

// A digest of the cases' names and files, so that shards of different versions are not mixed.
static int digest(const struct run_item *items, size_t count, int repeat, char *ret_choice,
                  size_t size, struct err *err) {
    struct key key = KEY_START;
    const struct scenario *before = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct scenario *scenario = items[i].plan->scenario;
        if (scenario != before && key_add_file(&key, scenario->file, err) < 0)
            return -1;
        before = scenario;
        key_add(&key, items[i].plan->id);
        key_add(&key, items[i].server->name);
        key_add(&key, items[i].connector->name);
    }
    cleanup_free char *times = xprintf("%d", repeat);
    key_add(&key, times);
    snprintf(ret_choice, size, "%016" PRIx64, key.hash);
    return 0;
}

int deal_choose(struct run_item *items, size_t *item_count, int index, int count, int repeat,
                int cases, struct report_shard *ret_shard, struct err *err) {
    size_t kept = 0;
    *ret_shard = (struct report_shard){.index = index, .count = count, .cases = cases};
    if (digest(items, *item_count, repeat, ret_shard->choice, sizeof ret_shard->choice, err) < 0)
        return err_context(err, "tell which cases were chosen");
    cleanup_free int *hands = deal_items(items, *item_count, count);
    for (size_t i = 0; i < *item_count; i++)
        if (hands[i] == index - 1)
            items[kept++] = items[i];
    *item_count = kept;
    return 0;
}
