// SPDX-License-Identifier: Apache-2.0
// dispatch.h - hands cases to workers, each a sandbox with a world, and takes their records
#ifndef GONEAWAY_RUN_DISPATCH_H
#define GONEAWAY_RUN_DISPATCH_H

#include "record/record.h"
#include "run/case.h"
#include "run/items.h"
#include "sandbox/sandbox.h"
#include "sandbox/watchdog.h"
#include "world/limits.h"
#include "world/netem.h"

/** How a run goes on. */
enum pace {
    PACE_ON,
    PACE_FINISH, ///< no further case is started
    PACE_STOP,   ///< those that run are abandoned
};

struct dispatch_options {
    int jobs;          ///< number of workers, >= 1
    double time_scale; ///< >= 1
    bool overheard;    ///< what passes the network is to be in the records
    bool exhibited;    ///< and what a bundle has beside it
    int shuffle;       ///< see items_shuffle(); 0: the longest cases go first
    /** Called in the main process with each record as it comes, which it may add to. With `keep`
     * set, returning true holds the worker's world until hold() returns. */
    bool (*result)(void *context, const struct run_item *item, struct record *record);
    /** Asked after each record, unless NULL. What was never started is the caller's to report.
     */
    enum pace (*pace)(void *context);
    /** Called with each step of a case as it ends, before its record: one of that step alone, with
     * how often the fault that it has armed has fired, and in `ms` the time since the first step
     * began; or one without steps, of what a program has written. NULL: nobody watches. */
    void (*step)(void *context, const struct run_item *item, const struct record *step);
    void (*hold)(void *context, const struct run_item *item, pid_t worker);
    /** Called a few times a second, unless NULL. */
    void (*tick)(void *context);
    /** Called when something went wrong that spoils no case. */
    void (*warn)(void *context, const struct run_item *item, const char *what);
    void *context;
    double
        *used_ms; ///< the processor time of the workers themselves is added to it; NULL: not asked
    int64_t case_timeout_ms;            ///< of each case, stretched by the time scale; 0: none
    int64_t run_timeout_ms;             ///< of all together; 0: none
    struct watch_limits watch;          ///< of what each worker takes
    enum netem_backend netem;           ///< what cases with a bad network use
    const struct sandbox_place *places; ///< of the host that workers see, see struct sandbox_spec
    struct limits *cgroups;             ///< those of the run
    void (*carry_out)(struct case_run *run); ///< instead of case_carry_out(); NULL: that
    int stop_fd; ///< readable when the run is to stop (a signal came); -1: none
};

/** Has all items carried out. 0, 1 if it was stopped, -1 on errors of the machine. */
int dispatch_items(struct run_item *items, size_t count, const struct dispatch_options *options,
                   struct err *err);

#endif
