// SPDX-License-Identifier: Apache-2.0
// completion.c - `goneaway completion`: scripts for shells, and what may be typed next
//
// The scripts are the same for every version: they ask this program for candidates, which come from
// the tables of commands and options, and from the recipes and scenarios at hand.
#include "main/completion.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/skeleton.h"
#include "compare/words.h"
#include "explain/glossary.h"
#include "explain/reference.h"
#include "main/commands.h"
#include "plan/causes.h"
#include "plan/codes.h"
#include "protocol/adapter_test.h"
#include "report/report.h"
#include "world/needs.h"

#include <ctype.h>
#include <string.h>

#define SCRIPT(shell)                                                                              \
    __asm__(".section .rodata\n"                                                                   \
            ".global completion_" #shell "\n"                                                      \
            "completion_" #shell ": .incbin \"harness/main/completion." #shell "\"\n"              \
            ".byte 0\n"                                                                            \
            ".previous\n");                                                                        \
    extern const char completion_##shell[]
SCRIPT(bash);
SCRIPT(zsh);
SCRIPT(fish);

static const struct {
    const char *shell, *script;
} scripts[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

/** The word to be completed. */
struct ask {
    FILE *out;
    const char *typed;                          // the whole word so far
    const char *rest;                           // the part of it that candidates replace
    const char *option;                         // whose value it is, or NULL
    const struct report_format *const *formats; // that the command can write
    struct text *told;                          // candidates, separated by line ends
};

// Candidates include what precedes the part that they replace, so that the scripts need not know
// it.
static void offer(const struct ask *ask, const char *word, const char *doc) {
    cleanup_free char *line = xprintf("\n%s\n", word);
    if (strncmp(word, ask->rest, strlen(ask->rest)) != 0 || strstr(text_get(ask->told), line))
        return;
    text_add(ask->told, line);
    fprintf(ask->out, "%.*s%s%s%s\n", (int)(ask->rest - ask->typed), ask->typed, word,
            doc && *doc ? "\t" : "", doc ? doc : "");
}

static void offer_files(const struct ask *ask) {
    fputs(":files\n", ask->out);
}

static void offer_folders(const struct ask *ask) {
    fputs(":folders\n", ask->out);
}

static void offer_programs(const struct ask *ask) {
    fputs(":commands\n", ask->out);
}

static void offer_formats(const struct ask *ask) {
    if (strchr(ask->rest, '=')) {
        offer_files(ask);
        return;
    }
    for (const struct report_format *const *format = ask->formats; *format; format++) {
        cleanup_free char *word = xprintf("%s=", (*format)->name);
        offer(ask, word, (*format)->doc);
    }
}

static void offer_needs(const struct ask *ask) {
    offer(ask, "all", "whatever is missing");
    for (int i = 0; i < NEED_COUNT; i++)
        offer(ask, need_names[i], need_docs[i]);
}

static void offer_codes(const struct ask *ask) {
    for (const struct code *code = codes; code->number; code++)
        offer(ask, code->symbol, code->meaning);
}

static void offer_causes(const struct ask *ask) {
    for (const struct word *cause = cause_words; cause->name; cause++)
        offer(ask, cause->name, cause->doc);
}

static void visit_glossary(void *context, const char *word, const char *kind, const char *doc) {
    (void)kind;
    offer(context, word, doc);
}

static void visit_word(void *context, int depth, const char *name, const struct type *type,
                       unsigned flags, const char *doc) {
    (void)depth, (void)type, (void)flags;
    offer(context, name, doc);
}

static void offer_language(const struct ask *ask) {
    reference_visit_words(visit_word, (void *)ask);
    glossary_visit(visit_glossary, (void *)ask);
}

// ---- names that are on this machine ------------------------------------------------------------

// A language stands for all of its connectors; once each.
static void offer_groups(const struct ask *ask, const struct images *images) {
    for (size_t i = 0; i < images->connector_count; i++) {
        const char *language = images->connectors[i].language;
        bool known = !language;
        for (size_t k = 0; k < i && !known; k++)
            known = images->connectors[k].language &&
                    strcmp(images->connectors[k].language, language) == 0;
        if (!known)
            offer(ask, language, "all connectors for it");
    }
}

static void offer_recipes(const struct ask *ask) {
    struct err err = {0};
    struct images images = {0};
    cleanup_free char *home = catalog_home(&err);
    cleanup_free char *fixtures = home ? xprintf("%s/fixtures", home) : NULL;
    bool servers = ask->option && strcmp(ask->option, "server") == 0;
    bool connectors = ask->option && strcmp(ask->option, "connector") == 0;
    if (!home || (!servers && !connectors) || images_open(&images, fixtures, &err) < 0)
        return;
    for (size_t i = 0; servers && i < images.server_count; i++)
        offer(ask, images.servers[i].name, images.servers[i].title);
    for (size_t i = 0; connectors && i < images.connector_count; i++)
        offer(ask, images.connectors[i].name, images.connectors[i].title);
    if (connectors)
        offer_groups(ask, &images);
    images_close(&images);
}

static void offer_skeleton(void *context, const char *language,
                           const struct connector_recipe *recipe) {
    offer(context, language, recipe->title);
}

static void offer_languages(const struct ask *ask) {
    struct err err = {0};
    struct images images = {0};
    cleanup_free char *home = catalog_home(&err);
    cleanup_free char *fixtures = home ? xprintf("%s/fixtures", home) : NULL;
    if (home && images_open(&images, fixtures, &err) == 0)
        skeletons_visit(&images, offer_skeleton, (void *)ask);
    images_close(&images);
}

typedef void scenario_view(const struct ask *ask, const struct scenario *scenario);

static void offer_catalog(const struct ask *ask, scenario_view *view) {
    struct err err = {0};
    struct catalog catalog = {0};
    cleanup_free char *home = catalog_home(&err);
    if (home && catalog_select(&catalog, home, 0, NULL, &err) == 0)
        for (size_t i = 0; i < catalog.count; i++)
            view(ask, catalog.items[i].scenario);
    catalog_release(&catalog);
}

static void view_name(const struct ask *ask, const struct scenario *scenario) {
    offer(ask, scenario->name, scenario->title);
}

static void view_cases(const struct ask *ask, const struct scenario *scenario) {
    for (size_t i = 0; i < scenario->case_count; i++)
        offer(ask, scenario->cases[i].id, scenario->title);
}

// There are hundreds of cases, so they are offered only after the scenario's name.
static void view_cases_of_whole(const struct ask *ask, const struct scenario *scenario) {
    size_t length = strlen(scenario->name);
    if (strncmp(scenario->name, ask->rest, length) == 0 && strchr("/@", ask->rest[length]))
        view_cases(ask, scenario);
}

static void view_tags(const struct ask *ask, const struct scenario *scenario) {
    for (size_t i = 0; i < scenario->tags.count; i++)
        offer(ask, ((const char **)scenario->tags.items)[i], "all scenarios with this tag");
}

static void offer_scenarios(const struct ask *ask) {
    offer_catalog(ask, view_name);
}

static void offer_cases(const struct ask *ask) {
    offer_catalog(ask, view_cases_of_whole);
}

static void offer_all_cases(const struct ask *ask) {
    offer_catalog(ask, view_cases);
}

static void offer_tags(const struct ask *ask) {
    offer_catalog(ask, view_tags);
}

// ---- from the tables ---------------------------------------------------------------------------

/** What words in capitals in the tables stand for; those with other endings, such as numbers,
 * cannot be completed. */
static const struct {
    const char *ending;
    void (*offer)(const struct ask *ask);
} kinds[] = {
    {"FORMAT=FILE", offer_formats}, {"NAME", offer_recipes}, {"SCENARIO", offer_scenarios},
    {"CASE", offer_cases},          {"TAG", offer_tags},     {"GLOB", offer_all_cases},
    {"NEED", offer_needs},          {"CODE", offer_codes},   {"CAUSE", offer_causes},
    {"WORD", offer_language},       {"FILE", offer_files},   {"DIR", offer_folders},
    {"CMD", offer_programs},        {"REPORT", offer_files}, {"REPORTS", offer_files},
    {"PATH", offer_files},          {"OLD", offer_files},    {"LANGUAGE", offer_languages},
    {"BUNDLE", offer_files},
};

static bool ends_with(const char *text, const char *ending) {
    size_t length = strlen(text), wanted = strlen(ending);
    return length >= wanted && strcmp(text + length - wanted, ending) == 0;
}

// A lower-case word is to be typed literally.
static void offer_kind(const struct ask *ask, const char *kind) {
    if (islower((unsigned char)*kind)) {
        offer(ask, kind, NULL);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (ends_with(kind, kinds[i].ending)) {
            kinds[i].offer(ask);
            return;
        }
}

// `shape` is from --help, such as "tcp|socket|tls,..." or "[SCENARIO|FILE ...]".
static void offer_shape(struct ask ask, const char *shape) {
    cleanup_free char *copy = xstrdup(shape);
    const char *comma = strstr(shape, ",...") ? strrchr(ask.rest, ',') : NULL;
    char *left;
    if (comma)
        ask.rest = comma + 1;
    for (char *kind = strtok_r(copy, "| ", &left); kind; kind = strtok_r(NULL, "| ", &left)) {
        kind += strspn(kind, "[");
        for (size_t length = strlen(kind); length && strchr(",.]", kind[length - 1]);)
            kind[--length] = '\0';
        offer_kind(&ask, kind);
    }
}

static void offer_commands(const struct ask *ask) {
    for (const struct command *command = commands; command->name; command++)
        offer(ask, command->name, command->doc);
    if (*ask->rest == '-') {
        offer(ask, "--help", "what there is");
        offer(ask, "--version", "of goneaway");
    }
}

static void offer_options(const struct ask *ask, const struct command *command) {
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)); i++) {
        cleanup_free char *word = xprintf("--%s", row->name);
        if (row->commands & command->bit)
            offer(ask, word, row->doc);
    }
}

// The row of an option that takes a value, as typed: `--name`, or `--name=..`.
static const struct option_row *option_of(const struct command *command, const char *typed,
                                          bool joined) {
    size_t length = strcspn(typed, "=");
    const struct option_row *row;
    if (strncmp(typed, "--", 2) != 0 || joined != (typed[length] == '='))
        return NULL;
    for (size_t i = 0; (row = option_row_at(i)); i++)
        if ((row->commands & command->bit) && row->argument && strlen(row->name) == length - 2 &&
            strncmp(row->name, typed + 2, length - 2) == 0)
            return row;
    return NULL;
}

static const struct command *command_by_name(const char *name) {
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static void offer_after(struct ask ask, const struct command *command, int count, char **words) {
    const struct option_row *row = NULL; // the option whose value comes next
    bool arguments = false;              // `--` was typed
    for (int i = 0; i < count; i++) {
        row = row || arguments ? NULL : option_of(command, words[i], false);
        arguments |= !row && strcmp(words[i], "--") == 0;
    }
    if (!row && !arguments && (row = option_of(command, ask.typed, true)))
        ask.rest = strchr(ask.typed, '=') + 1;
    ask.option = row ? row->name : NULL;
    ask.formats = command->run == command_compare   ? compare_formats
                  : command->run == command_adapter ? adapter_test_formats
                                                    : report_formats;
    if (row)
        offer_shape(ask, row->argument);
    else if (*ask.rest == '-' && !arguments)
        offer_options(&ask, command);
    else
        offer_shape(ask, command->arguments);
}

void completion_words(FILE *out, int count, char **words) {
    if (count == 0)
        return;
    const char *typed = words[count - 1];
    cleanup_text struct text told = {0};
    struct ask ask = {.out = out, .typed = typed, .rest = typed, .told = &told};
    const struct command *command = command_by_name(words[0]);
    if (count == 1)
        offer_commands(&ask);
    else if (command)
        offer_after(ask, command, count - 2, words + 1);
}

int command_completion(const struct options *options, struct err *err) {
    char **arguments = options->arguments;
    const char *shell = options->argument_count ? arguments[0] : "";
    if (strcmp(shell, "words") == 0) {
        completion_words(stdout, options->argument_count - 1, arguments + 1);
        return STATUS_OK;
    }
    for (size_t i = 0; i < COUNT_OF(scripts) && options->argument_count == 1; i++)
        if (strcmp(scripts[i].shell, shell) == 0) {
            fputs(scripts[i].script, stdout);
            return STATUS_OK;
        }
    return err_usage(err, "`goneaway completion` needs the name of one shell: bash, zsh or fish");
}
