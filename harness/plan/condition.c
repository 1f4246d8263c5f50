// SPDX-License-Identifier: Apache-2.0
// condition.c - names with comparisons of versions
#include "plan/condition.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_operator(const char *text, enum comparison *ret) {
    static const char *const operators[] = {
        [COMPARE_LESS] = "<",      [COMPARE_AT_MOST] = "<=", [COMPARE_EQUAL] = "=",
        [COMPARE_AT_LEAST] = ">=", [COMPARE_MORE] = ">",
    };
    for (int i = COMPARE_LESS; i <= COMPARE_MORE; i++)
        if (strcmp(operators[i], text) == 0) {
            *ret = (enum comparison)i;
            return 0;
        }
    return -1;
}

int condition_parse(const char *text, struct condition *condition) {
    char operator[4], rest[2];
    *condition = (struct condition){.comparison = COMPARE_NONE};
    int parts = sscanf(text, " %63[A-Za-z0-9._-] %3[<>=] %31[0-9.] %1s", condition->name, operator,
                       condition->version, rest);
    if (parts == 1)
        return strlen(condition->name) == strlen(text) ? 0 : -1;
    if (parts != 3 || !isdigit((unsigned char)condition->version[0]))
        return -1;
    return parse_operator(operator, & condition->comparison);
}

static long next_number(const char **at) {
    if (!isdigit((unsigned char)**at))
        return 0;
    char *end;
    long number = strtol(*at, &end, 10);
    *at = *end == '.' ? end + 1 : "";
    return number;
}

int version_compare(const char *a, const char *b) {
    while (*a || *b) {
        long left = next_number(&a), right = next_number(&b);
        if (left != right)
            return left < right ? -1 : 1;
        if (!isdigit((unsigned char)*a) && !isdigit((unsigned char)*b))
            break;
    }
    return 0;
}

bool condition_holds(const struct condition *condition, const char *version) {
    if (condition->comparison == COMPARE_NONE)
        return true;
    int order = version_compare(version, condition->version);
    switch (condition->comparison) {
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_AT_MOST:
        return order <= 0;
    case COMPARE_EQUAL:
        return order == 0;
    case COMPARE_AT_LEAST:
        return order >= 0;
    default:
        return order > 0;
    }
}
