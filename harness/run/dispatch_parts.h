// SPDX-License-Identifier: Apache-2.0
// dispatch_parts.h - shared by dispatch.c and dispatch_bounds.c
#ifndef GONEAWAY_RUN_DISPATCH_PARTS_H
#define GONEAWAY_RUN_DISPATCH_PARTS_H

#include "run/dispatch.h"
#include "run/progress.h"
#include "run/schedule.h"

/** How often workers are looked at. */
enum { LOOK_EVERY_MS = 250 };

struct worker {
    struct sandbox sandbox;
    struct cgroup_home cgroups;
    int channel;          // our end; -1: the worker has ended
    long current;         // index of its item; -1: idle
    struct text incoming; // part of its record
    double ordered_ms;    // when it was given the item
    double began_ms;      // when it was seen to have begun with it; 0: not yet
    json_t *hosts;        // its world's, as far as told; see hosts.h
    bool entered;         // by somebody, so that it may serve no other case
};

struct shared {
    struct schedule schedule;
    struct run_item *items; // the schedule's
    const struct dispatch_options *options;
    struct worker *workers;
    int jobs;
    struct progress *progress; // for each worker
    struct watch_table table;
    enum pace pace;
    double look_ms; // when to look at the workers again
    double end_ms;  // when the run's time is up; 0: never
};

struct progress *dispatch_progress(const struct shared *shared, const struct worker *worker);
/** Ends a worker with its sandbox. */
void dispatch_stop(const struct shared *shared, struct worker *worker);
/** Ends it, and starts another one with the next case. */
int dispatch_replace(struct shared *shared, struct worker *worker, struct err *err);
/** Reports a worker's case as broken, and replaces the worker. `held`: the user may look at it
 * first. */
int dispatch_lose_case(struct shared *shared, struct worker *worker, const char *why, bool held,
                       struct err *err);

/** Looks at all workers, if it is time to, and ends those that are beyond their bounds. */
int dispatch_check(struct shared *shared, struct err *err);
/** "5 min", "3 s"; to be freed. */
char *dispatch_duration(double ms);

#endif
