// SPDX-License-Identifier: Apache-2.0
// export.c - `goneaway export`: a case as a program that needs nothing of goneaway
#include "export/export.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "main/commands.h"

#include <stdio.h>

// The only chosen case; NULL with an error if there are several.
static const struct plan_case *only_case(const struct catalog *catalog, const char *word,
                                         struct err *err) {
    enum { MOST_NAMED = 4 };
    const struct plan_case *found = NULL;
    cleanup_text struct text names = {0};
    size_t count = 0;
    for (size_t i = 0; i < catalog->count; i++)
        for (size_t k = 0; k < catalog->items[i].scenario->case_count; k++) {
            if (!catalog->items[i].chosen[k])
                continue;
            found = &catalog->items[i].scenario->cases[k];
            if (count++ < MOST_NAMED)
                text_printf(&names, "%s%s", names.length ? ", " : "", found->id);
        }
    if (count == 1)
        return found;
    err_usage(err, "'%s' is %zu cases, and one is exported at a time", word, count);
    err_remedy(err, "name one of %s%s", text_get(&names), count > MOST_NAMED ? " .." : "");
    return NULL;
}

static int export_chosen(const struct options *options, const char *home, struct err *err) {
    struct catalog catalog = {0};
    cleanup_measured struct measured measured = {0};
    int ret = catalog_select(&catalog, home, 1, options->arguments, err);
    const struct plan_case *plan =
        ret == 0 ? only_case(&catalog, options->arguments[0], err) : NULL;
    ret = plan ? measured_open(&measured, home, err) : -1;
    if (ret == 0)
        ret = export_case(stdout, &measured, plan, options->connectors, options->servers,
                          options->arguments[1], err);
    catalog_release(&catalog);
    return ret;
}

int command_export(const struct options *options, struct err *err) {
    if (options->argument_count != 2) {
        err_usage(err, "`goneaway export` needs a case and a folder");
        return err_remedy(err, "goneaway export kill-idle@tcp --connector pymysql DIR");
    }
    cleanup_free char *home = catalog_home(err);
    return home && export_chosen(options, home, err) == 0 ? STATUS_OK : -1;
}
