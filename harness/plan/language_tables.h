// SPDX-License-Identifier: Apache-2.0
// language_tables.h - shared by the files with the language's tables and by the checks that no
// table can express
#ifndef GONEAWAY_PLAN_LANGUAGE_TABLES_H
#define GONEAWAY_PLAN_LANGUAGE_TABLES_H

#include "plan/language.h"

/** A field of a record type: C struct and member, key, type, flags and meaning. */
#define FIELD(record, member, key, kind, flag, text)                                               \
    {                                                                                              \
        .name = (key), .type = (kind), .offset = offsetof(record, member), .flags = (flag),        \
        .doc = (text)                                                                              \
    }
/** Numbers with bounds, in the units of the C value. */
#define BOUNDED(base, number, from, to)                                                            \
    (&(const struct type){.name = (base), .kind = (number), .least = (from), .most = (to)})
#define COUNT(from, to) BOUNDED("a whole number", TYPE_COUNT, from, to)
#define DURATION(from, to)                                                                         \
    BOUNDED("a duration such as 500ms, 1.6s or 2min", TYPE_DURATION, from, to)
#define SIZE(from, to) BOUNDED("a size such as 4096, 64KiB or 17MiB", TYPE_SIZE, from, to)
#define RATE(from, to) BOUNDED("a rate such as 64kbit or 1mbit (a second)", TYPE_RATE, from, to)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)
#define GBIT INT64_C(1000000000)
/** A word from a list. */
#define WORD(base, list) (&(const struct type){.name = (base), .kind = TYPE_WORD, .words = (list)})
/** A row of a table of verbs, which is terminated by NULL: name, id, arguments, flags, meaning. */
#define VERB(...) (&(const struct verb){__VA_ARGS__})
/** Terminates a table of fields or words. */
#define END                                                                                        \
    { 0 }

/** Fails to compile unless a list of words that is indexed by an enum has exactly `count` words. */
#define ONE_WORD_EACH(list, count)                                                                 \
    _Static_assert(COUNT_OF(list) == (count) + 1, "a word for each value of the enum")

extern const struct type type_values, type_value_list, type_transports, type_side, type_sql;
/** What a stub does on each connection: a list of struct choice. */
extern const struct type type_script;
struct sql_args {
    const char *sql;
};

struct plan_case;
struct plan_step;
extern const struct type type_call;
/** Refuses a `call` step that is wrong. */
int call_check(struct plan_case *plan, const struct plan_step *step, struct err *err);
/** Takes over arguments that are written beside `call`, in the step's value; -1 if they do not
 * belong to a call. */
int call_take_args(struct app_act *act, const struct node *node, struct err *err);

#endif
