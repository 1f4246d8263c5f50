// SPDX-License-Identifier: Apache-2.0
// answer.c - `goneaway explain WORD`
//
// A word may mean several things: `crash` is a cause, a verdict, an outcome and a scenario. All of
// them are printed, the short ones first.
#include "explain/answer.h"

#include "base/nearest.h"
#include "base/status.h"
#include "base/text.h"
#include "catalog/meant.h"
#include "catalog/skeleton.h"
#include "cli/options.h"
#include "cli/page.h"
#include "explain/code.h"
#include "explain/glossary.h"
#include "explain/message.h"
#include "explain/recipe.h"
#include "explain/reference.h"
#include "explain/story.h"
#include "plan/causes.h"
#include "plan/codes.h"
#include "plan/guesses.h"
#include "try/line.h"

#include <stdlib.h>
#include <string.h>

/** A question, and how many answers it has had. */
struct question {
    FILE *out;
    const struct view *view;
    const char *word;
    int answers;
};

// Separates answers by an empty line.
static void begin(struct question *question) {
    if (question->answers++)
        fputc('\n', question->out);
}

// ---- codes -------------------------------------------------------------------------------------

static void print_code(FILE *out, const struct code *code) {
    bool client = (code->number >= 2000 && code->number < 3000) || code->number >= 5000;
    fprintf(out, "%d %s\n", code->number, code->symbol);
    print_indented(out, 4, code->meaning);
    print_indented(out, 4,
                   client ? "The client library says so itself; the server does not send this code."
                          : "The server sends this code in an error packet.");
}

// The code for a number or symbol; 0 if it is none. Numbers missing from the table may be codes
// too, such as a proxy's own.
static int code_number(const char *word) {
    enum { MOST_DIGITS = 5 };
    const struct code *code = code_by_text(word);
    size_t digits = strspn(word, "0123456789");
    return code ? code->number : word[digits] || digits > MOST_DIGITS ? 0 : atoi(word);
}

static void print_number(FILE *out, int number) {
    const struct code *code = code_by_number(number);
    if (code)
        print_code(out, code);
    else
        fprintf(out, "%d - an error code without a symbol here\n", number);
}

static void answer_code(struct question *question) {
    const struct view *view = question->view;
    int number = code_number(question->word);
    bool known = code_by_number(number) != NULL;
    for (size_t i = 0; number && i < view->catalog->count; i++)
        known |= view_shows_code(view, view->catalog->items[i].scenario, number);
    if (!number || !known)
        return;
    begin(question);
    print_number(question->out, number);
    code_print_causes(question->out, view, number);
}

// Whether the word is an exit status, or asks for them.
static bool is_exit_status(const char *word) {
    return strcmp(word, "exit status") == 0 || strcmp(word, "status") == 0 ||
           (strlen(word) == 1 && *word >= '0' + STATUS_OK && *word <= '0' + STATUS_NOTHING);
}

static void answer_exit_status(struct question *question) {
    const char *line;
    if (!is_exit_status(question->word))
        return;
    begin(question);
    fprintf(question->out, "%s - exit status\n", question->word);
    for (size_t i = 0; (line = options_exit_status(i)); i++)
        fprintf(question->out, "    %s\n", line);
}

// ---- whole messages ----------------------------------------------------------------------------

static void answer_codes_that(struct question *question,
                              bool (*fits)(const char *message, const struct code *code)) {
    for (const struct code *code = codes; code->number; code++) {
        if (!fits(question->word, code))
            continue;
        begin(question);
        print_code(question->out, code);
        code_print_causes(question->out, question->view, code->number);
    }
}

static void answer_sign(struct question *question, const struct suspect *suspect) {
    cleanup_free char *quoted = message_sign(question->word, suspect);
    if (!quoted)
        return;
    begin(question);
    fprintf(question->out, "%s - a scenario that shows '%s'\n", suspect->scenario, quoted);
    print_indented(question->out, 4, suspect->sign);
}

// Answers what an application has printed: what tells most first.
static void answer_message(struct question *question) {
    if (!strchr(question->word, ' '))
        return;
    for (const struct symptom *symptom = symptoms; symptom->question; symptom++)
        for (const struct suspect *one = symptom->suspects; one->scenario; one++)
            answer_sign(question, one);
    int before = question->answers;
    answer_codes_that(question, message_names);
    if (question->answers == before)
        answer_codes_that(question, message_says);
}

// ---- causes ------------------------------------------------------------------------------------

static const struct word *cause_named(const char *name) {
    for (const struct word *cause = cause_words; cause->name; cause++)
        if (strcmp(cause->name, name) == 0)
            return cause;
    return NULL;
}

static void print_cause(FILE *out, const struct word *cause) {
    fprintf(out, "%s - a cause\n", cause->name);
    print_indented(out, 4, cause->doc);
    if (*cause_sign(cause->name)) {
        cleanup_free char *sign = xprintf("Told from others: %s.", cause_sign(cause->name));
        print_indented(out, 4, sign);
    }
}

static void print_titles(const struct question *question, const char *cause) {
    const struct catalog *catalog = question->view->catalog;
    for (size_t i = 0; i < catalog->count; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        if (strcmp(scenario->cause, cause) == 0)
            fprintf(question->out, "    %-23s %s\n", scenario->name, scenario->title);
    }
}

static void answer_cause(struct question *question) {
    const struct word *cause = cause_named(question->word);
    if (!cause)
        return;
    begin(question);
    print_cause(question->out, cause);
    print_titles(question, cause->name);
}

int answer_code_of_cause(FILE *out, const struct view *view, char *const *words, struct err *err) {
    int number = code_number(words[0]);
    const struct word *cause = cause_named(words[number ? 1 : 0]);
    if (!number)
        number = code_number(words[1]);
    if (!number || !cause) {
        err_usage(err, "`goneaway explain` explains one word at a time, or a code and a cause");
        return err_remedy(err, "`goneaway list causes` shows the causes");
    }
    print_number(out, number);
    fputc('\n', out);
    print_cause(out, cause);
    code_print_cause(out, view, number, cause->name);
    return 0;
}

// ---- words -------------------------------------------------------------------------------------

static void visit_glossary(void *context, const char *word, const char *kind, const char *doc) {
    struct question *question = context;
    if (strcmp(word, question->word) != 0)
        return;
    begin(question);
    fprintf(question->out, "%s - %s\n", word, kind);
    print_indented(question->out, 4, doc);
}

static bool is_asked(struct question *question, const char *name) {
    if (strcmp(name, question->word) != 0)
        return false;
    begin(question);
    return true;
}

static void answer_recipes(struct question *question) {
    const struct images *images = question->view->images;
    if (strcmp(question->word, "recipe") == 0)
        answer_recipe_keys(question->out);
    for (size_t i = 0; i < images->server_count; i++)
        if (is_asked(question, images->servers[i].name))
            answer_server(question->out, question->view, i);
    for (size_t i = 0; i < images->connector_count; i++)
        if (is_asked(question, images->connectors[i].name))
            answer_connector(question->out, &images->connectors[i]);
    for (size_t i = 0; i < images->proxy_count; i++)
        if (is_asked(question, images->proxies[i].name)) {
            fprintf(question->out, "%s - a proxy\n", images->proxies[i].name);
            print_indented(question->out, 4, images->proxies[i].title);
        }
}

static void visit_skeleton(void *context, const char *language,
                           const struct connector_recipe *recipe) {
    struct question *question = context;
    if (strcmp(language, question->word) != 0)
        return;
    cleanup_free char *line =
        xprintf("`goneaway adapter new %s DIR` copies an adapter that works, to begin with: that "
                "of the connector %s.",
                language, recipe->name);
    begin(question);
    fprintf(question->out, "%s - a language of adapters\n", language);
    print_indented(question->out, 4, line);
}

// Whether a connector's name contains the word: php-mysqli answers to mysqli.
static bool is_part(const char *name, const char *word) {
    for (const char *dash = strchr(name, '-'); dash; dash = strchr(dash + 1, '-'))
        if (strcmp(dash + 1, word) == 0)
            return true;
    return false;
}

static void answer_connector_by_part(struct question *question) {
    const struct images *images = question->view->images;
    for (size_t i = 0; i < images->connector_count; i++) {
        const struct connector_recipe *recipe = &images->connectors[i];
        if (!is_part(recipe->name, question->word))
            continue;
        begin(question);
        answer_connector(question->out, recipe);
    }
}

static void print_option(struct question *question, const struct option_row *row) {
    cleanup_text struct text of = {0};
    text_printf(&of, "--%s%s%s - an option of", row->name, row->argument ? " " : "",
                row->argument ? row->argument : "");
    const char *before = " ";
    for (const struct command *command = commands; command->name; command++)
        if (row->commands & command->bit) {
            text_printf(&of, "%s%s", before, command->name);
            before = ", ";
        }
    begin(question);
    print_folded(question->out, 0, text_get(&of));
    print_indented(question->out, 4, row->doc);
}

static void answer_usage(struct question *question) {
    const char *word = question->word + (text_starts(question->word, "--") ? 2 : 0);
    const struct option_row *row;
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, question->word) == 0) {
            begin(question);
            fprintf(question->out, "%s - a command; `goneaway %s --help` has its options\n",
                    command->name, command->name);
            print_indented(question->out, 4, command->doc);
        }
    for (size_t i = 0; (row = option_row_at(i)); i++)
        if (strcmp(row->name, word) == 0)
            print_option(question, row);
}

struct tried {
    struct question *question;
    bool found;
};

static void visit_guess(void *context, const char *word, const char *where, const char *hint) {
    struct tried *tried = context;
    if (strcmp(word, tried->question->word) != 0)
        return;
    if (!tried->found)
        begin(tried->question);
    if (!tried->found)
        fprintf(tried->question->out, "%s - written otherwise\n", word);
    tried->found = true;
    cleanup_free char *line = xprintf("%s: %s", where, hint);
    print_indented(tried->question->out, 4, line);
}

// Answers words that people use for others.
static void answer_guesses(struct question *question) {
    struct tried tried = {.question = question};
    guesses_visit(visit_guess, &tried);
}

// ---- scenarios ---------------------------------------------------------------------------------

static bool fits(const struct question *question, const struct scenario *scenario) {
    bool found = false;
    for (size_t i = 0; i < scenario->case_count; i++)
        found |= catalog_fits(scenario, &scenario->cases[i], question->word);
    return found;
}

// Whether the word is today's name of the scenario or of one of its cases.
static bool is_own_name(const struct scenario *scenario, const char *word) {
    size_t length = strlen(scenario->name);
    return text_starts(word, scenario->name) && (!word[length] || strchr("/@", word[length]));
}

// `but`: a name to leave out, or NULL.
static void list_scenarios(const struct question *question, const char *but) {
    const struct catalog *catalog = question->view->catalog;
    for (size_t i = 0; i < catalog->count; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        bool left_out = but && strcmp(scenario->name, but) == 0;
        if (!left_out && fits(question, scenario))
            fprintf(question->out, "    %-23s %s\n", scenario->name, scenario->title);
    }
}

// If several match, by a tag, a glob or a former name: their titles. If one does: its story.
static void answer_scenarios(struct question *question) {
    const struct catalog *catalog = question->view->catalog;
    const struct scenario *told = NULL;
    int count = 0;
    for (size_t i = 0; i < catalog->count; i++)
        if (fits(question, catalog->items[i].scenario)) {
            const struct scenario *scenario = catalog->items[i].scenario;
            if (count == 0 || is_own_name(scenario, question->word))
                told = scenario;
            count++;
        }
    if (count == 0)
        return;
    begin(question);
    if (count > 1 && !is_own_name(told, question->word)) {
        fprintf(question->out, "%s - %d scenarios\n", question->word, count);
        list_scenarios(question, NULL);
        return;
    }
    story_print(question->out, question->view, told, question->word);
    if (count > 1) {
        fprintf(question->out, "\nFormerly part of it:\n");
        list_scenarios(question, told->name);
    }
}

// ---- all ---------------------------------------------------------------------------------------

static void nearest_word_of_glossary(void *context, const char *word, const char *kind,
                                     const char *doc) {
    (void)kind, (void)doc;
    nearest_try(context, word);
}

static void nearest_word_of_language(void *context, int depth, const char *name,
                                     const struct type *type, unsigned flags, const char *doc) {
    (void)depth, (void)type, (void)flags, (void)doc;
    nearest_try(context, name);
}

// For a number, suggest numbers; if many are equally near, suggest none.
static void try_codes(struct nearest *nearest, struct arena *arena) {
    enum { MOST = 4 };
    bool number = !nearest->wanted[strspn(nearest->wanted, "0123456789")];
    nearest->edits = number ? 1 : nearest->edits;
    for (const struct code *code = codes; code->number; code++)
        nearest_try(nearest, number ? arena_printf(arena, "%d", code->number) : code->symbol);
    if (number && nearest->count > MOST)
        nearest->count = 0;
}

static int refuse(const struct question *question, struct err *err) {
    const char *word = question->word;
    struct nearest nearest = {.wanted = word, .edits = strlen(word) < 4 ? 1 : NEAR_WORD};
    struct arena *arena = arena_new();
    cleanup_text struct text names = {0};
    try_codes(&nearest, arena);
    reference_visit_words(nearest_word_of_language, &nearest);
    glossary_visit(nearest_word_of_glossary, &nearest);
    meant_try(&nearest, question->view->catalog, arena);
    if (nearest.count == 0 && code_nearest(word))
        nearest.words[nearest.count++] = code_nearest(word);
    for (size_t i = 0; i < nearest.count; i++)
        text_printf(&names, "%s'%s'", i ? " or " : "; did you mean ", nearest.words[i]);
    arena_free(arena);
    return err_usage(err, "'%s' is neither an error code nor a word, cause or scenario%s%s", word,
                     text_get(&names), nearest.count ? "?" : "");
}

static void answer_try(struct question *question) {
    if (strcmp(question->word, "try") != 0)
        return;
    begin(question);
    try_explain(question->out);
}

int answer_word(FILE *out, const struct view *view, const char *word, struct err *err) {
    struct question question = {.out = out, .view = view, .word = word};
    answer_code(&question);
    answer_exit_status(&question);
    glossary_visit(visit_glossary, &question);
    question.answers += reference_print_word(out, word, question.answers > 0);
    answer_try(&question);
    answer_recipes(&question);
    answer_cause(&question);
    answer_scenarios(&question);
    answer_usage(&question);
    answer_guesses(&question);
    skeletons_visit(view->images, visit_skeleton, &question);
    if (question.answers == 0)
        answer_connector_by_part(&question);
    if (question.answers == 0)
        answer_message(&question);
    return question.answers ? 0 : refuse(&question, err);
}
