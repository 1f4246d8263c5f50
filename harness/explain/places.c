// SPDX-License-Identifier: Apache-2.0
// places.c - what was measured, by connector and by vendor of the server
#include "explain/places.h"

#include "base/text.h"
#include "plan/condition.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int order(const void *a, const void *b) {
    const struct place *one = &(*(const struct measured_place *const *)a)->place;
    const struct place *other = &(*(const struct measured_place *const *)b)->place;
    int by = strcmp(one->connector, other->connector);
    if (by == 0)
        by = strcmp(other->vendor, one->vendor); // MySQL first
    if (by == 0)
        by = version_compare(one->connector_version, other->connector_version);
    if (by == 0)
        by = version_compare(one->server_version, other->server_version);
    return by ? by : strcmp(one->server, other->server);
}

void places_find(struct places *ret, const struct measured *measured) {
    ret->count = measured->count;
    ret->items = xcalloc(measured->count + 1, sizeof *ret->items);
    for (size_t i = 0; i < measured->count; i++)
        ret->items[i] = &measured->items[i];
    if (ret->count > 0)
        qsort(ret->items, ret->count, sizeof *ret->items, order);
}

void places_release(struct places *places) {
    free(places->items);
    *places = (struct places){0};
}

size_t places_of_connector(const struct places *places, size_t from) {
    size_t to = from;
    while (to < places->count &&
           strcmp(places->items[to]->place.connector, places->items[from]->place.connector) == 0)
        to++;
    return to - from;
}

size_t places_alike(const struct places *places, size_t from) {
    size_t to = from, end = from + places_of_connector(places, from);
    while (to < end &&
           strcmp(places->items[to]->place.vendor, places->items[from]->place.vendor) == 0)
        to++;
    return to - from;
}

// Places are sorted, so those of one version of the connector are together.
static void print_connector(FILE *out, const struct places *places, size_t from, size_t count) {
    const struct place *place = &places->items[from]->place;
    json_auto_t *servers = json_array();
    for (size_t i = from; i < from + count; i++)
        json_array_append_new(servers, json_string(places->items[i]->place.server_version));
    json_auto_t *line = json_pack("{ss, ss, ss, ss, sO}", "connector", place->connector, "family",
                                  place->family, "version", place->connector_version, "server",
                                  place->vendor, "server_versions", servers);
    cleanup_free char *text = xgot(json_dumps(line, JSON_COMPACT));
    fprintf(out, "%s%s\n", text, from + count < places->count ? "," : "");
}

void places_print(FILE *out, const struct places *places) {
    for (size_t from = 0, count; from < places->count; from += count) {
        size_t most = places_alike(places, from);
        for (count = 1; count < most && strcmp(places->items[from + count]->place.connector_version,
                                               places->items[from]->place.connector_version) == 0;
             count++)
            ;
        print_connector(out, places, from, count);
    }
}
