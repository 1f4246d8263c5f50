// SPDX-License-Identifier: Apache-2.0
// rewrite.c - a baseline's text, made anew from what was seen
//
// For each case that ran, what all repetitions showed alike is written; a case whose repetitions
// differed is listed as unstable, with all that was seen and how often, until somebody removes its
// line. What fits the file stays as it is, and cases that the file inherits by `like` are not
// repeated. Cases that did not run are kept as they are.
#include "baseline/rewrite.h"

#include "baseline/cell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// ---- sightings ---------------------------------------------------------------------------------

void sighting_add(struct sighting *sighting, const struct record_step *step, bool with_rows) {
    size_t count = sighting->count;
    sighting->ids = xrealloc(sighting->ids, count + 1, sizeof *sighting->ids);
    sighting->cells = xrealloc(sighting->cells, count + 1, sizeof *sighting->cells);
    sighting->ids[count] = xstrdup(step->id);
    sighting->cells[count] = cell_of_step(step, with_rows);
    sighting->count++;
}

void observed_release(struct observed *observed) {
    for (size_t i = 0; i < observed->count; i++) {
        struct sighting *sighting = &observed->sightings[i];
        for (size_t k = 0; k < sighting->count; k++) {
            free(sighting->ids[k]);
            free(sighting->cells[k]);
        }
        free(sighting->ids);
        free(sighting->cells);
    }
    free(observed->sightings);
}

static bool is_alike(const struct sighting *one, const struct sighting *other) {
    bool same = one->count == other->count;
    for (size_t i = 0; same && i < one->count; i++)
        same =
            strcmp(one->ids[i], other->ids[i]) == 0 && strcmp(one->cells[i], other->cells[i]) == 0;
    return same;
}

static bool are_alike(const struct observed *observed) {
    for (size_t i = 1; i < observed->count; i++)
        if (!is_alike(&observed->sightings[0], &observed->sightings[i]))
            return false;
    return true;
}

// Whether all repetitions match the file, with its own line for the case or without.
static bool all_fit(const struct observed *observed, bool own) {
    for (size_t i = 0; i < observed->count; i++)
        if (own ? !observed->sightings[i].fits_own : !observed->sightings[i].fits_like)
            return false;
    return true;
}

// ---- what a line says --------------------------------------------------------------------------

static char *content_of(const struct sighting *sighting) {
    struct text content = {0};
    for (size_t i = 0; i < sighting->count; i++) {
        text_add(&content, i > 0 ? ", " : "{");
        cell_add_id(&content, sighting->ids[i]);
        text_printf(&content, ": %s", sighting->cells[i]);
    }
    text_add(&content, sighting->count > 0 ? "}" : "{}");
    return content.data;
}

/** The distinct cells that a step has shown, and how often. */
struct shown {
    char *cells[MOST_ALTERNATIVES];
    int64_t times[MOST_ALTERNATIVES]; // 0: not counted
    size_t count;
};

// Takes `cell`.
static void add_shown(struct shown *shown, char *cell, int64_t times) {
    size_t at = 0;
    while (at < shown->count && strcmp(shown->cells[at], cell) < 0)
        at++;
    if (at < shown->count && strcmp(shown->cells[at], cell) == 0) {
        shown->times[at] += times;
        free(cell);
    } else if (shown->count < MOST_ALTERNATIVES) {
        size_t rest = shown->count++ - at;
        memmove(&shown->cells[at + 1], &shown->cells[at], rest * sizeof *shown->cells);
        memmove(&shown->times[at + 1], &shown->times[at], rest * sizeof *shown->times);
        shown->cells[at] = cell;
        shown->times[at] = times;
    } else {
        free(cell);
    }
}

static void show_step(struct shown *shown, const struct observed *observed,
                      const struct baseline_case *before, const char *id) {
    const struct expectation *one = before ? plan_find_expectation(before->row, id) : NULL;
    for (; one; one = one->or_else)
        add_shown(shown, cell_of_expectation(one), one->times);
    for (size_t i = 0; i < observed->count; i++)
        for (size_t k = 0; k < observed->sightings[i].count; k++)
            if (strcmp(observed->sightings[i].ids[k], id) == 0)
                add_shown(shown, xstrdup(observed->sightings[i].cells[k]), 1);
}

// `2013` and 7 times: `{error: 2013, times: 7}`.
static void add_counted(struct text *content, const char *cell, int64_t times) {
    bool number = isdigit((unsigned char)*cell);
    if (times == 0 || strcmp(cell, "crash") == 0) // by an unknown signal, which has no mapping
        text_add(content, cell);
    else if (*cell == '{')
        text_printf(content, "%.*s, times: %lld}", (int)strlen(cell) - 1, cell, (long long)times);
    else
        text_printf(content, "{%s%s%s, times: %lld}", number ? "error: " : "", cell,
                    number ? "" : ": true", (long long)times);
}

static void add_shown_text(struct text *content, struct shown *shown) {
    if (shown->count == 1)
        text_add(content, shown->cells[0]);
    for (size_t i = 0; i < shown->count; i++) {
        if (shown->count > 1) {
            text_add(content, i > 0 ? ", " : "[");
            add_counted(content, shown->cells[i], shown->times[i]);
        }
        free(shown->cells[i]);
    }
    text_add(content, shown->count > 1 ? "]" : "");
}

// The steps of the longest repetition, each with every cell that any repetition showed. `before`:
// the case as listed so far.
static char *unstable_content(const struct observed *observed, const struct baseline_case *before) {
    struct text content = {0};
    const struct sighting *longest = &observed->sightings[0];
    for (size_t i = 1; i < observed->count; i++)
        if (observed->sightings[i].count > longest->count)
            longest = &observed->sightings[i];
    for (size_t i = 0; i < longest->count; i++) {
        struct shown shown = {.count = 0};
        show_step(&shown, observed, before, longest->ids[i]);
        text_add(&content, i > 0 ? ", " : "{");
        cell_add_id(&content, longest->ids[i]);
        text_add(&content, ": ");
        add_shown_text(&content, &shown);
    }
    text_add(&content, "}");
    return content.data;
}

// Whether a plain scalar reads the same inside a flow mapping, by all readers. Digits remain a
// number.
static bool is_plain(const char *text) {
    if (*text && !text[strspn(text, "0123456789")])
        return true;
    if (!yaml_reads_alike(text))
        return false;
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_./$+", *at))
            return false;
    return *text != '-' || text[1];
}

// Writes a node on one line, however it was laid out.
static void add_node(struct text *out, const struct node *node) {
    bool map = node->kind == NODE_MAP;
    if (node->kind == NODE_SCALAR) {
        if (node->quoted || !is_plain(node->text))
            cell_quote(out, node->text);
        else
            text_add(out, node->text);
        return;
    }
    text_add(out, map ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        text_add(out, i > 0 ? ", " : "");
        if (map)
            add_node(out, node->keys[i]);
        text_add(out, map ? ": " : "");
        add_node(out, node->items[i]);
    }
    text_add(out, map ? "}" : "]");
}

static bool is_same(const struct node *one, const struct node *other) {
    if (one->kind != other->kind || one->count != other->count)
        return false;
    if (one->kind == NODE_SCALAR)
        return one->quoted == other->quoted && strcmp(one->text, other->text) == 0;
    for (size_t i = 0; i < one->count; i++)
        if (!is_same(one->items[i], other->items[i]) ||
            (one->kind == NODE_MAP && strcmp(one->keys[i]->text, other->keys[i]->text) != 0))
            return false;
    return true;
}

// The text as written in the old line, if it fits on one: somebody may have laid it out.
static char *old_content(const char *old_text, const struct baseline_case *one) {
    struct err ignored;
    struct text content = {0};
    struct arena *arena = arena_new();
    char *line = baseline_content(old_text, one->key);
    const struct node *read = line ? yaml_parse(arena, "", line, strlen(line), &ignored) : NULL;
    bool same = read && is_same(read, one->value);
    arena_free(arena);
    if (same)
        return line;
    free(line);
    add_node(&content, one->value);
    return content.data;
}

// ---- entries -----------------------------------------------------------------------------------

struct update {
    struct arena *arena;
    const struct baseline *old; // NULL: there is none
    const char *old_text;
    struct baseline_entry *entries;
    size_t count;
    struct baseline_changes *changes;
};

// Takes `content`.
static void add_entry(struct update *update, const char *id, char *content, bool unstable,
                      const struct node *from) {
    cleanup_free char *taken = content;
    update->entries[update->count++] =
        (struct baseline_entry){.id = id,
                                .content = arena_text(update->arena, taken, strlen(taken)),
                                .unstable = unstable,
                                .from = from};
}

static void keep_entry(struct update *update, const struct baseline_case *own, const char *id) {
    add_entry(update, id, old_content(update->old_text, own), own->unstable, own->key);
}

static void tell_unstable(struct update *update, const char *id) {
    struct baseline_changes *changes = update->changes;
    text_printf(&changes->unstable_ids, "%s%s", changes->unstable++ ? ", " : "", id);
}

// A case that the file has as unstable grows by what is new.
static void add_unstable(struct update *update, const struct observed *observed,
                         const struct baseline_case *own, const struct baseline_case *listed) {
    update->changes->added += !own;
    update->changes->changed += own != NULL;
    tell_unstable(update, observed->plan->id);
    add_entry(update, observed->plan->id, unstable_content(observed, listed), true,
              own ? own->key : NULL);
}

static void add_observed(struct update *update, const struct observed *observed,
                         const struct baseline_case *own) {
    const struct baseline *like = update->old ? update->old->like : NULL;
    const struct baseline_case *before = own ? own : baseline_find(like, observed->plan);
    bool listed = before && before->unstable;
    if (own && all_fit(observed, true)) {
        keep_entry(update, own, observed->plan->id);
        if (own->unstable)
            tell_unstable(update, observed->plan->id);
    } else if (all_fit(observed, false)) {
        update->changes->removed += own != NULL;
    } else if (listed || !are_alike(observed)) {
        add_unstable(update, observed, own, listed ? before : NULL);
    } else {
        update->changes->added += !own;
        update->changes->changed += own != NULL;
        add_entry(update, observed->plan->id, content_of(&observed->sightings[0]), false,
                  own ? own->key : NULL);
    }
}

static bool was_observed(const struct observed *cases, size_t count,
                         const struct baseline_case *own) {
    for (size_t i = 0; i < count; i++)
        if (baseline_means(own->id, cases[i].plan))
            return true;
    return false;
}

static void add_all(struct update *update, const struct observed *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct baseline_case *own =
            update->old ? baseline_find_own(update->old, cases[i].plan) : NULL;
        bool usable = !cases[i].incomplete && cases[i].count > 0 && cases[i].sightings[0].count > 0;
        update->changes->left += !usable;
        if (usable)
            add_observed(update, &cases[i], own);
        else if (own)
            keep_entry(update, own, cases[i].plan->id);
    }
    for (size_t i = 0; update->old && i < update->old->case_count; i++)
        if (!was_observed(cases, count, &update->old->cases[i]))
            keep_entry(update, &update->old->cases[i], update->old->cases[i].id);
}

// The old file may be laid out in ways nobody foresaw; this makes sure that nothing was lost.
static int check(const char *path, const char *text, const struct update *update, struct err *err) {
    struct err why = {0};
    cleanup_baseline struct baseline *read = baseline_parse(path, text, strlen(text), &why);
    bool same = read && read->case_count == update->count &&
                (!update->old || read->known_count == update->old->known_count);
    for (size_t i = 0; same && i < update->count; i++) {
        const struct baseline_case *one = baseline_own_case(read, update->entries[i].id);
        same = one && one->unstable == update->entries[i].unstable;
    }
    if (same)
        return 0;
    err_usage(err, "%s: cannot be brought up to date as it is laid out%s%s", path,
              read ? "" : "; it would become: ", read ? "" : why.what);
    return err_remedy(err, "put each key and each case on a line of its own, or move it away and "
                           "let a new one be written");
}

char *baseline_rewrite(const char *path, const struct baseline *old, const char *old_text,
                       const struct baseline_head *head, const struct observed *cases, size_t count,
                       struct baseline_changes *ret_changes, struct err *err) {
    struct update update = {
        .arena = arena_new(), .old = old, .old_text = old_text, .changes = ret_changes};
    *ret_changes = (struct baseline_changes){0};
    update.entries = xcalloc(count + (old ? old->case_count : 0) + 1, sizeof *update.entries);
    add_all(&update, cases, count);
    char *text = baseline_lay_out(old, old_text, head, update.entries, update.count);
    if (check(path, text, &update, err) < 0) {
        free(text);
        text = NULL;
    }
    free(update.entries);
    arena_free(update.arena);
    return text;
}
