// SPDX-License-Identifier: Apache-2.0
// yaml.h - a YAML 1.2 file as a tree of nodes that know their position
//
// libfyaml parses; everything else in plan/ reads this tree. It lives in an arena and is const once
// built.
#ifndef GONEAWAY_YAML_YAML_H
#define GONEAWAY_YAML_YAML_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct mistakes;

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    const char *file; ///< the file's name as the user gave it
    struct mistakes
        *mistakes;       ///< of the file, see mistakes.h; NULL: reading ends with the first one
    int line, column;    ///< where the node starts, from 1
    const char *text;    ///< of a scalar: its value, never NULL
    bool quoted;         ///< of a scalar: it was quoted or a block, so it is certainly text
    size_t count;        ///< of a list or map: number of items
    struct node **items; ///< of a list: its items; of a map: its values
    struct node **keys;  ///< of a map: its keys, all of them scalars
    const struct node *left_out; ///< of a list or map after substitution, see params.h: the first
                                 ///< value dropped because its parameter is missing; or NULL
};

/** Largest file, in bytes: a scenario is a page of text. */
enum { YAML_MAX_BYTES = 1 << 20 };
/** Longest scalar and longest key of a mapping, in bytes. */
enum { YAML_TEXT_MAX_BYTES = 64 << 10, YAML_KEY_MAX_BYTES = 200 };

/** Reads a file. On error NULL; syntax errors read "file:line:column: what", as usage errors. */
struct node *yaml_read(struct arena *arena, const char *path, struct err *err);
/** Like yaml_read(), from memory; `name` is the file's name in messages. */
struct node *yaml_parse(struct arena *arena, const char *name, const char *data, size_t length,
                        struct err *err);

/** Like yaml_parse(); all nodes get `mistakes` as their list. */
struct node *yaml_parse_all(struct arena *arena, struct mistakes *mistakes, const char *name,
                            const char *data, size_t length, struct err *err);

/** Whether readers of YAML 1.1 and of 1.2 take a plain scalar for the same, as far as its
 * characters can stand without quotes at all. What does not read alike is written in quotes. */
bool yaml_reads_alike(const char *text);

/** The value of a key in a map, or NULL (also if `map` is no map). */
const struct node *node_get(const struct node *map, const char *key);
/** Whether a node is a scalar of which nothing was written, not even quotes. */
bool node_is_empty(const struct node *node);
/** Sets "file:line:column: message" as a usage error; returns -1. */
int node_error(const struct node *node, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** How much of a value a message shows, bytes. */
enum { NODE_SHOWN_BYTES = 80 };
/** What a node is, for messages: "a list", "a mapping", "'text'", shortened if long. */
const char *node_describe(const struct node *node, char *buffer, size_t size);

#endif
