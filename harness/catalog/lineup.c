// SPDX-License-Identifier: Apache-2.0
// lineup.c - the servers and connectors that a command works with
#include "catalog/lineup.h"

#include "catalog/connectors.h"
#include "image/estimate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void prepare_progress(void *context, const char *format, ...) {
    FILE *out = context;
    va_list args;
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fputc('\n', out);
    fflush(out);
}

// Reports and baselines identify servers by name.
static int refuse_twice(const struct lineup *lineup, const struct server_recipe *recipe,
                        struct err *err) {
    for (size_t i = 0; recipe->reference && i < lineup->server_count; i++)
        if (strcmp(lineup->servers[i]->name, recipe->name) == 0) {
            const char *other = lineup->servers[i]->asked;
            err_usage(err, "two servers would be called '%s': %s and %s", recipe->name,
                      other ? other : recipe->name, recipe->asked);
            return err_remedy(err, "give one of them a name of its own: --server NAME=%s",
                              recipe->reference);
        }
    return 0;
}

// Adds a server without a recipe.
static int add_reference(struct lineup *lineup, const char *asked, struct err *err) {
    struct server_recipe *recipe = images_server_by_reference(&lineup->images, asked, err);
    if (!recipe || refuse_twice(lineup, recipe, err) < 0)
        return -1;
    lineup->servers[lineup->server_count++] = recipe;
    return 0;
}

// Adds the servers that a word of --server names, each once.
static int choose_server(struct lineup *lineup, const char *word, struct err *err) {
    struct images *images = &lineup->images;
    if (server_is_reference(word))
        return add_reference(lineup, word, err);
    bool all = strcmp(word, "all") == 0;
    struct server_recipe *one = all ? NULL : images_server(images, word, err);
    if (!all && !one)
        return -1;
    for (size_t i = 0; i < images->server_count; i++) {
        struct server_recipe *recipe = &images->servers[i];
        bool there = false;
        for (size_t k = 0; k < lineup->server_count; k++)
            there |= lineup->servers[k] == recipe;
        if (!there && (all || recipe == one))
            lineup->servers[lineup->server_count++] = recipe;
    }
    return 0;
}

static int choose_servers(struct lineup *lineup, const char *list, struct err *err) {
    struct images *images = &lineup->images;
    cleanup_free char **names = text_split(list);
    size_t most = images->server_count + 1;
    for (char **name = names; *name; name++)
        most++;
    lineup->servers = xcalloc(most, sizeof *lineup->servers);
    for (size_t i = 0; !list && i < images->usual_servers; i++)
        lineup->servers[lineup->server_count++] = &images->servers[i];
    for (char **name = names; *name; name++)
        if (choose_server(lineup, *name, err) < 0)
            return -1;
    return 0;
}

int lineup_open(struct lineup *lineup, const char *home, const struct options *options,
                struct err *err) {
    *lineup = (struct lineup){0};
    if (connectors_open(&lineup->images, home, options, err) < 0 ||
        choose_servers(lineup, options->servers, err) < 0)
        return -1;
    return connectors_choose(&lineup->images, options, &lineup->connectors,
                             &lineup->connector_count, err);
}

void lineup_close(struct lineup *lineup) {
    free(lineup->servers);
    free(lineup->connectors);
    free(lineup->proxies);
    images_close(&lineup->images);
}

bool connector_is_for(const struct connector_recipe *connector, const struct scenario *scenario) {
    const char *const *names = scenario->connectors.items;
    for (size_t i = 0; i < scenario->connectors.count; i++)
        if (strcmp(names[i], connector->name) == 0 ||
            (connector->family && strcmp(names[i], connector->family) == 0))
            return true;
    return scenario->connectors.count == 0 && connector->only_named != 1;
}

// Before anything is fetched.
static void tell_estimate(struct lineup *lineup, FILE *progress) {
    struct estimate estimate = {0};
    for (size_t i = 0; i < lineup->server_count; i++)
        estimate_server(&estimate, &lineup->images, lineup->servers[i]);
    for (size_t i = 0; i < lineup->connector_count; i++)
        estimate_connector(&estimate, &lineup->images, lineup->connectors[i]);
    for (size_t i = 0; i < lineup->proxy_count; i++)
        estimate_proxy(&estimate, &lineup->images, lineup->proxies[i]);
    cleanup_free char *text = estimate_text(&estimate);
    if (text)
        prepare_progress(progress, "%s", text);
    estimate_release(&estimate);
}

int lineup_prepare(struct lineup *lineup, FILE *progress, struct err *err) {
    tell_estimate(lineup, progress);
    for (size_t i = 0; i < lineup->server_count; i++)
        if (image_server_prepare(&lineup->images, lineup->servers[i], prepare_progress, progress,
                                 err) < 0)
            return -1;
    for (size_t i = 0; i < lineup->connector_count; i++)
        if (image_connector_prepare(&lineup->images, lineup->connectors[i], prepare_progress,
                                    progress, err) < 0)
            return -1;
    return 0;
}

// Warns about a connector that the user named and no case uses.
static void tell_unused(const struct options *options, const struct connector_recipe *connector) {
    bool only_named = connector->only_named == 1;
    if (!connector->on_host && !text_list_has(options->connectors, connector->name))
        return;
    fprintf(stderr,
            "goneaway: warning: none of the scenarios is for the connector '%s': %s (`connectors: "
            "[%s]`)%s\n",
            connector->name,
            only_named ? "it is taken only by those that name it"
                       : "they name others and not this one",
            connector->name, only_named ? ", as `only_named: true` in its recipe says" : "");
}

void lineup_drop_unused(struct lineup *lineup, const struct catalog *catalog,
                        const struct options *options) {
    size_t kept = 0;
    for (size_t c = 0; c < lineup->connector_count; c++) {
        bool used = false;
        for (size_t i = 0; i < catalog->count; i++)
            used |= selection_has_chosen(&catalog->items[i]) &&
                    connector_is_for(lineup->connectors[c], catalog->items[i].scenario);
        if (used)
            lineup->connectors[kept++] = lineup->connectors[c];
        else
            tell_unused(options, lineup->connectors[c]);
    }
    lineup->connector_count = kept;
}
