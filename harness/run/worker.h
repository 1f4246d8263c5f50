// SPDX-License-Identifier: Apache-2.0
// worker.h - a worker process: orders in, records out; see channel.h
#ifndef GONEAWAY_RUN_WORKER_H
#define GONEAWAY_RUN_WORKER_H

#include "run/dispatch.h"
#include "run/progress.h"

/** What a worker starts with. */
struct worker_setup {
    const struct run_item *items;
    const struct dispatch_options *options;
    int channel; ///< to the main process
    struct progress *progress;
    const struct cgroup_home *cgroups;
};

/** A worker, as a sandbox_body of a struct worker_setup. */
int worker_main(void *setup);

#endif
