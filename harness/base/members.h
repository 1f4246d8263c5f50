// SPDX-License-Identifier: Apache-2.0
// members.h - maps the members of a struct to those of a JSON object; one table serves writing,
// reading and freeing
#ifndef GONEAWAY_BASE_MEMBERS_H
#define GONEAWAY_BASE_MEMBERS_H

#include "base/err.h"

#include <jansson.h>
#include <stddef.h>

enum member_kind {
    MEMBER_TEXT,  ///< char *; null while NULL
    MEMBER_NOTE,  ///< char *, omitted while NULL
    MEMBER_INT,   ///< int
    MEMBER_MARK,  ///< int, omitted while 0
    MEMBER_COUNT, ///< int64_t; null while -1
    MEMBER_MS,    ///< double
    MEMBER_AT,    ///< double, in milliseconds to three digits; omitted while 0
    MEMBER_FLAG,  ///< int: 1 or 0; null while -1
    MEMBER_WORD,  ///< int or an enum, as its word
    MEMBER_ROWS,  ///< json_t *, a list of lists, omitted while NULL
    MEMBER_PAIRS, ///< json_t *, an object, omitted while NULL
};

struct member {
    const char *name; ///< NULL ends a table
    enum member_kind kind;
    size_t offset;
    const char *const *words; ///< WORD
    size_t word_count;
};

/** Adds a struct's members to an object. */
void members_to_json(json_t *object, const struct member *members, const void *base);
/** A list of objects, one for each of `count` structs. New reference. */
json_t *members_of_all(const struct member *members, const void *items, size_t count, size_t size);
/** Reads the members. A missing or null one keeps its value; unknown ones are ignored. */
int members_read(const struct member *members, const json_t *object, void *base, struct err *err);
/** Frees what the members own. */
void members_release(const struct member *members, void *base);

#endif
