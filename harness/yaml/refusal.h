// SPDX-License-Identifier: Apache-2.0
// refusal.h - what is said of a word or a value that does not fit, and what fits instead
#ifndef GONEAWAY_YAML_REFUSAL_H
#define GONEAWAY_YAML_REFUSAL_H

#include "yaml/table.h"

/** Refuses a value that is not of a type. Returns -1. */
int refuse_value(const struct type *type, const struct node *node, struct err *err);
/** Refuses a number that is outside of its type's bounds. Returns -1. */
int refuse_bounds(const struct type *type, const struct node *node, struct err *err);
/** Refuses a word that is no key, verb or word (`what`) of a type; `value` is what stands behind
 * it, or NULL. Returns -1. */
int refuse_word(const struct type *type, const struct node *word, const struct node *value,
                const char *what, struct arena *arena, struct err *err);
/** Whether a mapping's key is a rest of the text before it, cut off by a comma: {query: SELECT 1,
 * 2}. */
bool is_cut_off(const struct node *map, size_t i);
/** Refuses it, once for all that is cut off of that text. Returns -1. */
int refuse_cut_off(const struct node *map, size_t i, struct err *err);
/** Refuses a verb where another (`first`) stands already. Returns -1. */
int refuse_second(const char *first, const struct node *key, const struct node *value,
                  struct err *err);

#endif
