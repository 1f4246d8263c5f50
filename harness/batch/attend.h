// SPDX-License-Identifier: Apache-2.0
// attend.h - what a command does about its user while cases run: signals, and a world that is held
#ifndef GONEAWAY_BATCH_ATTEND_H
#define GONEAWAY_BATCH_ATTEND_H

#include "base/err.h"
#include "run/items.h"

#include <signal.h>
#include <sys/types.h>

/** Signals that end a run, while somebody looks at `fd` instead of dying of them. */
struct attend {
    int fd; ///< readable when one has come
    sigset_t before;
};

/** Holds SIGINT and the like back; who writes into a pipe heeds them. */
int attend_open(struct attend *attend, struct err *err);
/** Lets them through again: if one has come, the process ends by it, as shells and CI systems
 * expect. */
void attend_close(struct attend *attend);

/** Says how to enter the world of a case, and waits for Enter, or a signal. `worker`: its first
 * process. */
void attend_hold(const struct attend *attend, const struct run_item *item, pid_t worker);

#endif
