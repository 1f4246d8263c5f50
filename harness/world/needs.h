// SPDX-License-Identifier: Apache-2.0
// needs.h - probes what a machine must be able to do, by doing it
#ifndef GONEAWAY_WORLD_NEEDS_H
#define GONEAWAY_WORLD_NEEDS_H

#include "base/err.h"
#include "plan/need.h"
#include "world/limits.h"
#include "world/netem.h"

#include <stdbool.h>

struct need_state {
    bool met;
    bool unasked;             ///< input: do not probe, because nothing needs it
    bool recalled;            ///< input, with `met`: an earlier run has probed it (recall.h)
    bool exhausted;           ///< it could not be probed, for want of memory or the like
    enum netem_backend only;  ///< NEED_NETEM, input: probe only this one; NETEM_NONE: any
    enum netem_backend netem; ///< NEED_NETEM: the one that works
    char how[512];            ///< what is missing; "" if met
    char remedy[512];         ///< what to do about it; "" if met
};

extern const char *const need_names[NEED_COUNT];
extern const char *const need_docs[NEED_COUNT];

/** What probing cost. */
struct need_cost {
    int tried;     ///< number of needs
    int processes; ///< number of processes started
    double ms;
};

/** Probes the needs that are asked for and not recalled, in a sandbox with the cgroups of a worker.
 * `states` must be zero except for the inputs. -1 only if a need could not even be probed. */
int needs_probe(struct need_state *states, struct limits *limits, struct need_cost *ret_cost,
                struct err *err);

#endif
