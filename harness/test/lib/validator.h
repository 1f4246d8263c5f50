// SPDX-License-Identifier: Apache-2.0
// validator.h - validates JSON against a JSON Schema, by Python's jsonschema
#ifndef GONEAWAY_TEST_LIB_VALIDATOR_H
#define GONEAWAY_TEST_LIB_VALIDATOR_H

#include "base/text.h"

#include <jansson.h>

/** Validates instances. `questions` is an array of {"schema": .., "instance": ..}; each answer is a
 * line, "valid" or "invalid: " and what does not fit. */
void validator_ask(const json_t *questions, struct text *ret_answers);

/** Asks how PyYAML, a reader of YAML 1.1, loads files. An answer is {"odd": [..], "value": ..}:
 * what it cannot read, or takes for something else than a reader of YAML 1.2, each with its place;
 * and what it has loaded, null if nothing. To be freed. */
json_t *validator_load(const char *const *paths, size_t count);

/** Readers must tolerate new keys, but a report may have no undescribed ones; this changes the
 * schema accordingly. */
void validator_forbid_other_keys(json_t *schema);

#endif
