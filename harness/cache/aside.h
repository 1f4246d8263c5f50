// SPDX-License-Identifier: Apache-2.0
// aside.h - tmp folders of the cache, where entries are made before they move to their places
#ifndef GONEAWAY_CACHE_ASIDE_H
#define GONEAWAY_CACHE_ASIDE_H

#include "base/err.h"

#include <stdbool.h>

/** Whether a dead process has left a tmp folder. */
bool aside_is_left(const char *cache);

/** Makes the cache and a tmp folder in it, locked as long as `ret_lock` is open. Removes what dead
 * processes left. */
int aside_open(const char *cache, char **ret_aside, int *ret_lock, struct err *err);
/** Removes a tmp folder with everything in it, including files of an ordinary user's subordinate
 * ids. */
int aside_remove(const char *folder, struct err *err);

#endif
