// SPDX-License-Identifier: Apache-2.0
// namespaces.c - a command in namespaces of its own, as uid 0 over files of other ids
#include "sandbox/namespaces.h"

#include <unistd.h>

const char *const *namespaces_command(void) {
    static const char *const as_root[] = {"setpriv",      "--pdeathsig", "KILL",   "unshare",
                                          "--mount",      "--pid",       "--fork", "--kill-child",
                                          "--mount-proc", "--",          NULL};
    static const char *const as_user[] = {
        "setpriv",      "--pdeathsig", "KILL",  "unshare", "--map-root-user",
        "--map-auto",   "--mount",     "--pid", "--fork",  "--kill-child",
        "--mount-proc", "--",          NULL};
    return geteuid() == 0 ? as_root : as_user;
}
