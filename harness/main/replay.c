// SPDX-License-Identifier: Apache-2.0
// replay.c - `goneaway replay`: runs the case of a bundle again, and checks that it shows the same
//
// It runs like any other case, by run/dispatch.c. "The same" is how its calls end; times, sessions
// and the wording of messages may differ.
#include "base/text.h"
#include "batch/attend.h"
#include "batch/bundles.h"
#include "batch/cases.h"
#include "batch/machine.h"
#include "bundle/bundle.h"
#include "catalog/choice.h"
#include "catalog/host_places.h"
#include "main/commands.h"
#include "plan/kind.h"
#include "report/detail.h"
#include "report/saved.h"
#include "run/dispatch.h"

#include <stdio.h>
#include <string.h>

/** All state of the command. */
struct replay {
    const struct options *options;
    struct options filled; // completed from the bundle
    struct bundle bundle;
    struct saved then;
    struct record *now;
    struct catalog catalog; // with that one scenario
    struct chosen chosen;
    struct places places;
    struct machine machine;
    struct cases cases;
    struct attend attend;
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
    struct selection *item = xcalloc(1, sizeof *item);
    *item = (struct selection){.scenario = scenario,
                               .chosen = xcalloc(scenario->case_count + 1, sizeof(bool)),
                               .by_file = true};
    replay->catalog = (struct catalog){.count = 1, .items = item};
    for (size_t i = 0; i < scenario->case_count; i++)
        if (strcmp(scenario->cases[i].id, id) == 0) {
            item->chosen[i] = true;
            return 0;
        }
    return err_usage(err, "%s is no bundle: its scenario has no case %s", path, id);
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

static int choose(struct replay *replay, const char *home, struct err *err) {
    struct chosen *chosen = &replay->chosen;
    if (chosen_open(chosen, home, &replay->filled, err) < 0)
        return -1;
    if (chosen->server_count != 1 || chosen->connector_count != 1)
        return err_usage(err, "a bundle is replayed on one server, with one connector");
    if (machine_probe(&replay->machine, &replay->catalog, &replay->filled,
                      chosen->images.cache.folder, err) < 0 ||
        chosen_prepare(chosen, stderr, err) < 0)
        return -1;
    cases_add_all(&replay->cases, home, &replay->catalog, chosen, &replay->filled);
    if (replay->cases.count != 1)
        return err_usage(err, "the bundle's scenario is not for %s on %s",
                         chosen->connectors[0]->name, chosen->servers[0]->name);
    cleanup_free char *why = machine_why_not(&replay->machine, replay->cases.items[0].plan);
    if (why)
        return err_set(err, "this %s", why);
    if (cases_prepare_proxies(&replay->cases, &chosen->images, err) < 0 ||
        places_open(&replay->places, &chosen->images, &replay->filled, err) < 0)
        return -1;
    places_show(&replay->places, &chosen->images);
    return 0;
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

static void hold(void *context, const struct run_item *item, pid_t worker) {
    const struct replay *replay = context;
    attend_hold(&replay->attend, item, worker);
}

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context;
    fprintf(stderr, "goneaway: warning: %s: %s\n", item->plan->id, what);
}

static int carry_out(struct replay *replay, struct err *err) {
    const struct options *options = replay->options;
    struct watch_limits watch = watch_default_limits();
    if (options->memory_bytes > 0)
        watch.bytes = options->memory_bytes;
    replay->machine.limits.most[CGROUP_MEMORY] = watch.bytes;
    if (attend_open(&replay->attend, err) < 0)
        return -1;
    const struct dispatch_options dispatch = {.jobs = 1,
                                              .time_scale = options->time_scale,
                                              .result = take,
                                              .hold = hold,
                                              .warn = warn,
                                              .context = replay,
                                              .case_timeout_ms = options->case_timeout_ms,
                                              .run_timeout_ms = options->run_timeout_ms,
                                              .watch = watch,
                                              .netem = replay->machine.needs[NEED_NETEM].netem,
                                              .places = replay->places.items,
                                              .cgroups = &replay->machine.limits,
                                              .stop_fd = replay->attend.fd};
    int ret = dispatch_items(replay->cases.items, 1, &dispatch, err);
    limits_close(&replay->machine.limits);
    attend_close(&replay->attend);
    if (ret < 0)
        return -1;
    return replay->now ? 0 : err_set(err, "the case was stopped before it ended");
}

// ---- compared ----------------------------------------------------------------------------------

// Describes what the bundle ran on and this goneaway would make differently; empty: nothing.
static void list_gone(const struct replay *replay, struct text *out) {
    struct chosen *chosen = (struct chosen *)&replay->chosen;
    json_auto_t *here = bundles_entries(&chosen->images, chosen->servers[0], chosen->connectors[0]);
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(replay->bundle.about, "images"), i, entry) {
        if (json_is_string(entry) && !bundles_have_entry(here, json_string_value(entry)))
            text_printf(out, "%s%s", out->length ? ", " : "", json_string_value(entry));
    }
}

static void print_place(const char *name, const char *then, const char *then_version,
                        const char *now, const char *now_version) {
    struct sheet sheet = {.utf8 = detail_locale_is_utf8()};
    cleanup_free char *before =
        xprintf("%s %s", then ? then : "-", then_version ? then_version : "");
    cleanup_free char *after = xprintf("%s %s", now ? now : "-", now_version ? now_version : "");
    text_printf(&sheet.text, "  %-11s", name);
    sheet_foreign(&sheet, INK_PLAIN, before);
    if (strcmp(before, after) != 0) {
        text_add(&sheet.text, "; now ");
        sheet_foreign(&sheet, INK_PLAIN, after);
    }
    sheet_end_line(&sheet);
    fputs(text_get(&sheet.text), stdout);
    text_release(&sheet.text);
}

static void print_heading(const struct replay *replay) {
    const struct record *then = replay->then.record, *now = replay->now;
    struct sheet sheet = {.utf8 = detail_locale_is_utf8()};
    cleanup_text struct text gone = {0};
    cleanup_free char *line = xprintf("%s, bundled %s by goneaway %s", replay->then.plan.id,
                                      about(replay, "when"), about(replay, "goneaway"));
    sheet_foreign(&sheet, INK_PLAIN, line);
    sheet_end_line(&sheet);
    fputs(text_get(&sheet.text), stdout);
    print_place("server", then->server, then->server_version, now->server, now->server_version);
    print_place("connector", then->connector, then->connector_version, now->connector,
                now->connector_version);
    if (!replay->options->servers && !replay->options->connectors &&
        replay->options->adapter_count == 0)
        list_gone(replay, &gone);
    text_release(&sheet.text);
    sheet = (struct sheet){.utf8 = sheet.utf8};
    if (gone.length > 0) {
        cleanup_free char *words = xprintf("images      other than the bundle's, which this "
                                           "goneaway does not make: %s",
                                           gone.data);
        text_add(&sheet.text, "  ");
        sheet_foreign(&sheet, INK_PLAIN, words);
        sheet_end_line(&sheet);
        fputs(text_get(&sheet.text), stdout);
    }
    text_release(&sheet.text);
}

static char *outcome_of(const struct record *record, size_t i) {
    struct text words = {0};
    if (i < record->step_count)
        detail_outcome(&words, &record->steps[i]);
    return words.data ? words.data : xstrdup("-");
}

// Only calls are shown: waits and faults succeed, or else the case is broken.
static bool is_shown(const struct record *record, size_t i) {
    return i < record->step_count && record->steps[i].verb && app_verb_named(record->steps[i].verb);
}

static char *name_of(const struct record *record, size_t i) {
    const struct record_step *step = &record->steps[i];
    return xprintf("%d %s %s", step->number, step->actor ? step->actor : "",
                   step->id ? step->id : step->verb);
}

// Returns how many steps differ.
static size_t print_steps(const struct record *then, const struct record *now) {
    enum { NAME_WIDTH = 24, THEN_WIDTH = 34 };
    struct sheet sheet = {.utf8 = detail_locale_is_utf8()};
    size_t count = then->step_count > now->step_count ? then->step_count : now->step_count;
    size_t different = 0;
    text_printf(&sheet.text, "\n  %-*s  %-*s  now\n", NAME_WIDTH, "", THEN_WIDTH, "then");
    for (size_t i = 0; i < count; i++) {
        if (!is_shown(then, i) && !is_shown(now, i))
            continue;
        cleanup_free char *before = outcome_of(then, i), *after = outcome_of(now, i);
        cleanup_free char *name = name_of(is_shown(then, i) ? then : now, i);
        cleanup_free char *safe = sheet_safe(&sheet, name, -1);
        cleanup_free char *safe_before = sheet_safe(&sheet, before, -1);
        bool same = strcmp(before, after) == 0;
        different += !same;
        text_printf(&sheet.text, "%s ", same ? " " : sheet.utf8 ? "✗" : "x");
        sheet_ink(&sheet, INK_PLAIN, NAME_WIDTH, safe);
        text_add(&sheet.text, "  ");
        sheet_ink(&sheet, INK_PLAIN, THEN_WIDTH, safe_before);
        text_add(&sheet.text, "  ");
        sheet_foreign(&sheet, INK_PLAIN, after);
        sheet_end_line(&sheet);
    }
    fputs(text_get(&sheet.text), stdout);
    text_release(&sheet.text);
    return different;
}

static int compare(const struct replay *replay, struct err *err) {
    const struct record *then = replay->then.record, *now = replay->now;
    print_heading(replay);
    if (now->broken && !then->broken)
        return err_set(err, "the case could not be carried out: %s", now->broken);
    if (now->lacks || now->skip)
        return err_set(err, "the case could not be carried out: %s",
                       now->lacks ? now->lacks : now->skip);
    size_t different = print_steps(then, now);
    if (now->broken) {
        printf("\nThe same as in the bundle: the case is broken.\n");
        return STATUS_OK;
    }
    if (then->broken) {
        printf("\nNot the same as in the bundle: the case was broken, and was carried out now.\n");
        return STATUS_UNEXPECTED;
    }
    if (different == 0)
        printf("\nThe same as in the bundle.\n");
    else
        printf("\nNot the same as in the bundle: %zu step%s ended otherwise.\n", different,
               different == 1 ? "" : "s");
    return different == 0 ? STATUS_OK : STATUS_UNEXPECTED;
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
    cleanup_free char *home = catalog_home(err);
    if (!home || choose(replay, home, err) < 0 || carry_out(replay, err) < 0)
        return -1;
    return compare(replay, err);
}

int command_replay(const struct options *options, struct err *err) {
    struct replay replay = {.options = options};
    int ret = replay_all(&replay, err);
    machine_release(&replay.machine);
    catalog_release(&replay.catalog);
    chosen_close(&replay.chosen);
    places_release(&replay.places);
    cases_release(&replay.cases);
    record_free(replay.now);
    saved_release(&replay.then);
    bundle_release(&replay.bundle);
    return ret;
}
