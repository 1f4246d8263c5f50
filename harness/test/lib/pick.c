// SPDX-License-Identifier: Apache-2.0
// pick.c - picks the tests that a process adds to its suites
#include "test/lib/pick.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct wish {
    char *suite, *test; // test: NULL for the whole suite
    int from, to;
    bool met;
} * wishes;
static size_t wish_count;

static struct picked *picked;
static size_t picked_count;
static const char *adding; // the suite whose function is running

// Splits off the range of "TEST:3-8"; false if what follows the colon is none.
static bool cut_range(struct wish *wish) {
    char *colon = strchr(wish->test, ':'), rest;
    if (!colon)
        return true;
    *colon = '\0';
    int read = sscanf(colon + 1, "%d-%d%c", &wish->from, &wish->to, &rest);
    if (read == 1)
        wish->to = wish->from;
    wish->to++;
    return (read == 1 || read == 2) && wish->from >= 0;
}

bool pick_only(const char *name) {
    struct wish wish = {.suite = xstrdup(name), .to = INT_MAX};
    char *slash = strchr(wish.suite, '/');
    if (slash) {
        *slash = '\0';
        wish.test = slash + 1;
    }
    wishes = xgrow(wishes, wish_count, sizeof *wishes);
    wishes[wish_count++] = wish;
    return !wish.test || cut_range(&wishes[wish_count - 1]);
}

bool pick_has(const char *suite) {
    for (size_t i = 0; i < wish_count; i++)
        if (strcmp(wishes[i].suite, suite) == 0)
            return true;
    return wish_count == 0;
}

bool pick_is_whole(const char *suite) {
    for (size_t i = 0; i < wish_count; i++)
        if (!wishes[i].test && strcmp(wishes[i].suite, suite) == 0)
            return true;
    return wish_count == 0;
}

void pick_suite(const char *suite) {
    adding = suite;
}

static bool add(TCase *tcase, const TTest *test, int from, int to) {
    if (from >= to)
        return false;
    _tcase_add_test(tcase, test, 0, 0, from, to);
    picked = xgrow(picked, picked_count, sizeof *picked);
    picked[picked_count++] = (struct picked){adding, test->name, from, to};
    return true;
}

void pick_add(TCase *tcase, const TTest *test, int from, int to) {
    if (wish_count == 0)
        add(tcase, test, from, to);
    for (size_t i = 0; i < wish_count; i++) {
        struct wish *wish = &wishes[i];
        if (strcmp(wish->suite, adding) == 0 &&
            (!wish->test || strcmp(wish->test, test->name) == 0))
            wish->met |= add(tcase, test, from > wish->from ? from : wish->from,
                             to < wish->to ? to : wish->to);
    }
}

const char *pick_unmet(void) {
    for (size_t i = 0; i < wish_count; i++)
        if (!wishes[i].met)
            return wishes[i].test ? wishes[i].test : wishes[i].suite;
    return NULL;
}

const struct picked *picked_all(size_t *ret_count) {
    *ret_count = picked_count;
    return picked;
}
