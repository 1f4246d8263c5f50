// SPDX-License-Identifier: Apache-2.0
// lost.c - scenarios/lost.json: which errors of a connector mean that the connection is lost
#include "explain/lost.h"

#include "base/nearest.h"
#include "base/text.h"
#include "base/utf8.h"
#include "explain/ranges.h"
#include "explain/signs.h"
#include "plan/codes.h"
#include "plan/condition.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/** The lists of a connector. A sign is in a list if it has the one fate, and not the other. */
static const struct kind {
    const char *name;     ///< the key in lost.json
    enum fate has, lacks; ///< FATE_UNKNOWN: it may have any other
    enum fate also;       ///< it must have this one too; FATE_UNKNOWN: none
    const char *doc;      ///< for people
} kinds[] = {
    {"lost", FATE_LOST, FATE_ALIVE, FATE_UNKNOWN, "the connection is lost; open a new one"},
    {"ambiguous", FATE_LOST, FATE_UNKNOWN, FATE_ALIVE,
     "lost in some cases, alive in others; only a further call tells"},
    {"unreachable", FATE_FAILED, FATE_UNKNOWN, FATE_UNKNOWN,
     "of a connect: it came to no connection"},
    {"refused", FATE_REFUSED, FATE_UNKNOWN, FATE_UNKNOWN,
     "of a connect: the server's own refusal; it is there"},
};

static bool is_of_kind(const struct sign *sign, const struct kind *kind) {
    return sign->fates[kind->has].cases > 0 &&
           (kind->lacks == FATE_UNKNOWN || sign->fates[kind->lacks].cases == 0) &&
           (kind->also == FATE_UNKNOWN || sign->fates[kind->also].cases > 0);
}

// ---- for programs ------------------------------------------------------------------------------

static json_t *example_to_json(const struct sign_example *example) {
    return json_pack("{si, ss, ss, ss}", "cases", (int)example->cases, "example", example->id,
                     "step", example->step, "server", example->server);
}

static json_t *sign_to_json(const struct sign *sign, const struct kind *kind) {
    const struct code *code = sign->code ? code_by_number(sign->code) : NULL;
    const char *state = sign->is_sqlstate ? sign->name : code_sqlstate(sign->code);
    cleanup_free char *versions = range_text(sign->first_version, sign->last_version);
    json_t *json = json_pack(
        "{so, ss?, ss?, ss?, ss}", "code", sign->code ? json_integer(sign->code) : json_null(),
        "symbol", code ? code->symbol : NULL, "class", sign->is_sqlstate ? NULL : sign->name,
        "sqlstate", state, "versions", versions);
    if (kind->also == FATE_UNKNOWN) {
        json_auto_t *example = example_to_json(&sign->fates[kind->has]);
        json_object_update(json, example);
        return json;
    }
    json_object_set_new(json, "lost", example_to_json(&sign->fates[kind->has]));
    json_object_set_new(json, "alive", example_to_json(&sign->fates[kind->also]));
    return json;
}

static void print_kind_json(FILE *out, const struct signs *signs, const struct kind *kind) {
    const char *between = "";
    fprintf(out, ",\n\"%s\":[", kind->name);
    for (size_t i = 0; i < signs->count; i++) {
        if (!is_of_kind(&signs->items[i], kind))
            continue;
        json_auto_t *json = sign_to_json(&signs->items[i], kind);
        cleanup_free char *line = xgot(json_dumps(json, JSON_COMPACT));
        fprintf(out, "%s\n%s", between, line);
        between = ",";
    }
    fputs("]", out);
}

static void print_connector_json(FILE *out, const struct place *place, const char *versions,
                                 const struct signs *signs, bool first) {
    json_auto_t *head = json_pack("{ss, ss, ss}", "connector", place->connector, "family",
                                  place->family, "versions", versions);
    cleanup_free char *text = xgot(json_dumps(head, JSON_COMPACT));
    fprintf(out, "%s\n%.*s", first ? "" : ",", (int)strlen(text) - 1, text);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        print_kind_json(out, signs, &kinds[i]);
    fputs("}", out);
}

// ---- for people --------------------------------------------------------------------------------

// "2013 CR_SERVER_LOST", or the class of an error without a number
static char *sign_text(const struct sign *sign) {
    const struct code *code = sign->code ? code_by_number(sign->code) : NULL;
    if (!sign->code)
        return utf8_shown(sign->name, false);
    return xprintf("%d%s%s", sign->code, code ? " " : "", code ? code->symbol : "");
}

static void print_sign(FILE *out, const struct sign *sign, const struct kind *kind) {
    cleanup_free char *text = sign_text(sign);
    const struct sign_example *one = &sign->fates[kind->has];
    if (kind->also == FATE_UNKNOWN)
        fprintf(out, "    %-32s %s\n", text, one->id);
    else
        fprintf(out, "    %-32s lost: %s, alive: %s\n", text, one->id, sign->fates[kind->also].id);
}

static void print_connector(FILE *out, const struct place *place, const char *versions,
                            const struct signs *signs, bool first) {
    fprintf(out, "%s%s %s\n", first ? "" : "\n", place->connector, versions);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        bool begun = false;
        for (size_t k = 0; k < signs->count; k++) {
            if (!is_of_kind(&signs->items[k], &kinds[i]))
                continue;
            if (!begun)
                fprintf(out, "  %s - %s\n", kinds[i].name, kinds[i].doc);
            begun = true;
            print_sign(out, &signs->items[k], &kinds[i]);
        }
    }
}

// ---- which connectors --------------------------------------------------------------------------

static bool is_wanted(const struct place *place, const char *connectors) {
    return !connectors || text_list_has(connectors, place->connector) ||
           text_list_has(connectors, place->family);
}

static bool is_measured(const struct places *places, const char *word) {
    for (size_t i = 0; i < places->count; i++)
        if (is_wanted(&places->items[i]->place, word))
            return true;
    return false;
}

static int check_connectors(const struct places *places, const char *list, struct err *err) {
    cleanup_free char **words = text_split(list ? list : "");
    for (char **word = words; list && *word; word++) {
        struct nearest nearest = {.wanted = *word, .edits = NEAR_NAME};
        for (size_t i = 0; i < places->count; i++)
            nearest_try(&nearest, places->items[i]->place.connector);
        if (is_measured(places, *word))
            continue;
        err_usage(err, "no connector '%s' was measured", *word);
        const char *near = nearest_word(&nearest);
        return near ? err_remedy(err, "did you mean '%s'?", near)
                    : err_remedy(err, "`goneaway list lost` shows all");
    }
    return 0;
}

// All versions of the connector, in a text to be freed.
static char *versions_of(const struct measured_place *const *places, size_t count) {
    const char *first = places[0]->place.connector_version, *last = first;
    for (size_t i = 1; i < count; i++) {
        const char *version = places[i]->place.connector_version;
        first = version_compare(version, first) < 0 ? version : first;
        last = version_compare(version, last) > 0 ? version : last;
    }
    return range_text(first, last);
}

static void print_all(FILE *out, const struct places *places, const struct catalog *catalog,
                      const char *connectors, bool as_json) {
    bool first = true;
    for (size_t from = 0, count; from < places->count; from += count) {
        const struct place *place = &places->items[from]->place;
        count = places_of_connector(places, from);
        if (!is_wanted(place, connectors))
            continue;
        struct signs signs;
        cleanup_free char *versions = versions_of(places->items + from, count);
        signs_find(&signs, places->items + from, count, catalog);
        (as_json ? print_connector_json : print_connector)(out, place, versions, &signs, first);
        signs_release(&signs);
        first = false;
    }
}

int lost_print(FILE *out, const char *home, const struct catalog *catalog, const char *connectors,
               bool as_json, struct err *err) {
    cleanup_measured struct measured measured;
    cleanup_places struct places places = {0};
    if (measured_open(&measured, home, err) < 0)
        return -1;
    places_find(&places, &measured);
    if (check_connectors(&places, connectors, err) < 0)
        return -1;
    fputs(as_json ? "{\"schema\":1,\n\"connectors\":[" : "", out);
    print_all(out, &places, catalog, connectors, as_json);
    fputs(as_json ? "\n]}\n" : "", out);
    return 0;
}

int lost_print_json(FILE *out, const char *home, const struct catalog *catalog, struct err *err) {
    return lost_print(out, home, catalog, NULL, true, err);
}
