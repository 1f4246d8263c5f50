// SPDX-License-Identifier: Apache-2.0
// inspect.c - `goneaway check` and `explain`: commands that run nothing
#include "base/proc.h"
#include "base/utf8.h"
#include "explain/answer.h"
#include "catalog/catalog.h"
#include "main/commands.h"
#include "catalog/connectors.h"
#include "explain/contents.h"
#include "explain/reference.h"
#include "catalog/known.h"
#include "cli/page.h"
#include "explain/story.h"
#include "plan/codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int print_schema(void) {
    json_t *schema = scenario_schema();
    json_dumpf(schema, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(schema);
    return STATUS_OK;
}

struct counts {
    int files, cases, alternatives, warnings, refused;
};

static void print_warnings(const struct warnings *warnings) {
    for (size_t i = 0; i < warnings->count; i++) {
        cleanup_free char *what = utf8_shown(warnings->texts[i], false);
        fprintf(stderr, "%s\n", what);
    }
}

// Checks a file and tells of it. An error is one of the machine.
static int check_file(const char *path, const char *named, const struct images *images,
                      struct counts *counts, struct err *err) {
    struct scenario *scenario = catalog_read(path, named, err);
    bool good = scenario && known_check(scenario, images, err) == 0;
    counts->files++;
    if (good) {
        counts->cases += (int)scenario->case_count;
        counts->alternatives += scenario->alternatives;
        counts->warnings += (int)scenario->warnings->count;
        print_warnings(scenario->warnings);
    }
    scenario_free(scenario);
    if (good || err->exhausted)
        return good ? 0 : -1;
    cleanup_free char *what = utf8_shown(err->what, true);
    fprintf(stderr, "%s\n", what);
    counts->refused++;
    return 0;
}

static int check_path(const char *path, const struct images *images, struct counts *counts,
                      struct err *err) {
    char **files = catalog_files(path, err);
    int ret = files ? 0 : -1;
    for (char **file = files; ret == 0 && *file; file++)
        ret = check_file(*file, path, images, counts, err);
    catalog_free_files(files);
    return ret;
}

static int check_files(const struct options *options, const struct images *images,
                       struct err *err) {
    struct counts counts = {0};
    for (int i = 0; i < options->argument_count; i++)
        if (check_path(options->arguments[i], images, &counts, err) < 0)
            return -1;
    printf("%d file%s, %d case%s", counts.files, counts.files == 1 ? "" : "s", counts.cases,
           counts.cases == 1 ? "" : "s");
    if (counts.alternatives)
        printf(", %d outcome%s with alternatives", counts.alternatives,
               counts.alternatives == 1 ? "" : "s");
    if (counts.warnings)
        printf("; %d warning%s", counts.warnings, counts.warnings == 1 ? "" : "s");
    if (counts.refused)
        printf("; %d refused", counts.refused);
    putchar('\n');
    return counts.refused ? STATUS_USAGE : STATUS_OK;
}

int command_check(const struct options *options, struct err *err) {
    if (options->schema)
        return print_schema();
    if (options->argument_count == 0)
        return err_usage(err, "`goneaway check` needs files or folders");
    cleanup_free char *home = catalog_home(err);
    if (!home)
        return -1;
    struct images images = {0};
    int ret = connectors_open(&images, home, options, err);
    if (ret == 0)
        ret = check_files(options, &images, err);
    images_close(&images);
    return ret;
}

// A manual page: shown by man on a terminal, as plain text into a pipe, and with --man as it is.
static int show_page(void (*print)(FILE *), const struct options *options) {
    cleanup_free char *man = isatty(STDOUT_FILENO) ? proc_find_program("man") : NULL;
    FILE *pipe = man && !options->man ? popen("man -l -", "w") : NULL;
    if (pipe || options->man)
        print(pipe ? pipe : stdout);
    else
        page_print_plain(stdout, print);
    if (pipe)
        pclose(pipe);
    return STATUS_OK;
}

// Whether a word names a file of scenarios and nothing else.
static bool is_file(const char *word) {
    const char *dot = strrchr(word, '.');
    return dot && (strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0);
}

// Where the catalogue cannot be read, what does not depend on it has an answer all the same.
static int explain_without_catalogue(const struct options *options, struct err *err) {
    const char *word = options->arguments[0];
    struct library none = {0};
    struct view view = {&none.catalog, &none.images};
    struct err unused;
    if (options->argument_count > 1 || is_file(word) || code_by_text(word) || err->exhausted ||
        answer_word(stdout, &view, word, &unused) < 0)
        return -1;
    cleanup_free char *what = utf8_shown(err->what, false);
    fprintf(stderr, "goneaway: warning: left out: %s\n", what);
    return 0;
}

static int explain_words_of(const struct options *options, const char *home, struct err *err) {
    char **words = options->arguments;
    bool file = options->argument_count == 1 && is_file(words[0]);
    struct library library;
    int ret = library_open(&library, home, file, words, err);
    struct view view = {&library.catalog, &library.images};
    if (ret < 0)
        ret = explain_without_catalogue(options, err);
    else if (file)
        story_print(stdout, &view, library.catalog.items[0].scenario, "*");
    else
        ret = options->argument_count == 2 ? answer_code_of_cause(stdout, &view, words, err)
                                           : answer_word(stdout, &view, words[0], err);
    library_close(&library);
    return ret;
}

int command_explain(const struct options *options, struct err *err) {
    if (options->argument_count > 2)
        return err_usage(err, "`goneaway explain` explains one word at a time, or a code and a "
                              "cause");
    bool is_contents = options->argument_count == 0 && !options->man;
    if (is_contents)
        contents_print(stdout);
    if (is_contents)
        return STATUS_OK;
    if (options->argument_count == 0 || strcmp(options->arguments[0], "reference") == 0)
        return show_page(explain_reference, options);
    if (strcmp(options->arguments[0], "goneaway") == 0)
        return show_page(options_print_man, options);
    cleanup_free char *home = catalog_home(err);
    return home && explain_words_of(options, home, err) == 0 ? STATUS_OK : -1;
}
