// SPDX-License-Identifier: Apache-2.0
// answer.h - reads an adapter's answer, see fixtures/connectors/PROTOCOL.md
#ifndef GONEAWAY_RUN_ANSWER_H
#define GONEAWAY_RUN_ANSWER_H

#include "record/record.h"

/** Reads an answer, a line of JSON, into the record. Returns it, a new reference; NULL if it
 * violates the protocol, with an error that continues "the answer". */
json_t *answer_read(const char *line, struct record_step *step, struct err *err);
/** A text in the answer, to be freed, or NULL. A server's message has at most 512 bytes; a far
 * longer one is cut. */
char *answer_text(const json_t *answer, const char *key);

#endif
