// SPDX-License-Identifier: Apache-2.0
// cell.h - writes how a step ended as a cell of a baseline
#ifndef GONEAWAY_BASELINE_CELL_H
#define GONEAWAY_BASELINE_CELL_H

#include "base/text.h"
#include "record/record.h"

/** The cell of a recorded step: `2013`, `ok`, `{ok: true, session: new}`, `{crash: SIGSEGV}`,
 * `{error: 0, native: "Error=ECONNRESET"}`. Steps with equal texts ended alike. `with_rows`:
 * includes the rows that arrived. To be freed. */
char *cell_of_step(const struct record_step *step, bool with_rows);
/** The cell for what a baseline, or a row of outcomes, expects: its first alternative. To be
 * freed. */
char *cell_of_expectation(const struct expectation *expected);
/** Whether a step succeeded in another session than the step before, without being asked to. */
bool cell_is_renewed(const struct record_step *step);
/** Appends a text quoted as YAML and JSON both allow, with unsafe characters escaped. */
void cell_quote(struct text *out, const char *text);
/** Appends a step's id, in quotes where readers of YAML 1.1 would take it for something else. */
void cell_add_id(struct text *out, const char *id);

#endif
