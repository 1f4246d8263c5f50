// SPDX-License-Identifier: Apache-2.0
// options.h - commands and options: one table for parsing, --help and the man page
#ifndef GONEAWAY_CLI_OPTIONS_H
#define GONEAWAY_CLI_OPTIONS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** How many times a repeatable option may be given. */
enum { OPTIONS_MOST = 16 };

/** Values of the options, and what follows them. */
struct options {
    const char *servers, *connectors, *transports; ///< comma-separated, or NULL
    int folder_count;
    const char *folders[OPTIONS_MOST]; ///< with recipes for further connectors
    int adapter_count;
    const char *adapters[OPTIONS_MOST]; ///< "NAME=COMMAND", or "COMMAND"
    int program_count;
    const char *programs[OPTIONS_MOST]; ///< the same, for programs that are no adapters
    const char *at, *expect_output;     ///< for programs: the moment, and a pattern; or NULL
    int64_t deadline_ms;                ///< for programs: how long they may take
    bool for_programs;                  ///< for `list`: only cases that they can run in
    bool for_export;                    ///< for `list`: only cases that `export` can write
    const char *causes, *tags, *codes;  ///< for `list`: comma-separated, or NULL
    const char *only;                   ///< a glob of case ids, or NULL
    const char *require;                ///< comma-separated needs, or NULL
    const char *netem;                  ///< "kernel" or "uml", or NULL: whichever works
    int jobs, repeat, retries;
    bool repeat_races; ///< cases that are known to race run more often than `repeat`
    bool once;         ///< each scenario once
    int shuffle;       ///< a seed; 0: not shuffled
    int shard, shards; ///< 0, 0: not sharded
    double time_scale;
    int64_t case_timeout_ms, run_timeout_ms; ///< 0: none
    int64_t memory_bytes;                    ///< of each job; 0: the default
    bool keep, keep_failed;                  ///< hold worlds
    const char *keep_at; ///< number or id of the step after which to hold them, or NULL
    bool strict, bisect, allow_borrowed;
    bool timeline;        ///< show what passes the network
    const char *bundle;   ///< a folder for cases to hand on, or NULL
    bool bundle_all;      ///< of cases that passed, too
    const char *baseline; ///< a file or a folder, or NULL
    bool update_baseline;
    bool fail_fast, last_failed;
    int adapter_path_count;
    const char *adapter_paths[OPTIONS_MOST];
    int report_count;
    const char *reports[OPTIONS_MOST];
    int verbosity; ///< -1 with -q, 1 with -v, 2 with -vv
    bool schema, markdown, json, man, print_key;
    bool all;          ///< for `prune`: servers by reference, too
    const char *write; ///< for `try`: the scenario file to write, or NULL
    unsigned umask;    ///< of who called the program
    int argument_count;
    char **arguments;
    int word_count;
    char **words; ///< everything that followed the command's name, as typed
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
    OF_LAB = 1 << 13,
    OF_FAULT = 1 << 14,
    OF_LIFT = 1 << 15,
    OF_UNTIL = 1 << 16,
    OF_RESET = 1 << 17,
    OF_EXPORT = 1 << 18,
    OF_ENTER = 1 << 19,
};
struct command {
    const char *name, *arguments, *doc;
    enum command_bit bit;
    int (*run)(const struct options *options, struct err *err);
};
/** Ends with a NULL name. */
extern const struct command commands[];
/** What becomes of an option's value. */
enum option_kind {
    OPTION_FLAG,   ///< bool: it was given
    OPTION_TEXT,   ///< const char *: as is
    OPTION_NAMES,  ///< const char *: all values given, joined by commas
    OPTION_LIST,   ///< const char *[OPTIONS_MOST], with a count
    OPTION_NUMBER, ///< int, at least 1
    OPTION_SET,    ///< whatever its function makes of it
    OPTION_HELP,   ///< nothing: prints help
};
/** An option: parsing, help and completion all read this. */
struct option_row {
    const char *name, *argument; ///< `argument`: the shape of its value; NULL if it takes none
    unsigned commands;           ///< OF_.., the commands that have it
    const char *doc;
    enum option_kind kind;
    size_t offset, count_offset; ///< in struct options
    int (*set)(struct options *options, const char *text, struct err *err);
    char letter; ///< such as -q for --quiet; 0: none
};
/** The i-th option; NULL after the last. */
const struct option_row *option_row_at(size_t i);
/** Version of the program, as `git describe` prints it. */
extern const char goneaway_version[];

/** Parses what follows the command's name. 0, -1 wrong usage, 1 --help was printed. */
int options_parse(const struct command *command, int argc, char **argv, struct options *options,
                  struct err *err);
/** Prints the usage of the program, or of one command. */
void options_print_help(FILE *out, const struct command *command);
/** Whether some world may be held. */
bool options_keep(const struct options *options);
/** Whether each case shows what passed the network: on the terminal, or on a page. */
bool options_show_traffic(const struct options *options);
/** Prints goneaway(1) as a man page. */
void options_print_man(FILE *out);
/** The lines that say what each exit status means, one after the other; NULL after the last. */
const char *options_exit_status(size_t index);

#endif
