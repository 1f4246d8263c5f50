// SPDX-License-Identifier: Apache-2.0
// root.h - the root filesystem of a sandbox: which parts of the host are visible inside
#ifndef GONEAWAY_SANDBOX_ROOT_H
#define GONEAWAY_SANDBOX_ROOT_H

#include "base/err.h"
#include "sandbox/sandbox.h"

/** Gives the calling process, which is in a new mount namespace, its own root, and leaves the
 * host's. The root contains, read-only, /usr with its companions on the host (/bin, /lib ..), a few
 * files of /etc, and `places`; also device nodes, its own /proc, and an empty SANDBOX_DIR. */
int root_enter(const struct sandbox_place *places, struct err *err);

#endif
