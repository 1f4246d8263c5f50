// SPDX-License-Identifier: Apache-2.0
// root.h - the root filesystem of a sandbox: what of the host is seen in there
#ifndef GONEAWAY_SANDBOX_ROOT_H
#define GONEAWAY_SANDBOX_ROOT_H

#include "base/err.h"
#include "sandbox/sandbox.h"

/** Makes a root of its own for the calling process, which is in a new mount namespace, and leaves
 * the host's. In it are, read-only, /usr with what the host links or has beside it (/bin, /lib ..),
 * a few files of /etc, and `places`; device nodes, a /proc of its own, and an empty SANDBOX_DIR. */
int root_enter(const struct sandbox_place *places, struct err *err);

#endif
