// SPDX-License-Identifier: Apache-2.0
// inside.h - what is done in a sandbox while something is prepared
#ifndef GONEAWAY_IMAGE_INSIDE_H
#define GONEAWAY_IMAGE_INSIDE_H

#include "cache/keeper.h"
#include "image/image.h"
#include "sandbox/container.h"

/** Work to be done in a sandbox; -1 on failure. */
typedef int inside_work(void *context, struct err *err);
/** What the sandbox sees of the host. */
struct inside_view {
    const struct keeper *keeper;
    const struct images *images; ///< whose cache and fixtures it can read
    const char *writes;          ///< a folder that it can write
};
/** Does work in a sandbox and waits for its end. Changes in memory stay inside. */
int inside_sandbox(const struct inside_view *view, inside_work *work, void *context,
                   struct err *err);
/** Limits the memory of every process started from here on, so that a stranger's server cannot use
 * up the machine's while it is examined, or makes its data. */
int inside_bound_memory(struct err *err);
/** Runs a command to its end, inside a sandbox; `output` gets what it prints. Of `command`, only
 * root, root_writable, binds, argv and env are used. */
int inside_run(const struct container_spec *command, struct text *output, struct err *err);
/** Like inside_run(), for a command that may fail: 0 once it has ended, with its wait status. -1 if
 * it could not be started, takes too long, or prints too much. */
int inside_try(const struct container_spec *command, struct text *output, int *ret_status,
               struct err *err);

#endif
