// SPDX-License-Identifier: Apache-2.0
// params.h - putting a variant's parameters into the steps
//
// `$name` stands for a parameter. A value that is nothing but `$name` becomes the parameter's node,
// whatever that is; inside a longer text its text is put in. Where a parameter belongs to other
// variants only, the key that holds it is left out; `$name?` says that this is meant, and stands in
// quotes, since readers of YAML 1.1 refuse it in a flow mapping without. `$$` is a dollar sign.
// `$blob(17MiB)` and `$rows(1000)` are payloads that the adapter expands; their numbers are brought
// to plain digits here.
#ifndef GONEAWAY_PLAN_PARAMS_H
#define GONEAWAY_PLAN_PARAMS_H

#include "plan/language.h"

struct scenario;

/** An error at `node` when what a file becomes takes more memory than SCENARIO_MAX_MEMORY. */
int params_check_memory(const struct arena *arena, const struct node *node, struct err *err);

struct params {
    const struct dict *with;  ///< this variant's parameters: const struct node *; or NULL
    bool *used;               ///< for each of them, set where it is put in; or NULL
    const char *const *known; ///< names of all variants' parameters, sorted; NULL: none may stand
                              ///< here
    size_t known_count;
};

/** Largest payload, bytes: what max_allowed_packet can be, which the rest of a statement exceeds.
 */
#define PAYLOAD_MAX_BYTES (INT64_C(1) << 30)

/** Most rows of a payload: far more than any limit of a packet lets through. */
#define PAYLOAD_MAX_ROWS INT64_C(10000000)

/** A copy of `node` with the parameters put in. Sets `ret_node` to NULL if nothing is left of it.
 */
int params_apply(const struct params *params, const struct node *node, struct arena *arena,
                 const struct node **ret_node, struct err *err);

/** Warns of each value in what params_apply() made that was left out without being marked so. */
void params_warn(const struct scenario *scenario, const char *variant, const struct node *node);

/** Brings the values of a variant's `with` into the form in which they are put in. */
int params_prepare(struct dict *with, struct arena *arena, struct err *err);
/** Whether `$name` can stand for a parameter of this name. */
bool params_is_name(const char *name);

#endif
