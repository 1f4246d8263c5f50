// SPDX-License-Identifier: Apache-2.0
// sql.c - what a statement in a line does to sessions, judging by its words
#include "try/sql.h"

#include "base/text.h"
#include "plan/language_tables.h"

#include <string.h>

static bool begins(const char *sql, const char *words) {
    return strncasecmp(sql, words, strlen(words)) == 0;
}

bool try_only_reads(const char *sql) {
    return begins(sql, "SELECT") || begins(sql, "SHOW") || begins(sql, "DO ") || !*sql;
}

// What a statement adds to its session that would be lost with it; "" removes that again, NULL
// leaves it unchanged.
const char *try_held_by(const char *sql) {
    static const struct {
        const char *words, *held;
    } all[] = {{"BEGIN", "a transaction was open"},
               {"START TRANSACTION", "a transaction was open"},
               {"SET autocommit", "a transaction was open"},
               {"COMMIT", ""},
               {"ROLLBACK", ""},
               {"CREATE TEMPORARY", "a temporary table is lost"},
               {"LOCK TABLES", "a lock is lost"},
               {"SELECT GET_LOCK", "a lock is lost"},
               {"SET @", "a variable is lost"}};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (begins(sql, all[i].words))
            return all[i].held;
    return NULL;
}

static bool has_one(const char *sql, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasestr(sql, words[i]))
            return true;
    return false;
}

bool try_may_end_sessions(const char *sql) {
    static const char *const words[] = {"kill",   "shutdown",     "restart", "timeout",
                                        "$blob(", "offline_mode", "$rows(",  "max_allowed_packet"};
    return has_one(sql, words, COUNT_OF(words)) || try_may_keep_out(sql);
}

bool try_sets_variable(const char *sql) {
    const char *name = begins(sql, "SET ") ? sql + 4 + strspn(sql + 4, " ") : NULL;
    return name && !begins(name, "autocommit") && (*name != '@' || name[1] == '@');
}

bool try_may_keep_out(const char *sql) {
    static const char *const words[] = {"shutdown", "restart", "global", "persist",
                                        "grant",    "revoke",  "user",   "flush"};
    return has_one(sql, words, COUNT_OF(words));
}

const char *try_sql_of(const struct plan_step *step) {
    return step->act.verb->args == &type_sql ? ((const struct sql_args *)step->act.args)->sql : "";
}
