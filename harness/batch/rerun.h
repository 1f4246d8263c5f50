// SPDX-License-Identifier: Apache-2.0
// rerun.h - the commands that run a case again, or report all of a run one by one
#ifndef GONEAWAY_BATCH_RERUN_H
#define GONEAWAY_BATCH_RERUN_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "run/items.h"

/** The command, for a shell, that runs this very case again. To be freed. */
char *rerun_command(const struct run_item *item, const struct catalog *catalog,
                    const struct options *options);
/** The command that shows each case of a run, by what was reported of it or, if that is not known,
 * by running `name` (run, merge) again. To be freed. */
char *rerun_listing(const struct options *options, const char *name);

#endif
