// SPDX-License-Identifier: Apache-2.0
// replay.c - `goneaway replay`: runs the case of a bundle again, and checks that it shows the same
//
// It runs as any other case does, by batch/carry.c; bundle/replayed.c tells what came of it.
#include "base/text.h"
#include "batch/bundles.h"
#include "batch/carry.h"
#include "bundle/bundle.h"
#include "bundle/replayed.h"
#include "main/commands.h"
#include "report/saved.h"

#include <stdio.h>
#include <string.h>

/** All state of the command. */
struct replay {
    const struct options *options;
    struct options filled; // completed from the bundle
    struct bundle bundle;
    struct saved then;
    struct record *now;
    struct carry carry;
};

// ---- what is replayed --------------------------------------------------------------------------

// Such a name is used as a file name in messages, and for nothing else.
static bool is_name(const char *name) {
    return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.")];
}

static int choose_case(struct replay *replay, const char *path, struct err *err) {
    const char *name = replay->then.scenario.name, *id = replay->then.plan.id;
    if (!is_name(name))
        return err_usage(err, "%s is no bundle: '%s' is no name of a scenario", path, name);
    cleanup_free char *file = xprintf("%s.yml", name);
    struct scenario *scenario =
        scenario_parse(file, replay->bundle.scenario, replay->bundle.scenario_length, err);
    if (!scenario)
        return err_context(err, "the scenario in %s", path);
    replay->carry.catalog = catalog_of(scenario);
    struct selection *item = replay->carry.catalog.items;
    item->by_file = true;
    for (size_t i = 0; i < scenario->case_count; i++)
        item->chosen[i] = strcmp(scenario->cases[i].id, id) == 0;
    return selection_has_chosen(item)
               ? 0
               : err_usage(err, "%s is no bundle: its scenario has no case %s", path, id);
}

static int read_bundle(struct replay *replay, struct err *err) {
    const struct options *options = replay->options;
    if (options->argument_count != 1) {
        err_usage(err, "`goneaway replay` needs one bundle");
        return err_remedy(err, "goneaway replay CASE.tar.zst, as `goneaway run --bundle` makes it");
    }
    const char *path = options->arguments[0];
    if (bundle_read(&replay->bundle, path, err) < 0 ||
        saved_read(&replay->then, replay->bundle.line, err) < 0) {
        err->kind = ERR_USAGE;
        return -1;
    }
    return choose_case(replay, path, err);
}

static const char *about(const struct replay *replay, const char *key) {
    const char *text = json_string_value(json_object_get(replay->bundle.about, key));
    return text ? text : "";
}

// A bundle can only name what goneaway has itself; anything else to be fetched or started must come
// from the user.
static int fill_server(struct replay *replay, const char *name, struct err *err) {
    const char *reference = about(replay, "reference");
    if (replay->filled.servers)
        return 0;
    if (*reference) {
        err_usage(err,
                  "the bundle was made with a server by reference, which is not fetched "
                  "unasked: %s",
                  reference);
        return err_remedy(err, "if you trust it, name it with --server");
    }
    if (!name || !is_name(name))
        return err_usage(err, "the bundle does not say with which server it was made");
    replay->filled.servers = name;
    return 0;
}

static int fill_connector(struct replay *replay, const char *name, struct err *err) {
    const char *kind = about(replay, "connector");
    if (strcmp(kind, "program") == 0) {
        err_usage(err, "the bundle was made with a program in the place of an app");
        return err_remedy(err, "take scenario.yml out of it, and `goneaway run` that --program ..");
    }
    if (replay->filled.connectors || replay->filled.adapter_count > 0)
        return 0;
    if (strcmp(kind, "adapter") == 0) {
        err_usage(err, "the bundle was made with an adapter of the machine that made it");
        return err_remedy(err, "give it with --adapter, or another connector with --connector");
    }
    if (!name || !is_name(name))
        return err_usage(err, "the bundle does not say with which connector it was made");
    replay->filled.connectors = name;
    return 0;
}

static int choose(struct replay *replay, struct err *err) {
    struct carry *carry = &replay->carry;
    const struct lineup *lineup = &carry->lineup;
    if (carry_open(carry, &replay->filled, err) < 0 || carry_choose(carry, err) < 0)
        return -1;
    if (lineup->server_count != 1 || lineup->connector_count != 1)
        return err_usage(err, "a bundle is replayed on one server, with one connector");
    if (carry_prepare(carry, err) < 0)
        return -1;
    cases_add_all(&carry->cases, carry->home, &carry->catalog, lineup, &replay->filled);
    if (carry->cases.count != 1)
        return err_usage(err, "the bundle's scenario is not for %s on %s",
                         lineup->connectors[0]->name, lineup->servers[0]->name);
    return carry_check_needs(carry, err) < 0 ? -1 : carry_equip(carry, err);
}

// ---- carried out -------------------------------------------------------------------------------

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct replay *replay = context;
    struct err unread;
    (void)item;
    json_auto_t *json = record_to_json(record);
    replay->now = record_from_json(json, &unread); // the dispatcher frees its own
    return replay->options->keep;
}

static bool hold(void *context, const struct run_item *item, const struct held *held) {
    const struct replay *replay = context;
    return attend_hold(&replay->carry.attend, item, held);
}

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context;
    fprintf(stderr, "goneaway: warning: %s: %s\n", item->plan->id, what);
}

static int carry_out_case(struct replay *replay, struct err *err) {
    const struct dispatch_options how = {
        .result = take, .hold = hold, .warn = warn, .context = replay};
    if (carry_begin(&replay->carry, err) < 0)
        return -1;
    int ret = carry_out(&replay->carry, &how, err);
    carry_end(&replay->carry);
    if (ret < 0)
        return -1;
    return replay->now ? 0 : err_set(err, "the case was stopped before it ended");
}

// ---- compared ----------------------------------------------------------------------------------

// Describes what the bundle ran on and this goneaway would make differently; empty: nothing.
static void list_gone(struct replay *replay, struct text *out) {
    const struct options *options = replay->options;
    struct lineup *lineup = &replay->carry.lineup;
    if (options->servers || options->connectors || options->adapter_count > 0)
        return; // the user wants it on other ones
    json_auto_t *here = bundles_entries(&lineup->images, lineup->servers[0], lineup->connectors[0]);
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(replay->bundle.about, "images"), i, entry) {
        if (json_is_string(entry) && !bundles_have_entry(here, json_string_value(entry)))
            text_printf(out, "%s%s", out->length ? ", " : "", json_string_value(entry));
    }
}

static int compare(struct replay *replay, struct err *err) {
    cleanup_text struct text gone = {0};
    list_gone(replay, &gone);
    const struct replayed replayed = {.id = replay->then.plan.id,
                                      .when = about(replay, "when"),
                                      .version = about(replay, "goneaway"),
                                      .then = replay->then.record,
                                      .now = replay->now,
                                      .gone = text_get(&gone)};
    return replayed_report(&replayed, err);
}

// ---- from its arguments to its exit status -----------------------------------------------------

static int replay_all(struct replay *replay, struct err *err) {
    replay->filled = *replay->options;
    if (read_bundle(replay, err) < 0)
        return -1;
    const struct record *then = replay->then.record;
    if (!then) // saved_read() made one
        return -1;
    if (fill_server(replay, then->server, err) < 0 ||
        fill_connector(replay, then->connector, err) < 0)
        return -1;
    if (choose(replay, err) < 0 || carry_out_case(replay, err) < 0)
        return -1;
    return compare(replay, err);
}

int command_replay(const struct options *options, struct err *err) {
    struct replay replay = {.options = options};
    int ret = replay_all(&replay, err);
    carry_release(&replay.carry);
    record_free(replay.now);
    saved_release(&replay.then);
    bundle_release(&replay.bundle);
    return ret;
}
