// SPDX-License-Identifier: Apache-2.0
// last_failed.c - what did not pass in the last run, for --last-failed
#include "batch/last_failed.h"

#include "base/file.h"
#include "base/utf8.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BYTES = 4 << 20, MOST_CASES = 10000, NAMED = 5 };

static char *path_of(const char *cache) {
    return xprintf("%s/last-run.json", cache);
}

static const char *word(const json_t *entry, const char *key) {
    const char *text = json_string_value(json_object_get(entry, key));
    return text ? text : "";
}

// The name of an adapter is unknown until its hello.
static const char *connector_of(const struct run_item *item) {
    return item->connector->named_by_hello ? "" : item->connector->name;
}

// By its present or a former name.
static bool is_case(const json_t *entry, const struct plan_case *plan) {
    const char *id = word(entry, "id");
    for (size_t i = 0; i < plan->former_count; i++)
        if (strcmp(plan->former[i], id) == 0)
            return true;
    return strcmp(plan->id, id) == 0;
}

static bool is_item(const json_t *entry, const struct run_item *item) {
    return is_case(entry, item->plan) && strcmp(word(entry, "server"), item->server->name) == 0 &&
           strcmp(word(entry, "connector"), connector_of(item)) == 0;
}

// ---- reading -----------------------------------------------------------------------------------

// That there is nothing is no error.
static int read_known(struct last_failed *last, const char *cache, struct err *err) {
    cleanup_free char *path = path_of(cache);
    cleanup_text struct text data = {0};
    json_error_t error = {.text = ""};
    if (!file_exists(path))
        return 0;
    if (file_read(path, MOST_BYTES, &data, err) == 0) {
        json_auto_t *file = json_loadb(text_get(&data), data.length, 0, &error);
        last->known = json_incref(json_object_get(file, "failed"));
        if (json_is_array(last->known) && json_array_size(last->known) <= MOST_CASES)
            return 0;
        err_set(err, "%s: %s", path, *error.text ? error.text : "is not a record of a run");
    }
    err_context(err, "what the last run left");
    return err_remedy(err, "run without --last-failed, which writes it anew");
}

static bool is_known_before(const struct last_failed *last, size_t index, const char *file) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(word(json_array_get(last->known, i), "file"), file) == 0)
            return true;
    return false;
}

// The arguments that name the scenarios of the last run's cases, ended by NULL.
static char **list_arguments(struct last_failed *last) {
    size_t i, count = 0;
    json_t *entry;
    bool catalogue = false;
    last->arguments = xcalloc(json_array_size(last->known) + 2, sizeof *last->arguments);
    json_array_foreach(last->known, i, entry) {
        const char *file = word(entry, "file");
        catalogue |= !*file;
        if (*file && file_exists(file) && !is_known_before(last, i, file))
            last->arguments[count++] = (char *)file;
    }
    if (catalogue || count == 0)
        last->arguments[count++] = "*";
    return last->arguments;
}

// ---- choosing ----------------------------------------------------------------------------------

static bool has_failed(const struct last_failed *last, const struct plan_case *plan) {
    size_t i;
    json_t *entry;
    json_array_foreach(last->known, i, entry) {
        if (is_case(entry, plan))
            return true;
    }
    return false;
}

// Leaves of the choice only what did not pass.
static void narrow(const struct last_failed *last, struct catalog *catalog) {
    for (size_t i = 0; i < catalog->count; i++) {
        struct selection *item = &catalog->items[i];
        for (size_t k = 0; k < item->scenario->case_count; k++)
            item->chosen[k] = item->chosen[k] && has_failed(last, &item->scenario->cases[k]);
    }
}

int last_failed_select(struct last_failed *last, struct catalog *catalog, const char *home,
                       const char *cache, const struct options *options, struct err *err) {
    if (read_known(last, cache, err) < 0)
        return -1;
    if (!last->known)
        fprintf(stderr, "goneaway: nothing to run: %s remembers no run\n", cache);
    else if (json_array_size(last->known) == 0)
        fprintf(stderr, "goneaway: nothing to run: the last run had no case that did not pass\n");
    if (json_array_size(last->known) == 0)
        return 0;
    int count = options->argument_count;
    char **arguments = count > 0 ? options->arguments : list_arguments(last);
    while (options->argument_count == 0 && arguments[count])
        count++;
    if (catalog_select(catalog, home, count, arguments, err) < 0)
        return -1;
    narrow(last, catalog);
    return 1;
}

static const struct run_item *find_item(const json_t *entry, const struct run_item *items,
                                        size_t count) {
    for (size_t i = 0; i < count; i++)
        if (is_item(entry, &items[i]))
            return &items[i];
    return NULL;
}

static void warn_of_absent(const struct last_failed *last, const struct run_item *items,
                           size_t count) {
    cleanup_text struct text names = {0};
    size_t i, absent = 0, all = json_array_size(last->known);
    json_t *entry;
    json_array_foreach(last->known, i, entry) {
        if (find_item(entry, items, count) || absent++ >= NAMED)
            continue;
        const char *connector = word(entry, "connector");
        text_printf(&names, "%s%.200s %.200s %.200s", absent > 1 ? ", " : "", word(entry, "id"),
                    word(entry, "server"), *connector ? connector : "with an adapter");
    }
    if (absent == 0)
        return;
    cleanup_free char *shown = utf8_shown(text_get(&names), false);
    fprintf(stderr,
            "goneaway: warning: %zu of the %zu cases that did not pass in the last run are left "
            "out, since they no longer exist or the options exclude them: %s%s\n",
            absent, all, shown, absent > NAMED ? ", .." : "");
}

size_t last_failed_choose(const struct last_failed *last, struct run_item *items, size_t count) {
    size_t i, kept = 0;
    json_t *entry;
    warn_of_absent(last, items, count);
    for (size_t k = 0; k < count; k++) {
        bool failed = false;
        json_array_foreach(last->known, i, entry) {
            failed |= is_item(entry, &items[k]);
        }
        if (failed)
            items[kept++] = items[k];
    }
    return kept;
}

// ---- remembering -------------------------------------------------------------------------------

void last_failed_add(struct last_failed *last, const struct run_item *item, const char *file) {
    size_t i;
    json_t *entry;
    if (!last->failed)
        last->failed = json_array();
    json_array_foreach(last->failed, i, entry) {
        if (is_item(entry, item))
            return;
    }
    char real[PATH_MAX];
    const char *path = file ? realpath(file, real) : NULL;
    entry = json_pack("{s:o, s:o, s:o}", "id", utf8_json(item->plan->id), "server",
                      utf8_json(item->server->name), "connector", utf8_json(connector_of(item)));
    if (path)
        json_object_set_new(entry, "file", utf8_json(path));
    if (json_array_size(last->failed) < MOST_CASES)
        json_array_append(last->failed, entry);
    json_decref(entry);
}

// Keeps cases that failed before and have not been tried since.
static void keep_untried(struct last_failed *last, const struct options *options,
                         const struct run_item *items, size_t count) {
    size_t i;
    json_t *entry;
    json_array_foreach(last->known, i, entry) {
        bool meant = false, tried = false;
        for (size_t k = 0; k < count; k++)
            if (is_item(entry, &items[k])) {
                meant = true;
                tried |= items[k].took_ms >= 0;
            }
        if (!tried && (meant || options->last_failed) && json_array_size(last->failed) < MOST_CASES)
            json_array_append(last->failed, entry);
    }
}

int last_failed_save(struct last_failed *last, const char *cache, const struct options *options,
                     const struct run_item *items, size_t count, struct err *err) {
    struct err unread;
    cleanup_free char *path = path_of(cache);
    if (!last->failed)
        last->failed = json_array();
    if (!last->known)
        read_known(last, cache, &unread);
    if (json_is_array(last->known))
        keep_untried(last, options, items, count);
    json_auto_t *file = json_pack("{s:O}", "failed", last->failed);
    cleanup_free char *data = file ? json_dumps(file, JSON_INDENT(1)) : NULL;
    if (data && file_replace(path, data, strlen(data), err) == 0)
        return 0;
    return json_array_size(last->failed) > 0 ? -1 : 0;
}

void last_failed_release(struct last_failed *last) {
    json_decref(last->known);
    json_decref(last->failed);
    free(last->arguments);
    *last = (struct last_failed){0};
}
