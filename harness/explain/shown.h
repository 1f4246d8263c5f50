// SPDX-License-Identifier: Apache-2.0
// shown.h - how a call ended, for programs: the one place that reads a cell of what was measured
#ifndef GONEAWAY_EXPLAIN_SHOWN_H
#define GONEAWAY_EXPLAIN_SHOWN_H

#include "plan/plan.h"

#include <jansson.h>

/** The i-th way in which a call ended; NULL after the last. One that ends alike each time has a
 * single way. */
const struct expectation *shown_at(const struct expectation *cell, size_t i);
/** Whether it always succeeds, and in the session that it had. */
bool shown_is_plain(const struct expectation *cell);
/** {"end": "error", "code": 2013, "sqlstate": null}, as fixtures/schemas/matrix.schema.json has it;
 * for one way. New reference. */
json_t *shown_to_json(const struct expectation *one);
/** The SQLSTATE of an error: as recorded, else as the server sends it with that code; NULL:
 * unknown. */
const char *shown_sqlstate(const struct expectation *one);

#endif
