// SPDX-License-Identifier: Apache-2.0
// signs.c - the errors that a connector shows, each with what became of the connection
#include "explain/signs.h"

#include "base/text.h"
#include "explain/moment.h"
#include "explain/shown.h"
#include "plan/condition.h"

#include <stdlib.h>
#include <string.h>

/** A case in a place. */
struct scene {
    const struct measured_place *measured;
    const struct plan_case *plan;
    const struct plan_row *row;
    size_t number; // of the scene, from 1
};

static int order(const void *a, const void *b) {
    const struct sign *one = a, *other = b;
    if (one->code != other->code)
        return one->code == 0 ? 1 : other->code == 0 ? -1 : one->code < other->code ? -1 : 1;
    return strcmp(one->name ? one->name : "", other->name ? other->name : "");
}

// The sign of an error, added if there is none; NULL for an error without any name.
static struct sign *find_sign(struct signs *signs, const struct expectation *one) {
    const char *name = one->native ? one->native : one->sqlstate;
    const struct sign wanted = {.code = one->code > 0 ? one->code : 0,
                                .name = one->code > 0 ? NULL : name,
                                .is_sqlstate = one->code <= 0 && !one->native};
    if (!wanted.code && !wanted.name)
        return NULL;
    for (size_t i = 0; i < signs->count; i++)
        if (order(&signs->items[i], &wanted) == 0)
            return &signs->items[i];
    signs->items = xgrow(signs->items, signs->count, sizeof *signs->items);
    signs->items[signs->count] = wanted;
    return &signs->items[signs->count++];
}

static void add_version(struct sign *sign, const char *version) {
    if (!sign->first_version || version_compare(version, sign->first_version) < 0)
        sign->first_version = version;
    if (!sign->last_version || version_compare(version, sign->last_version) > 0)
        sign->last_version = version;
}

// How good an example a step is: best the first call after a well-known failure.
static int rank_of(const struct scene *scene, size_t step) {
    const struct list *tags = &scene->plan->scenario->tags;
    int rank = moment_of(scene->plan, scene->row, step) != MOMENT_LATER;
    for (size_t i = 0; i < tags->count; i++)
        rank += 2 * (strcmp(((const char **)tags->items)[i], "headline") == 0);
    return rank;
}

static void add_sight(struct signs *signs, const struct scene *scene, size_t step,
                      const struct expectation *one) {
    struct sign *sign = find_sign(signs, one);
    if (!sign)
        return;
    enum fate fate = fate_of(scene->plan, &scene->measured->place, scene->row, step, one);
    struct sign_example *example = &sign->fates[fate];
    add_version(sign, scene->measured->place.connector_version);
    int rank = rank_of(scene, step);
    if (!example->cases || rank > example->rank) {
        example->rank = rank;
        example->id = scene->plan->id;
        example->step = scene->plan->steps[step].id;
        example->server = scene->measured->place.server;
    }
    example->cases += example->last != scene->number;
    example->last = scene->number;
}

static void add_scene(struct signs *signs, const struct scene *scene) {
    for (size_t i = 0; i < scene->plan->step_count; i++) {
        const char *id = scene->plan->steps[i].id;
        const struct expectation *cell = id ? plan_find_expectation(scene->row, id) : NULL;
        const struct expectation *one;
        for (size_t k = 0; cell && (one = shown_at(cell, k)); k++)
            if (one->kind == OUTCOME_ERROR)
                add_sight(signs, scene, i, one);
    }
}

void signs_find(struct signs *ret, const struct measured_place *const *places, size_t count,
                const struct catalog *catalog) {
    size_t number = 0;
    *ret = (struct signs){0};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < catalog->count; k++) {
            const struct scenario *scenario = catalog->items[k].scenario;
            for (size_t c = 0; c < scenario->case_count; c++) {
                const struct plan_row *row = measured_row(places[i], &scenario->cases[c]);
                const struct scene scene = {places[i], &scenario->cases[c], row, ++number};
                if (row)
                    add_scene(ret, &scene);
            }
        }
    if (ret->count > 0)
        qsort(ret->items, ret->count, sizeof *ret->items, order);
}

void signs_release(struct signs *signs) {
    free(signs->items);
    *signs = (struct signs){0};
}
