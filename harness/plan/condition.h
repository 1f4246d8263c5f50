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
/** Whether a text is valid as the name of a user's connector: lower-case letters, digits, dots,
 * dashes and underscores, starting with a letter or digit, and short enough for a condition. */
bool connector_is_name(const char *text, size_t length);
/** Turns any text into such a name, to be freed; NULL if nothing in it can be used. */
char *connector_make_name(const char *text);
/** Compares "8.0.24" with "8.0.3" number by number: <0, 0, >0. Missing numbers count as 0, and
 * anything after the numbers ("-log", "+deb12u1") is ignored. */
int version_compare(const char *a, const char *b);
/** Whether a version meets the condition. */
bool condition_holds(const struct condition *condition, const char *version);

#endif
