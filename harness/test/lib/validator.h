// SPDX-License-Identifier: Apache-2.0
// validator.h - whether JSON fits a JSON Schema: what Python's jsonschema says
#ifndef GONEAWAY_TEST_LIB_VALIDATOR_H
#define GONEAWAY_TEST_LIB_VALIDATOR_H

#include "base/text.h"

#include <jansson.h>

/** Asks whether instances fit their schemas. `questions` is an array of {"schema": ..,
 * "instance": ..}; each answer is a line, "valid" or "invalid: " and what does not fit. */
void validator_ask(const json_t *questions, struct text *ret_answers);

/** Readers must allow for keys that are added; a report may have none that is not described:
 * changes the schema so that it says so. */
void validator_forbid_other_keys(json_t *schema);

#endif
