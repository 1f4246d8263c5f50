// SPDX-License-Identifier: Apache-2.0
// ranges.c - folds what single versions showed into ranges of versions
//
// Versions of a connector and of a server span a grid in which only some points were measured. From
// each point a range first grows along the connector's versions that were measured on the same
// server, then along the servers on which all of these showed the same. So a version between two
// measured ones lies in a range only if both agree.
#include "explain/ranges.h"

#include "base/text.h"
#include "plan/condition.h"

#include <stdlib.h>
#include <string.h>

/** An axis of the grid: versions in ascending order. */
struct axis {
    size_t count;
    const char *versions[RANGES_MOST];
};

struct grid {
    struct axis connectors, servers;
    const char *sights[RANGES_MOST][RANGES_MOST]; // [connector][server]; NULL: not measured
};

/** A set of connectors' versions, and a set of servers', as bits. */
struct area {
    uint64_t connectors, servers;
    size_t base; // the server from which it grew
    const char *sight;
};

static uint64_t bit(size_t i) {
    return (uint64_t)1 << i;
}

static size_t lowest(uint64_t bits) {
    return (size_t)__builtin_ctzll(bits);
}

static size_t highest(uint64_t bits) {
    return (size_t)(63 - __builtin_clzll(bits));
}

// ---- the grid ----------------------------------------------------------------------------------

static int by_version(const void *a, const void *b) {
    const char *one = *(const char *const *)a, *other = *(const char *const *)b;
    int order = version_compare(one, other);
    return order ? order : strcmp(one, other);
}

static void add_version(struct axis *axis, const char *version) {
    for (size_t i = 0; i < axis->count; i++)
        if (strcmp(axis->versions[i], version) == 0)
            return;
    if (axis->count < RANGES_MOST)
        axis->versions[axis->count++] = version;
}

static size_t find_version(const struct axis *axis, const char *version) {
    size_t i = 0;
    while (i < axis->count && strcmp(axis->versions[i], version) != 0)
        i++;
    return i;
}

static void fill_grid(struct grid *grid, const struct range_point *points, size_t count) {
    for (size_t i = 0; i < count; i++) {
        add_version(&grid->connectors, points[i].connector);
        add_version(&grid->servers, points[i].server);
    }
    qsort(grid->connectors.versions, grid->connectors.count, sizeof(char *), by_version);
    qsort(grid->servers.versions, grid->servers.count, sizeof(char *), by_version);
    for (size_t i = 0; i < count; i++) {
        size_t connector = find_version(&grid->connectors, points[i].connector);
        size_t server = find_version(&grid->servers, points[i].server);
        if (connector < RANGES_MOST && server < RANGES_MOST)
            grid->sights[connector][server] = points[i].sight;
    }
}

// The next version up (step 1) or down (-1) that was measured on a server; `from` if there is none.
static size_t next_connector(const struct grid *grid, size_t from, size_t server, int step) {
    for (size_t i = from + (size_t)step; i < grid->connectors.count; i += (size_t)step)
        if (grid->sights[i][server])
            return i;
    return from;
}

// ---- growing -----------------------------------------------------------------------------------

static void grow_connectors(const struct grid *grid, struct area *area, size_t from, int step) {
    for (size_t i = from, next; (next = next_connector(grid, i, area->base, step)) != i; i = next) {
        if (strcmp(grid->sights[next][area->base], area->sight) != 0)
            return;
        area->connectors |= bit(next);
    }
}

enum fit { FIT_UNMEASURED, FIT_SAME, FIT_PARTLY, FIT_OTHER };

// What the connectors of an area showed on another server.
static enum fit fit_of(const struct grid *grid, const struct area *area, size_t server) {
    size_t same = 0, other = 0, missing = 0;
    for (size_t i = 0; i < grid->connectors.count; i++) {
        const char *sight = grid->sights[i][server];
        if (!(area->connectors & bit(i)))
            continue;
        missing += sight == NULL;
        same += sight && strcmp(sight, area->sight) == 0;
        other += sight && *sight && strcmp(sight, area->sight) != 0;
        if (sight && !*sight)
            return FIT_PARTLY;
    }
    return other ? FIT_OTHER : !same ? FIT_UNMEASURED : missing ? FIT_PARTLY : FIT_SAME;
}

// The first server up or down on which an area was measured, at least in part; `from`: there is
// none.
static size_t next_server(const struct grid *grid, const struct area *area, size_t from, int step) {
    for (size_t i = from + (size_t)step; i < grid->servers.count; i += (size_t)step)
        if (fit_of(grid, area, i) != FIT_UNMEASURED)
            return i;
    return from;
}

static void grow_servers(const struct grid *grid, struct area *area, int step) {
    for (size_t i = area->base, next; (next = next_server(grid, area, i, step)) != i; i = next) {
        if (fit_of(grid, area, next) != FIT_SAME)
            return;
        area->servers |= bit(next);
    }
}

static struct area grow(const struct grid *grid, size_t connector, size_t server) {
    struct area area = {.connectors = bit(connector),
                        .servers = bit(server),
                        .base = server,
                        .sight = grid->sights[connector][server]};
    grow_connectors(grid, &area, connector, 1);
    grow_connectors(grid, &area, connector, -1);
    grow_servers(grid, &area, 1);
    grow_servers(grid, &area, -1);
    return area;
}

// ---- ranges ------------------------------------------------------------------------------------

char *range_text(const char *first, const char *last) {
    return strcmp(first, last) == 0 ? xstrdup(first) : xprintf("%s..%s", first, last);
}

static char *axis_text(const struct axis *axis, uint64_t bits) {
    return range_text(axis->versions[lowest(bits)], axis->versions[highest(bits)]);
}

// "3.3.20> <=3.4.9"
static char *change_text(const struct axis *axis, size_t before, size_t after) {
    return xprintf("%s> <=%s", axis->versions[before], axis->versions[after]);
}

// Where an area ends because the next version of the connector showed something else.
static char *connector_change(const struct grid *grid, const struct area *area, int step) {
    size_t edge = step > 0 ? highest(area->connectors) : lowest(area->connectors);
    size_t next = next_connector(grid, edge, area->base, step);
    if (next == edge || !*grid->sights[next][area->base])
        return NULL;
    return change_text(&grid->connectors, step > 0 ? edge : next, step > 0 ? next : edge);
}

static char *server_change(const struct grid *grid, const struct area *area, int step) {
    size_t edge = step > 0 ? highest(area->servers) : lowest(area->servers);
    size_t next = next_server(grid, area, edge, step);
    if (next == edge || fit_of(grid, area, next) != FIT_OTHER)
        return NULL;
    return change_text(&grid->servers, step > 0 ? edge : next, step > 0 ? next : edge);
}

static void add_range(struct ranges *ranges, const struct grid *grid, const struct area *area) {
    ranges->items = xgrow(ranges->items, ranges->count, sizeof *ranges->items);
    ranges->items[ranges->count++] =
        (struct range){.sight = area->sight,
                       .connector = axis_text(&grid->connectors, area->connectors),
                       .server = axis_text(&grid->servers, area->servers),
                       .connector_since = connector_change(grid, area, -1),
                       .connector_until = connector_change(grid, area, 1),
                       .server_since = server_change(grid, area, -1),
                       .server_until = server_change(grid, area, 1)};
}

static bool contains(const struct area *one, const struct area *other) {
    return !(other->connectors & ~one->connectors) && !(other->servers & ~one->servers);
}

struct areas {
    size_t count;
    struct area *items;
};

static void collect(struct areas *areas, const struct grid *grid) {
    for (size_t i = 0; i < grid->connectors.count; i++)
        for (size_t k = 0; k < grid->servers.count; k++) {
            if (!grid->sights[i][k] || !*grid->sights[i][k])
                continue;
            areas->items = xgrow(areas->items, areas->count, sizeof *areas->items);
            areas->items[areas->count++] = grow(grid, i, k);
        }
}

// An area that lies within another says nothing more; of two equal ones the first stays.
static bool is_needless(const struct areas *areas, size_t at) {
    for (size_t i = 0; i < areas->count; i++)
        if (i != at && contains(&areas->items[i], &areas->items[at]) &&
            (i < at || !contains(&areas->items[at], &areas->items[i])))
            return true;
    return false;
}

void ranges_find(struct ranges *ret, const struct range_point *points, size_t count) {
    struct grid *grid = xcalloc(1, sizeof *grid);
    struct areas areas = {0};
    *ret = (struct ranges){0};
    fill_grid(grid, points, count);
    collect(&areas, grid);
    for (size_t i = 0; i < areas.count; i++)
        if (!is_needless(&areas, i))
            add_range(ret, grid, &areas.items[i]);
    free(areas.items);
    free(grid);
}

void ranges_release(struct ranges *ranges) {
    for (size_t i = 0; i < ranges->count; i++) {
        struct range *range = &ranges->items[i];
        free(range->connector);
        free(range->connector_since);
        free(range->connector_until);
        free(range->server);
        free(range->server_since);
        free(range->server_until);
    }
    free(ranges->items);
    *ranges = (struct ranges){0};
}
