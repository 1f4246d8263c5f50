// SPDX-License-Identifier: Apache-2.0
// attend.h - what a command does for its user while cases run: signals, and worlds that are held
#ifndef GONEAWAY_BATCH_ATTEND_H
#define GONEAWAY_BATCH_ATTEND_H

#include "base/err.h"
#include "run/dispatch.h"

#include <signal.h>
#include <sys/types.h>

/** Signals that end a run; they make `fd` readable instead of killing the process. */
struct attend {
    int fd; ///< readable once a signal has come
    sigset_t before;
};

/** Blocks SIGINT and the like; streams into pipes heed them from now on. */
int attend_open(struct attend *attend, struct err *err);
/** Unblocks them: if one has come, the process dies of it, as shells and CI systems expect. */
void attend_close(struct attend *attend);

/** Prints how to enter the world of a case, and waits for Enter, or a signal. Returns whether
 * somebody has entered it. */
bool attend_hold(const struct attend *attend, const struct run_item *item, const struct held *held);

#endif
