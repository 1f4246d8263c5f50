// SPDX-License-Identifier: Apache-2.0
// needs.h - what a machine must be able to do, each tried by doing it
#ifndef GONEAWAY_WORLD_NEEDS_H
#define GONEAWAY_WORLD_NEEDS_H

#include "base/err.h"
#include "plan/need.h"
#include "world/limits.h"
#include "world/netem.h"

#include <stdbool.h>

struct need_state {
    bool met;
    bool unasked;             ///< given: is not to be tried, because nothing wants it
    bool recalled;            ///< given, with `met`: an earlier run has tried it (recall.h)
    bool exhausted;           ///< it could not be tried, for want of memory or the like
    enum netem_backend only;  ///< NEED_NETEM: given: the only one to try; NETEM_NONE: any
    enum netem_backend netem; ///< NEED_NETEM: the one that works
    char how[512];            ///< what is missing; "" if met
    char remedy[512];         ///< what to do about it; "" if met
};

extern const char *const need_names[NEED_COUNT];
extern const char *const need_docs[NEED_COUNT];

/** What trying them has taken. */
struct need_cost {
    int tried;     ///< how many needs
    int processes; ///< how many were started for it
    double ms;
};

/** Tries the needs that are asked and not recalled, in a sandbox of its own with the cgroups of a
 * worker. `states` is zero but for what is given, see there. -1 only if one of them could not even
 * be tried. */
int needs_probe(struct need_state *states, struct limits *limits, struct need_cost *ret_cost,
                struct err *err);

#endif
