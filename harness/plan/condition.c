// SPDX-License-Identifier: Apache-2.0
// condition.c - names with comparisons of versions
#include "plan/condition.h"

#include "base/text.h"

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
    char sign[4], rest[2];
    *condition = (struct condition){.comparison = COMPARE_NONE};
    int parts = sscanf(text, " %63[A-Za-z0-9._-] %3[<>=] %31[0-9.] %1s", condition->name, sign,
                       condition->version, rest);
    if (parts == 1)
        return strlen(condition->name) == strlen(text) ? 0 : -1;
    if (parts != 3 || !isdigit((unsigned char)condition->version[0]))
        return -1;
    return parse_operator(sign, &condition->comparison);
}

static bool is_of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("._-", c));
}

bool connector_is_name(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!is_of_name(text[i]))
            return false;
    return length > 0 && length < sizeof((struct condition *)0)->name && !strchr("._-", text[0]);
}

char *connector_make_name(const char *text) {
    char *name = xcalloc(1, sizeof((struct condition *)0)->name);
    size_t length = 0;
    for (; *text && length + 1 < sizeof((struct condition *)0)->name; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        c = is_of_name(c) ? c : '-';
        if (length > 0 || !strchr("._-", c))
            name[length++] = c;
    }
    while (length > 0 && name[length - 1] == '-')
        name[--length] = '\0';
    if (length > 0)
        return name;
    free(name);
    return NULL;
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
