// SPDX-License-Identifier: Apache-2.0
// mistakes.c - collects all mistakes in a file, not only the first
#include "yaml/mistakes.h"

#include "base/text.h"

#include <string.h>

// Bounds the time, since every case of a file finds each error again, and since a broken part,
// which can be large, is searched for every name that is missed.
enum { MOST_ERRORS = 2000, MOST_SEARCHED = 2000000, MOST_MISSED = 4 };

struct mistake {
    int line, column;
    const char *what;
};

/** The latest error, until it is kept. */
struct latest {
    int line, column; // 0: it has been kept
    size_t missed_count;
    const char *missed[MOST_MISSED];
};

/** A part that was left out. */
struct broken {
    const char *label;
    const struct node *part;
    bool whole; // all of it; else the mistakes in it are known more precisely
};

struct mistakes {
    struct arena *arena;
    struct latest latest;
    size_t count, broken_count, errors, searched;
    bool closed;
    struct mistake items[MISTAKES_MOST];
    struct broken broken[2 * MISTAKES_MOST];
};

struct mistakes *mistakes_new(struct arena *arena) {
    struct mistakes *mistakes = arena_alloc(arena, sizeof *mistakes);
    mistakes->arena = arena;
    return mistakes;
}

void mistakes_note(struct mistakes *mistakes, const struct node *node) {
    if (mistakes)
        mistakes->latest = (struct latest){.line = node->line, .column = node->column};
}

int mistakes_misses(const struct node *node, const char *name) {
    struct latest *latest = node->mistakes ? &node->mistakes->latest : NULL;
    if (latest && latest->missed_count < MOST_MISSED)
        latest->missed[latest->missed_count++] = name;
    return -1;
}

static bool has_name(struct mistakes *mistakes, const struct node *node, const char *name) {
    if (++mistakes->searched > MOST_SEARCHED)
        return true; // if in doubt, do not report another error
    if (node->kind == NODE_SCALAR)
        return strcmp(node->text, name) == 0;
    for (size_t i = 0; i < node->count; i++)
        if (has_name(mistakes, node->items[i], name) ||
            (node->kind == NODE_MAP && strcmp(node->keys[i]->text, name) == 0))
            return true;
    return false;
}

static bool is_broken(struct mistakes *mistakes, const char *name) {
    for (size_t i = 0; i < mistakes->broken_count; i++) {
        const struct broken *one = &mistakes->broken[i];
        if (strcmp(one->label, name) == 0 || (one->whole && has_name(mistakes, one->part, name)))
            return true;
    }
    return false;
}

// Whether an error follows from another mistake.
static bool follows(struct mistakes *mistakes) {
    for (size_t i = 0; i < mistakes->latest.missed_count; i++)
        if (is_broken(mistakes, mistakes->latest.missed[i]))
            return true;
    return false;
}

// Adds a mistake, unless its place or its text is listed already: something that was only tried in
// between may have changed the latest place, but not the text.
static void add(struct mistakes *mistakes, const char *what) {
    const struct latest *latest = &mistakes->latest;
    for (size_t i = 0; i < mistakes->count; i++) {
        const struct mistake *one = &mistakes->items[i];
        if ((one->line == latest->line && one->column == latest->column) ||
            strcmp(one->what, what) == 0)
            return;
    }
    if (mistakes->count < MISTAKES_MOST)
        mistakes->items[mistakes->count++] =
            (struct mistake){.line = latest->line,
                             .column = latest->column,
                             .what = arena_text(mistakes->arena, what, strlen(what))};
}

// Each case has its own copy, with its parameters.
static bool is_same(const struct node *one, const struct node *other) {
    return one->line == other->line && one->column == other->column && one->kind == other->kind;
}

static void add_broken(struct mistakes *mistakes, const char *label, const struct node *part,
                       bool whole) {
    for (size_t i = 0; i < mistakes->broken_count; i++)
        if (is_same(mistakes->broken[i].part, part) &&
            strcmp(mistakes->broken[i].label, label) == 0)
            return;
    if (mistakes->broken_count < COUNT_OF(mistakes->broken))
        mistakes->broken[mistakes->broken_count++] = (struct broken){label, part, whole};
}

bool mistakes_keep(const struct node *part, const char *label, const struct err *err) {
    struct mistakes *mistakes = part->mistakes;
    if (!mistakes || err->exhausted)
        return false;
    bool is_new = mistakes->latest.line > 0;
    if (mistakes->count == 0 || (is_new && !follows(mistakes)))
        add(mistakes, err->what);
    mistakes->latest.line = 0;
    mistakes->errors += is_new;
    add_broken(mistakes, label, part, is_new && *label); // no label: the file itself lacks
                                                         // something
    return !mistakes->closed && mistakes->count < MISTAKES_MOST && mistakes->errors < MOST_ERRORS;
}

void mistakes_spoil(const struct node *part) {
    if (part->mistakes)
        add_broken(part->mistakes, "", part, true);
}

bool mistakes_has(const struct node *part) {
    const struct mistakes *mistakes = part->mistakes;
    for (size_t i = 0; mistakes && i < mistakes->broken_count; i++)
        if (mistakes->broken[i].part == part)
            return true;
    return false;
}

bool mistakes_any(const struct node *node) {
    return node->mistakes && node->mistakes->count > 0;
}

void mistakes_close(const struct node *node) {
    if (node->mistakes)
        node->mistakes->closed = true;
}

static int by_place(const void *a, const void *b) {
    const struct mistake *one = a, *other = b;
    return one->line != other->line ? one->line - other->line : one->column - other->column;
}

static void print(const struct mistakes *mistakes, struct text *text, size_t most_bytes) {
    enum { LAST_LINE_BYTES = 320 }; // and the context that a command puts in front
    struct mistake sorted[MISTAKES_MOST];
    size_t shown = 0;
    memcpy(sorted, mistakes->items, sizeof sorted);
    qsort(sorted, mistakes->count, sizeof *sorted, by_place);
    for (; shown < mistakes->count && shown < MISTAKES_SHOWN; shown++) {
        if (text->length + strlen(sorted[shown].what) + LAST_LINE_BYTES > most_bytes)
            break;
        text_printf(text, "%s%s", shown ? "\n" : "", sorted[shown].what);
    }
    if (shown < mistakes->count)
        text_printf(text, "\nand %s%zu more", mistakes->count == MISTAKES_MOST ? "at least " : "",
                    mistakes->count - shown);
}

int mistakes_end(struct mistakes *mistakes, int done, struct err *err) {
    cleanup_text struct text text = {0};
    if (done < 0 && (err->exhausted || (mistakes->count == 0 && mistakes->latest.line == 0)))
        return -1;
    if (done < 0 && mistakes->latest.line > 0 && !follows(mistakes))
        add(mistakes, err->what);
    if (mistakes->count == 0)
        return done;
    print(mistakes, &text, sizeof err->what);
    return err_usage(err, "%s", text_get(&text));
}
