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

/** Terminated by a row whose number is 0. */
extern const struct code codes[];
/** The code with this number, or NULL if it is not in the table. */
const struct code *code_by_number(int number);
/** The code with this symbol, or NULL. */
const struct code *code_by_symbol(const char *symbol);
/** The code meant by a number or symbol as people write it, or NULL. */
const struct code *code_by_text(const char *text);
/** The symbol probably meant by a text that is none: a misspelt one, or a part of one, such as
 * SERVER_GONE. NULL if there is none. */
const char *code_nearest(const char *text);
/** The only code that differs from a number in one digit; NULL if there is none, or more than
 * one. */
const struct code *code_nearest_number(const char *text);
/** The SQLSTATE that a server sends with an error of its own; NULL: unknown, or no server sends it.
 */
const char *code_sqlstate(int number);
/** Whether a server, a client or a proxy may use the number, judging by their ranges. */
bool code_is_possible(int number);

#endif
