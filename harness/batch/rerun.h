// SPDX-License-Identifier: Apache-2.0
// rerun.h - commands that run a case again, or show all cases of a run
#ifndef GONEAWAY_BATCH_RERUN_H
#define GONEAWAY_BATCH_RERUN_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "run/items.h"

/** The shell command that runs exactly this case again. To be freed. */
char *rerun_command(const struct run_item *item, const struct catalog *catalog,
                    const struct options *options);
/** The command that shows each case of a run: from its json report or, if there is none, by running
 * `name` (run, merge) again. To be freed. */
char *rerun_listing(const struct options *options, const char *name);

#endif
