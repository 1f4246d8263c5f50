// SPDX-License-Identifier: Apache-2.0
// usage.c - --help and the man page, from the tables of commands and options
#include "cli/options.h"

#include "base/text.h"
#include "cli/page.h"

#include <string.h>

struct letter {
    char text[8];
};

// "-q, " for an option that has a letter too.
static struct letter letter_of(const struct option_row *row) {
    struct letter letter = {""};
    if (row->letter && row->letter != 'h')
        snprintf(letter.text, sizeof letter.text, "-%c, ", row->letter);
    return letter;
}

static void print_option(FILE *out, const struct option_row *row) {
    char left[64];
    snprintf(left, sizeof left, "  %s--%s%s%s", letter_of(row).text, row->name,
             row->argument ? " " : "", row->argument ? row->argument : "");
    fprintf(out, "%-29s", left);
    if (strlen(left) > 28)
        fprintf(out, "\n%29s", "");
    print_folded(out, 29, row->doc);
}

/** How a command's options are grouped in its help, the most used first; those in no group come
 * last. */
static const struct {
    const char *title, *options;
} groups[] = {
    {"Which cases", "server,connector,transport,only,once,last-failed,shard"},
    {"What is shown and written",
     "verbose,quiet,report,write,timeline,bundle,bundle-all,keep,keep-failed,keep-at"},
    {"A connector or program of your own",
     "adapter,adapter-path,connectors,program,at,expect-output,deadline"},
    {"What counts as expected",
     "baseline,update-baseline,strict,retries,allow-borrowed,require,bisect"},
    {"How cases run", "jobs,repeat,fail-fast,shuffle,timeout,time-scale,memory,netem"},
};
enum { FEW_OPTIONS = 6 };

static bool is_in_a_group(const char *name) {
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        if (text_list_has(groups[i].options, name))
            return true;
    return false;
}

static size_t count_options(unsigned bits) {
    const struct option_row *row;
    size_t count = 0;
    for (size_t i = 0; (row = option_row_at(i)); i++)
        count += (row->commands & bits) != 0;
    return count;
}

static const struct option_row *option_named(const char *name, unsigned bits) {
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)); i++)
        if ((row->commands & bits) && strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static void print_group(FILE *out, unsigned bits, size_t group) {
    cleanup_free char **names = text_split(groups[group].options);
    bool begun = false;
    for (char **name = names; *name; name++) {
        const struct option_row *row = option_named(*name, bits);
        if (!row)
            continue;
        if (!begun)
            fprintf(out, "\n%s:\n", groups[group].title);
        begun = true;
        print_option(out, row);
    }
}

// `title`: the heading for all of them if they are few.
static void print_options(FILE *out, unsigned bits, const char *title) {
    const struct option_row *row;
    bool grouped = count_options(bits) > FEW_OPTIONS;
    for (size_t i = 0; grouped && i < COUNT_OF(groups); i++)
        print_group(out, bits, i);
    fprintf(out, "\n%s:\n", grouped ? "Other" : title);
    for (size_t i = 0; (row = option_row_at(i)); i++)
        if ((row->commands & bits) && (!grouped || !is_in_a_group(row->name)))
            print_option(out, row);
}

static const char *const statuses[] = {
    "0  all as expected",
    "1  some case was not as expected",
    "2  wrong usage, or an invalid file",
    "3  the harness or the machine failed: a broken case, or a required need is missing",
    "4  nothing ran",
    "125  only with --bisect: neither good nor bad; and 255: wrong usage, so that git stops",
};

const char *options_exit_status(size_t index) {
    return index < COUNT_OF(statuses) ? statuses[index] : NULL;
}

// Examples on the manual page.
static const char *const examples[] = {
    "goneaway run headline",
    "goneaway try 'connect; kill; query; query' --connector mariadb-c",
    "goneaway try 'connect; drop; query' --server mysql-9.7 --write dropped.yml",
    "goneaway run my-bug.yml --report junit=report.xml",
    "goneaway export kill-idle@tcp --connector pymysql --server mysql-9.7 kill-idle",
    "goneaway adapter new python my-adapter",
    "goneaway adapter test 'python3 my-adapter/adapter.py'",
    "goneaway run kill-idle --program 'php script.php' --at 'running=INSERT INTO orders'",
    "goneaway try --program 'php script.php' 'running INSERT; kill'",
    "goneaway compare 1.4.json 1.5.json --report markdown=comment.md",
    "goneaway compare all.json all.json --connector libmysqlclient=mariadb-c",
    "goneaway compare measured/mariadb-c-3.3.20 measured/mariadb-c-3.4.10",
    "",
    "git bisect start v1.5 v1.4",
    "git bisect run sh -c 'make || exit 125",
    "    exec goneaway run kill-idle@tcp --bisect --adapter mine=./adapter --baseline v1.4.yml'",
};

// One for each of the most used options.
static void print_run_examples(FILE *out) {
    static const char *const lines[][2] = {
        {"headline", "the best-known failures"},
        {"kill-idle@tcp --server mysql-9.7", "one case, on one server"},
        {"headline --adapter 'node x.js'", "with a connector of your own"},
        {"my-bug.yml -v", "a file, call by call"},
        {"headline --report junit=out.xml", "for a pipeline"},
        {"--last-failed", "what did not pass, again"},
    };
    fputs("\nExamples:\n", out);
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        fprintf(out, "  goneaway run %-34s %s\n", lines[i][0], lines[i][1]);
}

void options_print_help(FILE *out, const struct command *command) {
    if (command) {
        fprintf(out, "Usage: goneaway %s %s%s\n\n", command->name, command->arguments,
                *command->arguments ? " [OPTION ...]" : "[OPTION ...]");
        print_folded(out, 0, command->doc);
        if (command->bit == OF_RUN)
            print_run_examples(out);
        print_options(out, command->bit, "Options");
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
    fprintf(out, "\n`goneaway COMMAND --help` shows a command's options.\n");
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
