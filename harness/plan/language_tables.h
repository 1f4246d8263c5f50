// SPDX-License-Identifier: Apache-2.0
// language_tables.h - what the files with the language's tables share; nobody else includes it
#ifndef GONEAWAY_PLAN_LANGUAGE_TABLES_H
#define GONEAWAY_PLAN_LANGUAGE_TABLES_H

#include "plan/language.h"

/** One field of a record type: its C struct and member, its key, its type, flags and meaning. */
#define FIELD(record, member, key, kind, flag, text)                                               \
    {                                                                                              \
        .name = (key), .type = (kind), .offset = offsetof(record, member), .flags = (flag),        \
        .doc = (text)                                                                              \
    }
/** Ends a table of fields, words or verbs. */
#define END                                                                                        \
    { 0 }

extern const struct type type_values, type_nodes, type_transports, type_side, type_sql, type_netem;
struct sql_args {
    const char *sql;
};

#endif
