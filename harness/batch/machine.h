// SPDX-License-Identifier: Apache-2.0
// machine.h - what the chosen cases need from this machine, and whether it has it
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
    struct need_cost cost; ///< of probing
    struct limits limits;
    bool requires_operations; ///< --require operations: a connector must be able to do what a case
                              ///< asks for
};

/** Probes what some chosen case uses or --require demands, unless an earlier run has. A missing
 * need that is demanded, or that every case depends on, is an error. Call machine_release() then
 * too. */
int machine_probe(struct machine *machine, const struct catalog *catalog,
                  const struct options *options, const char *cache, struct err *err);
void machine_release(struct machine *machine);
/** What the machine lacks for a case, as a sentence to be freed; NULL: nothing. */
char *machine_why_not(const struct machine *machine, const struct plan_case *plan);
/** What was found, and what probing cost, for the report. */
json_t *machine_needs_json(const struct machine *machine);
json_t *machine_probes_json(const struct machine *machine);

#endif
