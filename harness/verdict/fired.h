// SPDX-License-Identifier: Apache-2.0
// fired.h - whether the faults of a case have fired as planned
#ifndef GONEAWAY_VERDICT_FIRED_H
#define GONEAWAY_VERDICT_FIRED_H

#include "verdict/verdict.h"

/** Whether each fault has fired as often as it should; otherwise the verdict is `broken`, and names
 * the fault. */
bool fired_as_planned(struct verdict *verdict, const struct plan_case *plan,
                      const struct record *record);

#endif
