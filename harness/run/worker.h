// SPDX-License-Identifier: Apache-2.0
// worker.h - the worker's side: orders in, records out
//
// A worker is told the index of an item, and what it will probably be asked next so that servers
// boot ahead (struct order), and answers with its record (a length of 4 bytes, then JSON). It
// tidies its world up when it is told to go on (4 bytes), so that the main process can look at a
// failed case first.
#ifndef GONEAWAY_RUN_WORKER_H
#define GONEAWAY_RUN_WORKER_H

#include "run/progress.h"
#include "run/run.h"

enum { HINTS = 2, NO_HINT = -1 };

/** What the main process sends. */
struct order {
    int32_t item;
    int32_t hints[HINTS]; ///< NO_HINT: none
};

/** A record that is longer is not taken. */
enum { RECORD_MAX_BYTES = 8 << 20 };

/** What a worker begins with. */
struct worker_setup {
    const struct run_item *items;
    const struct run_options *options;
    int channel; ///< to the main process
    struct progress *progress;
    const struct cgroup_home *cgroups;
};

/** A worker, as a sandbox_body of a struct worker_setup. */
int worker_main(void *setup);
/** Sends or receives all of it; -1 when the other end is closed. */
int worker_transfer(int fd, void *data, size_t length, bool out);

#endif
