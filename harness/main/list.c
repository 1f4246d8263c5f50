// SPDX-License-Identifier: Apache-2.0
// list.c - `goneaway list`: lists scenarios, images and the rest
#include "base/nearest.h"
#include "batch/cases.h"
#include "catalog/connectors.h"
#include "catalog/view.h"
#include "explain/lost.h"
#include "explain/matrix_data.h"
#include "explain/matrix_page.h"
#include "explain/overview.h"
#include "explain/promises.h"
#include "explain/upgrades.h"
#include "export/export.h"
#include "main/commands.h"
#include "plan/causes.h"
#include "plan/codes.h"
#include "program/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- which cases -------------------------------------------------------------------------------

/** Which cases are listed, by the options' values; NULL: all. */
struct filter {
    const struct options *options;
    char **wanted;                   ///< from --code
    const struct measured *measured; ///< for --export
};

static int number_of(const char *text) {
    const struct code *code = code_by_text(text);
    return code ? code->number : atoi(text);
}

static bool shows_some(const struct view *view, const struct plan_case *plan, char **wanted) {
    for (char **code = wanted; *code; code++)
        if (view_case_shows_code(view, plan, number_of(*code)))
            return true;
    return false;
}

static bool has_some_tag(const struct scenario *scenario, const char *tags) {
    for (size_t i = 0; i < scenario->tags.count; i++)
        if (text_list_has(tags, ((const char **)scenario->tags.items)[i]))
            return true;
    return false;
}

static bool is_for_programs(const struct plan_case *plan) {
    static const struct program_options usual;
    struct plan_case derived;
    cleanup_free char *why = program_derive(plan, &usual, &derived);
    return why == NULL;
}

static bool is_listed(const struct view *view, const struct filter *filter,
                      const struct plan_case *plan) {
    const struct options *options = filter->options;
    const struct scenario *scenario = plan->scenario;
    return (!options->causes || text_list_has(options->causes, scenario->cause)) &&
           (!options->tags || has_some_tag(scenario, options->tags)) &&
           (!options->transports ||
            text_list_has(options->transports, transport_words[plan->transport].name)) &&
           (!options->codes || shows_some(view, plan, filter->wanted)) &&
           (!options->for_programs || is_for_programs(plan)) &&
           (!options->for_export || export_can(filter->measured, plan, options->connectors, NULL));
}

static int narrow(struct library *library, const char *home, const struct options *options,
                  struct err *err) {
    cleanup_measured struct measured measured = {0};
    if (options->for_export && (measured_open(&measured, home, err) < 0 ||
                                export_check_connector(&measured, options->connectors, err) < 0))
        return -1;
    cleanup_free char **wanted = text_split(options->codes ? options->codes : "");
    struct filter filter = {options, wanted, &measured};
    struct view view = {&library->catalog, &library->images};
    for (size_t i = 0; i < library->catalog.count; i++) {
        struct selection *item = &library->catalog.items[i];
        for (size_t k = 0; k < item->scenario->case_count; k++)
            item->chosen[k] &= is_listed(&view, &filter, &item->scenario->cases[k]);
    }
    return 0;
}

static int check_causes(const char *list, struct err *err) {
    cleanup_free char **words = text_split(list ? list : "");
    for (char **word = words; list && *word; word++) {
        struct nearest nearest = {.wanted = *word, .edits = NEAR_NAME};
        bool known = false;
        for (const struct word *cause = cause_words; cause->name; cause++) {
            nearest_try(&nearest, cause->name);
            known |= strcmp(cause->name, *word) == 0;
        }
        if (known)
            continue;
        const char *near = nearest_word(&nearest);
        err_usage(err, "there is no cause '%s'", *word);
        return near ? err_remedy(err, "did you mean '%s'?", near)
                    : err_remedy(err, "`goneaway list causes` shows all");
    }
    return 0;
}

// Numbers missing from the table are codes too.
static int check_codes(const char *list, struct err *err) {
    cleanup_free char **words = text_split(list ? list : "");
    for (char **word = words; list && *word; word++)
        if (!code_by_text(*word) && (!**word || (*word)[strspn(*word, "0123456789")]))
            return err_usage(err, "--code needs an error's number or symbol, not '%s'", *word);
    return 0;
}

// ---- scenarios ---------------------------------------------------------------------------------

static size_t count_chosen(const struct selection *item) {
    size_t count = 0;
    for (size_t i = 0; i < item->scenario->case_count; i++)
        count += item->chosen[i];
    return count;
}

static int widest_chosen(const struct catalog *catalog) {
    int widest = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        int length = (int)strlen(catalog->items[i].scenario->name);
        if (length > widest && selection_has_chosen(&catalog->items[i]))
            widest = length;
    }
    return widest;
}

// Prints a heading before the first scenario of each cause and of each group of causes.
static void print_scenario(const struct selection *item, int width, const struct word *cause,
                           const char **group, bool first) {
    const struct scenario *scenario = item->scenario;
    size_t count = count_chosen(item);
    const char *own = cause_group_of(cause->name);
    if (own != *group)
        printf("%s# %s\n", *group ? "\n" : "", own);
    if (first)
        printf("#   %s - %s\n", cause->name, cause->doc);
    *group = own;
    printf("%-*s %2zu case%s  %s\n", width, scenario->name, count, count == 1 ? " " : "s",
           scenario->title);
}

// Headings start with #, so that programs that read the lines can skip them.
static void list_scenarios(const struct catalog *catalog) {
    const char *group = NULL;
    int width = widest_chosen(catalog);
    for (const struct word *cause = cause_words; cause->name; cause++) {
        bool first = true;
        for (size_t i = 0; i < catalog->count; i++) {
            const struct selection *item = &catalog->items[i];
            if (strcmp(item->scenario->cause, cause->name) != 0 || !selection_has_chosen(item))
                continue;
            print_scenario(item, width, cause, &group, first);
            first = false;
        }
    }
}

static void list_cases(const struct catalog *catalog) {
    for (size_t i = 0; i < catalog->count; i++)
        for (size_t k = 0; k < catalog->items[i].scenario->case_count; k++)
            if (catalog->items[i].chosen[k])
                printf("%s\n", catalog->items[i].scenario->cases[k].id);
}

static bool has_some(const struct catalog *catalog) {
    for (size_t i = 0; i < catalog->count; i++)
        if (selection_has_chosen(&catalog->items[i]))
            return true;
    return false;
}

static int list_chosen(const char *home, const char *what, const struct options *options,
                       struct err *err) {
    struct library library;
    int ret =
        library_open(&library, home, options->argument_count ? options->argument_count - 1 : 0,
                     options->arguments + 1, err);
    if (ret == 0)
        ret = narrow(&library, home, options, err);
    if (ret == 0 && !has_some(&library.catalog))
        ret = err_usage(err, "nothing of the catalogue fits all of that");
    if (ret == 0)
        (strcmp(what, "cases") == 0 ? list_cases : list_scenarios)(&library.catalog);
    library_close(&library);
    return ret;
}

// ---- images ------------------------------------------------------------------------------------

/** Lines of three columns, the first as wide as its widest entry. */
struct listed {
    size_t count;
    struct listed_line {
        char *name, *state, *title;
    } * lines;
};

static void list_line(struct listed *listed, const char *name, const char *state,
                      const char *title) {
    listed->lines = xrealloc(listed->lines, listed->count + 1, sizeof *listed->lines);
    listed->lines[listed->count++] =
        (struct listed_line){xstrdup(name), xstrdup(state), xstrdup(title)};
}

static void listed_print(struct listed *listed) {
    size_t width = 0;
    for (size_t i = 0; i < listed->count; i++)
        if (strlen(listed->lines[i].name) > width)
            width = strlen(listed->lines[i].name);
    for (size_t i = 0; i < listed->count; i++) {
        struct listed_line *line = &listed->lines[i];
        printf("%-*s  %-12s  %s\n", (int)width, line->name, line->state, line->title);
        free(line->name);
        free(line->state);
        free(line->title);
    }
    free(listed->lines);
}

// Prints the version if there is one, else the state.
static void list_image(struct listed *listed, const char *name, enum cache_state state,
                       const char *version, const char *title) {
    static const char *const words[] = {[CACHE_ABSENT] = "not prepared",
                                        [CACHE_READY] = "prepared",
                                        [CACHE_DAMAGED] = "damaged",
                                        [CACHE_REFUSED] = "refused"};
    list_line(listed, name, state == CACHE_READY && version ? version : words[state], title);
}

// The image of a stranger's connector may be `rootfs:/`, and listing it must not read all of that.
static void list_connector(struct listed *listed, struct images *images,
                           struct connector_recipe *recipe) {
    struct err why;
    cleanup_free char *title =
        xprintf("%-10s  %s", recipe->language ? recipe->language : "", recipe->title);
    if (image_connector_is_folder(recipe))
        list_line(listed, recipe->name, "not looked at", title);
    else
        list_image(listed, recipe->name, image_connector_find(images, recipe, &why), NULL, title);
}

// Lists servers by reference, which have no recipe.
static void list_stocked(struct listed *listed, struct images *images) {
    cleanup_free struct stocked *servers = NULL;
    size_t count = images_stocked(images, &servers);
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *title =
            xprintf("%s %s, by reference: %s (%lld MB)", servers[i].flavour, servers[i].full,
                    servers[i].reference, (long long)(servers[i].bytes / 1000000));
        cleanup_free char *version =
            xprintf("%.*s", (int)strspn(servers[i].full, "0123456789."), servers[i].full);
        list_image(listed, servers[i].name, servers[i].state, version, title);
    }
}

static void list_images(struct images *images, const char *what) {
    bool servers = strcmp(what, "servers") == 0, proxies = strcmp(what, "proxies") == 0;
    struct listed listed = {0};
    struct err why;
    for (size_t i = 0; servers && i < images->server_count; i++) {
        enum cache_state state = image_server_find(images, &images->servers[i], &why);
        list_image(&listed, images->servers[i].name, state, images->servers[i].version,
                   images->servers[i].title);
    }
    if (servers)
        list_stocked(&listed, images);
    for (size_t i = 0; proxies && i < images->proxy_count; i++)
        list_image(&listed, images->proxies[i].name,
                   image_proxy_find(images, &images->proxies[i], &why), NULL,
                   images->proxies[i].title);
    for (size_t i = 0; !servers && !proxies && i < images->connector_count; i++)
        list_connector(&listed, images, &images->connectors[i]);
    listed_print(&listed);
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

// ---- the rest ----------------------------------------------------------------------------------

static int list_library(const char *home, const char *what, const struct options *options,
                        struct err *err) {
    struct library library;
    int ret = library_open(&library, home, 0, NULL, err);
    if (ret == 0 && strcmp(what, "promises") == 0)
        promises_print(stdout, &library.catalog);
    else if (ret == 0 && strcmp(what, "upgrades") == 0)
        ret = upgrades_print(stdout, home, &library.catalog, err);
    else if (ret == 0 && strcmp(what, "matrix") == 0)
        ret = (options->json ? matrix_data_print : matrix_page_print)(stdout, home,
                                                                      &library.catalog, err);
    else if (ret == 0 && strcmp(what, "lost") == 0)
        ret = lost_print(stdout, home, &library.catalog, options->connectors, options->json, err);
    else if (ret == 0)
        (options->markdown ? overview_print_markdown : overview_print)(stdout, &library.catalog,
                                                                       &library.images);
    library_close(&library);
    return ret;
}

static int list_symptoms(const char *home, const char *what, const struct options *options,
                         struct err *err) {
    (void)home, (void)what, (void)options, (void)err;
    overview_print_symptoms(stdout);
    return STATUS_OK;
}

static const struct {
    const char *name;
    bool filtered; ///< it takes patterns and filters
    int (*list)(const char *home, const char *what, const struct options *options, struct err *err);
} lists[] = {
    {"scenarios", true, list_chosen},  {"cases", true, list_chosen},
    {"causes", false, list_library},   {"symptoms", false, list_symptoms},
    {"promises", false, list_library}, {"upgrades", false, list_library},
    {"matrix", false, list_library},   {"lost", false, list_library},
    {"servers", false, list_recipes},  {"connectors", false, list_recipes},
    {"proxies", false, list_recipes},
};

static int unknown_list(const char *what, struct err *err) {
    cleanup_text struct text names = {0};
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        text_printf(&names, "%s%s",
                    i == 0                    ? ""
                    : i + 1 < COUNT_OF(lists) ? ", "
                                              : " and ",
                    lists[i].name);
    return err_usage(err, "there is no list of '%s'; choose from %s", what, text_get(&names));
}

static int check_filters(const struct options *options, bool filtered, struct err *err) {
    bool filters = options->argument_count > 1 || options->causes || options->tags ||
                   options->codes || options->transports || options->for_programs ||
                   options->for_export;
    if (filters && !filtered)
        return err_usage(err, "only `goneaway list scenarios` and `goneaway list cases` take "
                              "patterns and filters");
    if (cases_check_transports(options->transports, err) < 0 ||
        check_causes(options->causes, err) < 0)
        return -1;
    return check_codes(options->codes, err);
}

static int check_formats(const struct options *options, const char *what, struct err *err) {
    bool is_lost = strcmp(what, "lost") == 0, is_matrix = strcmp(what, "matrix") == 0;
    if (options->markdown && strcmp(what, "causes") != 0)
        return err_usage(err, "--markdown is for `goneaway list causes`");
    if (options->json && !is_lost && !is_matrix)
        return err_usage(err, "--json is for `goneaway list matrix` and `goneaway list lost`");
    if (options->connectors && !is_lost && !options->for_export)
        return err_usage(err, "--connector is for `goneaway list lost`, and for --export");
    return 0;
}

int command_list(const struct options *options, struct err *err) {
    const char *what = options->argument_count ? options->arguments[0] : "scenarios";
    cleanup_free char *home = catalog_home(err);
    if (!home)
        return -1;
    if (check_formats(options, what, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (strcmp(lists[i].name, what) == 0)
            return check_filters(options, lists[i].filtered, err) < 0
                       ? -1
                       : lists[i].list(home, what, options, err);
    return unknown_list(what, err);
}
