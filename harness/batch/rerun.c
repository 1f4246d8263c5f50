// SPDX-License-Identifier: Apache-2.0
// rerun.c - commands that run a case again, or show all cases of a run
#include "batch/rerun.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

static void quote_adapter(struct text *text, const struct connector_recipe *connector) {
    const char *command = ((const char **)connector->command.items)[2];
    command += text_starts(command, "exec ") ? strlen("exec ") : 0; // connectors.c added the "exec"
    bool named = !connector->named_by_hello &&
                 !(connector->is_program && strcmp(connector->name, "program") == 0);
    cleanup_free char *value =
        xprintf("%s%s%s", named ? connector->name : "", named ? "=" : "", command);
    text_printf(text, " %s", connector->is_program ? "--program" : "--adapter");
    text_quote(text, value);
}

static void quote_program_options(struct text *text, const struct options *options) {
    if (options->at) {
        text_add(text, " --at");
        text_quote(text, options->at);
    }
    if (options->expect_output) {
        text_add(text, " --expect-output");
        text_quote(text, options->expect_output);
    }
    if (options->program_count > 0 && options->deadline_ms != PROGRAM_DEADLINE_MS)
        text_printf(text, " --deadline %lldms", (long long)options->deadline_ms);
}

static bool was_named_by_file(const struct catalog *catalog, const struct scenario *scenario) {
    for (size_t i = 0; i < catalog->count; i++)
        if (catalog->items[i].scenario == scenario)
            return catalog->items[i].by_file;
    return false;
}

// Quotes an id that is read as a pattern, so that its own characters match literally.
static void quote_id(struct text *text, const char *id) {
    cleanup_text struct text pattern = {0};
    for (const char *at = id; *at; at++)
        text_printf(&pattern, "%s%c", strchr("*?[]\\", *at) ? "\\" : "", *at);
    text_quote(text, text_get(&pattern));
}

char *rerun_command(const struct run_item *item, const struct catalog *catalog,
                    const struct options *options) {
    struct text text = {0};
    const struct scenario *scenario = item->plan->scenario;
    bool by_file = was_named_by_file(catalog, scenario);
    text_printf(&text, "%s run", program_invocation_name);
    if (by_file) {
        text_quote(&text, scenario->file);
        text_add(&text, " --only");
    }
    quote_id(&text, item->plan->id);
    text_add(&text, " --server");
    text_quote(&text, item->server->asked ? item->server->asked : item->server->name);
    for (int i = 0; i < options->folder_count; i++) {
        text_add(&text, " --connectors");
        text_quote(&text, options->folders[i]);
    }
    if (options->baseline) {
        text_add(&text, " --baseline");
        text_quote(&text, options->baseline);
    }
    if (item->connector->on_host) {
        quote_adapter(&text, item->connector);
        quote_program_options(&text, options);
        for (int i = 0; i < options->adapter_path_count; i++) {
            text_add(&text, " --adapter-path");
            text_quote(&text, options->adapter_paths[i]);
        }
    } else {
        text_printf(&text, " --connector %s", item->connector->name);
    }
    return text.data;
}

// The file of the json report that was asked for, or NULL.
static const char *json_file(const struct options *options) {
    static const char json[] = "json=";
    for (int i = 0; i < options->report_count; i++)
        if (text_starts(options->reports[i], json) &&
            strcmp(options->reports[i] + strlen(json), "-") != 0)
            return options->reports[i] + strlen(json);
    return NULL;
}

// Options that would hide the cases, or rewrite a baseline.
static bool is_left_out(const char *word) {
    return strcmp(word, "-q") == 0 || strcmp(word, "--quiet") == 0 ||
           strcmp(word, "--update-baseline") == 0;
}

char *rerun_listing(const struct options *options, const char *name) {
    struct text text = {0};
    const char *file = json_file(options);
    text_printf(&text, "%s %s -v", program_invocation_name, file ? "merge" : name);
    if (file)
        text_quote(&text, file);
    for (int i = 0; i < options->word_count && !file; i++)
        if (!is_left_out(options->words[i]))
            text_quote(&text, options->words[i]);
    return text.data;
}
