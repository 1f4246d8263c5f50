// SPDX-License-Identifier: Apache-2.0
// layout.c - lays out a baseline: sorted lines, folded transports, and the comments of the old file
//
// The file belongs to a person: its order of keys, its comments and everything that is not measured
// are kept. Only the versions and the lines of cases are rewritten. A comment above or behind a
// case moves with the case.
#include "baseline/cell.h"
#include "baseline/rewrite.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// ---- lines of the old file ---------------------------------------------------------------------

struct lines {
    size_t count;
    char **items;
};

static struct lines split(const char *text) {
    struct lines lines = {0};
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        lines.items = xrealloc(lines.items, lines.count + 1, sizeof *lines.items);
        lines.items[lines.count++] = xprintf("%.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
    return lines;
}

static void lines_release(struct lines *lines) {
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i]);
    free(lines->items);
}

static const char *line_at(const struct lines *lines, size_t index) {
    return lines->items && index < lines->count ? lines->items[index] : "";
}

static bool is_remark(const char *line) {
    line += strspn(line, " \t\r");
    return *line == '\0' || *line == '#';
}

// The first of the comments and empty lines directly above a line, at or after `floor`.
static size_t remarks_above(const struct lines *lines, size_t line, size_t floor) {
    while (line > floor && is_remark(line_at(lines, line - 1)))
        line--;
    return line;
}

// The end of "{..}", or NULL if it does not end on this line.
static const char *end_of_mapping(const char *at) {
    int depth = 0;
    char quote = 0;
    for (char before = '{'; *at; before = *at++) {
        if (quote == '"' && *at == '\\' && at[1])
            at++;
        else if (quote)
            quote = *at == quote ? 0 : quote;
        else if ((*at == '"' || *at == '\'') && strchr("{[,: ", before))
            quote = *at;
        else if (*at == '#' && before == ' ')
            return NULL;
        else
            depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        if (!quote && depth == 0)
            return at + 1;
    }
    return NULL;
}

static const char *find_content(const char *line) {
    for (const char *colon = line; (colon = strchr(colon, ':')); colon++) {
        const char *value = colon + 1 + strspn(colon + 1, " ");
        if (*value == '{' && value > colon + 1)
            return value;
    }
    return NULL;
}

char *baseline_content(const char *old_text, const struct node *key) {
    const char *line = old_text;
    for (int i = 1; line && i < key->line; i++) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    cleanup_free char *one = line ? xprintf("%.*s", (int)strcspn(line, "\n"), line) : NULL;
    const char *content = one ? find_content(one) : NULL;
    const char *end = content ? end_of_mapping(content) : NULL;
    return end ? xprintf("%.*s", (int)(end - content), content) : NULL;
}

// The comment behind a value, "# a comment"; NULL: none.
static const char *comment_behind(const char *line) {
    const char *content = find_content(line);
    const char *end = content ? end_of_mapping(content) : NULL;
    for (const char *at = end ? end : line; (at = strchr(at, '#')); at++)
        if (at > line && (at[-1] == ' ' || at[-1] == '\t'))
            return at;
    return NULL;
}

// ---- comments of cases -------------------------------------------------------------------------

/** The comments of a line of cases. */
struct remark {
    const struct node *key; // of the line
    struct text above;      // whole lines
    char *behind;           // or NULL
    bool done;
};

struct remarks {
    size_t count;
    struct remark *items;
};

static void remarks_release(struct remarks *remarks) {
    for (size_t i = 0; i < remarks->count; i++) {
        text_release(&remarks->items[i].above);
        free(remarks->items[i].behind);
    }
    free(remarks->items);
}

static void add_remark(struct remarks *remarks, const struct lines *lines, const struct node *key,
                       size_t floor) {
    struct remark remark = {.key = key};
    size_t line = (size_t)key->line - 1;
    for (size_t i = remarks_above(lines, line, floor); i < line; i++)
        text_printf(&remark.above, "%s\n", line_at(lines, i));
    remark.behind = xstrdup(comment_behind(line_at(lines, line)));
    if (remark.above.length == 0 && !remark.behind)
        return;
    remarks->items = xrealloc(remarks->items, remarks->count + 1, sizeof *remarks->items);
    remarks->items[remarks->count++] = remark;
}

static void collect_remarks(struct remarks *remarks, const struct lines *lines,
                            const struct baseline *old, const char *section) {
    const struct node *cases = old ? node_get(old->root, section) : NULL;
    for (size_t i = 0; cases && cases->kind == NODE_MAP && i < cases->count; i++) {
        const struct node *key = cases->keys[i];
        size_t floor = 0; // the line of the section's key, or of the case above
        for (size_t k = 0; k < old->root->count; k++)
            if (old->root->items[k] == cases)
                floor = (size_t)old->root->keys[k]->line;
        if (i > 0 && (size_t)cases->keys[i - 1]->line > floor)
            floor = (size_t)cases->keys[i - 1]->line;
        if ((size_t)key->line <= lines->count)
            add_remark(remarks, lines, key, floor);
    }
}

static struct remark *find_remark(struct remarks *remarks, const struct node *key) {
    for (size_t i = 0; key && i < remarks->count; i++)
        if (remarks->items[i].key == key && !remarks->items[i].done)
            return &remarks->items[i];
    return NULL;
}

// ---- lines of cases ----------------------------------------------------------------------------

static int by_fold(const void *a, const void *b) {
    const struct baseline_entry *one = a, *other = b;
    size_t base = strcspn(one->id, "@"), other_base = strcspn(other->id, "@");
    int order = strncmp(one->id, other->id, base > other_base ? base : other_base);
    if (order == 0)
        order = (int)one->unstable - (int)other->unstable;
    if (order == 0)
        order = strcmp(one->content, other->content);
    return order ? order : strcmp(one->id, other->id);
}

static bool folds(const struct baseline_entry *one, const struct baseline_entry *other) {
    size_t base = strcspn(one->id, "@");
    return one->unstable == other->unstable && strcmp(one->content, other->content) == 0 &&
           strncmp(one->id, other->id, base + 1) == 0 && !strchr(one->id + base + 1, '@') &&
           !strchr(other->id + base + 1, '@');
}

/** Entries that share a line. */
struct folded {
    const struct baseline_entry *first;
    size_t count;
    char *key;
};

static char *key_of(const struct baseline_entry *first, size_t count) {
    struct text key = {0};
    size_t base = strcspn(first->id, "@");
    text_add(&key, first->id);
    if (count > 1) {
        key.length = base;
        text_add(&key, "@[");
        for (size_t i = 0; i < count; i++)
            text_printf(&key, "%s%s", i > 0 ? ", " : "", first[i].id + base + 1);
        text_add(&key, "]");
    }
    return key.data;
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct folded *)a)->key, ((const struct folded *)b)->key);
}

static struct folded *fold(struct baseline_entry *entries, size_t count, size_t *ret_count) {
    struct folded *all = xcalloc(count + 1, sizeof *all);
    *ret_count = 0;
    qsort(entries, count, sizeof *entries, by_fold);
    for (size_t i = 0; i < count;) {
        struct folded *one = &all[(*ret_count)++];
        *one = (struct folded){.first = &entries[i], .count = 1};
        while (i + one->count < count && folds(&entries[i], &entries[i + one->count]))
            one->count++;
        one->key = key_of(one->first, one->count);
        i += one->count;
    }
    qsort(all, *ret_count, sizeof *all, by_key);
    return all;
}

static void add_key(struct text *out, const char *key) {
    bool plain = isalnum((unsigned char)*key);
    for (const char *at = key; *at; at++)
        plain = plain && (isalnum((unsigned char)*at) || strchr("-_./@[], ", *at));
    if (plain)
        text_add(out, key);
    else
        cell_quote(out, key);
}

static void add_line(struct text *out, const struct folded *line, struct remarks *remarks) {
    cleanup_text struct text behind = {0};
    for (size_t i = 0; i < line->count; i++) {
        struct remark *remark = find_remark(remarks, line->first[i].from);
        if (!remark)
            continue;
        remark->done = true;
        text_add(out, text_get(&remark->above));
        if (remark->behind && behind.length > 0)
            text_printf(out, "  %s\n", remark->behind);
        else if (remark->behind)
            text_printf(&behind, "  %s", remark->behind);
    }
    text_add(out, "  ");
    add_key(out, line->key);
    text_printf(out, ": %s%s\n", line->first->content, text_get(&behind));
}

// Keeps comments of cases that no longer have a line, at the end of the section.
static void add_orphans(struct text *out, const struct baseline *old, const char *section,
                        struct remarks *remarks, const struct folded *lines, size_t count) {
    const struct node *cases = old ? node_get(old->root, section) : NULL;
    for (size_t i = 0; cases && cases->kind == NODE_MAP && i < cases->count; i++) {
        struct remark *remark = find_remark(remarks, cases->keys[i]);
        bool used = false;
        for (size_t k = 0; remark && k < count; k++)
            for (size_t n = 0; n < lines[k].count; n++)
                used |= lines[k].first[n].from == remark->key;
        if (!remark || used)
            continue;
        remark->done = true;
        text_add(out, text_get(&remark->above));
        if (remark->behind)
            text_printf(out, "  # %s: %s\n", remark->key->text,
                        remark->behind + strspn(remark->behind, "# "));
    }
}

// ---- the file ----------------------------------------------------------------------------------

struct layout {
    const struct baseline *old;
    const struct baseline_head *head;
    struct lines lines;
    struct remarks remarks;
    struct folded *folds;
    size_t fold_count;
    struct text out;
};

static void add_section(struct layout *layout, const char *name, const char *comment) {
    bool unstable = strcmp(name, "unstable") == 0, any = !unstable;
    for (size_t i = 0; i < layout->fold_count; i++)
        any |= layout->folds[i].first->unstable == unstable;
    if (any)
        text_printf(&layout->out, "%s:%s%s\n", name, comment ? " " : "", comment ? comment : "");
    for (size_t i = 0; i < layout->fold_count; i++)
        if (layout->folds[i].first->unstable == unstable)
            add_line(&layout->out, &layout->folds[i], &layout->remarks);
    add_orphans(&layout->out, layout->old, name, &layout->remarks, layout->folds,
                layout->fold_count);
}

static void add_head(struct layout *layout, const char *key, const char *comment) {
    const struct baseline_head *head = layout->head;
    bool connector = strcmp(key, "connector") == 0, server = strcmp(key, "server") == 0;
    const char *name = connector ? head->connector : server ? head->server : "";
    const char *version = connector ? head->connector_version
                          : server  ? head->server_version
                                    : head->catalogue;
    cleanup_free char *value = xprintf("%s%s%s", name, *name && *version ? " " : "", version);
    bool plain = isalnum((unsigned char)*value) && yaml_reads_alike(value);
    for (const char *at = value; *at; at++)
        plain = plain && (isalnum((unsigned char)*at) || strchr("-_.+~ ", *at));
    text_printf(&layout->out, "%s: ", key);
    if (plain)
        text_add(&layout->out, value);
    else
        cell_quote(&layout->out, value);
    text_printf(&layout->out, "%s%s\n", comment ? "  " : "", comment ? comment : "");
}

static void add_new(struct layout *layout) {
    text_printf(&layout->out, "# What was measured; `goneaway run --baseline` judges by it, and "
                              "--update-baseline writes it anew.\n"
                              "goneaway-outcomes: 1\n");
    add_head(layout, "connector", NULL);
    add_head(layout, "server", NULL);
    add_head(layout, "catalogue", NULL);
    if (layout->head->like)
        text_printf(&layout->out, "like: %s\n", layout->head->like);
}

// Copies a key of the old file and everything below it, from its line up to `until`.
static void add_old(struct layout *layout, const struct node *key, size_t until) {
    size_t line = (size_t)key->line - 1;
    const char *comment = comment_behind(line_at(&layout->lines, line));
    bool head = strcmp(key->text, "connector") == 0 || strcmp(key->text, "server") == 0 ||
                strcmp(key->text, "catalogue") == 0;
    if (head)
        add_head(layout, key->text, comment);
    else if (strcmp(key->text, "cases") == 0 || strcmp(key->text, "unstable") == 0)
        add_section(layout, key->text, comment);
    for (size_t i = line; i < until && !head && strcmp(key->text, "cases") != 0 &&
                          strcmp(key->text, "unstable") != 0;
         i++)
        text_printf(&layout->out, "%s\n", line_at(&layout->lines, i));
    if (strcmp(key->text, "server") == 0 && !layout->old->catalogue)
        add_head(layout, "catalogue", NULL);
}

static void add_all_old(struct layout *layout) {
    const struct node *root = layout->old->root;
    size_t from = 0;
    for (size_t i = 0; i < root->count; i++) {
        size_t line = (size_t)root->keys[i]->line - 1;
        size_t next =
            i + 1 < root->count ? (size_t)root->keys[i + 1]->line - 1 : layout->lines.count;
        size_t until = remarks_above(&layout->lines, next, line + 1);
        for (; from < line; from++)
            text_printf(&layout->out, "%s\n", line_at(&layout->lines, from));
        add_old(layout, root->keys[i], until);
        from = until;
    }
    if (!node_get(root, "cases"))
        add_section(layout, "cases", NULL);
    if (!node_get(root, "unstable"))
        add_section(layout, "unstable", NULL);
    for (; from < layout->lines.count; from++)
        text_printf(&layout->out, "%s\n", line_at(&layout->lines, from));
}

char *baseline_lay_out(const struct baseline *old, const char *old_text,
                       const struct baseline_head *head, struct baseline_entry *entries,
                       size_t count) {
    struct layout layout = {.old = old, .head = head, .lines = split(old_text)};
    collect_remarks(&layout.remarks, &layout.lines, old, "cases");
    collect_remarks(&layout.remarks, &layout.lines, old, "unstable");
    layout.folds = fold(entries, count, &layout.fold_count);
    if (old) {
        add_all_old(&layout);
    } else {
        add_new(&layout);
        add_section(&layout, "cases", NULL);
        add_section(&layout, "unstable", NULL);
    }
    for (size_t i = 0; i < layout.fold_count; i++)
        free(layout.folds[i].key);
    free(layout.folds);
    remarks_release(&layout.remarks);
    lines_release(&layout.lines);
    return layout.out.data;
}
