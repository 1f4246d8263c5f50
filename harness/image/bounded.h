// SPDX-License-Identifier: Apache-2.0
// bounded.h - programs that work on what is a stranger's, with bounds
#ifndef GONEAWAY_IMAGE_BOUNDED_H
#define GONEAWAY_IMAGE_BOUNDED_H

#include "cache/keeper.h"

/** Runs a program as debian_run() does, on what is a stranger's: it has no network, can write
 * nowhere but in the keeper's tmp folder, and ends, too, when that becomes too large. `to` is the
 * file that gets what it prints, if that is not for messages; or NULL. */
int bounded_run(struct keeper *keeper, const char *const *command, const char *to,
                double deadline_ms, struct err *err);
/** The same with this machine's network, for asking a registry. */
int bounded_fetch(struct keeper *keeper, const char *const *command, const char *to,
                  double deadline_ms, struct err *err);

#endif
