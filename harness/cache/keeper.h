// SPDX-License-Identifier: Apache-2.0
// keeper.h - does work on the cache that leaves nothing behind, however it ends
//
//     main --- keeper --- worker --- mmdebstrap, cc, a sandbox with a server ..
//
// The keeper is a child in its own session, so Ctrl-C does not reach it. It makes the tmp folder,
// has a worker do the job, and waits until either the worker or main ends. Then it kills everything
// left below it (as a subreaper it inherits orphaned processes), and removes the tmp folder. main
// waits for it. If the keeper is killed too, an unlocked tmp folder is left, which the next keeper
// removes.
#ifndef GONEAWAY_CACHE_KEEPER_H
#define GONEAWAY_CACHE_KEEPER_H

#include "base/err.h"

/** Called as preparing proceeds, with a line without its line feed; main prints it. */
typedef void keeper_progress(void *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** What a job sees of its keeper. */
struct keeper {
    const char *cache; ///< the cache folder
    char *aside;       ///< its tmp folder inside the cache
    int channel;       ///< messages to main
};

/** A job, run in the worker process. TMPDIR is the keeper's tmp folder; messages are in English. */
typedef int keeper_job(struct keeper *keeper, void *context, struct err *err);

/** Has a job done, and waits for its end. A full disk is reported as such, with a remedy. */
int keeper_run(const char *cache, keeper_job *job, void *context, keeper_progress *progress,
               void *progress_context, struct err *err);
/** Tells main about the job's progress. */
void keeper_tell(struct keeper *keeper, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
