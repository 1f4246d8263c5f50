// SPDX-License-Identifier: Apache-2.0
// words.c - what human-readable reports of `goneaway compare` share
#include "compare/words.h"

#include <stdlib.h>
#include <string.h>

// ---- cases folded into lines -------------------------------------------------------------------

static bool is_text(const struct text *one, const struct text *other) {
    return strcmp(text_get(one), text_get(other)) == 0;
}

static const char *server_name(const struct comparison *comparison, size_t pair) {
    return comparison->before->servers.items[comparison->servers.items[pair].before].name;
}

static const char *connector_name(const struct comparison *comparison, size_t pair) {
    return comparison->before->connectors.items[comparison->connectors.items[pair].before].name;
}

static size_t base_length(const struct compared *where) {
    return strcspn(where->id, "@");
}

static bool is_of_base(const struct case_line *line, const struct compared *where) {
    size_t length = base_length(where);
    return line->first->connector == where->connector && base_length(line->first) == length &&
           strncmp(line->first->id, where->id, length) == 0;
}

static void case_line_release(struct case_line *line) {
    text_release(&line->transports);
    text_release(&line->steps);
    text_release(&line->servers);
}

// Starts the line for the case whose changes begin at `index`; returns how many changes it has.
static size_t open_fold(const struct change_group *group, size_t index,
                        const struct comparison *comparison, struct case_line *ret) {
    const struct compared *where = &group->changes[index].where;
    const char *transport = group->changes[index].traits[TRAIT_TRANSPORT];
    size_t count = 0;
    *ret = (struct case_line){.first = where, .server_count = 1, .last_server = where->server};
    text_add(&ret->transports, transport);
    text_add(&ret->servers, server_name(comparison, where->server));
    for (; index + count < group->count; count++) {
        const struct change *change = &group->changes[index + count];
        if (change->where.server != where->server || change->where.connector != where->connector ||
            strcmp(change->where.id, where->id) != 0)
            break;
        text_printf(&ret->steps, "%s%s", count ? ", " : "", change->traits[TRAIT_STEP]);
    }
    return count;
}

// Merges the case into an equal line for another transport.
static bool join_transport(const struct case_lines *lines, const struct case_line *one) {
    for (size_t i = lines->count; i-- > 0 && is_of_base(&lines->items[i], one->first);) {
        struct case_line *line = &lines->items[i];
        if (line->last_server != one->last_server || !is_text(&line->steps, &one->steps))
            continue;
        text_printf(&line->transports, ", %s", text_get(&one->transports));
        return true;
    }
    return false;
}

// Merges lines that are equal but for the server.
static void join_servers(struct case_lines *lines) {
    size_t kept = 0;
    for (size_t i = 0; i < lines->count; i++) {
        struct case_line *line = &lines->items[i], *same = NULL;
        for (size_t k = kept; k-- > 0 && is_of_base(&lines->items[k], line->first) && !same;)
            if (is_text(&lines->items[k].steps, &line->steps) &&
                is_text(&lines->items[k].transports, &line->transports))
                same = &lines->items[k];
        if (!same) {
            struct case_line moved = *line;
            lines->items[kept++] = moved;
            continue;
        }
        text_printf(&same->servers, ", %s", text_get(&line->servers));
        same->server_count++;
        case_line_release(line);
    }
    lines->count = kept;
}

void case_lines_make(struct case_lines *lines, const struct comparison *comparison,
                     const struct change_group *group) {
    *lines = (struct case_lines){.items = xcalloc(group->case_count + 1, sizeof *lines->items)};
    for (size_t i = 0; i < group->count;) {
        struct case_line one;
        i += open_fold(group, i, comparison, &one);
        if (join_transport(lines, &one))
            case_line_release(&one);
        else
            lines->items[lines->count++] = one;
    }
    join_servers(lines);
}

void case_lines_release(struct case_lines *lines) {
    for (size_t i = 0; i < lines->count; i++)
        case_line_release(&lines->items[i]);
    free(lines->items);
    *lines = (struct case_lines){0};
}

void case_line_name(struct text *out, const struct case_line *line) {
    const char *transports = text_get(&line->transports);
    if (strchr(transports, ','))
        text_printf(out, "%.*s@[%s]", (int)base_length(line->first), line->first->id, transports);
    else
        text_add(out, line->first->id);
}

void case_line_rest(struct text *out, const struct case_line *line,
                    const struct comparison *comparison, const struct change_group *group) {
    bool headed = group->case_count > 1; // what they have in common is in the heading
    if (!headed || !group->common[TRAIT_STEP])
        text_add(out, text_get(&line->steps));
    if (line->server_count < comparison->servers.count && (!headed || !group->common[TRAIT_SERVER]))
        text_printf(out, "%son %s", out->length ? " " : "", text_get(&line->servers));
    if (comparison->connectors.count > 1 && (!headed || !group->common[TRAIT_CONNECTOR]))
        text_printf(out, "%swith %s", out->length ? " " : "",
                    connector_name(comparison, line->first->connector));
}

// ---- phrases -----------------------------------------------------------------------------------

const char *compare_cases(size_t count) {
    return count == 1 ? "case" : "cases";
}

/** The wording of each trait; `within`: a trait that says more and makes it redundant. */
static const struct {
    enum trait trait;
    const char *format;
    int within;
} phrases[] = {
    {TRAIT_TRANSPORT, "over %s", -1},
    {TRAIT_STEP, "in step %s", -1},
    {TRAIT_VERB, "in %s steps", TRAIT_STEP},
    {TRAIT_SCENARIO, "of %s", -1},
    {TRAIT_CAUSE, "of the cause %s", TRAIT_SCENARIO},
    {TRAIT_FAULT, "after the fault %s", TRAIT_SCENARIO},
    {TRAIT_CONNECTOR, "with %s", -1},
    {TRAIT_SERVER, "on %s", -1},
};

void compare_common(struct text *out, const struct change_group *group) {
    size_t begin = out->length;
    for (size_t i = 0; group->case_count > 1 && i < COUNT_OF(phrases); i++) {
        const char *common = group->common[phrases[i].trait];
        if (!common || (phrases[i].within >= 0 && group->common[phrases[i].within]))
            continue;
        text_add(out, out->length == begin ? "all " : ", ");
        char *percent = strchr(phrases[i].format, '%');
        text_append(out, phrases[i].format, (size_t)(percent - phrases[i].format));
        text_add(out, common);
    }
}

static bool is_paired(const struct pairs *pairs, size_t index, bool after) {
    for (size_t i = 0; i < pairs->count; i++)
        if ((after ? pairs->items[i].after : pairs->items[i].before) == index)
            return true;
    return false;
}

void compare_places(struct text *out, const struct pairs *pairs, const struct seen_places *places,
                    bool after) {
    size_t begin = out->length;
    for (size_t i = 0; i < places->count; i++) {
        const struct seen_place *place = &places->items[i];
        if (is_paired(pairs, i, after))
            text_printf(out, "%s%s%s%s", out->length > begin ? ", " : "", place->name,
                        *place->version ? " " : "", place->version);
    }
}

void compare_unpaired(struct text *out, const struct pairs *pairs, const struct seen_places *places,
                      bool after) {
    for (size_t i = 0; i < places->count; i++)
        if (!is_paired(pairs, i, after))
            text_printf(out, "%s%s", out->length > 0 ? ", " : "", places->items[i].name);
}

static const char *const state_words[SEEN_STATES] = {
    [SEEN_BROKEN] = "broken", [SEEN_SKIPPED] = "skipped"};

void compare_idle(struct text *out, const struct comparison *comparison) {
    for (int i = 0; i < SEEN_STATES; i++)
        for (int k = 0; k < SEEN_STATES; k++) {
            size_t count = comparison->idle[i][k];
            if (count == 0)
                continue;
            text_printf(out, "%s%zu ", out->length > 0 ? ", " : "", count);
            if (i == k)
                text_printf(out, "%s in both", state_words[i]);
            else
                text_printf(out, "%s%s%s%s%s", i ? state_words[i] : "", i ? " in OLD" : "",
                            i && k ? " and " : "", k ? state_words[k] : "", k ? " in NEW" : "");
        }
}

// "" if the id, which may be a stranger's, has none.
static const char *transport_of(const struct compared *where) {
    const char *at = where->id + base_length(where);
    return *at ? at + 1 : at;
}

static bool is_same_step(const struct lone *one, const struct lone *other) {
    return one->step && other->step ? strcmp(one->step, other->step) == 0
                                    : one->step == other->step;
}

// Puts the transports of a case next to each other.
static int by_id(const void *a, const void *b) {
    const struct lone *one = *(const struct lone *const *)a;
    const struct lone *other = *(const struct lone *const *)b;
    size_t length = base_length(&one->where), others = base_length(&other->where);
    int order = strncmp(one->where.id, other->where.id, length > others ? length : others);
    if (order == 0 && one->step && other->step)
        order = strcmp(one->step, other->step);
    return order ? order : strcmp(one->where.id, other->where.id);
}

static bool is_of_one_case(const struct lone *one, const struct lone *other) {
    size_t length = base_length(&one->where);
    return base_length(&other->where) == length && is_same_step(one, other) &&
           strncmp(one->where.id, other->where.id, length) == 0;
}

// Appends `count` entries of one case as one name: its transports, each perhaps with several
// servers or connectors.
static void add_name(struct text *out, const struct lone **sorted, size_t count) {
    const struct compared *where = &sorted[0]->where;
    size_t length = base_length(where);
    bool several = strcmp(where->id, sorted[count - 1]->where.id) != 0;
    text_append(out, where->id, several ? length : strlen(where->id));
    for (size_t i = 0; several && i < count; i++)
        if (i == 0 || strcmp(sorted[i]->where.id, sorted[i - 1]->where.id) != 0)
            text_printf(out, "%s%s", i ? ", " : "@[", transport_of(&sorted[i]->where));
    text_printf(out, "%s%s%s", several ? "]" : "", sorted[0]->step ? " " : "",
                sorted[0]->step ? sorted[0]->step : "");
}

static void add_ids(struct text *out, const struct lone **sorted, size_t count, size_t most) {
    size_t named = 0, next;
    for (size_t i = 0; i < count; i = next) {
        for (next = i + 1; next < count && is_of_one_case(sorted[i], sorted[next]);)
            next++;
        if (named++ >= most)
            continue;
        text_add(out, named > 1 ? ", " : "");
        add_name(out, &sorted[i], next - i);
    }
    if (named > most)
        text_printf(out, " and %zu more", named - most);
}

void compare_lones(struct text *out, const struct lones *lones, bool steps, size_t most) {
    cleanup_free const struct lone **sorted = xcalloc(lones->count + 1, sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < lones->count; i++)
        if ((lones->items[i].step != NULL) == steps)
            sorted[count++] = &lones->items[i];
    qsort(sorted, count, sizeof *sorted, by_id);
    add_ids(out, sorted, count, most);
}

void compare_where(struct text *out, const struct comparison *comparison,
                   const struct compared *where, const char *step) {
    text_printf(out, "%s %s", where->id, step);
    if (comparison->servers.count > 1)
        text_printf(out, " on %s", server_name(comparison, where->server));
    if (comparison->connectors.count > 1)
        text_printf(out, " with %s", connector_name(comparison, where->connector));
}
