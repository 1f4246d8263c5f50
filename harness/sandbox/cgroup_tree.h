// SPDX-License-Identifier: Apache-2.0
// cgroup_tree.h - a run's own folder in a cgroup hierarchy, with everything made in it
//
// In version 1, memory and pids are separate hierarchies, and the run's folder is inside the cgroup
// that goneaway was started in. Version 2 has a single hierarchy, in which a cgroup that has
// processes cannot pass on the memory controller (except for the root), so the folder is beside the
// cgroup that goneaway was started in, or higher up, where the user may make it. Where systemd
// delegates, it passes the controllers on; elsewhere this is done here, and marked by an extended
// attribute on the parent, so that the last run to leave reverts it.
#ifndef GONEAWAY_SANDBOX_CGROUP_TREE_H
#define GONEAWAY_SANDBOX_CGROUP_TREE_H

#include "sandbox/cgroup.h"

#include <limits.h>

/** Deepest nesting of cgroups. */
enum { CGROUP_DEPTH = 32 };

struct cgroup_tree {
    unsigned kinds;        ///< which controllers it has: bits 1 << enum cgroup_kind
    bool unified;          ///< version 2
    int lock;              ///< a descriptor of the folder, locked: others remove only unlocked ones
    char mount[PATH_MAX];  ///< of the hierarchy
    char start[PATH_MAX];  ///< this process's cgroup
    char folder[PATH_MAX]; ///< the run's; empty: there is none
};

/** Finds the hierarchies that have the controllers, at most CGROUP_KINDS; returns how many. */
int cgroup_trees_find(struct cgroup_tree *trees);
/** Walks the cgroups that this process is in, from its own up to the mount, one per call. `path`
 * has room for PATH_MAX bytes and is empty at first; false: no more. */
bool cgroup_tree_ascend(const struct cgroup_tree *tree, char *path);
/** An error if the user may not make a folder there. */
int cgroup_tree_check(const struct cgroup_tree *tree, struct err *err);
/** Makes the folder, in which workers' cgroups can be made. The tree keeps the `kinds` that are
 * available; for each other one, `ret_errs` says why. Also removes what killed runs left beside
 * it. */
void cgroup_tree_open(struct cgroup_tree *tree, struct err ret_errs[CGROUP_KINDS]);
/** Removes the folder with all cgroups in it, by `deadline_ms`; -1 if processes are still in
 * there. */
int cgroup_tree_close(struct cgroup_tree *tree, double deadline_ms);
/** Kills all processes in the folder. */
void cgroup_tree_kill(const struct cgroup_tree *tree);

#endif
