// SPDX-License-Identifier: Apache-2.0
// keeper.h - work on the cache that leaves nothing behind, however its end comes
//
//     main --- keeper --- worker --- mmdebstrap, cc, a sandbox with a server ..
//
// The keeper is a child in a session of its own, so no Ctrl-C reaches it. It makes the tmp folder,
// has a worker do the job, and waits for the end of either the worker or main. Then it kills all
// that is left below it (as their subreaper it inherits what loses its parent), and removes the tmp
// folder. main waits for it. What is killed together with the keeper leaves a tmp folder without a
// lock, which the next keeper removes.
#ifndef GONEAWAY_CACHE_KEEPER_H
#define GONEAWAY_CACHE_KEEPER_H

#include "base/err.h"

/** Told as preparing goes on, a line without its end; main prints it. */
typedef void keeper_progress(void *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** What a job sees of its keeper. */
struct keeper {
    const char *cache; ///< the cache folder
    char *aside;       ///< its tmp folder in there
    int channel;       ///< to main: messages
};

/** A job, run in the worker process; TMPDIR is the keeper's tmp folder, messages are in English. */
typedef int keeper_job(struct keeper *keeper, void *context, struct err *err);

/** Has a job done, and waits for its end. A full disk is reported as such, with a remedy. */
int keeper_run(const char *cache, keeper_job *job, void *context, keeper_progress *progress,
               void *progress_context, struct err *err);
/** Tells main how the job goes on. */
void keeper_tell(struct keeper *keeper, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
