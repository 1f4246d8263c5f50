// SPDX-License-Identifier: Apache-2.0
// json.c - a comparison for programs: one object; fixtures/schemas/compare.schema.json
#include "compare/words.h"

#include "base/utf8.h"
#include "cli/options.h"
#include "plan/codes.h"
#include "report/detail.h"

#include <string.h>

enum { SCHEMA_VERSION = 1 };

static void *json_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    return file;
}

static void json_close(void *state) {
    (void)state;
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text)
        json_object_set_new(object, key, utf8_json(text));
}

static json_t *place_json(const struct seen_place *place) {
    json_t *object = json_pack("{s:o}", "name", utf8_json(place->name));
    set_text(object, "version", *place->version ? place->version : NULL);
    return object;
}

static json_t *pairs_json(const struct pairs *pairs, const struct seen_places *before,
                          const struct seen_places *after) {
    json_t *list = json_array();
    for (size_t i = 0; i < pairs->count; i++)
        json_array_append_new(
            list, json_pack("{s:o, s:o}", "old", place_json(&before->items[pairs->items[i].before]),
                            "new", place_json(&after->items[pairs->items[i].after])));
    return list;
}

static json_t *side_json(const struct seen *seen) {
    json_t *object =
        json_pack("{s:o, s:i}", "path", utf8_json(seen->path), "cases", (int)seen->case_count);
    set_text(object, "incomplete", seen->incomplete);
    return object;
}

// Names are those of the old side, as in the pairs.
static void set_where(const struct comparison *comparison, json_t *object,
                      const struct compared *where) {
    size_t connector = comparison->connectors.items[where->connector].before;
    size_t server = comparison->servers.items[where->server].before;
    set_text(object, "case", where->id);
    set_text(object, "connector", comparison->before->connectors.items[connector].name);
    set_text(object, "server", comparison->before->servers.items[server].name);
}

static json_t *step_json(const struct seen_step *step) {
    static const char *const sessions[] = {[SESSION_SAME] = "same", [SESSION_NEW] = "new"};
    const struct code *code = code_by_number(step->error);
    json_t *object =
        json_pack("{s:s, s:i}", "outcome", outcome_names[step->outcome], "errno", step->error);
    set_text(object, "symbol", code ? code->symbol : NULL);
    if (step->signal)
        json_object_set_new(object, "signal", json_integer(step->signal));
    set_text(object, "sqlstate", step->sqlstate);
    set_text(object, "native", step->native);
    set_text(object, "session", step->session >= 0 ? sessions[step->session] : NULL);
    if (step->row_count >= 0)
        json_object_set_new(object, "rows", json_integer(step->row_count));
    if (step->values)
        json_object_set_new(object, "row_values", json_loads(step->values, JSON_DECODE_ANY, NULL));
    return object;
}

static json_t *sights_json(const struct sights *sights) {
    json_t *list = json_array();
    for (size_t i = 0; i < sights->count; i++)
        json_array_append_new(list, step_json(sights->items[i]));
    return list;
}

static json_t *change_json(const struct comparison *comparison, const struct change *change) {
    json_t *object = json_object();
    set_where(comparison, object, &change->where);
    set_text(object, "step", change->traits[TRAIT_STEP]);
    json_object_set_new(object, "old", sights_json(&change->before));
    json_object_set_new(object, "new", sights_json(&change->after));
    return object;
}

static json_t *group_json(const struct comparison *comparison, const struct change_group *group) {
    json_t *common = json_object(), *changes = json_array();
    for (int i = 0; i < TRAIT_COUNT; i++)
        set_text(common, trait_names[i], group->common[i]);
    for (size_t i = 0; i < group->count; i++)
        json_array_append_new(changes, change_json(comparison, &group->changes[i]));
    return json_pack("{s:o, s:o, s:i, s:o, s:o}", "old", utf8_json(group->changes->before_text),
                     "new", utf8_json(group->changes->after_text), "cases", (int)group->case_count,
                     "common", common, "changes", changes);
}

static json_t *groups_json(const struct comparison *comparison) {
    json_t *list = json_array();
    for (size_t i = 0; i < comparison->group_count; i++)
        json_array_append_new(list, group_json(comparison, &comparison->groups[i]));
    return list;
}

static json_t *lones_json(const struct comparison *comparison, const struct lones *lones) {
    json_t *list = json_array();
    for (size_t i = 0; i < lones->count; i++) {
        json_t *object = json_object();
        set_where(comparison, object, &lones->items[i].where);
        set_text(object, "step", lones->items[i].step);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *unstable_json(const struct comparison *comparison) {
    json_t *list = json_array();
    for (size_t i = 0; i < comparison->unstable_count; i++) {
        const struct unstable *one = &comparison->unstable[i];
        json_t *object = json_pack("{s:s, s:o, s:o}", "in", one->after ? "new" : "old", "step",
                                   utf8_json(one->step), "seen", utf8_json(one->text));
        set_where(comparison, object, &one->where);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *idle_json(const struct comparison *comparison) {
    static const char *const words[SEEN_STATES] = {
        [SEEN_RAN] = "ran", [SEEN_BROKEN] = "broken", [SEEN_SKIPPED] = "skipped"};
    json_t *list = json_array();
    for (int i = 0; i < SEEN_STATES; i++)
        for (int k = 0; k < SEEN_STATES; k++)
            if (comparison->idle[i][k] > 0)
                json_array_append_new(list,
                                      json_pack("{s:s, s:s, s:i}", "old", words[i], "new", words[k],
                                                "cases", (int)comparison->idle[i][k]));
    return list;
}

static void json_write(void *state, const void *what) {
    const struct comparison *comparison = what;
    const struct seen *before = comparison->before, *after = comparison->after;
    json_auto_t *object =
        json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:i}", "type", "compare", "schema",
                  SCHEMA_VERSION, "version", utf8_json(goneaway_version), "old", side_json(before),
                  "new", side_json(after), "connectors",
                  pairs_json(&comparison->connectors, &before->connectors, &after->connectors),
                  "servers", pairs_json(&comparison->servers, &before->servers, &after->servers),
                  "compared", (int)comparison->compared, "compared_steps",
                  (int)comparison->compared_steps, "differ", (int)comparison->changed);
    json_object_set_new(object, "groups", groups_json(comparison));
    json_object_set_new(object, "only_old", lones_json(comparison, &comparison->only_before));
    json_object_set_new(object, "only_new", lones_json(comparison, &comparison->only_after));
    json_object_set_new(object, "unstable", unstable_json(comparison));
    json_object_set_new(object, "not_compared", idle_json(comparison));
    detail_json(state, object, JSON_COMPACT);
    fputc('\n', state);
}

const struct report_format compare_json = {
    .name = "json",
    .doc = "one JSON object with every change",
    .open = json_open,
    .write = json_write,
    .close = json_close,
};
