// SPDX-License-Identifier: Apache-2.0
// check.c - `goneaway check`: reads scenario files and lists everything that is wrong in them
#include "base/utf8.h"
#include "catalog/catalog.h"
#include "catalog/connectors.h"
#include "catalog/known.h"
#include "main/commands.h"
#include "plan/language.h"

#include <stdio.h>
#include <stdlib.h>

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

// Checks a file and reports the result. Returns an error only if the machine fails.
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
