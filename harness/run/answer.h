// SPDX-License-Identifier: Apache-2.0
// answer.h - an adapter's answer, as fixtures/connectors/PROTOCOL.md has it
#ifndef GONEAWAY_RUN_ANSWER_H
#define GONEAWAY_RUN_ANSWER_H

#include "record/record.h"

/** Puts into the record what an answer says. -1: it is none of the protocol. */
int answer_read(const json_t *answer, struct record_step *step);
/** A text of it, to be freed, or NULL. A message of a server has at most 512 bytes; what is far
 * longer is not kept whole. */
char *answer_text(const json_t *answer, const char *key);

#endif
