// SPDX-License-Identifier: Apache-2.0
// schedule.c - decides which worker carries out which case next
#include "run/schedule.h"

static bool has_or_expects(const struct schedule_seat *seat, int group) {
    if (seat->served && seat->served->group == group)
        return true;
    for (int i = 0; i < HINTS; i++)
        if (seat->hinted[i] && seat->hinted[i]->group == group)
            return true;
    return false;
}

// A case must not meet what a stranger's case of another origin left behind, so a worker that
// changes origins is replaced.
static bool is_of_another_origin(const struct run_item *item, const struct schedule_seat *seat) {
    return seat->served && seat->served->origin != item->origin;
}

// How well an item suits a worker, best first: hinted to it; fits its server; fits no other
// worker's; fits the plain server; any other; hinted to others; of another origin.
static int suits(const struct schedule *schedule, const struct run_item *item, int worker) {
    const struct run_item *served = schedule->seats[worker].served;
    if (is_of_another_origin(item, &schedule->seats[worker]))
        return item->hinted ? -2 : -1;
    if (item->hinted)
        return item->hinted_to == worker ? 5 : 0;
    if (served && served->group == item->group)
        return 4;
    for (int i = 0; i < schedule->seat_count; i++)
        if (i != worker && has_or_expects(&schedule->seats[i], item->group))
            return item->plain ? 2 : 1;
    return 3;
}

// The remaining item that suits best and is not `hinted` yet; of equal ones the longest.
static long choose(const struct schedule *schedule, int worker, bool hint) {
    long best = -1;
    int most = 0;
    for (size_t i = 0; i < schedule->count; i++) {
        const struct run_item *item = &schedule->items[i];
        if (item->taken || (hint && item->hinted) ||
            (hint && is_of_another_origin(item, &schedule->seats[worker])))
            continue;
        int suitable = suits(schedule, item, worker);
        if (best < 0 || suitable > most ||
            (suitable == most && item->guess_ms > schedule->items[best].guess_ms)) {
            best = (long)i;
            most = suitable;
        }
    }
    return best;
}

long schedule_take(struct schedule *schedule, int worker) {
    long next = choose(schedule, worker, false);
    if (next >= 0) {
        schedule->seats[worker].served = &schedule->items[next];
        schedule->items[next].taken = true;
    }
    return next;
}

static void mark_hinted(struct run_item *item, int worker) {
    item->hinted = true;
    item->hinted_to = worker;
}

void schedule_hint(struct schedule *schedule, int worker, int32_t ret_hints[HINTS]) {
    struct run_item *items = schedule->items;
    int hints = 0;
    for (size_t i = 0; i < schedule->count; i++) // earlier hints that nobody took
        if (items[i].hinted && items[i].hinted_to == worker && !items[i].taken && hints < HINTS)
            ret_hints[hints++] = (int32_t)i;
    for (long next; hints < HINTS && (next = choose(schedule, worker, true)) >= 0; hints++) {
        mark_hinted(&items[next], worker);
        ret_hints[hints] = (int32_t)next;
    }
    for (int i = 0; i < HINTS; i++) {
        schedule->seats[worker].hinted[i] = i < hints ? &items[ret_hints[i]] : NULL;
        if (i >= hints)
            ret_hints[i] = NO_HINT;
    }
}

void schedule_put_back(struct schedule *schedule, long item, int worker) {
    schedule->items[item].put_back = true;
    schedule->items[item].taken = false;
    mark_hinted(&schedule->items[item], worker);
}

void schedule_replace(struct schedule *schedule, int worker) {
    schedule->seats[worker] = (struct schedule_seat){0};
}
