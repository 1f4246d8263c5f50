// SPDX-License-Identifier: Apache-2.0
// table.h - the tables that define the language
//
// Everything that can be written in a scenario is a `struct type`. One table serves four readers:
// table_decode() turns a node into a C value and refuses what does not fit, with file:line:column;
// table_schema() produces the JSON Schema for editors; table_walk() lists it for the reference; and
// table_to_json() turns a decoded value into the arguments of an adapter's request.
#ifndef GONEAWAY_YAML_TABLE_H
#define GONEAWAY_YAML_TABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "yaml/yaml.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum type_kind {
    TYPE_FLAG,     ///< true or false. In C: int, -1 while unset
    TYPE_COUNT,    ///< a whole number. In C: int64_t, -1 while unset
    TYPE_DURATION, ///< 500ms, 1.6s, or the only one of `words`, which means 0. In C: int64_t
                   ///< milliseconds, -1 while unset
    TYPE_SIZE,     ///< 17MiB. In C: int64_t bytes, -1 while unset
    TYPE_PERCENT,  ///< 25%. In C: int64_t parts per million, -1 while unset
    TYPE_RATE,     ///< 1mbit. In C: int64_t bits per second, -1 while unset
    TYPE_TEXT,     ///< any text. In C: const char *, NULL while unset
    TYPE_LINE,     ///< a text shown to people, without control characters. In C: as TYPE_TEXT
    TYPE_NAME,     ///< a word of letters, digits, - and _. In C: as TYPE_TEXT
    TYPE_WORD,     ///< one of `words`. In C: int, index into words, -1 while unset
    TYPE_NODE,     ///< anything, decoded later elsewhere. In C: const struct node *
    TYPE_VALUE,    ///< a single text or number. In C: const struct node *
    TYPE_RECORD,   ///< a mapping with `fields`. In C: pointer to the struct, NULL while unset
    TYPE_LIST,     ///< a list of `item`; a single item may be written without brackets. In C:
                   ///< struct list
    TYPE_DICT,     ///< a mapping from free names to `item`. In C: struct dict
    TYPE_CHOICE,   ///< exactly one of `verbs`, as a bare word or a key. In C: struct choice
};

/** Bounds that apply unless a type has its own: bytes of a line and a name, items of a list. */
enum { LINE_MAX_BYTES = 1000, NAME_MAX_BYTES = 100, LIST_MAX_ITEMS = 1000 };

struct word {
    const char *name, *doc;
};

enum field_flags {
    FIELD_REQUIRED = 1,
    FIELD_SPREAD = 2, ///< a choice whose verbs are keys of the record itself
};

struct field {
    const char *name; ///< NULL terminates the table
    const struct type *type;
    size_t offset; ///< in the record's C struct
    unsigned flags;
    const char *doc;
};

/** A verb of a choice; it is implemented where it is carried out. Tables of verbs hold pointers, so
 * that a verb can be the first member of something larger. */
struct verb {
    const char *name;
    int id;                  ///< its number in the code
    const struct type *args; ///< NULL: none
    unsigned flags;          ///< defined by the choice, see language.h
    const char *doc;
};

struct type {
    const char *name; ///< in messages and the schema: "a duration"
    enum type_kind kind;
    const char *doc;                 ///< how it is written
    size_t size;                     ///< RECORD: of the C struct
    const struct field *fields;      ///< RECORD
    const char *shorthand;           ///< RECORD: the field that a bare value is for
    const struct word *words;        ///< WORD; terminated by a NULL name
    const struct type *item;         ///< LIST, DICT
    const struct verb *const *verbs; ///< CHOICE; terminated by NULL
    int64_t least, most; ///< of a number, in units of the C value; `most` of a text in bytes, of a
                         ///< LIST or DICT in items; most 0: unlimited. A number's word is allowed
                         ///< besides
};

struct list {
    size_t count;
    void *items; ///< array of the item type's C values
};
struct dict {
    size_t count;
    const char **keys;
    void *items;
};
struct choice {
    const struct verb *verb; ///< NULL while unset
    void *args; ///< C value of verb->args; for a RECORD, the pointer to the struct itself
    const struct node *node; ///< its node in the file
};

/** The simple types, ready for use in fields. `type_actor` refers to somebody, who may have a number
 * for a name. */
extern const struct type type_flag, type_count, type_duration, type_size, type_percent, type_rate,
    type_text, type_line, type_name, type_actor, type_node, type_value, type_texts, type_lines,
    type_names, type_scalars;

/** The argument of a verb that takes a single text: choice.args of a TEXT or NAME. */
const char *choice_text(const struct choice *choice);
int64_t choice_number(const struct choice *choice);

/** Size of a type's C value inside a struct. */
size_t table_size(const struct type *type);
/** Sets a C value to "unset". */
void table_unset(const struct type *type, void *value);
bool table_is_unset(const struct type *type, const void *value);
/** Decodes a node into the C value at `value`. Usage errors with position. */
int table_decode(const struct type *type, const struct node *node, void *value, struct arena *arena,
                 struct err *err);
/** Decodes one verb with its argument, for callers that look up the verb themselves. */
int table_decode_verb(const struct verb *verb, const struct node *node, struct choice *choice,
                      struct arena *arena, struct err *err);
/** The verb with this name; NULL if there is none, or for NULL. */
const struct verb *table_find_verb(const struct verb *const *verbs, const char *name);
/** Names of a table's keys or words, "a, b or c", for messages. */
char *table_names(struct arena *arena, const struct type *type);
/** The bounds of a type's values, "1s to 1h" or "at most 16 items"; "" if unlimited. */
char *table_bounds(const struct type *type);
/** The key or word nearest to `name`; NULL if none is near. */
const char *table_nearest(const struct type *type, const char *name);

/** The decoded value as JSON, without unset fields. Durations end in `_ms`. New reference. */
json_t *table_to_json(const struct type *type, const void *value);
/** The JSON Schema (draft 2020-12) of a type; named records go to `definitions`. New reference. */
json_t *table_schema(const struct type *type, json_t *definitions);

/** Walks a type and its parts; `depth` counts from 0. For the reference. */
typedef void table_visitor(void *context, int depth, const char *name, const struct type *type,
                           unsigned flags, const char *doc);
void table_walk(const struct type *type, table_visitor *visit, void *context);

#endif
