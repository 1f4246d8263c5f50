// SPDX-License-Identifier: Apache-2.0
// params.h - substitutes a variant's parameters in the steps
//
// `$name` refers to a parameter. A value that is just `$name` becomes the parameter's node, of
// whatever type; inside a longer text, the parameter's text is inserted. Where only other variants
// define the parameter, the key that uses it is dropped; `$name?` says that this is intended; it
// stands in quotes, since readers of YAML 1.1 refuse it in a flow mapping without. `$$` is a dollar
// sign. `$blob(17MiB)` and `$rows(1000)` are payloads that the adapter expands; only their numbers
// are converted to plain digits here.
#ifndef GONEAWAY_PLAN_PARAMS_H
#define GONEAWAY_PLAN_PARAMS_H

#include "plan/language.h"

struct scenario;

/** An error at `node` if a file, once expanded, takes more memory than SCENARIO_MAX_MEMORY. */
int params_check_memory(const struct arena *arena, const struct node *node, struct err *err);

struct params {
    const struct dict *with;  ///< this variant's parameters: const struct node *; or NULL
    bool *used;               ///< for each of them, set when it is used; or NULL
    const char *const *known; ///< names of all variants' parameters, sorted; NULL: none are allowed
                              ///< here
    size_t known_count;
};

/** Largest payload, bytes: the highest max_allowed_packet, which the rest of a statement then
 * exceeds. */
#define PAYLOAD_MAX_BYTES (INT64_C(1) << 30)

/** Most rows of a payload: far more than any packet limit lets through. */
#define PAYLOAD_MAX_ROWS INT64_C(10000000)

/** A copy of `node` with the parameters substituted. Sets `ret_node` to NULL if nothing is left of
 * it. */
int params_apply(const struct params *params, const struct node *node, struct arena *arena,
                 const struct node **ret_node, struct err *err);

/** Warns of each value that params_apply() dropped without `?`. */
void params_warn(const struct scenario *scenario, const char *variant, const struct node *node);

/** Converts the values of a variant's `with` into the form in which they are substituted. */
int params_prepare(struct dict *with, struct arena *arena, struct err *err);
/** Whether a parameter may have this name. */
bool params_is_name(const char *name);

#endif
