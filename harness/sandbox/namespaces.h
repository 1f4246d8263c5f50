// SPDX-License-Identifier: Apache-2.0
// namespaces.h - a command in namespaces of its own, as uid 0 over files of other ids
#ifndef GONEAWAY_SANDBOX_NAMESPACES_H
#define GONEAWAY_SANDBOX_NAMESPACES_H

/** How to run a program as uid 0 over files of other ids: in a mount and PID namespace that ends
 * with it, for an ordinary user in a user namespace with subordinate ids. Terminated by NULL. */
const char *const *namespaces_command(void);

#endif
