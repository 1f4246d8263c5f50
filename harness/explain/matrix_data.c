// SPDX-License-Identifier: Apache-2.0
// matrix_data.c - scenarios/matrix.json, from what each connector was measured to do
//
// For each scenario and connector, what its cases showed on single versions is folded into ranges
// (ranges.h); then transports, and after them variants, that showed the same share a record.
#include "explain/matrix_data.h"

#include "base/text.h"
#include "batch/measured.h"
#include "explain/fold.h"
#include "explain/moment.h"
#include "explain/places.h"
#include "explain/ranges.h"
#include "explain/shown.h"
#include "plan/kind.h"

#include <stdlib.h>
#include <string.h>

enum { COMPACT = JSON_COMPACT | JSON_ENCODE_ANY };

// ---- what a case showed ------------------------------------------------------------------------

static size_t step_index(const struct plan_case *plan, const char *id) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].id && strcmp(plan->steps[i].id, id) == 0)
            return i;
    return plan->step_count;
}

// Whether the call succeeded as was promised, so that there is nothing to tell.
static bool is_dull(const struct plan_case *plan, const struct place *place, const char *id,
                    const struct expectation *cell) {
    const struct promise *promise = plan_find_promise(plan, place, id);
    return shown_is_plain(cell) && (!promise || promise->word == PROMISE_OK);
}

static json_t *ends_of(const struct expectation *cell) {
    json_t *ends = json_array();
    const struct expectation *one;
    for (size_t i = 0; (one = shown_at(cell, i)); i++)
        json_array_append_new(ends, shown_to_json(one));
    return ends;
}

// Calls in succession that showed the same at the same moment share an entry.
static void add_call(json_t *calls, const char *id, json_t *call) {
    json_t *last = json_array_get(calls, json_array_size(calls) - 1);
    json_auto_t *same = last ? json_copy(last) : json_object();
    json_object_del(same, "steps");
    if (json_equal(same, call)) {
        json_array_append_new(json_object_get(last, "steps"), json_string(id));
        json_decref(call);
        return;
    }
    json_t *entry = json_pack("{s[s]}", "steps", id);
    json_object_update_new(entry, call);
    json_array_append_new(calls, entry);
}

static json_t *calls_of(const struct plan_case *plan, const struct place *place,
                        const struct plan_row *row) {
    json_t *calls = json_array();
    for (size_t i = 0; i < row->count; i++) {
        const char *id = row->ids[i];
        size_t index = step_index(plan, id);
        if (index == plan->step_count || is_dull(plan, place, id, row->expectations[i]))
            continue;
        add_call(calls, id,
                 json_pack("{ss, so}", "when", moment_names[moment_of(plan, row, index)], "ends",
                           ends_of(row->expectations[i])));
    }
    return calls;
}

// What a case showed in one place, as text, so that places can be compared; "" if it did not run.
static char *sight_of(const struct measured_place *measured, const struct plan_case *plan) {
    const struct plan_row *row = measured_row(measured, plan);
    if (!row)
        return xstrdup("");
    const char *broken = plan_find_violation(plan, &measured->place, row);
    json_auto_t *sight =
        json_pack("{sb, sb, ss*, so}", "control", plan->control, "kept", !broken, "broken_by",
                  broken, "calls", calls_of(plan, &measured->place, row));
    if (!plan->control)
        json_object_del(sight, "control");
    return xgot(json_dumps(sight, COMPACT));
}

// ---- records -----------------------------------------------------------------------------------

/** Places of one connector. */
struct group {
    const struct measured_place *const *places;
    size_t count;
};

static char *quote(const char *text) {
    json_auto_t *json = json_string(text);
    return xgot(json_dumps(json, COMPACT));
}

// Where a range was seen.
static char *server_of(const struct range *range, const char *vendor) {
    json_auto_t *server =
        json_pack("{ss, ss, ss*, ss*}", "server", vendor, "versions", range->server, "since",
                  range->server_since, "until", range->server_until);
    return xgot(json_dumps(server, COMPACT));
}

// What was seen, and with which versions of the connector.
static char *rest_of(const struct range *range, const struct scenario *scenario,
                     const char *connector) {
    json_auto_t *rest = json_pack("{ss, ss, ss, ss*, ss*}", "cause", scenario->cause, "connector",
                                  connector, "versions", range->connector, "since",
                                  range->connector_since, "until", range->connector_until);
    json_auto_t *sight = xgot(json_loads(range->sight, 0, NULL));
    json_object_update(rest, sight);
    return xgot(json_dumps(rest, COMPACT));
}

// Adds what a case showed on the servers of one vendor: variant, server, the rest, by transport.
static void add_case(struct fold *fold, const struct group *group, const struct plan_case *plan) {
    struct range_point points[RANGES_MOST] = {0};
    cleanup_ranges struct ranges ranges = {0};
    const struct place *place = &group->places[0]->place;
    size_t count = group->count < RANGES_MOST ? group->count : RANGES_MOST;
    for (size_t i = 0; i < count; i++)
        points[i] = (struct range_point){group->places[i]->place.connector_version,
                                         group->places[i]->place.server_version,
                                         sight_of(group->places[i], plan)};
    ranges_find(&ranges, points, count);
    for (size_t i = 0; i < ranges.count; i++) {
        cleanup_free char *variant = *plan->variant ? quote(plan->variant) : xstrdup("");
        cleanup_free char *transport = quote(transport_words[plan->transport].name);
        cleanup_free char *server = server_of(&ranges.items[i], place->vendor);
        cleanup_free char *rest = rest_of(&ranges.items[i], plan->scenario, place->connector);
        cleanup_free char *key = xprintf("%s\n%s\n%s", variant, server, rest);
        fold_add(fold, key, transport);
    }
    for (size_t i = 0; i < count; i++)
        free((char *)points[i].sight);
}

// Folds the first part of each key, so that what was folded before becomes a part in its place.
static void refold(struct fold *ret, const struct fold *fold) {
    for (size_t i = 0; i < fold->count; i++) {
        const char *key = fold->rows[i].key, *first = strchr(key, '\n'),
                   *second = strchr(first + 1, '\n');
        cleanup_free char *word = xprintf("%.*s", (int)(first - key), key);
        cleanup_free char *rest = xprintf("%.*s\n%s%s", (int)(second - first - 1), first + 1,
                                          text_get(&fold->rows[i].words), second);
        fold_add(ret, rest, word);
    }
}

// `key`: transports, variants and the rest. Each is a list in JSON, without its brackets.
static void print_record(FILE *out, const char *scenario, const char *key, const char *servers,
                         bool first) {
    const char *variants = strchr(key, '\n') + 1, *rest = strchr(variants, '\n') + 1;
    fprintf(out, "%s{\"scenario\":\"%s\",\"variants\":[%.*s],\"transports\":[%.*s],",
            first ? "" : ",\n", scenario, (int)(rest - 1 - variants), variants,
            (int)(variants - 1 - key), key);
    fprintf(out, "\"servers\":[%s],%s", servers, rest + 1);
}

// The scenario's cases with one connector.
static bool print_scenario(FILE *out, const struct places *places, const struct group *all,
                           const struct scenario *scenario, bool first) {
    cleanup_fold struct fold transports = {0}, variants = {0}, servers = {0};
    for (size_t from = 0, count; from < all->count; from += count) {
        count = places_alike(places, (size_t)(all->places - places->items) + from);
        const struct group group = {all->places + from, count};
        for (size_t i = 0; i < scenario->case_count; i++)
            add_case(&transports, &group, &scenario->cases[i]);
    }
    refold(&variants, &transports);
    refold(&servers, &variants);
    for (size_t i = 0; i < servers.count; i++, first = false)
        print_record(out, scenario->name, servers.rows[i].key, text_get(&servers.rows[i].words),
                     first);
    return first;
}

// ---- the file ----------------------------------------------------------------------------------

static void print_records(FILE *out, const struct places *places, const struct catalog *catalog) {
    bool first = true;
    for (size_t i = 0; i < catalog->count; i++)
        for (size_t from = 0, count; from < places->count; from += count) {
            count = places_of_connector(places, from);
            const struct group group = {places->items + from, count};
            first = print_scenario(out, places, &group, catalog->items[i].scenario, first);
        }
    fputs("\n", out);
}

int matrix_data_print(FILE *out, const char *home, const struct catalog *catalog, struct err *err) {
    cleanup_measured struct measured measured;
    cleanup_places struct places places = {0};
    if (measured_open(&measured, home, err) < 0)
        return -1;
    places_find(&places, &measured);
    fputs("{\"schema\":1,\n\"measured\":[\n", out);
    places_print(out, &places);
    fputs("],\n\"records\":[\n", out);
    print_records(out, &places, catalog);
    fputs("]}\n", out);
    return 0;
}
