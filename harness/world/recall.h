// SPDX-License-Identifier: Apache-2.0
// recall.h - needs that an earlier run has found met, so that the next one need not try them
//
// They are kept in CACHE/needs.json, and count for as long as nothing has changed that could decide
// them: the boot, the kernel, goneaway, the tools' files, who the caller is and what it may do. A
// need that was missing is never kept, so that a remedy takes effect at once. A file that is
// unreadable, somebody else's or not as it should be is as good as none, and one that cannot be
// written is no error.
#ifndef GONEAWAY_WORLD_RECALL_H
#define GONEAWAY_WORLD_RECALL_H

#include "world/needs.h"

/** Marks those of the asked needs that are known to be met. `version`: goneaway's. Nothing is
 * recalled while the environment has GONEAWAY_PROBE=always. */
void recall_needs(const char *cache, const char *version, struct need_state *states);
/** Keeps those that have been tried and are met, besides what is kept already. */
void recall_keep(const char *cache, const char *version, const struct need_state *states);
/** Forgets them all. */
void recall_forget(const char *cache);

#endif
