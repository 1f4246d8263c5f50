// SPDX-License-Identifier: Apache-2.0
// refusal.h - the message for a word or a value that does not fit, with a suggestion
#ifndef GONEAWAY_YAML_REFUSAL_H
#define GONEAWAY_YAML_REFUSAL_H

#include "yaml/table.h"

/** Refuses a value that does not have a type. Returns -1. */
int refuse_value(const struct type *type, const struct node *node, struct err *err);
/** Refuses a number outside its type's bounds. Returns -1. */
int refuse_bounds(const struct type *type, const struct node *node, struct err *err);
/** Refuses a word that is no key, verb or word (`what`) of a type; `value` is what follows it, or
 * NULL. Returns -1. */
int refuse_word(const struct type *type, const struct node *word, const struct node *value,
                const char *what, struct arena *arena, struct err *err);
/** Whether a mapping's key is the rest of the text before it, cut off by a comma: {query: SELECT 1,
 * 2}. */
bool is_cut_off(const struct node *map, size_t i);
/** Refuses such a key, once for everything cut off from that text. Returns -1. */
int refuse_cut_off(const struct node *map, size_t i, struct err *err);
/** Refuses a second verb after another (`first`). Returns -1. */
int refuse_second(const char *first, const struct node *key, const struct node *value,
                  struct err *err);

#endif
