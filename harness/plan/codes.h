// SPDX-License-Identifier: Apache-2.0
// codes.h - the error codes by number and symbol
#ifndef GONEAWAY_PLAN_CODES_H
#define GONEAWAY_PLAN_CODES_H

#include <stdbool.h>

struct code {
    int number;
    const char *symbol;  ///< as in errmsg.h or mysqld_error.h
    const char *meaning; ///< one line, for people
};

/** Ends with a row whose number is 0. */
extern const struct code codes[];
/** The code of a number, or NULL if the table does not know it. */
const struct code *code_by_number(int number);
/** The code of a symbol, or NULL. */
const struct code *code_by_symbol(const char *symbol);
/** The code that a number or a symbol, as written by people, stands for, or NULL. */
const struct code *code_by_text(const char *text);
/** The symbol that is probably meant by one that is none: a misspelt one, or a part of one such as
 * SERVER_GONE. NULL: none is. */
const char *code_nearest(const char *text);
/** The code that differs from a number by one digit; NULL: there is none, or too many. */
const struct code *code_nearest_number(const char *text);
/** Whether a server, a client or a proxy may have it, as far as their ranges of numbers tell. */
bool code_is_possible(int number);

#endif
