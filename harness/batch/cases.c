// SPDX-License-Identifier: Apache-2.0
// cases.c - the cases of a run: which ones, and on which server and connector
#include "batch/cases.h"

#include "base/text.h"
#include "batch/deal.h"
#include "batch/programs.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cases_check_transports(const char *list, struct err *err) {
    cleanup_free char **words = text_split(list);
    for (char **word = words; *word; word++) {
        bool known = false;
        for (int i = 0; i < TRANSPORT_COUNT; i++)
            known |= strcmp(*word, transport_words[i].name) == 0;
        if (!known)
            return err_usage(err, "there is no transport '%s'; choose from tcp, socket and tls",
                             *word);
    }
    return 0;
}

static bool is_left_out(const struct plan_case *plan, const struct options *options) {
    const char *transport = transport_words[plan->transport].name;
    return (options->transports && !text_list_has(options->transports, transport)) ||
           (options->only && fnmatch(options->only, plan->id, 0) != 0);
}

void cases_narrow(struct catalog *catalog, const struct options *options) {
    for (size_t i = 0; i < catalog->count; i++) {
        struct selection *item = &catalog->items[i];
        for (size_t k = 0; k < item->scenario->case_count; k++)
            if (is_left_out(&item->scenario->cases[k], options))
                item->chosen[k] = false;
        if (options->program_count > 0 && !options->transports)
            programs_prefer_tcp(item);
    }
}

// Servers that are reused, and the wire, are shared only by cases of one origin: goneaway's own,
// those of one folder of a user's scenarios, or those of one connector of a user's. So whatever
// such a case does to them, it does to its own kind only.
static int find_origin(struct cases *cases, const char *home, const struct scenario *scenario,
                       const struct connector_recipe *connector) {
    cleanup_free char *own = xprintf("%s/scenarios/", home);
    cleanup_free char *real_own = realpath(own, NULL), *real = realpath(scenario->file, NULL);
    const char *file = real ? real : scenario->file;
    bool is_own = real_own && text_starts(file, real_own) && file[strlen(real_own)] == '/';
    int length = is_own ? 0 : (int)(strrchr(file, '/') ? strrchr(file, '/') - file + 1 : 0);
    cleanup_free char *origin =
        xprintf("%.*s\n%s", length, file, connector->foreign ? connector->name : "");
    for (size_t i = 0; i < cases->origin_count; i++)
        if (strcmp(cases->origins[i], origin) == 0)
            return (int)i;
    cases->origins = xrealloc(cases->origins, cases->origin_count + 1, sizeof *cases->origins);
    cases->origins[cases->origin_count] = xstrdup(origin);
    return (int)cases->origin_count++;
}

void cases_add_one(struct cases *cases, const char *home, const struct plan_case *plan,
                   const struct server_recipe *server, const struct connector_recipe *connector) {
    cases->items = xrealloc(cases->items, cases->count + 1, sizeof *cases->items);
    cases->items[cases->count++] =
        (struct run_item){.plan = plan,
                          .server = server,
                          .connector = connector,
                          .origin = find_origin(cases, home, plan->scenario, connector)};
}

static bool is_for_server(const struct scenario *scenario, const struct server_recipe *server) {
    struct place place = {
        .server = server->name, .vendor = server->vendor, .server_version = server->version};
    return plan_is_for_server(scenario, &place);
}

// Whether a connector could be one that the scenario names.
static bool is_named(const struct connector_recipe *connector, const struct scenario *scenario) {
    return connector->named_by_hello || connector_is_for(connector, scenario);
}

// The placeholder for a scenario whose connectors are all missing here: its cases are skipped, and
// the report says why. NULL if one is there, or if the user has chosen connectors.
static const struct connector_recipe *find_absent(const struct lineup *lineup,
                                                  const struct scenario *scenario,
                                                  const struct options *options) {
    const struct images *images = &lineup->images;
    if (scenario->connectors.count == 0 || options->connectors)
        return NULL;
    for (size_t i = 0; i < images->connector_count; i++)
        if (is_named(&images->connectors[i], scenario))
            return NULL;
    struct connector_recipe *absent = arena_alloc(images->arena, sizeof *absent);
    *absent = (struct connector_recipe){.name = ((const char **)scenario->connectors.items)[0],
                                        .absent = true};
    return absent;
}

static void add_case(struct cases *cases, const char *home, const struct lineup *lineup,
                     const struct plan_case *plan, const struct connector_recipe *absent) {
    for (size_t s = 0; absent && s < lineup->server_count; s++)
        if (is_for_server(plan->scenario, lineup->servers[s]))
            cases_add_one(cases, home, plan, lineup->servers[s], absent);
    for (size_t s = 0; s < lineup->server_count; s++)
        for (size_t c = 0; c < lineup->connector_count; c++)
            if (connector_is_for(lineup->connectors[c], plan->scenario) &&
                is_for_server(plan->scenario, lineup->servers[s]))
                cases_add_one(cases, home, plan, lineup->servers[s], lineup->connectors[c]);
}

int cases_repeat(const struct plan_case *plan, const struct options *options) {
    enum { RACE_REPEATS = 10 };
    return options->repeat_races && plan->scenario->races ? RACE_REPEATS : options->repeat;
}

static size_t count_repeated(const struct cases *cases, const struct options *options) {
    size_t count = 0;
    for (size_t i = 0; i < cases->count; i++)
        count += (size_t)cases_repeat(cases->items[i].plan, options);
    return count;
}

// Repeats every item as often as asked, numbered from 1.
static void repeat(struct cases *cases, const struct options *options) {
    size_t count = count_repeated(cases, options), at = 0;
    if (count == cases->count)
        return;
    struct run_item *items = xcalloc(count + 1, sizeof *items);
    for (size_t i = 0; i < cases->count; i++)
        for (int k = 1; k <= cases_repeat(cases->items[i].plan, options); k++) {
            items[at] = cases->items[i];
            items[at++].repeat = k;
        }
    free(cases->items);
    cases->items = items;
    cases->count = count;
}

void cases_add_all(struct cases *cases, const char *home, const struct catalog *catalog,
                   const struct lineup *lineup, const struct options *options) {
    for (size_t i = 0; i < catalog->count; i++) {
        const struct selection *item = &catalog->items[i];
        const struct connector_recipe *absent = find_absent(lineup, item->scenario, options);
        for (size_t k = 0; k < item->scenario->case_count; k++)
            if (item->chosen[k])
                add_case(cases, home, lineup, &item->scenario->cases[k], absent);
    }
}

// ---- each scenario once ------------------------------------------------------------------------

// Picks one of `count`: spread over the scenarios, and always the same for each name.
static size_t pick(const char *name, size_t count) {
    unsigned int sum = 0;
    for (const char *at = name; *at; at++)
        sum = sum * 31 + (unsigned char)*at;
    return sum % count;
}

static bool is_first_variant(const struct run_item *item, const struct run_item *first) {
    return strcmp(item->plan->variant, first->plan->variant) == 0;
}

// Keeps one case of each scenario. A scenario's items are adjacent, those of its first variant
// first.
static void choose_once(struct cases *cases) {
    size_t kept = 0;
    for (size_t at = 0, next; at < cases->count; at = next) {
        const struct run_item *first = &cases->items[at];
        size_t fitting = 0;
        for (next = at;
             next < cases->count && cases->items[next].plan->scenario == first->plan->scenario;
             next++)
            fitting += is_first_variant(&cases->items[next], first);
        struct run_item chosen = cases->items[at + pick(first->plan->scenario->name, fitting)];
        cases->items[kept++] = chosen;
    }
    cases->count = kept;
}

int cases_add(struct cases *cases, const char *home, const struct catalog *catalog,
              const struct lineup *lineup, const struct options *options,
              const struct last_failed *last, struct err *err) {
    cases_add_all(cases, home, catalog, lineup, options);
    for (size_t i = 0; i < cases->count; i++)
        if (cases->items[i].connector->is_program)
            programs_fit(&cases->items[i], options);
    if (options->once)
        choose_once(cases);
    if (options->last_failed)
        cases->count = last_failed_choose(last, cases->items, cases->count);
    if (deal_choose(cases->items, &cases->count, options->shards ? options->shard : 1,
                    options->shards ? options->shards : 1, options->repeat,
                    (int)count_repeated(cases, options), &cases->shard, err) < 0)
        return -1;
    repeat(cases, options);
    return 0;
}

// A shard without cases is reported all the same, or `merge` would miss it.
void cases_tell_none(const struct cases *cases) {
    const struct report_shard *shard = &cases->shard;
    if (shard->cases == 0)
        fprintf(stderr, "goneaway: nothing to run: no case is left by the options\n");
    else
        fprintf(stderr, "goneaway: nothing to run in shard %d/%d: there %s only %d case%s\n",
                shard->index, shard->count, shard->cases == 1 ? "is" : "are", shard->cases,
                shard->cases == 1 ? "" : "s");
}

// ---- proxies -----------------------------------------------------------------------------------

// Gets a proxy for the chosen cases. An image that cannot be had does not fail the run: its cases
// are skipped.
static int prepare_proxy(struct cases *cases, struct images *images, struct proxy_recipe *recipe,
                         struct err *err) {
    if (recipe == cases->missing_proxy)
        return 0;
    if (image_proxy_prepare(images, recipe, prepare_progress, stderr, err) == 0)
        return 1;
    cases->missing_proxy = recipe;
    cases->missing_proxy_why = xprintf("%s; remedy: %s", err->what, err->remedy);
    return recipe->reference ? 0 : -1;
}

int cases_prepare_proxies(struct cases *cases, struct images *images, struct err *err) {
    for (size_t i = 0; i < cases->count; i++) {
        struct run_item *item = &cases->items[i];
        const struct wire_args *wire = item->plan->wire;
        if (!wire || !wire->proxy)
            continue;
        struct proxy_recipe *recipe = images_proxy(images, wire->proxy->kind, err);
        if (!recipe)
            return err_context(err, "%s", item->plan->id);
        int got = prepare_proxy(cases, images, recipe, err);
        if (got < 0)
            return -1;
        item->proxy = got > 0 ? recipe : NULL;
    }
    return 0;
}

void cases_release(struct cases *cases) {
    free(cases->missing_proxy_why);
    for (size_t i = 0; i < cases->origin_count; i++)
        free(cases->origins[i]);
    free((void *)cases->origins);
    free(cases->items);
    *cases = (struct cases){0};
}
