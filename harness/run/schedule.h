// SPDX-License-Identifier: Apache-2.0
// schedule.h - which worker carries out which case next
//
// Longest cases go first; a worker prefers cases for the server that it has, and then those for
// servers that no other worker has: each server boots once, and the boots, which are work for the
// processors, go on beside the many cases of the plain server, which mostly wait.
#ifndef GONEAWAY_RUN_SCHEDULE_H
#define GONEAWAY_RUN_SCHEDULE_H

#include "run/items.h"

/** How many items a worker learns of ahead, so that their servers boot. */
enum { HINTS = 2, NO_HINT = -1 };

/** What matters of a worker. All zero: it has just begun. */
struct schedule_seat {
    const struct run_item *served;        ///< its latest item, and so the server that it has
    const struct run_item *hinted[HINTS]; ///< what it last learned of ahead, NULL: nothing
};

struct schedule {
    struct run_item *items;
    size_t count;
    struct schedule_seat *seats; ///< of each worker
    int seat_count;
};

/** Gives a worker the item that suits it best; its index, or -1: none is left. */
long schedule_take(struct schedule *schedule, int worker);
/** Chooses what the worker will probably be given next: indices, or NO_HINT. */
void schedule_hint(struct schedule *schedule, int worker, int32_t ret_hints[HINTS]);
/** Takes an item back that nobody has begun; the same worker will be given it. */
void schedule_put_back(struct schedule *schedule, long item, int worker);
/** Says that another worker begins in the place of one, with no server yet. */
void schedule_replace(struct schedule *schedule, int worker);

#endif
