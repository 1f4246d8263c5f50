// SPDX-License-Identifier: Apache-2.0
// contain.h - detects whether a process below the test has left anything behind
//
// The test's process inherits orphans, so it finds what a killed program leaves by waiting for
// children. It has its own user and mount namespaces, where it is root and can detect whether
// namespaces exist below it: it tries whether a limit of one more than its own
// (/proc/sys/user/max_*_namespaces) admits one. Other processes' namespaces do not count there.
// Where user namespaces are refused, nothing is counted.
#ifndef GONEAWAY_TEST_LIB_CONTAIN_H
#define GONEAWAY_TEST_LIB_CONTAIN_H

#include <stdbool.h>
#include <sys/types.h>

/** Starts, as root in a user namespace; for a test's checked fixture. */
void contain_begin(void);
/** The same, with this id in the user namespace. */
void contain_begin_as(uid_t id);
/** The same without a user namespace: namespaces are not counted. */
void contain_begin_here(void);
/** Asserts that no processes are left after two seconds, no mounts except the initial ones, and no
 * namespaces after another thirty seconds. Reaps every child. */
void contain_check(void);
/** Whether a network namespace exists below; false if nothing is counted. The check makes a
 * namespace only if the answer is no. */
bool contain_net_is_left(void);

/** Makes a user namespace in which the test's process has this id. Returns 0 if that is refused. */
int contain_user(uid_t id);
/** Sets how many namespaces of a kind ("user", "net", "mnt", "ipc") may be made below. */
void contain_limit(const char *kind, int limit);

#endif
