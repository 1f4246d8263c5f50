// SPDX-License-Identifier: Apache-2.0
// contents.c - what there is to explain, on one screen
#include "explain/contents.h"

#include "base/text.h"
#include "cli/page.h"
#include "explain/glossary.h"
#include "plan/kind.h"
#include "plan/language.h"

#include <string.h>

enum { COLUMN = 14 };

static void print_group(FILE *out, const char *title, const struct text *words) {
    fprintf(out, "%-*s", COLUMN, title);
    print_folded(out, COLUMN, text_get(words));
}

static void add(struct text *words, const char *word) {
    text_printf(words, "%s%s", words->length ? " " : "", word);
}

// Prints the keys of a record, or the verbs of a choice.
static void print_fields(FILE *out, const char *title, const struct type *type) {
    cleanup_text struct text words = {0};
    for (const struct field *field = type->fields; field->name; field++)
        if (!(field->flags & FIELD_SPREAD))
            add(&words, field->name);
    print_group(out, title, &words);
}

static void print_verbs(FILE *out, const char *title, const struct verb *const *verbs) {
    cleanup_text struct text words = {0};
    for (; *verbs; verbs++)
        add(&words, (*verbs)->name);
    print_group(out, title, &words);
}

struct kind {
    const char *kind;
    struct text words;
};

static void visit(void *context, const char *word, const char *kind, const char *doc) {
    struct kind *wanted = context;
    (void)doc;
    if (strcmp(kind, wanted->kind) == 0)
        add(&wanted->words, word);
}

static void print_kind(FILE *out, const char *title, const char *kind) {
    struct kind wanted = {.kind = kind};
    glossary_visit(visit, &wanted);
    print_group(out, title, &wanted.words);
    text_release(&wanted.words);
}

void contents_print(FILE *out) {
    static const char *const next[] = {
        "goneaway explain reference    the whole language, as in goneaway-scenario(5)",
        "goneaway explain 2013         an error code: which causes show it, and how to",
        "                              tell them apart; `explain 2013 killed`: of one",
        "goneaway explain kill-idle    a scenario: what happens, what is seen, and why",
        "goneaway explain kill         any word below, and those of reports and messages",
        "goneaway explain try          a case on one line: `try 'connect; kill; query'`",
        "goneaway list causes          all causes; `list symptoms`: by what you see",
    };
    for (size_t i = 0; i < COUNT_OF(next); i++)
        fprintf(out, "%s\n", next[i]);
    fputc('\n', out);
    print_fields(out, "a file", &type_scenario);
    print_verbs(out, "steps", step_verbs);
    print_fields(out, "beside them", &type_step_common);
    print_verbs(out, "app:", app_verbs);
    print_verbs(out, "server:", type_server_act.fields[0].type->verbs);
    print_verbs(out, "fault:", fault_verbs);
    print_verbs(out, "until:", state_verbs);
    print_fields(out, "an outcome", &type_cell);
    print_fields(out, "a promise", &type_promise);
    print_fields(out, "if:", &type_condition);
    print_fields(out, "evidence:", &type_evidence);
    print_kind(out, "verdicts", "a verdict");
    print_kind(out, "needs", "a need of the machine");
    print_kind(out, "other words", "a thing");
}
