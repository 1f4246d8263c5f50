// SPDX-License-Identifier: Apache-2.0
// parts.h - the parts of a case: steps, outcomes, and checks that need more than one table
#ifndef GONEAWAY_PLAN_PARTS_H
#define GONEAWAY_PLAN_PARTS_H

#include "plan/plan.h"

#include "base/file.h"

/** Adds a warning, "file:line:column: warning: ..", unless its place has one; only the first of
 * very many are kept. */
void scenario_warn(const struct scenario *scenario, const struct node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** The names of all variants' parameters, sorted; `variants` is the node in the file, or NULL. */
const char **variants_params(struct arena *arena, const struct node *variants, size_t *ret_count);
/** Refuses variants that contradict themselves; `nodes` is their node. */
int variants_check(const struct scenario *scenario, const struct dict *variants,
                   const struct node *nodes, struct err *err);
/** Notes remedies and claims of all variants, for the table of causes. */
void variants_collect_claims(struct scenario *scenario, const struct dict *variants);
/** Replaces former words of the language by today's, in place, and warns. */
void renamed_apply(const struct scenario *scenario, struct node *root);
/** Builds the steps of a case and resolves every name in them. */
int steps_build(struct plan_case *plan, const struct node *steps, const struct node *root,
                struct arena *arena, struct err *err);
/** Builds the outcome rows that fit the case's variant and transport. `evidence`: for all rows, or
 * NULL; `root` is the whole file. */
int outcomes_build(struct plan_case *plan, const struct node *outcomes, const struct node *evidence,
                   const struct node *root, struct arena *arena, struct err *err);
/** Whether a key of a row of outcomes has a meaning, so that no step can have it as its id. */
bool outcomes_is_key(const char *word);
/** Reads an outcome: a word, a code or a mapping. */
int outcome_read(const struct scenario *scenario, const struct node *node, struct expectation **ret,
                 struct err *err);
/** Refuses contradictions in an outcome that is a mapping (`node`). */
int cell_check(const struct node *node, const struct cell_args *cell, enum outcome_kind kind,
               struct err *err);
/** Reads the `if` of a row. */
int condition_read(const struct plan_case *plan, const struct node *node, struct arena *arena,
                   struct condition_args **ret, struct err *err);
/** Whether a condition holds, considering only variant and transport. */
bool condition_is_for_case(const struct condition_args *condition, const struct plan_case *plan);
/** Whether it holds, considering only the server. */
bool condition_is_for_server(const struct condition_args *condition, const struct place *place);
/** Refuses a column that is the id of no step in any variant. */
int check_step_id(const struct scenario *scenario, const struct node *key, struct err *err);
/** Builds the promise, or NULL if there is none; with `hold`, checks the case's outcome rows
 * against it. */
int promise_build(struct plan_case *plan, const struct node *node, bool hold, struct arena *arena,
                  struct err *err);
/** The budget for checking all promises of a scenario. */
size_t *promise_work_new(struct arena *arena);
/** Refuses a row that claims to violate the promise, but does so in no case. */
int promise_check_uses(const struct scenario *scenario, struct err *err);
/** Decodes a fault's `fires`. */
int fires_decode(const struct node *node, const struct plan_case *plan, struct fires *ret,
                 struct err *err);
/** Refuses groups that contain unknown variants; `node` is their node. */
int groups_check(const struct scenario *scenario, const struct node *node, struct err *err);
/** Refuses a selection that selects nothing, or names an unknown variant; `node` is its node. */
int selection_check(const struct scenario *scenario, const struct selection_args *selection,
                    const struct node *node, struct err *err);
/** Whether a selection includes the variant; NULL includes all. */
bool selection_has(const struct scenario *scenario, const struct selection_args *selection,
                   const char *variant);
/** Refuses transports that the scenario does not have; `nodes` is their node. */
int check_transports(const struct scenario *scenario, const struct list *transports,
                     const struct node *nodes, struct err *err);
/** Refuses invalid conditions of servers; `nodes` is their node. */
int check_servers(const struct list *servers, const struct node *nodes, struct err *err);
/** Refuses an invalid regular expression; NULL is allowed. An awaited one must not match an empty
 * line either, since that would be waiting for nothing. */
int check_pattern(const struct scenario *scenario, const struct node *node, const char *text,
                  bool awaited, struct err *err);
/** The patterns of a scenario that were checked already. */
struct pattern_set *pattern_set_new(struct arena *arena);
void pattern_set_release(struct pattern_set *set);
/** Refuses evidence on the wire that is wrong, or never judged; `node` is its node. NULL is
 * allowed. */
int check_wire(const struct plan_case *plan, const struct node *node,
               const struct wire_evidence *wire, struct err *err);
/** Refuses evidence on the wire in a row that is only for Unix sockets. */
int check_wire_row(const struct plan_row *row, struct err *err);
/** The number of a signal by its name, with or without SIG. */
int signal_decode(const struct node *node, const char *name, int *ret_number, struct err *err);
/** Whether a word is a key that any step can have, so that no actor may be called that. */
bool step_key_exists(const char *word);
/** How many mappings in a tree have the key `or`. */
int count_alternatives(const struct node *node);

/** Whether an earlier step, or the NAT, has this name as a fault. */
bool fault_exists(const struct plan_case *plan, const char *id);
/** Refuses a name that no earlier fault has; `at` is its node. */
int check_fault(const struct plan_case *plan, const struct node *at, const char *id,
                struct err *err);
/** Refuses a name that neither an earlier fault nor the NAT has; `at` is its node. */
int check_fault_or_nat(const struct plan_case *plan, const struct node *at, const char *id,
                       struct err *err);
/** Refuses what needs a proxy if there is none; `node` is its node. */
int check_proxy(const struct plan_case *plan, const struct node *node, struct err *err);

/** Refuses what a stub or a raw step cannot do: malformed bytes, or numbers that do not fit. */
int peer_check(const struct plan_case *plan, const struct choice *action, struct err *err);

/** Whether the server resolves the name of every client's address. */
bool options_look_up_names(const struct plan_case *plan);
/** Refuses server options that belong to the harness, or point to other files. */
int check_options(const struct plan_case *plan, struct err *err);
/** Resolves the wire, and refuses it if the case's transport cannot have one. */
int wire_build(struct plan_case *plan, const struct node *node, struct err *err);
/** Warns of calls whose deadline ends before the app's own read timeout. */
void deadlines_warn(const struct plan_case *plan);
/** Refuses app names that have another meaning. */
int check_apps(const struct scenario *scenario, const struct node *node, struct err *err);
/** Whether a text consists only of letters, digits, - and _. */
bool condition_is_name(const char *text);

#endif
