// SPDX-License-Identifier: Apache-2.0
// condition.h - "mysql >= 8.0.24": a name with an optional comparison of versions
#ifndef GONEAWAY_PLAN_CONDITION_H
#define GONEAWAY_PLAN_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

enum comparison {
    COMPARE_NONE,
    COMPARE_LESS,
    COMPARE_AT_MOST,
    COMPARE_EQUAL,
    COMPARE_AT_LEAST,
    COMPARE_MORE
};

struct condition {
    char name[64], version[32];
    enum comparison comparison;
};

/** Parses "NAME", or "NAME OP VERSION" with OP one of < <= = >= >. 0, or -1 if it is neither. */
int condition_parse(const char *text, struct condition *condition);
/** Whether a text is the name of a connector of somebody's: lower-case letters, digits, dots,
 * dashes and underscores, with a letter or digit at its beginning, not too long for a condition. */
bool connector_is_name(const char *text, size_t length);
/** Makes such a name of any text, to be freed; NULL if there is none in it. */
char *connector_make_name(const char *text);
/** Compares "8.0.24" with "8.0.3" number by number: <0, 0, >0; missing numbers count as 0, and
 * anything behind the numbers ("-log", "+deb12u1") does not count. */
int version_compare(const char *a, const char *b);
/** Whether a version fits the comparison. */
bool condition_holds(const struct condition *condition, const char *version);

#endif
