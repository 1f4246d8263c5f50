// SPDX-License-Identifier: Apache-2.0
// lock.h - locks of the cache: on an entry or a tmp folder itself, or by a name
#ifndef GONEAWAY_CACHE_LOCK_H
#define GONEAWAY_CACHE_LOCK_H

#include "base/err.h"

/** Locks a folder by flock()'s `operation`; -1 with errno. What was moved to that path meanwhile is
 * not locked. */
int lock_folder(const char *path, int operation);
/** Opens CACHE/locks/NAME, which is made if it is not there. */
int lock_open(const char *cache, const char *name, int *ret_lock, struct err *err);
/** Waits for it. */
int lock_wait(int lock, struct err *err);

#endif
