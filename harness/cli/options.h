// SPDX-License-Identifier: Apache-2.0
// options.h - commands and options: one table for parsing, --help and the man page
#ifndef GONEAWAY_CLI_OPTIONS_H
#define GONEAWAY_CLI_OPTIONS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** How often an option that may be repeated may be. */
enum { OPTIONS_MOST = 16 };

/** Values of the options, and what follows them. */
struct options {
    const char *servers, *connectors, *transports; ///< comma-separated, or NULL
    int folder_count;
    const char *folders[OPTIONS_MOST]; ///< with recipes of further connectors
    int adapter_count;
    const char *adapters[OPTIONS_MOST]; ///< "NAME=COMMAND", or "COMMAND"
    int program_count;
    const char *programs[OPTIONS_MOST]; ///< the same of programs that are no adapters
    const char *at, *expect_output;     ///< of these: the moment, and a pattern; or NULL
    int64_t deadline_ms;                ///< and how long they may take
    bool for_programs;                  ///< of `list`: only what they can be run with
    const char *causes, *tags, *codes;  ///< of `list`: comma-separated, or NULL
    const char *only;                   ///< a glob of case ids, or NULL
    const char *require;                ///< comma-separated needs, or NULL
    const char *netem;                  ///< "kernel" or "uml", or NULL: what works
    int jobs, repeat, retries;
    bool once;         ///< each scenario once
    int shuffle;       ///< a seed; 0: not shuffled
    int shard, shards; ///< 0, 0: all
    double time_scale;
    int64_t case_timeout_ms, run_timeout_ms; ///< 0: none
    int64_t memory_bytes;                    ///< of each job; 0: the default
    bool keep, strict, bisect, allow_borrowed;
    bool timeline;        ///< what passes the network is shown
    const char *bundle;   ///< a folder for cases to hand on, or NULL
    bool bundle_all;      ///< also of those that passed
    const char *baseline; ///< a file or a folder, or NULL
    bool update_baseline;
    bool fail_fast, last_failed;
    int adapter_path_count;
    const char *adapter_paths[OPTIONS_MOST];
    int report_count;
    const char *reports[OPTIONS_MOST];
    int verbosity; ///< -1 with -q, 1 with -v, 2 with -vv
    bool schema, markdown, man, print_key;
    bool all;          ///< of `prune`: also what came by reference
    const char *write; ///< of `try`: a scenario to be made, or NULL
    int argument_count;
    char **arguments;
    int word_count;
    char **words; ///< all that followed the command's name, as it was typed
};

/** How long a program may take unless --deadline says otherwise. */
enum { PROGRAM_DEADLINE_MS = 60000 };

/** The commands, as bits of option_row.commands. */
enum command_bit {
    OF_RUN = 1 << 0,
    OF_CHECK = 1 << 1,
    OF_LIST = 1 << 2,
    OF_EXPLAIN = 1 << 3,
    OF_DOCTOR = 1 << 4,
    OF_PREPARE = 1 << 5,
    OF_MERGE = 1 << 6,
    OF_COMPARE = 1 << 7,
    OF_COMPLETION = 1 << 8,
    OF_TRY = 1 << 9,
    OF_ADAPTER = 1 << 10,
    OF_PRUNE = 1 << 11,
    OF_REPLAY = 1 << 12,
};
struct command {
    const char *name, *arguments, *doc;
    enum command_bit bit;
    int (*run)(const struct options *options, struct err *err);
};
/** Ends with a NULL name. */
extern const struct command commands[];
/** What an option's value becomes. */
enum option_kind {
    OPTION_FLAG,   ///< bool: it was given
    OPTION_TEXT,   ///< const char *: as it is
    OPTION_NAMES,  ///< const char *: with commas between those of all times that it was given
    OPTION_LIST,   ///< const char *[OPTIONS_MOST], with a count
    OPTION_NUMBER, ///< int, at least 1
    OPTION_SET,    ///< whatever its function makes of it
    OPTION_HELP,   ///< nothing: help is shown
};
/** An option: what parses it, explains it and completes it reads this. */
struct option_row {
    const char *name, *argument; ///< `argument`: its value's shape; NULL if it takes none
    unsigned commands;           ///< OF_ the commands that have it
    const char *doc;
    enum option_kind kind;
    size_t offset, count_offset; ///< in struct options
    int (*set)(struct options *options, const char *text, struct err *err);
    char letter; ///< -q is --quiet too; 0: it has none
};
/** The options one by one; NULL after the last. */
const struct option_row *option_row_at(size_t i);
/** Version of the program, as `git describe` prints it. */
extern const char goneaway_version[];

/** Parses what follows the command's name. 0, -1 wrong usage, 1 --help was printed. */
int options_parse(const struct command *command, int argc, char **argv, struct options *options,
                  struct err *err);
/** Prints the usage of the program, or of one command. */
void options_print_help(FILE *out, const struct command *command);
/** Whether what passed the network is shown of each case: on the terminal, or on a page. */
bool options_show_traffic(const struct options *options);
/** Prints goneaway(1) as a man page. */
void options_print_man(FILE *out);

#endif
