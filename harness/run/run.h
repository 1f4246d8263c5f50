// SPDX-License-Identifier: Apache-2.0
// run.h - many cases at once: workers, each a sandbox with a world, fed by the main process
#ifndef GONEAWAY_RUN_RUN_H
#define GONEAWAY_RUN_RUN_H

#include "image/image.h"
#include "plan/plan.h"
#include "record/record.h"
#include "run/watchdog.h"
#include "sandbox/sandbox.h"
#include "world/limits.h"
#include "world/netem.h"

/** A case at a place. */
struct run_item {
    const struct plan_case *plan;
    const struct server_recipe *server;
    const struct connector_recipe *connector;
    const struct proxy_recipe *proxy; ///< of the plan's wire, or NULL
    int repeat;                       ///< 0, or which repetition from 1
    int group;                        ///< items of one number want the same server
    bool plain;                       ///< that server has no options of its own
    bool leaves;                      ///< that server will probably not serve another case
    int64_t guess_ms;                 ///< how long it may take, to begin the long ones early
    bool taken;                       ///< given to a worker
    bool put_back;                    ///< and taken from it, since it did not begin
    const void *hinted_to;            ///< the worker that boots a server ahead for it, or NULL
};

struct run_options {
    int jobs;          ///< number of workers, >= 1
    double time_scale; ///< >= 1
    /** Called in the main process with each record as it comes, which it may add to. With `keep`
     * set, returning true holds the worker's world until hold() returns. */
    bool (*result)(void *context, const struct run_item *item, struct record *record);
    void (*hold)(void *context, const struct run_item *item, pid_t worker);
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
    int stop_fd; ///< readable when the run is to stop (a signal came); -1: none
};

/** Runs all items. 0, 1 if it was stopped, -1 on errors of the machine. */
int run_items(struct run_item *items, size_t count, const struct run_options *options,
              struct err *err);

#endif
