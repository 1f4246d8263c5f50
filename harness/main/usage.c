// SPDX-License-Identifier: Apache-2.0
// usage.c - --help and the man page, from the tables of commands and options
#include "main/options.h"

#include "base/text.h"
#include "main/page.h"

#include <string.h>

struct letter {
    char text[8];
};

// "-q, " of an option that has a letter too.
static struct letter letter_of(const struct option_row *row) {
    struct letter letter = {""};
    if (row->key <= 'z')
        snprintf(letter.text, sizeof letter.text, "-%c, ", row->key);
    return letter;
}

static void print_options(FILE *out, unsigned bits) {
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)); i++) {
        if (!(row->commands & bits))
            continue;
        char left[64];
        snprintf(left, sizeof left, "  %s--%s%s%s", letter_of(row).text, row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        fprintf(out, "%-29s", left);
        if (strlen(left) > 28)
            fprintf(out, "\n%29s", "");
        print_folded(out, 29, row->doc);
    }
}

static const char *const statuses[] = {
    "0  all as expected",
    "1  some case was not as expected",
    "2  wrong usage, or an invalid file",
    "3  the harness or the machine failed: a broken case, or a required need is missing",
    "4  nothing ran",
    "125  only with --bisect: neither good nor bad; and 255: wrong usage, so that git stops",
};

// Which the manual page shows.
static const char *const examples[] = {
    "goneaway run headline",
    "goneaway try 'connect; kill; query; query' --connector mariadb-c",
    "goneaway try 'connect; drop; query' --server mysql-9.7 --write dropped.yml",
    "goneaway run my-bug.yml --report junit=report.xml",
    "goneaway adapter new python my-adapter",
    "goneaway adapter test 'python3 my-adapter/adapter.py'",
    "goneaway run kill-idle --program 'php script.php' --at 'running=INSERT INTO orders'",
    "goneaway compare 1.4.json 1.5.json --report markdown=comment.md",
    "goneaway compare all.json all.json --connector libmysqlclient=mariadb-c",
    "goneaway compare measured/mariadb-c-3.3.20 measured/mariadb-c-3.4.10",
    "",
    "git bisect start v1.5 v1.4",
    "git bisect run sh -c 'make || exit 125",
    "    exec goneaway run kill-idle@tcp --bisect --adapter mine=./adapter --baseline v1.4.yml'",
};

void options_print_help(FILE *out, const struct command *command) {
    if (command) {
        fprintf(out, "Usage: goneaway %s %s%s\n\n", command->name, command->arguments,
                *command->arguments ? " [OPTION ...]" : "[OPTION ...]");
        print_folded(out, 0, command->doc);
        fprintf(out, "\nOptions:\n");
        print_options(out, command->bit);
        return;
    }
    fprintf(out,
            "goneaway reproduces the ways in which a MySQL connection dies, against real servers,\n"
            "and checks which error the client shows.\n\n"
            "Usage: goneaway COMMAND [OPTION ...] [ARGUMENT ...]\n\nCommands:\n");
    for (const struct command *one = commands; one->name; one++) {
        fprintf(out, "  %-12s", one->name);
        print_folded(out, 14, one->doc);
    }
    fprintf(out, "\nOptions of `goneaway run`:\n");
    print_options(out, 1);
    fprintf(out, "\nExit status:\n");
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        fprintf(out, "  %s\n", statuses[i]);
    fprintf(out, "\nExamples:\n"
                 "  goneaway run headline                 the best-known failures\n"
                 "  goneaway run kill-idle --server mysql-9.7 --repeat 20\n"
                 "  goneaway try 'connect; kill; query; query'\n"
                 "  goneaway run my-bug.yml --report junit=report.xml\n"
                 "  goneaway explain 2013\n");
}

static void page_of_commands(FILE *out) {
    page_section(out, "COMMANDS");
    for (const struct command *one = commands; one->name; one++) {
        cleanup_free char *head =
            xprintf("`%s`%s%s", one->name, *one->arguments ? " " : "", one->arguments);
        cleanup_free char *doc = xprintf("%s.", one->doc);
        page_entry(out, head, doc);
    }
}

static void page_of_options(FILE *out) {
    page_section(out, "OPTIONS");
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)); i++) {
        cleanup_free char *head =
            xprintf("`%s--%s`%s%s", letter_of(row).text, row->name, row->argument ? " " : "",
                    row->argument ? row->argument : "");
        cleanup_free char *doc = xprintf("%s.", row->doc);
        page_entry(out, head, doc);
    }
}

static void page_of_environment(FILE *out) {
    page_section(out, "ENVIRONMENT");
    page_entry(
        out, "`GONEAWAY_CACHE`",
        "folder of the cache (default: goneaway below `XDG_CACHE_HOME`, or ~/.cache/goneaway).");
    page_entry(out, "`GONEAWAY_HOME`",
               "folder with scenarios and fixtures (default: that of the program).");
    page_entry(out, "`GONEAWAY_PROBE`",
               "`always`: try what this machine can do also if an earlier run has.");
    page_entry(out, "`NO_COLOR`", "if set, no colour.");
}

void options_print_man(FILE *out) {
    page_begin(
        out, &(const struct page){.name = "goneaway",
                                  .section = "1",
                                  .purpose = "reproduce the ways in which a MySQL connection dies",
                                  .kind = "User Commands",
                                  .source = "its tables of commands and options"});
    page_section(out, "SYNOPSIS");
    page_text(out, "`goneaway` COMMAND [OPTION ...] [ARGUMENT ...]");
    page_section(out, "DESCRIPTION");
    page_text(out, "`goneaway` runs scenario files, each of which describes one failure, against "
                   "real servers in containers of its own, and checks which error code the client "
                   "shows.");
    page_of_commands(out);
    page_of_options(out);
    page_section(out, "EXIT STATUS");
    page_lines(out, statuses, COUNT_OF(statuses));
    page_section(out, "EXAMPLES");
    page_lines(out, examples, COUNT_OF(examples));
    fputs(".PP\n", out);
    page_text(out, "The last one finds the commit of a connector that changed what a case shows. "
                   "What cannot be built, or whose case is broken, is passed over.");
    page_of_environment(out);
    page_see(out, "goneaway-scenario", "5");
}
