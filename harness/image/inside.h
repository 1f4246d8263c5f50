// SPDX-License-Identifier: Apache-2.0
// inside.h - what is done in a sandbox while something is prepared
#ifndef GONEAWAY_IMAGE_INSIDE_H
#define GONEAWAY_IMAGE_INSIDE_H

#include "cache/keeper.h"
#include "image/image.h"
#include "sandbox/container.h"

/** What is to be done in a sandbox; -1 on failure. */
typedef int inside_work(void *context, struct err *err);
/** What of the host is seen in there. */
struct inside_view {
    const struct keeper *keeper;
    const struct images *images; ///< whose cache and fixtures can be read
    const char *writes;          ///< and a folder that can be written
};
/** Does it in a sandbox and waits for its end. What it leaves in memory stays in there. */
int inside_sandbox(const struct inside_view *view, inside_work *work, void *context,
                   struct err *err);
/** Bounds the memory of each process that is started from here on: a stranger's server is not to
 * take all of the machine's while it is asked what it is, or makes its data. */
int inside_bound_memory(struct err *err);
/** Runs a command to its end, inside a sandbox; what it prints goes to `output`. Of `command` only
 * root, root_writable, binds, argv and env count. */
int inside_run(const struct container_spec *command, struct text *output, struct err *err);

#endif
