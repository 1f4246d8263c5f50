// SPDX-License-Identifier: Apache-2.0
// contain.h - a test that sees whether a process under it has left anything behind
//
// The test's process becomes the one that orphans are given to, so what a killed program leaves is
// found by waiting for children. It gets user and mount namespaces of its own, where it is root
// and may see whether namespaces exist below it: by trying whether a limit of one more than it has
// itself (/proc/sys/user/max_*_namespaces) admits one. Other processes' namespaces do not count
// there. Where user namespaces are refused, nothing is counted.
#ifndef GONEAWAY_TEST_LIB_CONTAIN_H
#define GONEAWAY_TEST_LIB_CONTAIN_H

#include <stdbool.h>
#include <sys/types.h>

/** Begins, as root in a user namespace; for a test's checked fixture. */
void contain_begin(void);
/** The same, with this id in the user namespace. */
void contain_begin_as(uid_t id);
/** The same without a user namespace of its own: no namespaces are counted. */
void contain_begin_here(void);
/** Asserts that there are no processes any more after two seconds, no mounts but those of the
 * beginning, and no namespaces after thirty seconds more. Reaps every child. */
void contain_check(void);
/** Whether a network namespace exists below; false where nothing is counted. Looking makes none
 * unless the answer is no. */
bool contain_net_is_left(void);

/** New user namespace in which the test's process has this id. Returns 0 if it is refused. */
int contain_user(uid_t id);
/** Sets how many namespaces of a kind ("user", "net", "mnt", "ipc") may be made below. */
void contain_limit(const char *kind, int limit);

#endif
