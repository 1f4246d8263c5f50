// SPDX-License-Identifier: Apache-2.0
// pairs.c - pairs the connectors, and the servers, of two files for comparison
#include "compare/pairs.h"

#include "base/nearest.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/** The state of pairing. */
struct making {
    struct pairs *pairs;
    const char *kind;
    const struct seen_places *before, *after;
};

static void add_pair(struct pairs *pairs, size_t before, size_t after) {
    for (size_t i = 0; i < pairs->count; i++)
        if (pairs->items[i].before == before && pairs->items[i].after == after)
            return;
    pairs->items = xrealloc(pairs->items, pairs->count + 1, sizeof *pairs->items);
    pairs->items[pairs->count++] = (struct pair){before, after};
}

// "a, b and c"; a long list is cut short.
static void list_names(struct text *list, const struct seen_places *places) {
    enum { NAMED = 8 };
    for (size_t i = 0; i < places->count && i < NAMED; i++)
        text_printf(list, "%s%.100s",
                    i == 0                   ? ""
                    : i + 1 == places->count ? " and "
                                             : ", ",
                    places->items[i].name);
    if (places->count > NAMED)
        text_printf(list, " and %zu more", places->count - NAMED);
}

// ---- as the option says ------------------------------------------------------------------------

static int find_named(const struct making *making, const char *side,
                      const struct seen_places *places, const char *name, size_t *ret,
                      struct err *err) {
    struct nearest nearest = {.wanted = name, .edits = NEAR_NAME};
    for (*ret = 0; *ret < places->count; ++*ret) {
        if (strcmp(places->items[*ret].name, name) == 0)
            return 0;
        nearest_try(&nearest, places->items[*ret].name);
    }
    cleanup_text struct text list = {0};
    list_names(&list, places);
    err_usage(err, "--%s: %s has no %s '%s', only %s", making->kind, side, making->kind, name,
              text_get(&list));
    return nearest_word(&nearest) ? err_remedy(err, "did you mean %s?", nearest_word(&nearest))
                                  : -1;
}

static int add_named(const struct making *making, char *word, struct err *err) {
    size_t before, after;
    char *equals = strchr(word, '=');
    if (equals)
        *equals = '\0';
    if (find_named(making, "OLD", making->before, word, &before, err) < 0 ||
        find_named(making, "NEW", making->after, equals ? equals + 1 : word, &after, err) < 0)
        return -1;
    add_pair(making->pairs, before, after);
    return 0;
}

static int add_option(const struct making *making, const char *option, struct err *err) {
    cleanup_free char **words = text_split(option);
    for (char **word = words; *word; word++)
        if (add_named(making, *word, err) < 0)
            return -1;
    return 0;
}

// ---- by what is there --------------------------------------------------------------------------

static void pair_names(const struct making *making) {
    for (size_t i = 0; i < making->before->count; i++)
        for (size_t k = 0; k < making->after->count; k++)
            if (strcmp(making->before->items[i].name, making->after->items[k].name) == 0)
                add_pair(making->pairs, i, k);
}

static bool is_paired(const struct pairs *pairs, size_t index, bool after) {
    for (size_t i = 0; i < pairs->count; i++)
        if ((after ? pairs->items[i].after : pairs->items[i].before) == index)
            return true;
    return false;
}

// How many of a family have no partner, and the last of them.
static size_t count_free(const struct making *making, const char *family, bool after,
                         size_t *ret_last) {
    const struct seen_places *places = after ? making->after : making->before;
    size_t count = 0;
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i].family, family) == 0 && !is_paired(making->pairs, i, after)) {
            *ret_last = i;
            count++;
        }
    return count;
}

static void pair_families(const struct making *making) {
    for (size_t i = 0; i < making->before->count; i++) {
        const char *family = making->before->items[i].family;
        size_t before, after;
        if (!is_paired(making->pairs, i, false) &&
            count_free(making, family, false, &before) == 1 &&
            count_free(making, family, true, &after) == 1)
            add_pair(making->pairs, before, after);
    }
}

static int refuse(const struct making *making, struct err *err) {
    cleanup_text struct text before = {0}, after = {0};
    list_names(&before, making->before);
    list_names(&after, making->after);
    if (making->before->count == 0 || making->after->count == 0)
        return err_usage(err, "%s has no case at all", making->before->count ? "NEW" : "OLD");
    err_usage(err, "OLD has the %s%s %s, NEW has %s: which is to be compared with which?",
              making->kind, making->before->count == 1 ? "" : "s", text_get(&before),
              text_get(&after));
    return err_remedy(err, "say so with --%s OLD=NEW, for example --%s %.100s=%.100s", making->kind,
                      making->kind, making->before->items[0].name, making->after->items[0].name);
}

static int by_before(const void *a, const void *b) {
    const struct pair *one = a, *other = b;
    if (one->before != other->before)
        return one->before < other->before ? -1 : 1;
    return (one->after > other->after) - (one->after < other->after);
}

int pairs_make(struct pairs *pairs, const char *kind, const struct seen_places *before,
               const struct seen_places *after, const char *option, struct err *err) {
    const struct making making = {pairs, kind, before, after};
    *pairs = (struct pairs){0};
    if (option && add_option(&making, option, err) < 0)
        return -1;
    if (!option && before->count == 1 && after->count == 1)
        add_pair(pairs, 0, 0);
    else if (!option) {
        pair_names(&making);
        pair_families(&making);
    }
    if (pairs->count == 0)
        return refuse(&making, err);
    qsort(pairs->items, pairs->count, sizeof *pairs->items, by_before);
    return 0;
}

void pairs_release(struct pairs *pairs) {
    free(pairs->items);
    *pairs = (struct pairs){0};
}
