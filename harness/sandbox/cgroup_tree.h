// SPDX-License-Identifier: Apache-2.0
// cgroup_tree.h - a run's own folder in a hierarchy of cgroups, with all that is made in it
//
// In version 1 memory and pids are hierarchies of their own, and the run's folder lies in the
// cgroup that goneaway was started in. In version 2 there is one hierarchy, in which a cgroup with
// processes of its own cannot hand on the memory controller (but for the root): the folder lies
// beside the one that goneaway was started in, or higher up, where the user may make it. systemd
// has the controllers handed on wherever it delegates; elsewhere it is done here, and marked by an
// extended attribute of the parent, so that the last to leave takes it back.
#ifndef GONEAWAY_SANDBOX_CGROUP_TREE_H
#define GONEAWAY_SANDBOX_CGROUP_TREE_H

#include "sandbox/cgroup.h"

#include <limits.h>

/** More cgroups than this are not within each other. */
enum { CGROUP_DEPTH = 32 };

struct cgroup_tree {
    unsigned kinds;        ///< whose controllers are there: bits 1 << enum cgroup_kind
    bool unified;          ///< version 2
    int lock;              ///< a descriptor of the folder; others remove only what is not locked
    char mount[PATH_MAX];  ///< of the hierarchy
    char start[PATH_MAX];  ///< the cgroup of this process
    char folder[PATH_MAX]; ///< the run's; empty: there is none
};

/** Finds the hierarchies that have the controllers, at most CGROUP_KINDS; returns how many. */
int cgroup_trees_find(struct cgroup_tree *trees);
/** The cgroups that this process is in, from its own upwards to what is mounted, one a call. `path`
 * has room for PATH_MAX bytes and is empty at first; false: there is no more. */
bool cgroup_tree_ascend(const struct cgroup_tree *tree, char *path);
/** An error if the user may make no folder there. */
int cgroup_tree_check(const struct cgroup_tree *tree, struct err *err);
/** Makes the folder, which can hold workers' cgroups. The tree keeps those `kinds` that can be had.
 * Removes what killed runs have left beside it. Of each kind that cannot be had, `ret_errs` says
 * why. */
void cgroup_tree_open(struct cgroup_tree *tree, struct err ret_errs[CGROUP_KINDS]);
/** Removes the folder with all cgroups in it, until `deadline_ms`; -1 if processes are in there
 * still. */
int cgroup_tree_close(struct cgroup_tree *tree, double deadline_ms);
/** Kills what is in there. */
void cgroup_tree_kill(const struct cgroup_tree *tree);

#endif
