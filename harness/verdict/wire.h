// SPDX-License-Identifier: Apache-2.0
// wire.h - whether what passed between the hosts is what a scenario asks for
#ifndef GONEAWAY_VERDICT_WIRE_H
#define GONEAWAY_VERDICT_WIRE_H

#include "verdict/differs.h"

/** A reason, to be freed, or NULL if it is as wanted, or not judged over the case's transport. If
 * that cannot be decided, since not everything was captured, the judging is unclear. */
char *wire_differs(const struct wire_evidence *wire, const struct plan_case *plan,
                   const struct record *record, struct judging *judging);

#endif
