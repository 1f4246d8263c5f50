// SPDX-License-Identifier: Apache-2.0
// schedule.h - decides which worker carries out which case next
//
// Long cases go first. A worker prefers cases for the server that it has, then those for servers
// that no other worker has. So each server boots once, and boots, which keep the processors busy,
// overlap with the many cases on the plain server, which mostly wait.
#ifndef GONEAWAY_RUN_SCHEDULE_H
#define GONEAWAY_RUN_SCHEDULE_H

#include "run/items.h"

/** How many items a worker is told of in advance, so that their servers boot. */
enum { HINTS = 2, NO_HINT = -1 };

/** What matters about a worker. All zero: it has just begun. */
struct schedule_seat {
    const struct run_item *served;        ///< its latest item, and so the server that it has
    const struct run_item *hinted[HINTS]; ///< what it was last told of in advance; NULL: nothing
};

struct schedule {
    struct run_item *items;
    size_t count;
    struct schedule_seat *seats; ///< one per worker
    int seat_count;
};

/** Gives a worker the item that suits it best. Returns its index, or -1 if none is left. */
long schedule_take(struct schedule *schedule, int worker);
/** Predicts what the worker will be given next: indices, or NO_HINT. */
void schedule_hint(struct schedule *schedule, int worker, int32_t ret_hints[HINTS]);
/** Takes back an item that was not begun; the same worker will be given it. */
void schedule_put_back(struct schedule *schedule, long item, int worker);
/** Replaces a worker by a new one, which has no server yet. */
void schedule_replace(struct schedule *schedule, int worker);

#endif
