// SPDX-License-Identifier: Apache-2.0
// protocol.h - checks an adapter against fixtures/connectors/PROTOCOL.md, in the world of a case
//
// The connector is not judged: what its library does and says is its own affair. What matters is
// whether the adapter passes it on.
#ifndef GONEAWAY_PROTOCOL_PROTOCOL_H
#define GONEAWAY_PROTOCOL_PROTOCOL_H

#include "run/case.h"

/** Replaces case_carry_out(): record->findings becomes {"findings": [..] (see rules.h),
 * "operations": {NAME: "ok", "not claimed" or "not tried"}, "hello": ..}. */
void protocol_carry_out(struct case_run *run);

#endif
