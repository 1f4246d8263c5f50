// SPDX-License-Identifier: Apache-2.0
// completion.c - what is offered for a line that is being typed
#include "test/lib/suites.h"

#include "base/text.h"
#include "cli/options.h"
#include "main/completion.h"

#include <stdio.h>
#include <string.h>

enum { WORDS = 8 };

static const struct row {
    const char *words[WORDS]; // the last one is being typed
    const char *offered;      // the lines, without descriptions
} rows[] = {
    {{"do"}, "doctor\n"},
    {{"pru"}, "prune\n"},
    {{"prune", "--a"}, "--all\n"},
    {{"--v"}, "--version\n"},
    {{"completion", ""}, "bash\nzsh\nfish\n"},
    {{"run", "--ser"}, "--server\n"},
    {{"doctor", "--ser"}, ""},
    {{"run", "--server", "mariadb-"},
     "mariadb-10.11\nmariadb-10.5\nmariadb-11.8\nmariadb-11.8-sid\n"},
    {{"run", "--server", "mysql-9.7,mariadb-11"},
     "mysql-9.7,mariadb-11.8\nmysql-9.7,mariadb-11.8-sid\n"},
    {{"run", "--server=mysql-9"}, "--server=mysql-9.7\n"},
    {{"run", "--keep", "--transport", "t"}, "tcp\ntls\n"},
    {{"run", "--server", "--server", "--ke"}, "--keep\n--keep-failed\n--keep-at\n"},
    {{"run", "--", "--ke"}, ":files\n:folders\n"},
    {{"run", "--require", "sockets,connt"}, "sockets,conntrack\n"},
    {{"run", "--report", "ju"}, "junit=\n"},
    {{"run", "--report=json=o"}, ":files\n"},
    {{"compare", "--report", ""}, "human=\njson=\nmarkdown=\nhtml=\n"},
    {{"compare", "a.json", "b"}, ":files\n"},
    {{"run", "--timeout", ""}, ""},
    {{"run", "--adapter", "py"}, ":commands\n"},
    {{"run", "kill-id"}, "kill-idle\n:files\n:folders\n"},
    {{"run", "kill-idle@s"}, "kill-idle@socket\n:files\n:folders\n"},
    {{"run", "headl"}, "headline\n:files\n:folders\n"},
    {{"explain", "CR_SERVER_GO"}, "CR_SERVER_GONE_ERROR\n"},
    {{"explain", "socket-r"}, ""},
    {{"explain", "unso"}, "unsound\n"},
    {{"explain", "nat-i"}, "nat-idle\n"},
    {{"adapter", "ne"}, "new\n:folders\n:commands\n"},
    {{"adapter", "new", "pyt"}, "python\n:folders\n:commands\n"},
    {{"list", "se"}, "servers\n"},
    {{"list", "--cause", "kil"}, "killed\n"},
    {{"list", "--code", "2013,CR_SERVER_GO"}, "2013,CR_SERVER_GONE_ERROR\n"},
    {{"list", "--tag", "headl"}, "headline\n"},
    {{"list", "--transport", "so"}, "socket\n"},
    {{"nothing", "--se"}, ""},
};

// What is offered, without the text after each tab.
static char *offered(const char *const *words) {
    int count = 0;
    char *copies[WORDS], *lines = NULL;
    size_t length = 0;
    for (; count < WORDS && words[count]; count++)
        copies[count] = xstrdup(words[count]);
    FILE *out = open_memstream(&lines, &length);
    completion_words(out, count, copies);
    fclose(out);
    for (int i = 0; i < count; i++)
        free(copies[i]);
    struct text plain = {0};
    for (const char *line = lines; *line; line += strcspn(line, "\n") + 1)
        text_printf(&plain, "%.*s\n", (int)strcspn(line, "\t\n"), line);
    free(lines);
    return plain.data;
}

START_TEST(offers_what_may_follow) {
    cleanup_free char *got = offered(rows[_i].words);
    ck_assert_str_eq(got ? got : "", rows[_i].offered);
}
END_TEST

// An option whose value depends on the command has a row for each.
static bool has_option(const struct command *command, const char *name) {
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)); i++)
        if (strcmp(row->name, name) == 0 && (row->commands & command->bit))
            return true;
    return false;
}

// A command or option added to the tables needs nothing more.
START_TEST(offers_every_command_and_option) {
    const struct option_row *row;
    for (const struct command *command = commands; command->name; command++) {
        cleanup_free char *all = offered((const char *const[]){command->name, "--", NULL});
        cleanup_free char *names = offered((const char *const[]){"", NULL});
        ck_assert_msg(names && all, "nothing is offered");
        ck_assert_ptr_nonnull(strstr(names, command->name));
        for (size_t i = 0; (row = option_row_at(i)); i++) {
            cleanup_free char *option = xprintf("--%s\n", row->name);
            ck_assert_int_eq(strstr(all, option) != NULL, has_option(command, row->name));
        }
    }
}
END_TEST

START_TEST(offers_nothing_for_no_word) {
    cleanup_free char *got = offered((const char *const[]){NULL});
    ck_assert_ptr_null(got);
}
END_TEST

// ---- options that do not exist -----------------------------------------------------------------

static const struct {
    const char *words[2], *message;
} unknown[] = {
    {{"./a.yml", "- x.yml"}, "`goneaway run` has no option '- x.yml'"},
    {{"- x.yml", "./a.yml"}, "`goneaway run` has no option '- x.yml'"},
    {{"./a.yml", "-xy"}, "`goneaway run` has no option '-xy'"},
    {{"./a.yml", "-\xc3\xa9"}, "`goneaway run` has no option '-\xc3\xa9'"},
    {{"--nope", "a"}, "`goneaway run` has no option '--nope'"},
    {{"a", "--server"}, "--server needs a value"},
};

START_TEST(unknown_options_are_named) {
    const struct command *run = commands;
    while (strcmp(run->name, "run") != 0)
        run++;
    struct err err = {0};
    struct options options;
    char *words[] = {"run", (char *)unknown[_i].words[0], (char *)unknown[_i].words[1], NULL};
    ck_assert_int_eq(options_parse(run, 3, words, &options, &err), -1);
    ck_assert_str_eq(err.what, unknown[_i].message);
}
END_TEST

Suite *suite_completion(void) {
    Suite *suite = suite_create("completion");
    TCase *all = tcase_create("completion");
    tcase_add_loop_test(all, offers_what_may_follow, 0, COUNT_OF(rows));
    tcase_add_test(all, offers_every_command_and_option);
    tcase_add_test(all, offers_nothing_for_no_word);
    tcase_add_loop_test(all, unknown_options_are_named, 0, (int)COUNT_OF(unknown));
    suite_add_tcase(suite, all);
    return suite;
}
