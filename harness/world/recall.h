// SPDX-License-Identifier: Apache-2.0
// recall.h - remembers needs that an earlier run found met, so that the next one need not probe
// them
//
// They are kept in CACHE/needs.json, and are valid as long as nothing has changed that could affect
// them: the boot, the kernel, goneaway, the tools' files, who the caller is and what it may do. A
// missing need is never remembered, so that a remedy takes effect at once. A file that is
// unreadable, malformed or somebody else's is ignored, and failing to write it is no error.
#ifndef GONEAWAY_WORLD_RECALL_H
#define GONEAWAY_WORLD_RECALL_H

#include "world/needs.h"

/** Marks those needs among the ones asked for that are known to be met. `version`: goneaway's.
 * Recalls nothing if the environment has GONEAWAY_PROBE=always. */
void recall_needs(const char *cache, const char *version, struct need_state *states);
/** Adds those that have been probed and are met to what is kept. */
void recall_keep(const char *cache, const char *version, const struct need_state *states);
/** Forgets everything. */
void recall_forget(const char *cache);

#endif
