// SPDX-License-Identifier: Apache-2.0
// screen.c - what README.md shows of runs is what runs print
//
// Words are compared, since the blanks between them depend on the widths of others. Versions and
// times may differ, and so may a report's text before its first empty line, which is about the
// machine.
#include "test/lib/cli.h"
#include "test/lib/contain.h"
#include "test/lib/suites.h"

#include "base/file.h"

#include <ctype.h>
#include <string.h>

enum { DEADLINE_MS = 90000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

static struct err err;

static void begin(void) {
    cli_find();
    contain_begin();
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("COLUMNS", "100", 1);
}

// The part of a file between two phrases, to be freed.
static char *between(const char *path, const char *from, const char *to) {
    cleanup_text struct text all = {0};
    ck_assert_msg(file_read(path, 1 << 20, &all, &err) == 0, "%s", err.what);
    const char *at = strstr(text_get(&all), from);
    ck_assert_msg(at != NULL, "%s has no '%s'", path, from);
    at += strlen(from);
    const char *stop = strstr(at, to);
    ck_assert_ptr_nonnull(stop);
    return xprintf("%.*s", (int)(stop - at), at);
}

static bool is_unit(const char *word) {
    return text_starts(word, "ms") || strcmp(word, "s") == 0 || text_starts(word, "s:");
}

// Whether a word may differ: a version, a time, or a part of the rule below the names.
static bool may_differ(const char *word, const char *next) {
    bool number = isdigit((unsigned char)*word) != 0;
    return (number && (strchr(word, '.') || is_unit(next))) || is_unit(word) ||
           text_starts(word, "─");
}

// The words of a report that must not differ, one line per line of the report; to be freed.
static char *words_of(const char *report) {
    struct text words = {0};
    const char *body = strstr(report, "\n\n");
    ck_assert_msg(body != NULL, "%s", report);
    cleanup_free char *lines = xstrdup(body);
    char *rest = lines;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (strstr(line, " borrowed from ")) // the mirror has a newer version than README
            continue;
        for (char *word = strtok(line, " "), *next; word; word = next) {
            next = strtok(NULL, " ");
            if (!may_differ(word, next ? next : ""))
                text_printf(&words, "%s ", word);
        }
        text_add(&words, "\n");
    }
    return words.data;
}

static void check_screen(const char *shown_by, const char *options) {
    cleanup_free char *from = xprintf("$ %s\n", shown_by);
    cleanup_free char *shown = between("README.md", from, "```");
    const char *arguments = strstr(shown_by, "run ");
    cleanup_free char *script =
        xprintf("%s %s %s 2>/dev/null", cli.program, arguments ? arguments : "run", options);
    cli_shell(script, DEADLINE_MS);
    cleanup_free char *wanted = words_of(shown), *got = words_of(text_get(&cli.said));
    ck_assert_msg(strcmp(wanted, got) == 0, "README.md shows of %s\n%s\ninstead of\n%s", shown_by,
                  shown, text_get(&cli.said));
}

// The text of a picture, a line for each of its lines; to be freed.
static char *text_of(const char *picture) {
    struct text text = {0};
    bool inside = false;
    const char *at = strstr(picture, "</style>");
    ck_assert_msg(at != NULL, "%s", picture);
    text_add(&text, "\n\n");
    for (; *at; at++) {
        inside |= *at == '<';
        if (!inside)
            text_append(&text, at, 1);
        inside &= *at != '>';
    }
    return text.data;
}

// Its cases are listed in the Makefile.
START_TEST(picture_is_what_make_run_shows) {
    cleanup_text struct text picture = {0};
    cleanup_free char *seven = between("Makefile", "\nSEVEN := ", "\nSCENARIOS ");
    for (char *at = seven; (at = strpbrk(at, "\\\n\t"));)
        *at = ' ';
    cleanup_free char *script = xprintf("%s run %s --report svg=- 2>/dev/null", cli.program, seven);
    ck_assert_msg(file_read(".github/matrix.svg", 1 << 20, &picture, &err) == 0, "%s", err.what);
    cli_shell(script, DEADLINE_MS);
    cleanup_free char *wanted = text_of(picture.data), *got = text_of(text_get(&cli.said));
    cleanup_free char *wanted_words = words_of(wanted), *got_words = words_of(got);
    ck_assert_msg(strcmp(wanted_words, got_words) == 0,
                  ".github/matrix.svg shows\n%s\ninstead of\n%s", wanted, got);
}
END_TEST

START_TEST(readme_shows_what_a_case_shows) {
    check_screen("build/goneaway run kill-idle@tcp --server mysql-9.7", "--jobs 1");
}
END_TEST

START_TEST(cache_is_prepared) {
    cli_shell("$GONEAWAY prepare", PREPARE_TIMEOUT_S * 1000);
}
END_TEST

Suite *live_screen(void) {
    Suite *suite = suite_create("live-screen");
    TCase *first = tcase_create("prepare"), *tests = tcase_create("screens");
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_checked_fixture(first, begin, contain_check);
    tcase_add_test(first, cache_is_prepared);
    suite_add_tcase(suite, first);
    tcase_add_checked_fixture(tests, begin, contain_check);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_test(tests, picture_is_what_make_run_shows);
    tcase_add_test(tests, readme_shows_what_a_case_shows);
    suite_add_tcase(suite, tests);
    return suite;
}
