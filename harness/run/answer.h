// SPDX-License-Identifier: Apache-2.0
// answer.h - an adapter's answer, as fixtures/connectors/PROTOCOL.md has it
#ifndef GONEAWAY_RUN_ANSWER_H
#define GONEAWAY_RUN_ANSWER_H

#include "record/record.h"

/** Puts into the record what an answer says, a line of JSON. Returns it, a new reference; NULL if
 * it is none of the protocol, with an error that goes on with "the answer". */
json_t *answer_read(const char *line, struct record_step *step, struct err *err);
/** A text of it, to be freed, or NULL. A message of a server has at most 512 bytes; what is far
 * longer is not kept whole. */
char *answer_text(const json_t *answer, const char *key);

#endif
