// SPDX-License-Identifier: Apache-2.0
// recipe.c - what a server or a connector is
#include "explain/recipe.h"

#include "cli/page.h"
#include "image/recipe.h"

#include <stdarg.h>
#include <stdlib.h>

static char *joined(const struct list *texts, const char *between) {
    struct text text = {0};
    for (size_t i = 0; i < texts->count; i++)
        text_printf(&text, "%s%s", i > 0 ? between : "", ((const char **)texts->items)[i]);
    return text.data ? text.data : xstrdup("");
}

__attribute__((format(printf, 2, 3))) static void print(FILE *out, const char *format, ...) {
    va_list args;
    char *line = NULL;
    va_start(args, format);
    if (vasprintf(&line, format, args) < 0)
        line = xstrdup("");
    va_end(args);
    print_indented(out, 4, line);
    free(line);
}

static void print_packages(FILE *out, const char *what, const struct list *packages,
                           const char *suite) {
    cleanup_free char *names = joined(packages, ", ");
    if (packages->count > 0)
        print(out, "%s Debian's suite %s: %s.", what, suite, names);
}

static void print_modules(FILE *out, const struct dict *modules) {
    cleanup_text struct text names = {0};
    for (size_t i = 0; i < modules->count; i++)
        text_printf(&names, "%s%s", i > 0 ? ", " : "", modules->keys[i]);
    print(out, "From npm: %s.", text_get(&names));
}

// Lists scenarios with no case on this server, grouped by the condition that excludes it.
static void print_not_for(FILE *out, const struct view *view, size_t server) {
    cleanup_text struct text list = {0};
    size_t count = 0;
    for (size_t i = 0; i < view->catalog->count; i++) {
        const struct scenario *scenario = view->catalog->items[i].scenario;
        if (view_is_for(view, scenario, server))
            continue;
        cleanup_free char *wanted = joined(&scenario->servers, ", ");
        text_printf(&list, "%s%s (%s)", count++ > 0 ? "; " : "", scenario->name, wanted);
    }
    if (count > 0)
        print(out, "%zu scenario%s not for it: %s.", count, count == 1 ? " is" : "s are",
              text_get(&list));
}

void answer_server(FILE *out, const struct view *view, size_t server) {
    const struct server_recipe *recipe = &view->images->servers[server];
    fprintf(out, "%s - a server\n", recipe->name);
    print_indented(out, 4, recipe->title);
    if (recipe->npm)
        print(out, "From npm: %s.", recipe->npm);
    else if (recipe->suite)
        print_packages(out, "From", &recipe->packages, recipe->suite);
    if (recipe->measured_package)
        print(out, "Its outcomes were measured with %s.", recipe->measured_package);
    if (recipe->old_tls)
        print(out, "Its TLS is %s, which clients may refuse.", recipe->old_tls);
    if (recipe->on_request == 1)
        print(out, "It runs only where `--server %s` names it, or `--server all`.", recipe->name);
    cleanup_free char *options = joined(&recipe->options, " --");
    if (*options)
        print(out, "Each start is with --%s.", options);
    print_not_for(out, view, server);
}

void answer_connector(FILE *out, const struct connector_recipe *recipe) {
    fprintf(out, "%s - a connector\n", recipe->name);
    print_indented(out, 4, recipe->title);
    if (recipe->suite) {
        print_packages(out, "From", &recipe->packages, recipe->suite);
        print_packages(out, "Built with packages of", &recipe->build_packages, recipe->suite);
    } else if (recipe->image) {
        print(out, "It runs in the image of %s.", recipe->image);
    }
    if (recipe->npm.count > 0)
        print_modules(out, &recipe->npm);
    if (recipe->family)
        print(out, "Of the family %s, whose rows of outcomes are its own, too.", recipe->family);
    bool asked_for = recipe->on_request == 1;
    if (recipe->only_named == 1 && asked_for)
        print(out,
              "It runs in scenarios whose `connectors` name it, and in all the others where "
              "`--connector %s` names it, or `--connector all`.",
              recipe->name);
    else if (recipe->only_named == 1)
        print(out, "It runs only in scenarios whose `connectors` name it.");
    else if (asked_for)
        print(out, "It runs only where `--connector %s` names it, or `--connector all`.",
              recipe->name);
}

// ---- what may stand in one ---------------------------------------------------------------------

void answer_recipe_keys(FILE *out) {
    static const struct {
        const char *of;
        const struct recipe_kind *kind;
    } kinds[] = {{"server", &recipes_of_servers},
                 {"connector", &recipes_of_connectors},
                 {"proxy", &recipes_of_proxies}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        fprintf(out, "\n    Keys of a %s's recipe (* needed):\n", kinds[i].of);
        for (const struct field *field = kinds[i].kind->type->fields; field->name; field++) {
            fprintf(out, "    %c %-14s ", field->flags & FIELD_REQUIRED ? '*' : ' ', field->name);
            print_folded(out, 21, field->doc);
        }
    }
}
