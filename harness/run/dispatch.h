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

/** How the run is to proceed. */
enum pace {
    PACE_ON,
    PACE_FINISH, ///< start no further case
    PACE_STOP,   ///< abandon the running ones
};

/** A world that is held. */
struct held {
    pid_t worker;        ///< its process 1
    const json_t *hosts; ///< see hosts.h; NULL: not known
    int step;            ///< number of the step that was carried out; 0: all were
};

struct dispatch_options {
    int jobs;            ///< number of workers, >= 1
    double time_scale;   ///< >= 1
    bool overheard;      ///< record what passes the network
    bool exhibited;      ///< record what a bundle needs in addition
    int shuffle;         ///< see items_shuffle(); 0: the longest cases go first
    bool kept;           ///< worlds may be held, and entered
    const char *keep_at; ///< number or id of a step after which they are; NULL: none
    /** Called in the main process with each record as it arrives, which it may complete. Returning
     * true holds the worker's world until hold() returns. */
    bool (*result)(void *context, const struct run_item *item, struct record *record);
    /** Asked after each record, unless NULL. The caller reports cases that were never started. */
    enum pace (*pace)(void *context);
    /** Called with each step of a case as it ends: a record with that step alone, how often the
     * fault that it armed has fired, and in `ms` the time since the first step began. Or with a
     * record without steps, for the output of a program. NULL: nobody watches. */
    void (*step)(void *context, const struct run_item *item, const struct record *step);
    /** Returns whether somebody has entered the world. */
    bool (*hold)(void *context, const struct run_item *item, const struct held *held);
    /** Called a few times a second, unless NULL. */
    void (*tick)(void *context);
    /** Called when something went wrong that does not spoil a case. */
    void (*warn)(void *context, const struct run_item *item, const char *what);
    void *context;
    double *used_ms;           ///< the workers' own processor time is added to it; NULL: not wanted
    int64_t case_timeout_ms;   ///< for each case, stretched by the time scale; 0: none
    int64_t run_timeout_ms;    ///< for the whole run; 0: none
    struct watch_limits watch; ///< for what each worker uses
    enum netem_backend netem;  ///< for cases with a bad network
    const struct sandbox_place *places;      ///< parts of the host that workers see, see struct
                                             ///< sandbox_spec
    const int *keep;                         ///< descriptors that workers keep, ended by -1; NULL:
                                             ///< none
    struct limits *cgroups;                  ///< the run's
    void (*carry_out)(struct case_run *run); ///< called instead of case_carry_out(), unless NULL
    int stop_fd; ///< becomes readable when the run is to stop (a signal came); -1: none
};

/** Carries out all items. 0, 1 if it was stopped, -1 on errors of the machine. */
int dispatch_items(struct run_item *items, size_t count, const struct dispatch_options *options,
                   struct err *err);

#endif
