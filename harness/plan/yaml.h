// SPDX-License-Identifier: Apache-2.0
// yaml.h - a YAML 1.2 file as a tree of nodes that know where they stand
//
// libfyaml parses; this tree is what the rest of the plan reads. It lives in an arena and is const
// once built.
#ifndef GONEAWAY_PLAN_YAML_H
#define GONEAWAY_PLAN_YAML_H

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
        *mistakes;       ///< of the file, see mistakes.h; NULL: the first one ends the reading
    int line, column;    ///< where the node begins, from 1
    const char *text;    ///< of a scalar: its value, never NULL
    bool quoted;         ///< of a scalar: it stood in quotes or is a block, so it is text for sure
    size_t count;        ///< of a list or map: number of items
    struct node **items; ///< of a list: its items; of a map: its values
    struct node **keys;  ///< of a map: its keys, all of them scalars
    const struct node *left_out; ///< of a list or map whose parameters were put in, see params.h:
                                 ///< the first value that went for want of one; or NULL
};

/** Largest file that is read, in bytes: a scenario is a page of text. */
enum { YAML_MAX_BYTES = 1 << 20 };
/** Longest scalar and longest key of a mapping, in bytes. */
enum { YAML_TEXT_MAX_BYTES = 64 << 10, YAML_KEY_MAX_BYTES = 200 };

/** Reads a file. On error NULL; syntax errors read "file:line:column: what", as usage errors. */
struct node *yaml_read(struct arena *arena, const char *path, struct err *err);
/** Like yaml_read(), from memory; `name` stands for the file in messages. */
struct node *yaml_parse(struct arena *arena, const char *name, const char *data, size_t length,
                        struct err *err);

/** Like yaml_parse(); `mistakes` becomes that of all nodes. */
struct node *yaml_parse_all(struct arena *arena, struct mistakes *mistakes, const char *name,
                            const char *data, size_t length, struct err *err);

/** Whether readers of YAML 1.1 and of 1.2 take a plain scalar for the same, as far as its
 * characters can stand without quotes at all. What does not read alike is written in quotes. */
bool yaml_reads_alike(const char *text);

/** The value of a key of a map, or NULL (also if `map` is no map). */
const struct node *node_get(const struct node *map, const char *key);
/** Sets "file:line:column: message" as a usage error; returns -1. */
int node_error(const struct node *node, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** As much of a value as a message shows, bytes. */
enum { NODE_SHOWN_BYTES = 80 };
/** What a node is, for messages: "a list", "a mapping", "'text'", a long one cut short. */
const char *node_describe(const struct node *node, char *buffer, size_t size);

#endif
