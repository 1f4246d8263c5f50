// SPDX-License-Identifier: Apache-2.0
// cell.h - what a step ended with, written as a cell of a baseline
#ifndef GONEAWAY_BASELINE_CELL_H
#define GONEAWAY_BASELINE_CELL_H

#include "base/text.h"
#include "record/record.h"

/** The cell of a recorded step: `2013`, `ok`, `{ok: true, session: new}`, `{crash: SIGSEGV}`,
 * `{error: 0, native: "Error=ECONNRESET"}`. Of equal texts the steps ended alike. `with_rows`: the
 * rows that came are a part of it. To be freed. */
char *cell_of_step(const struct record_step *step, bool with_rows);
/** The same of what a baseline, or a row of outcomes, expects; the first alternative. To be freed.
 */
char *cell_of_expectation(const struct expectation *expected);
/** Whether a step that succeeded did so in another session than the step before, unasked. */
bool cell_is_renewed(const struct record_step *step);
/** Appends a text in quotes as YAML and JSON know them, with harmless characters only. */
void cell_quote(struct text *out, const char *text);
/** Appends a step's id, in quotes where readers of YAML 1.1 would take it for something else. */
void cell_add_id(struct text *out, const char *id);

#endif
