// SPDX-License-Identifier: Apache-2.0
// explain.c - `goneaway explain`: what a word, a code or a scenario means
#include "base/proc.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalog/catalog.h"
#include "cli/page.h"
#include "explain/answer.h"
#include "explain/contents.h"
#include "explain/reference.h"
#include "explain/story.h"
#include "main/commands.h"
#include "plan/codes.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

// A manual page: shown by man on a terminal, as plain text in a pipe, as source with --man.
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

// Whether a word can only be the name of a scenario file.
static bool is_file(const char *word) {
    const char *dot = strrchr(word, '.');
    return dot && (strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0);
}

// If the catalogue cannot be read, answers whatever does not depend on it.
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

// One word, a code and a cause, or the words of a message that a shell has split.
static int explain_words(const struct view *view, const struct options *options, struct err *err) {
    char **words = options->arguments;
    if (options->argument_count == 1)
        return answer_word(stdout, view, words[0], err);
    if (options->argument_count == 2)
        return answer_code_of_cause(stdout, view, words, err);
    cleanup_text struct text message = {0};
    for (int i = 0; i < options->argument_count; i++)
        text_printf(&message, "%s%s", i ? " " : "", words[i]);
    return answer_word(stdout, view, text_get(&message), err);
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
        ret = explain_words(&view, options, err);
    library_close(&library);
    return ret;
}

int command_explain(const struct options *options, struct err *err) {
    bool is_contents = options->argument_count == 0 && !options->man;
    if (is_contents)
        contents_print(stdout);
    if (is_contents)
        return STATUS_OK;
    if (options->argument_count == 0 || strcmp(options->arguments[0], "reference") == 0)
        return show_page(reference_print, options);
    if (strcmp(options->arguments[0], "goneaway") == 0)
        return show_page(options_print_man, options);
    cleanup_free char *home = catalog_home(err);
    return home && explain_words_of(options, home, err) == 0 ? STATUS_OK : -1;
}
