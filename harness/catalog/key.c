// SPDX-License-Identifier: Apache-2.0
// key.c - a key that identifies what preparing would bring into the cache, for pipelines
#include "cache/cache.h"
#include "catalog/lineup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_entries(struct lineup *lineup, struct text *names, struct err *err) {
    for (size_t i = 0; i < lineup->server_count; i++)
        if (image_server_entries(&lineup->images, lineup->servers[i], names, err) < 0)
            return -1;
    for (size_t i = 0; i < lineup->connector_count; i++)
        if (image_connector_entries(&lineup->images, lineup->connectors[i], names, err) < 0)
            return -1;
    for (size_t i = 0; i < lineup->proxy_count; i++)
        image_proxy_entries(&lineup->images, lineup->proxies[i], names);
    return 0;
}

// The key does not depend on the order in which servers and connectors are named.
int lineup_print_key(struct lineup *lineup, FILE *out, struct err *err) {
    cleanup_text struct text names = {0};
    char *rest = NULL;
    size_t count = 0;
    struct key key = KEY_START;
    if (list_entries(lineup, &names, err) < 0)
        return -1;
    cleanup_free char **entries = xcalloc(names.length + 1, sizeof *entries);
    for (char *name = strtok_r(names.data, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest))
        entries[count++] = name;
    qsort(entries, count, sizeof *entries, by_text);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(entries[i], entries[i - 1]) != 0)
            key_add(&key, entries[i]);
    fprintf(out, "goneaway-%016" PRIx64 "\n", key.hash);
    return 0;
}
