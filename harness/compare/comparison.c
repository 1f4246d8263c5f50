// SPDX-License-Identifier: Apache-2.0
// comparison.c - what differs between what two files recorded
#include "compare/comparison.h"

#include <stdlib.h>
#include <string.h>

const char *const trait_names[TRAIT_COUNT] = {
    [TRAIT_TRANSPORT] = "transport", [TRAIT_STEP] = "step",     [TRAIT_VERB] = "verb",
    [TRAIT_SCENARIO] = "scenario",   [TRAIT_CAUSE] = "cause",   [TRAIT_FAULT] = "fault",
    [TRAIT_CONNECTOR] = "connector", [TRAIT_SERVER] = "server",
};

/** Cases of a file, sorted: by connector and server, with repetitions of a case adjacent. */
struct slice {
    const struct seen_case **items;
    size_t count;
};

/** The repetitions of one case on both sides. */
struct twins {
    struct compared where;
    struct slice before, after;
    bool related; // connectors of one family
};

// ---- lists that grow ---------------------------------------------------------------------------

// Makes room for one more item; the capacity is the next power of two.
static void *grow(void *items, size_t count, size_t size) {
    return xgrow(items, count, size);
}

static void add_lone(struct lones *lones, const struct compared *where, const char *step) {
    lones->items = grow(lones->items, lones->count, sizeof *lones->items);
    lones->items[lones->count++] = (struct lone){*where, step};
    lones->case_count += step == NULL;
}

static void add_unstable(struct comparison *comparison, const struct twins *twins, bool after,
                         const char *step, const struct sights *sights) {
    cleanup_text struct text words = {0};
    sights_describe(&words, sights, sights, true);
    comparison->unstable =
        grow(comparison->unstable, comparison->unstable_count, sizeof *comparison->unstable);
    comparison->unstable[comparison->unstable_count++] =
        (struct unstable){.where = twins->where,
                          .after = after,
                          .step = step,
                          .text = arena_text(comparison->arena, text_get(&words), words.length)};
}

// ---- a step ------------------------------------------------------------------------------------

/** A step of one repetition. */
struct glimpse {
    const struct seen_step *step;
    size_t order; // reading order; all of the old file come first
    size_t repetition;
    bool after;
};

/** What all repetitions saw of a step. */
struct glimpses {
    const struct glimpse *items;
    size_t count;
};

// Enough to be called unstable; every one is compared with every other.
enum { MOST_SIGHTS = 32 };

static struct sights look(const struct comparison *comparison, const struct glimpses *all,
                          bool after) {
    size_t room = all->count < MOST_SIGHTS ? all->count : MOST_SIGHTS;
    struct sights sights = {.items =
                                arena_alloc(comparison->arena, room * sizeof(struct seen_step *))};
    for (size_t i = 0; i < all->count && sights.count < room; i++)
        if (all->items[i].after == after && !sights_have(&sights, all->items[i].step, true))
            sights.items[sights.count++] = all->items[i].step;
    return sights;
}

static const char *either(const char *one, const char *other) {
    return one ? one : other;
}

static void fill_traits(const struct comparison *comparison, const struct twins *twins,
                        const struct seen_step *before, const struct seen_step *after,
                        const char *traits[TRAIT_COUNT]) {
    const struct seen_case *old = twins->before.items[0], *new = twins->after.items[0];
    traits[TRAIT_TRANSPORT] = old->transport;
    traits[TRAIT_STEP] = before->id;
    traits[TRAIT_VERB] = either(before->verb, after->verb);
    traits[TRAIT_SCENARIO] = old->scenario;
    traits[TRAIT_CAUSE] = either(old->cause, new->cause);
    traits[TRAIT_FAULT] = either(old->fault, new->fault);
    traits[TRAIT_CONNECTOR] = comparison->before->connectors.items[old->connector].name;
    traits[TRAIT_SERVER] = comparison->before->servers.items[old->server].name;
}

// Notes the traits of everything compared: a trait that all of it shares explains no change.
static void note_spread(struct comparison *comparison, const char *const traits[TRAIT_COUNT]) {
    for (int i = 0; i < TRAIT_COUNT; i++) {
        const char **spread = &comparison->spread[i];
        if (!*spread)
            *spread = traits[i];
        else if (**spread && traits[i] && strcmp(*spread, traits[i]) != 0)
            *spread = "";
    }
}

static const char *describe(const struct comparison *comparison, const struct sights *sights,
                            const struct sights *others, bool related) {
    cleanup_text struct text words = {0};
    sights_describe(&words, sights, others, related);
    return arena_text(comparison->arena, text_get(&words), words.length);
}

static bool shows_more(const struct sights *before, const struct sights *after, bool related) {
    for (size_t i = 0; i < after->count; i++)
        if (!sights_have(before, after->items[i], related))
            return true;
    return false;
}

// Whether the step has changed.
static bool compare_step(struct comparison *comparison, const struct twins *twins,
                         const struct glimpses *all) {
    const char *id = all->items[0].step->id;
    struct change change = {.where = twins->where,
                            .before = look(comparison, all, false),
                            .after = look(comparison, all, true)};
    if (change.before.count == 0 || change.after.count == 0) {
        add_lone(change.before.count ? &comparison->only_before : &comparison->only_after,
                 &twins->where, id);
        return false;
    }
    comparison->compared_steps++;
    if (change.before.count > 1)
        add_unstable(comparison, twins, false, id, &change.before);
    if (change.after.count > 1)
        add_unstable(comparison, twins, true, id, &change.after);
    fill_traits(comparison, twins, change.before.items[0], change.after.items[0], change.traits);
    note_spread(comparison, change.traits);
    if (!shows_more(&change.before, &change.after, twins->related))
        return false;
    change.before_text = describe(comparison, &change.before, &change.after, twins->related);
    change.after_text = describe(comparison, &change.after, &change.before, twins->related);
    comparison->changes =
        grow(comparison->changes, comparison->change_count, sizeof *comparison->changes);
    comparison->changes[comparison->change_count++] = change;
    return true;
}

// ---- a case ------------------------------------------------------------------------------------

// The state of the repetition that came furthest.
static enum seen_state state_of(const struct slice *slice) {
    for (size_t i = 0; i < slice->count; i++)
        if (slice->items[i]->state == SEEN_RAN)
            return SEEN_RAN;
    return slice->items[0]->state;
}

// Sorts by step; glimpses of one step stay in reading order.
static int by_step(const void *a, const void *b) {
    const struct glimpse *one = a, *other = b;
    int order = strcmp(one->step->id, other->step->id);
    return order ? order : (one->order > other->order) - (one->order < other->order);
}

static int by_first(const void *a, const void *b) {
    const struct glimpses *one = a, *other = b;
    return (one->items->order > other->items->order) - (one->items->order < other->items->order);
}

static size_t count_steps(const struct slice *slice) {
    size_t count = 0;
    for (size_t i = 0; i < slice->count; i++)
        count += slice->items[i]->state == SEEN_RAN ? slice->items[i]->step_count : 0;
    return count;
}

static void gather(const struct slice *slice, bool after, struct glimpse *items, size_t *count) {
    for (size_t i = 0; i < slice->count; i++)
        for (size_t k = 0; slice->items[i]->state == SEEN_RAN && k < slice->items[i]->step_count;
             k++, ++*count)
            items[*count] = (struct glimpse){&slice->items[i]->steps[k], *count, i, after};
}

// Drops an id that occurs twice within one repetition, keeping the first.
static size_t drop_doubles(struct glimpse *items, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct glimpse *last = kept > 0 ? &items[kept - 1] : NULL;
        if (!last || last->repetition != items[i].repetition || last->after != items[i].after ||
            strcmp(last->step->id, items[i].step->id) != 0)
            items[kept++] = items[i];
    }
    return kept;
}

static size_t split_by_step(const struct glimpse *items, size_t count, struct glimpses *ret) {
    size_t groups = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(items[i - 1].step->id, items[i].step->id) != 0)
            ret[groups++] = (struct glimpses){.items = &items[i]};
        ret[groups - 1].count++;
    }
    return groups;
}

// Compares each step once, in reading order. Returns how many changed.
static size_t compare_steps(struct comparison *comparison, const struct twins *twins) {
    size_t room = count_steps(&twins->before) + count_steps(&twins->after), count = 0, changed = 0;
    struct glimpse *items = xcalloc(room + 1, sizeof *items);
    struct glimpses *steps = xcalloc(room + 1, sizeof *steps);
    gather(&twins->before, false, items, &count);
    gather(&twins->after, true, items, &count);
    qsort(items, count, sizeof *items, by_step);
    size_t groups = split_by_step(items, drop_doubles(items, count), steps);
    qsort(steps, groups, sizeof *steps, by_first);
    for (size_t i = 0; i < groups; i++)
        changed += compare_step(comparison, twins, &steps[i]);
    free(steps);
    free(items);
    return changed;
}

static void compare_case(struct comparison *comparison, const struct twins *twins) {
    enum seen_state before = state_of(&twins->before), after = state_of(&twins->after);
    if (before != SEEN_RAN || after != SEEN_RAN) {
        comparison->idle[before][after]++;
        return;
    }
    comparison->compared++;
    comparison->changed += compare_steps(comparison, twins) > 0;
}

// ---- all cases ---------------------------------------------------------------------------------

static int compare_place(const struct seen_case *one, size_t connector, size_t server) {
    if (one->connector != connector)
        return one->connector < connector ? -1 : 1;
    return (one->server > server) - (one->server < server);
}

static int by_place(const void *a, const void *b) {
    const struct seen_case *one = *(const struct seen_case *const *)a;
    const struct seen_case *other = *(const struct seen_case *const *)b;
    int order = compare_place(one, other->connector, other->server);
    if (order == 0)
        order = strcmp(one->id, other->id);
    return order ? order : (one > other) - (one < other); // repetitions keep their order
}

static struct slice sort_cases(const struct seen *seen) {
    struct slice all = {xcalloc(seen->case_count + 1, sizeof *all.items), seen->case_count};
    for (size_t i = 0; i < all.count; i++)
        all.items[i] = &seen->cases[i];
    qsort(all.items, all.count, sizeof *all.items, by_place);
    return all;
}

// The index of a place's first case, or of what would follow.
static size_t first_at(const struct slice *all, size_t connector, size_t server) {
    size_t from = 0, to = all->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare_place(all->items[middle], connector, server) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct slice cases_at(const struct slice *all, size_t connector, size_t server) {
    size_t from = first_at(all, connector, server);
    return (struct slice){all->items + from, first_at(all, connector, server + 1) - from};
}

// Removes the first case's repetitions from the slice, and returns them.
static struct slice take_first(struct slice *slice) {
    struct slice first = {slice->items, 1};
    while (first.count < slice->count &&
           strcmp(slice->items[0]->id, slice->items[first.count]->id) == 0)
        first.count++;
    slice->items += first.count;
    slice->count -= first.count;
    return first;
}

static void compare_places(struct comparison *comparison, struct twins twins, struct slice before,
                           struct slice after) {
    while (before.count > 0 || after.count > 0) {
        int order = before.count == 0  ? 1
                    : after.count == 0 ? -1
                                       : strcmp(before.items[0]->id, after.items[0]->id);
        twins.where.id = order <= 0 ? before.items[0]->id : after.items[0]->id;
        if (order <= 0)
            twins.before = take_first(&before);
        if (order >= 0)
            twins.after = take_first(&after);
        if (order == 0)
            compare_case(comparison, &twins);
        else
            add_lone(order < 0 ? &comparison->only_before : &comparison->only_after, &twins.where,
                     NULL);
    }
}

// Whether both are the same library. A baseline may name its connector in either of two ways.
static bool are_related(const struct seen_place *one, const struct seen_place *other) {
    return strcmp(one->family, other->family) == 0 || strcmp(one->name, other->name) == 0 ||
           strcmp(one->name, other->family) == 0 || strcmp(one->family, other->name) == 0;
}

static void compare_pair(struct comparison *comparison, size_t connector, size_t server,
                         const struct slice *before, const struct slice *after) {
    const struct pair *connectors = &comparison->connectors.items[connector];
    const struct pair *servers = &comparison->servers.items[server];
    const struct twins twins = {
        .where = {.connector = connector, .server = server},
        .related = are_related(&comparison->before->connectors.items[connectors->before],
                               &comparison->after->connectors.items[connectors->after])};
    compare_places(comparison, twins, cases_at(before, connectors->before, servers->before),
                   cases_at(after, connectors->after, servers->after));
}

static void compare_all(struct comparison *comparison) {
    struct slice before = sort_cases(comparison->before), after = sort_cases(comparison->after);
    for (size_t i = 0; i < comparison->connectors.count; i++)
        for (size_t k = 0; k < comparison->servers.count; k++)
            compare_pair(comparison, i, k, &before, &after);
    free(before.items);
    free(after.items);
}

// ---- groups ------------------------------------------------------------------------------------

static int by_text(const struct change *one, const struct change *other) {
    int order = strcmp(one->before_text, other->before_text);
    return order ? order : strcmp(one->after_text, other->after_text);
}

static int number_order(size_t one, size_t other) {
    return (one > other) - (one < other);
}

static int by_change(const void *a, const void *b) {
    const struct change *one = a, *other = b;
    int order = by_text(one, other);
    if (order == 0)
        order = number_order(one->where.connector, other->where.connector);
    size_t length = strcspn(one->where.id, "@"), others = strcspn(other->where.id, "@");
    if (order == 0)
        order = strncmp(one->where.id, other->where.id, length > others ? length : others);
    if (order == 0)
        order = number_order(one->where.server, other->where.server);
    if (order == 0)
        order = strcmp(one->where.id, other->where.id);
    return order ? order
                 : number_order((size_t)one->before.items[0], (size_t)other->before.items[0]);
}

static bool is_one_case(const struct compared *one, const struct compared *other) {
    return one->connector == other->connector && one->server == other->server &&
           strcmp(one->id, other->id) == 0;
}

static void find_common(const struct comparison *comparison, struct change_group *group) {
    for (int i = 0; i < TRAIT_COUNT; i++) {
        const char *common = group->changes[0].traits[i];
        for (size_t k = 1; common && k < group->count; k++) {
            const char *other = group->changes[k].traits[i];
            if (!other || strcmp(other, common) != 0)
                common = NULL;
        }
        const char *spread = comparison->spread[i];
        group->common[i] = spread && !*spread ? common : NULL;
    }
}

static void add_group(struct comparison *comparison, const struct change *changes, size_t count) {
    struct change_group group = {.changes = changes, .count = count, .case_count = 1};
    for (size_t i = 1; i < count; i++)
        group.case_count += !is_one_case(&changes[i - 1].where, &changes[i].where);
    find_common(comparison, &group);
    comparison->groups =
        grow(comparison->groups, comparison->group_count, sizeof *comparison->groups);
    comparison->groups[comparison->group_count++] = group;
}

static int by_size(const void *a, const void *b) {
    const struct change_group *one = a, *other = b;
    int order = number_order(other->case_count, one->case_count);
    if (order == 0)
        order = number_order(other->count, one->count);
    return order ? order : by_text(one->changes, other->changes);
}

static void group_changes(struct comparison *comparison) {
    if (comparison->change_count == 0)
        return;
    qsort(comparison->changes, comparison->change_count, sizeof *comparison->changes, by_change);
    for (size_t from = 0, to; from < comparison->change_count; from = to) {
        for (to = from + 1; to < comparison->change_count &&
                            by_text(&comparison->changes[from], &comparison->changes[to]) == 0;)
            to++;
        add_group(comparison, &comparison->changes[from], to - from);
    }
    qsort(comparison->groups, comparison->group_count, sizeof *comparison->groups, by_size);
}

int comparison_make(struct comparison *comparison, const struct seen *before,
                    const struct seen *after, const char *connectors, const char *servers,
                    struct err *err) {
    *comparison = (struct comparison){.before = before, .after = after, .arena = arena_new()};
    if (pairs_make(&comparison->connectors, "connector", &before->connectors, &after->connectors,
                   connectors, err) < 0 ||
        pairs_make(&comparison->servers, "server", &before->servers, &after->servers, servers,
                   err) < 0)
        return -1;
    compare_all(comparison);
    group_changes(comparison);
    return 0;
}

void comparison_release(struct comparison *comparison) {
    pairs_release(&comparison->connectors);
    pairs_release(&comparison->servers);
    free(comparison->changes);
    free(comparison->groups);
    free(comparison->only_before.items);
    free(comparison->only_after.items);
    free(comparison->unstable);
    arena_free(comparison->arena);
    *comparison = (struct comparison){0};
}
