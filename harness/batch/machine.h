// SPDX-License-Identifier: Apache-2.0
// machine.h - what the chosen cases need of this machine, and whether it has it
#ifndef GONEAWAY_BATCH_MACHINE_H
#define GONEAWAY_BATCH_MACHINE_H

#include "catalog/catalog.h"
#include "cli/options.h"
#include "plan/plan.h"
#include "world/needs.h"

#include <jansson.h>

/** All zero: not asked. */
struct machine {
    struct need_state needs[NEED_COUNT];
    struct need_cost cost; ///< of finding that out
    struct limits limits;
    bool requires_operations; ///< of its connectors, by --require
};

/** Tries what some chosen case uses or --require demands, unless an earlier run has. That it lacks
 * what is demanded, or what no case at all can do without, is an error. machine_release() also
 * after that. */
int machine_probe(struct machine *machine, const struct catalog *catalog,
                  const struct options *options, const char *cache, struct err *err);
void machine_release(struct machine *machine);
/** What it lacks for a case, as a sentence to be freed; NULL: nothing. */
char *machine_why_not(const struct machine *machine, const struct plan_case *plan);
/** What was found, and what that took, for the report. */
json_t *machine_needs_json(const struct machine *machine);
json_t *machine_probes_json(const struct machine *machine);

#endif
