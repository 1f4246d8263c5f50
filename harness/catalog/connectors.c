// SPDX-License-Identifier: Apache-2.0
// connectors.c - the connectors that options name: goneaway's own, and the user's adapters
#include "catalog/connectors.h"

#include "base/proc.h"
#include "catalog/host_places.h"
#include "plan/condition.h"

#include <ctype.h>
#include <string.h>

/** An option that names a command. */
struct kind {
    const char *option;   ///< as typed
    const char *nameless; ///< the name of one without a name
    bool is_program;
};

// An adapter without a name is called "adapter" until its hello.
static const struct kind adapters = {"--adapter", "adapter", false};
static const struct kind programs = {"--program", "program", true};

// ---- adapters ----------------------------------------------------------------------------------

static struct connector_recipe *find(struct images *images, const char *name) {
    for (size_t i = 0; i < images->connector_count; i++)
        if (strcmp(images->connectors[i].name, name) == 0)
            return &images->connectors[i];
    return NULL;
}

// The length of "NAME" in "NAME=COMMAND"; 0 if there is none, which includes an upper-case variable
// set for the command; -1 if it could be either.
static int name_length(const char *value) {
    bool upper = false, lower = false;
    int length = 0;
    for (; isalnum((unsigned char)value[length]) || (value[length] && strchr("._-", value[length]));
         length++) {
        upper |= isupper((unsigned char)value[length]) != 0;
        lower |= islower((unsigned char)value[length]) != 0;
    }
    if (value[length] != '=' || length == 0)
        return 0;
    if (connector_is_name(value, (size_t)length))
        return length;
    return upper && lower ? -1 : 0;
}

static int refuse_name(const struct kind *kind, const char *value, struct err *err) {
    int length = (int)strcspn(value, "=");
    err_usage(err, "%s '%s': a connector's name is in lower case", kind->option, value);
    return err_remedy(err, "if '%.*s' is a variable of the command, begin it with `env`", length,
                      value);
}

static int refuse_nameless(const struct kind *kind, const struct options *options,
                           const char *value, struct err *err) {
    err_usage(err, "%s '%s' needs a name of its own beside %s%s", kind->option, value,
              options->connectors ? "--connector" : "another ",
              options->connectors ? "" : kind->option);
    return err_remedy(err, "%s NAME='%s'", kind->option, value);
}

static int check_name(struct images *images, const struct kind *kind, const char *name,
                      struct err *err) {
    const struct connector_recipe *other = find(images, name);
    if (!other && strcmp(name, "all") != 0)
        return 0;
    if (other && other->on_host)
        return err_usage(err, "two %s are called '%s'", kind->option, name);
    err_usage(err, "%s %s=..: %s", kind->option, name,
              other ? "goneaway has a connector of that name" : "that means all connectors");
    return err_remedy(err,
                      "give it another one, such as %s-mine; `goneaway list connectors` shows "
                      "those that there are",
                      name);
}

// Whether a shell would just split a command into words and run it.
static bool is_simple(const char *command) {
    cleanup_free char *word = xprintf("%.*s", (int)strcspn(command, " \t"), command);
    cleanup_free char *program =
        strchr(word, '=') || strpbrk(command, ";|&()<>`$\n{}") ? NULL : proc_find_program(word);
    return program != NULL;
}

static int add_command(struct images *images, const struct kind *kind,
                       const struct options *options, const char *value, struct err *err) {
    bool several = options->adapter_count + options->program_count > 1;
    int length = name_length(value);
    const char *command = length > 0 ? value + length + 1 : value;
    if (length < 0)
        return refuse_name(kind, value, err);
    if (!command[strspn(command, " \t\n")])
        return err_usage(err, "%s '%s' has no command", kind->option, value);
    if (length == 0 && (several || options->connectors))
        return refuse_nameless(kind, options, value, err);
    const char **argv = arena_alloc(images->arena, 4 * sizeof *argv);
    argv[0] = "/bin/sh";
    argv[1] = "-c";
    // "exec", so that no shell is between the app and whoever waits for its end
    argv[2] = is_simple(command) ? arena_printf(images->arena, "exec %s", command) : command;
    struct connector_recipe recipe = {
        .name = length > 0 ? arena_text(images->arena, value, (size_t)length) : kind->nameless,
        .title = kind->option,
        .root = "/",
        .command = {.count = 3, .items = argv},
        .on_host = true,
        .is_program = kind->is_program,
        .named_by_hello = length == 0 && !kind->is_program};
    if (check_name(images, kind, recipe.name, err) < 0)
        return -1;
    images_add_connector(images, &recipe);
    return 0;
}

// Such a folder becomes visible where servers and adapters run.
static int add_folder(struct images *images, const char *folder, struct err *err) {
    cleanup_free char *real = realpath(folder, NULL);
    if (real && host_places_are_private(real)) {
        err_usage(err, "--connectors %s is, or holds, a home folder or /etc", folder);
        return err_remedy(err, "keep connectors in a folder of their own");
    }
    return images_add_folder(images, folder, err) < 0 ? err_context(err, "--connectors") : 0;
}

int connectors_open(struct images *images, const char *home, const struct options *options,
                    struct err *err) {
    cleanup_free char *fixtures = xprintf("%s/fixtures", home);
    if (images_open(images, fixtures, err) < 0)
        return -1;
    for (int i = 0; i < options->folder_count; i++)
        if (add_folder(images, options->folders[i], err) < 0)
            return -1;
    for (int i = 0; i < options->adapter_count; i++)
        if (add_command(images, &adapters, options, options->adapters[i], err) < 0)
            return -1;
    for (int i = 0; i < options->program_count; i++)
        if (add_command(images, &programs, options, options->programs[i], err) < 0)
            return -1;
    return 0;
}

// ---- choosing ----------------------------------------------------------------------------------

static bool has_name(const struct connector_recipe *recipe, const char *word) {
    return strcmp(recipe->name, word) == 0;
}

static bool is_of_family(const struct connector_recipe *recipe, const char *word) {
    return recipe->family && strcmp(recipe->family, word) == 0;
}

static bool is_of_language(const struct connector_recipe *recipe, const char *word) {
    return recipe->language && strcmp(recipe->language, word) == 0;
}

static bool is_any(const struct connector_recipe *recipe, const char *word) {
    (void)recipe;
    return strcmp(word, "all") == 0;
}

// Marks what a word of --connector names: a connector, else a family, else a language, or all;
// false if nothing. A family often has the name of one of its members, which is then meant.
static bool mark(struct images *images, const char *word, bool *marks) {
    static bool (*const meanings[])(const struct connector_recipe *, const char *) = {
        has_name, is_of_family, is_of_language, is_any};
    bool found = false;
    for (size_t k = 0; k < COUNT_OF(meanings) && !found; k++)
        for (size_t i = 0; i < images->connector_count; i++)
            if (meanings[k](&images->connectors[i], word))
                marks[i] = found = true;
    return found;
}

static int mark_list(struct images *images, const char *list, bool *marks, struct err *err) {
    cleanup_free char **words = text_split(list);
    for (char **word = words; *word; word++)
        if (!mark(images, *word, marks) && !images_connector(images, *word, err))
            return -1;
    for (size_t i = 0; i < images->connector_count; i++)
        if (images->connectors[i].on_host && !marks[i])
            return err_usage(err, "--connector does not name the %s '%s'",
                             images->connectors[i].title, images->connectors[i].name);
    return 0;
}

// Without --connector it runs only in scenarios that name it.
static bool is_both(const struct connector_recipe *recipe) {
    return recipe->only_named == 1 && recipe->on_request == 1;
}

// If asked for by name, such a connector is treated as an ordinary library.
static void set_asked(struct images *images, const bool *marks) {
    for (size_t i = 0; i < images->connector_count; i++)
        if (marks[i] && is_both(&images->connectors[i]))
            images->connectors[i].only_named = images->connectors[i].on_request = 0;
}

int connectors_choose(struct images *images, const struct options *options,
                      struct connector_recipe ***ret, size_t *ret_count, struct err *err) {
    size_t count = images->connector_count;
    cleanup_free bool *marks = xcalloc(count + 1, sizeof *marks);
    for (size_t i = 0; i < count; i++)
        marks[i] = options->adapter_count + options->program_count > 0
                       ? images->connectors[i].on_host
                       : images->connectors[i].on_request != 1 || is_both(&images->connectors[i]);
    if (options->connectors) {
        memset(marks, 0, count * sizeof *marks);
        if (mark_list(images, options->connectors, marks, err) < 0)
            return -1;
        set_asked(images, marks);
    }
    *ret = xcalloc(count + 1, sizeof **ret);
    for (size_t i = 0; i < count; i++)
        if (marks[i])
            (*ret)[(*ret_count)++] = &images->connectors[i];
    return 0;
}
