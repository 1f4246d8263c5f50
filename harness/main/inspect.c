// SPDX-License-Identifier: Apache-2.0
// inspect.c - `goneaway check`, `list` and `explain`: the commands that run nothing
#include "base/proc.h"
#include "base/utf8.h"
#include "main/answer.h"
#include "main/catalog.h"
#include "main/commands.h"
#include "main/connectors.h"
#include "main/explain.h"
#include "main/known.h"
#include "main/overview.h"
#include "main/page.h"
#include "main/promises.h"

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
    cleanup_free char *what = utf8_shown(err->what, false);
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
    if (counts.files == 0)
        return err_usage(err, "there are no .yml files in %s", options->arguments[0]);
    printf("%d file%s, %d case%s, %d outcome%s with alternatives", counts.files,
           counts.files == 1 ? "" : "s", counts.cases, counts.cases == 1 ? "" : "s",
           counts.alternatives, counts.alternatives == 1 ? "" : "s");
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

static void list_scenarios(const struct catalog *catalog, bool cases) {
    for (size_t i = 0; i < catalog->count; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        if (!cases)
            printf("%-22s %2zu cases  %s\n", scenario->name, scenario->case_count, scenario->title);
        for (size_t k = 0; cases && k < scenario->case_count; k++)
            printf("%s\n", scenario->cases[k].id);
    }
}

// The version where there is one, else what state it is in.
static void list_image(const char *name, enum image_state state, const char *version,
                       const char *title) {
    static const char *const words[] = {[IMAGE_ABSENT] = "not prepared",
                                        [IMAGE_READY] = "prepared",
                                        [IMAGE_DAMAGED] = "damaged",
                                        [IMAGE_REFUSED] = "refused"};
    printf("%-18s %-14s %s\n", name, state == IMAGE_READY && version ? version : words[state],
           title);
}

static void list_images(struct images *images, const char *what) {
    bool servers = strcmp(what, "servers") == 0, proxies = strcmp(what, "proxies") == 0;
    struct err why;
    for (size_t i = 0; servers && i < images->server_count; i++) {
        enum image_state state = image_server_find(images, &images->servers[i], &why);
        list_image(images->servers[i].name, state, images->servers[i].version,
                   images->servers[i].title);
    }
    for (size_t i = 0; proxies && i < images->proxy_count; i++)
        list_image(images->proxies[i].name, image_proxy_find(images, &images->proxies[i], &why),
                   NULL, images->proxies[i].title);
    for (size_t i = 0; !servers && !proxies && i < images->connector_count; i++)
        list_image(images->connectors[i].name,
                   image_connector_find(images, &images->connectors[i], &why), NULL,
                   images->connectors[i].title);
}

static int list_recipes(const char *home, const char *what, const struct options *options,
                        struct err *err) {
    struct images images;
    int ret = connectors_open(&images, home, options, err);
    if (ret == 0)
        list_images(&images, what);
    images_close(&images);
    return ret;
}

/** What is shown of the whole catalogue. */
typedef void catalog_view(const struct catalog *catalog, const struct images *images,
                          void *context);

static int show_catalog(const char *home, catalog_view *view, void *context, struct err *err) {
    cleanup_free char *fixtures = xprintf("%s/fixtures", home);
    struct catalog catalog = {0};
    struct images images = {0};
    int ret = catalog_select(&catalog, home, 0, NULL, err);
    if (ret == 0)
        ret = images_open(&images, fixtures, err);
    if (ret == 0)
        view(&catalog, &images, context);
    images_close(&images);
    catalog_release(&catalog);
    return ret;
}

static void show_causes(const struct catalog *catalog, const struct images *images, void *context) {
    const struct options *options = context;
    (options->markdown ? overview_print_markdown : overview_print)(stdout, catalog, images);
}

/** What is asked of `explain`, and whether it has an answer. */
struct asked {
    const struct options *options;
    struct err *err;
    int ret;
};

static void show_answer(const struct catalog *catalog, const struct images *images, void *context) {
    struct asked *asked = context;
    struct view view = {catalog, images};
    char **words = asked->options->arguments;
    asked->ret = asked->options->argument_count == 2
                     ? answer_code_of_cause(stdout, &view, words, asked->err)
                     : answer_word(stdout, &view, words[0], asked->err);
}

int command_list(const struct options *options, struct err *err) {
    const char *what = options->argument_count ? options->arguments[0] : "scenarios";
    bool cases = strcmp(what, "cases") == 0, promises = strcmp(what, "promises") == 0;
    cleanup_free char *home = catalog_home(err);
    if (!home)
        return -1;
    if (options->argument_count > 1)
        return err_usage(err, "`goneaway list` lists one thing at a time");
    if (options->markdown && strcmp(what, "causes") != 0)
        return err_usage(err, "--markdown is for `goneaway list causes`");
    if (strcmp(what, "causes") == 0)
        return show_catalog(home, show_causes, (void *)options, err);
    if (strcmp(what, "symptoms") == 0) {
        overview_print_symptoms(stdout);
        return STATUS_OK;
    }
    if (strcmp(what, "servers") == 0 || strcmp(what, "connectors") == 0 ||
        strcmp(what, "proxies") == 0)
        return list_recipes(home, what, options, err);
    if (!cases && !promises && strcmp(what, "scenarios") != 0)
        return err_usage(
            err,
            "there is no list of '%s'; there is scenarios, cases, causes, symptoms, promises, "
            "servers, connectors and proxies",
            what);
    struct catalog catalog;
    int ret = catalog_select(&catalog, home, 0, NULL, err);
    if (ret == 0 && promises)
        promises_print(stdout, &catalog);
    else if (ret == 0)
        list_scenarios(&catalog, cases);
    catalog_release(&catalog);
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

int command_explain(const struct options *options, struct err *err) {
    struct asked asked = {.options = options, .err = err};
    if (options->argument_count > 2)
        return err_usage(err, "`goneaway explain` explains one word at a time, or a code and a "
                              "cause");
    if (options->argument_count == 0)
        return show_page(explain_reference, options);
    if (strcmp(options->arguments[0], "goneaway") == 0)
        return show_page(options_print_man, options);
    cleanup_free char *home = catalog_home(err);
    if (!home || show_catalog(home, show_answer, &asked, err) < 0)
        return -1;
    return asked.ret == 0 ? STATUS_OK : -1;
}
