// SPDX-License-Identifier: Apache-2.0
// options.c - options: one table for parsing, --help and the man page (usage.c)
#include "main/options.h"

#include "base/nearest.h"
#include "base/text.h"
#include "main/commands.h"
#include "main/option_values.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef GONEAWAY_VERSION
#define GONEAWAY_VERSION "unknown"
#endif

const char goneaway_version[] = GONEAWAY_VERSION;

// The longest cases of the catalogue take 10 s. A run has no bound of its own, since what it takes
// depends on what is asked: --repeat 20 of all takes an hour and a half.
enum { CASE_TIMEOUT_MIN = 5 };
// What is alike so often is taken for stable.
enum { UPDATE_REPEATS = 3 };

enum key {
    KEY_QUIET = 'q',
    KEY_VERBOSE = 'v',
    KEY_SERVER = 256,
    KEY_CONNECTOR,
    KEY_CONNECTORS,
    KEY_TRANSPORT,
    KEY_CAUSE,
    KEY_TAG,
    KEY_CODE,
    KEY_ADAPTER,
    KEY_ADAPTER_PATH,
    KEY_PROGRAM,
    KEY_PROGRAMS,
    KEY_AT,
    KEY_EXPECT_OUTPUT,
    KEY_DEADLINE,
    KEY_ONLY,
    KEY_JOBS,
    KEY_REPEAT,
    KEY_ONCE,
    KEY_RETRIES,
    KEY_ALLOW_BORROWED,
    KEY_FAIL_FAST,
    KEY_LAST_FAILED,
    KEY_SHUFFLE,
    KEY_SHARD,
    KEY_TIMEOUT,
    KEY_TIME_SCALE,
    KEY_MEMORY,
    KEY_REQUIRE,
    KEY_STRICT,
    KEY_TIMELINE,
    KEY_BISECT,
    KEY_BASELINE,
    KEY_UPDATE_BASELINE,
    KEY_KEEP,
    KEY_BUNDLE,
    KEY_BUNDLE_ALL,
    KEY_REPORT,
    KEY_SCHEMA,
    KEY_MARKDOWN,
    KEY_MAN,
    KEY_PRINT_KEY,
    KEY_ALL,
    KEY_NETEM,
    KEY_WRITE,
    KEY_HELP,
};

static const struct option_row rows[] = {
    {"server", "NAME,...", KEY_SERVER, 1 | 32 | 128 | 512 | 1024 | 4096,
     "only these servers (default: all except those that only run when this option names them; "
     "also: `all`; see `list servers`), or any by reference: docker://NAME:TAG, oci:DIR:TAG, "
     "docker-archive:FILE, rootfs:DIR, path:PROGRAM such as path:/usr/sbin/mysqld "
     "(NAME=REFERENCE gives it a short name, for reports and baselines); in `compare` also "
     "OLD=NEW, to compare two servers"},
    {"connector", "NAME,...", KEY_CONNECTOR, 1 | 32 | 128 | 512 | 1024 | 4096,
     "only these connectors, by name or family (default: those of --adapter, else all except those "
     "that only run when a scenario, or this option, names them; also: `all`; see `list "
     "connectors`); in `compare` by name, or OLD=NEW, to compare two connectors"},
    {"connectors", "DIR", KEY_CONNECTORS, 1 | 2 | 4 | 32 | 512 | 1024 | 2048 | 4096,
     "a folder with further connectors, DIR/NAME/recipe.yml as in fixtures/connectors; may be "
     "repeated"},
    {"transport", "tcp|socket|tls,...", KEY_TRANSPORT, 1 | 4 | 512, "only over these transports"},
    {"cause", "CAUSE,...", KEY_CAUSE, 4, "only scenarios of these causes"},
    {"tag", "TAG,...", KEY_TAG, 4, "only scenarios with one of these tags"},
    {"code", "CODE,...", KEY_CODE, 4,
     "only what shows one of these error codes (a number or symbol), on some server with some "
     "connector"},
    {"adapter", "[NAME=]CMD", KEY_ADAPTER, 1 | 2 | 32 | 512 | 4096,
     "test this adapter: a command on this machine that speaks the protocol of "
     "fixtures/connectors/PROTOCOL.md; of the machine it sees /usr, /opt and the current folder; "
     "may be repeated, with a NAME for each"},
    {"adapter-path", "DIR", KEY_ADAPTER_PATH, 1 | 512 | 1024 | 4096,
     "a folder or file that the adapter, or program, sees as well, read-only; may be repeated"},
    {"program", "[NAME=]CMD", KEY_PROGRAM, 1 | 512,
     "run this program, as it is, in the place of an adapter: it sees of the machine what an "
     "adapter sees, finds the server by MYSQL_HOST, MYSQL_TCP_PORT or MYSQL_UNIX_PORT, MYSQL_USER, "
     "MYSQL_PWD, MYSQL_DATABASE and MYSQL_URL (also DATABASE_URL) in its environment, and meets "
     "the scenario's fault, or what the line of `try` does. An exit status other than 0 is `fail`, "
     "a signal `crash`, no end `hang`. What it did to the data is shown, not judged: a promise is "
     "about its scenario's own statements, and whether a row of a program's may be missing, or be "
     "there twice, only its author knows. Over tcp unless --transport or the case says otherwise; "
     "may be repeated, with a NAME for each"},
    {"program", NULL, KEY_PROGRAMS, 4, "only what a --program of one's own can be run with"},
    {"at", "connected|idle|running|running=TEXT|statement=N", KEY_AT, 1 | 512,
     "when the fault comes to the --program: when it has connected, is at rest after a statement, "
     "runs a statement (that holds TEXT), or has begun its N-th, not counting SET (default: as in "
     "the scenario, idle or running); in `try` the line can say so, too"},
    {"expect-output", "PATTERN", KEY_EXPECT_OUTPUT, 1 | 512,
     "fail unless a line that the --program prints matches this regular expression"},
    {"deadline", "TIME", KEY_DEADLINE, 1 | 512,
     "how long the --program may take until that moment, and how long from the fault to its end "
     "(default: 60s)"},
    {"only", "GLOB", KEY_ONLY, 1, "only cases whose id (scenario/variant@transport) matches"},
    {"jobs", "N", KEY_JOBS, 1,
     "cases at the same time; default: from one to six for each processor, more where cases wait "
     "longer; never more than memory holds"},
    {"repeat", "N", KEY_REPEAT, 1, "run every case N times"},
    {"once", NULL, KEY_ONCE, 1,
     "run each scenario once: its first variant, over one transport, on one server with one "
     "connector, which its name decides (for a quick look at all)"},
    {"retries", "N", KEY_RETRIES, 1,
     "run a case that is not as expected again, up to N times, each on a fresh server when the "
     "others have ended; what then is as expected is `flaky`, and no failure without --strict; "
     "attempts with different codes are told as unstable"},
    {"fail-fast", NULL, KEY_FAIL_FAST, 1,
     "start no further case once one did not pass: those that run are finished, the rest is "
     "reported as skipped"},
    {"last-failed", NULL, KEY_LAST_FAILED, 1,
     "run only what did not pass in the last run, whatever that was; of the scenarios that are "
     "named, if some are"},
    {"shuffle", "SEED", KEY_SHUFFLE, 1,
     "run cases in a pseudo-random order (SEED >= 1), to expose state that leaks from one case "
     "into the next"},
    {"shard", "I/N", KEY_SHARD, 1,
     "only the I-th of N parts of the cases, of about equal duration; `goneaway merge` joins their "
     "json reports"},
    {"timeout", "CASE[,RUN]", KEY_TIMEOUT, 1 | 512 | 4096,
     "time limits: CASE (including the server's boot) and RUN, as in 30s,10min; 0: no limit; "
     "default: 5min,0. Cases that are cut off or never start are broken"},
    {"time-scale", "X", KEY_TIME_SCALE, 1 | 512 | 1024 | 4096,
     "stretch deadlines and upper time bounds by X >= 1, for slow machines; never the waits that "
     "are the fault itself"},
    {"memory", "SIZE", KEY_MEMORY, 1 | 1024 | 4096,
     "what the processes of a case may take together, its servers and those booting for the next "
     "cases included (default: 4GiB, or three quarters of the machine's)"},
    {"require", "NEED,...", KEY_REQUIRE, 1,
     "fail (status 3) instead of skipping when one of these needs is missing; `all`: every one "
     "except memory-cgroup, which usually takes root; `operations`: also when a connector lacks an "
     "operation"},
    {"baseline", "PATH", KEY_BASELINE, 1,
     "judge by the outcomes in this file, or in PATH/CONNECTOR-VERSION/SERVER-VERSION.yml, instead "
     "of the scenarios': what differs from them is not as expected"},
    {"update-baseline", NULL, KEY_UPDATE_BASELINE, 1,
     "run every case three times, or as often as --repeat says, and write what was seen alike to "
     "the baseline; its comments stay, and so do cases that did not run"},
    {"strict", NULL, KEY_STRICT, 1 | 64,
     "fail (status 1) when a case is unmeasured, since no outcomes are known of its server and "
     "connector, or violates its promise, though its baseline records that"},
    {"allow-borrowed", NULL, KEY_ALLOW_BORROWED, 1,
     "take a difference for no failure where outcomes are borrowed, since nobody has measured this "
     "version of the server or the connector: for a pipeline that does not wait for that"},
    {"bisect", NULL, KEY_BISECT, 1,
     "answer `git bisect run`: status 0 only if all cases passed, 1 if one was not as expected, "
     "125 (the commit cannot be judged) if one was broken, skipped or unmeasured, nothing ran, or "
     "the run failed"},
    {"timeline", NULL, KEY_TIMELINE, 1 | 512,
     "show of each case what was called, and what passed between the hosts, on one clock (over a "
     "Unix socket there are no packets); without it, of a case that did not pass, what lies around "
     "the step that decided. The json report has the same"},
    {"keep", NULL, KEY_KEEP, 1 | 512 | 4096,
     "hold the world of a case that did not pass (in `try`: of any), tell how to enter it, and "
     "wait for Enter"},
    {"bundle", "DIR", KEY_BUNDLE, 1,
     "write each case that did not pass to DIR, as a .tar.zst to hand on: a REPORT.md for an issue "
     "tracker, packets of both hosts, logs and versions; `goneaway replay` runs it again"},
    {"bundle-all", NULL, KEY_BUNDLE_ALL, 1, "with --bundle: also the cases that passed"},
    {"report", "FORMAT=FILE", KEY_REPORT, 1 | 64 | 128 | 1024,
     "also write a report: human, json, tap, junit, markdown (a summary), html (a page, with what "
     "--timeline shows) or github (annotations), of `compare` human, json, markdown (for a pull "
     "request) or html, of `adapter` human or json; FILE - is stdout; "
     "may be repeated"},
    {"quiet", NULL, KEY_QUIET, 1 | 64,
     "show only what was not as expected, and the last line with the counts"},
    {"verbose", NULL, KEY_VERBOSE, 1 | 64,
     "show each case as it ends, with what its calls ended with (the default for up to twelve "
     "cases); -vv: with every step, and what the server logged"},
    {"schema", NULL, KEY_SCHEMA, 2, "print the JSON Schema of scenario files, for editors"},
    {"markdown", NULL, KEY_MARKDOWN, 4,
     "print symptoms and causes as Markdown: scenarios/README.md"},
    {"man", NULL, KEY_MAN, 8,
     "print a manual page in the macros of man(7), as packages install it (default: shown by man "
     "on a terminal, else plain text)"},
    {"print-key", NULL, KEY_PRINT_KEY, 32,
     "get nothing, but print a key for what would be in the cache, for a pipeline to keep it "
     "under; "
     "it changes whenever a recipe or an adapter's source does"},
    {"all", NULL, KEY_ALL, 2048,
     "free servers by reference, too, and what came by a --connectors that is not named now"},
    {"netem", "kernel|uml", KEY_NETEM, 1 | 16 | 512 | 4096,
     "make bad networks with the kernel's netem, or with that of User-Mode Linux (default: the "
     "kernel's if it has one)"},
    {"write", "FILE", KEY_WRITE, 512,
     "make a scenario of the line and of what was seen, with a promise proposed, ready for review; "
     "a file that is there is never overwritten"},
    {"help", NULL, KEY_HELP, ~0U, "show this help"},
};

const struct option_row *option_row_at(size_t i) {
    return i < COUNT_OF(rows) ? &rows[i] : NULL;
}

// A list that is given in parts, each with the option's name, is one list.
static void add_names(const char **names, int key, const char *value) {
    static char *joined[KEY_HELP - KEY_SERVER]; // for as long as the program runs
    char *all = *names ? xprintf("%s,%s", *names, value) : NULL;
    *names = all ? all : value;
    if (all) {
        free(joined[key - KEY_SERVER]);
        joined[key - KEY_SERVER] = all;
    }
}

static int set(struct options *options, int key, const char *value, struct err *err) {
    switch (key) {
    case KEY_SERVER:
        add_names(&options->servers, key, value);
        return 0;
    case KEY_CONNECTOR:
        add_names(&options->connectors, key, value);
        return 0;
    case KEY_CONNECTORS:
        if (options->folder_count == (int)COUNT_OF(options->folders))
            return err_usage(err, "too many --connectors");
        options->folders[options->folder_count++] = value;
        return 0;
    case KEY_TRANSPORT:
        add_names(&options->transports, key, value);
        return 0;
    case KEY_CAUSE:
        add_names(&options->causes, key, value);
        return 0;
    case KEY_TAG:
        add_names(&options->tags, key, value);
        return 0;
    case KEY_CODE:
        add_names(&options->codes, key, value);
        return 0;
    case KEY_ADAPTER:
        if (options->adapter_count == (int)COUNT_OF(options->adapters))
            return err_usage(err, "too many --adapter");
        options->adapters[options->adapter_count++] = value;
        return 0;
    case KEY_ADAPTER_PATH:
        if (options->adapter_path_count == (int)COUNT_OF(options->adapter_paths))
            return err_usage(err, "too many --adapter-path");
        options->adapter_paths[options->adapter_path_count++] = value;
        return 0;
    case KEY_PROGRAM:
        if (options->program_count == (int)COUNT_OF(options->programs))
            return err_usage(err, "too many --program");
        options->programs[options->program_count++] = value;
        return 0;
    case KEY_PROGRAMS:
        options->for_programs = true;
        return 0;
    case KEY_AT:
        options->at = value;
        return 0;
    case KEY_EXPECT_OUTPUT:
        options->expect_output = value;
        return 0;
    case KEY_DEADLINE:
        return options_set_deadline(options, value, err);
    case KEY_ONLY:
        options->only = value;
        return 0;
    case KEY_JOBS:
        return options_read_number(value, "jobs", &options->jobs, err);
    case KEY_REPEAT:
        return options_read_number(value, "repeat", &options->repeat, err);
    case KEY_ONCE:
        options->once = true;
        return 0;
    case KEY_RETRIES:
        return options_read_number(value, "retries", &options->retries, err);
    case KEY_ALLOW_BORROWED:
        options->allow_borrowed = true;
        return 0;
    case KEY_FAIL_FAST:
        options->fail_fast = true;
        return 0;
    case KEY_LAST_FAILED:
        options->last_failed = true;
        return 0;
    case KEY_SHUFFLE:
        return options_read_number(value, "shuffle", &options->shuffle, err);
    case KEY_SHARD:
        return options_set_shard(options, value, err);
    case KEY_TIMEOUT:
        return options_set_timeout(options, value, err);
    case KEY_MEMORY:
        return options_set_memory(options, value, err);
    case KEY_TIME_SCALE:
        return options_set_scale(options, value, err);
    case KEY_REQUIRE:
        options->require = value;
        return 0;
    case KEY_TIMELINE:
        options->timeline = true;
        return 0;
    case KEY_STRICT:
        options->strict = true;
        return 0;
    case KEY_BISECT:
        options->bisect = true;
        return 0;
    case KEY_BASELINE:
        options->baseline = value;
        return 0;
    case KEY_UPDATE_BASELINE:
        options->update_baseline = true;
        return 0;
    case KEY_KEEP:
        options->keep = true;
        return 0;
    case KEY_BUNDLE:
        options->bundle = value;
        return 0;
    case KEY_BUNDLE_ALL:
        options->bundle_all = true;
        return 0;
    case KEY_QUIET:
        options->verbosity = -1;
        return 0;
    case KEY_VERBOSE:
        options->verbosity = options->verbosity < 1 ? 1 : 2;
        return 0;
    case KEY_MARKDOWN:
        options->markdown = true;
        return 0;
    case KEY_MAN:
        options->man = true;
        return 0;
    case KEY_PRINT_KEY:
        options->print_key = true;
        return 0;
    case KEY_ALL:
        options->all = true;
        return 0;
    case KEY_NETEM:
        return options_set_netem(options, value, err);
    case KEY_WRITE:
        options->write = value;
        return 0;
    case KEY_SCHEMA:
        options->schema = true;
        return 0;
    case KEY_REPORT:
        if (options->report_count == (int)COUNT_OF(options->reports))
            return err_usage(err, "too many --report");
        options->reports[options->report_count++] = value;
        return 0;
    default:
        return -1;
    }
}

static void fill_long(const struct command *command, struct option *longs) {
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].commands & command->bit)
            longs[count++] =
                (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument,
                                NULL, rows[i].key};
}

// ":hqv": -h of all commands, and the letters of this one's options.
static void fill_letters(const struct command *command, char *letters) {
    letters += sprintf(letters, ":h");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if ((rows[i].commands & command->bit) && rows[i].key < KEY_SERVER)
            *letters++ = (char)rows[i].key;
    *letters = '\0';
}

static int unknown_option(const struct command *command, const char *name, struct err *err) {
    struct nearest nearest = {.wanted = name + strspn(name, "-"), .edits = NEAR_WORD};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].commands & command->bit)
            nearest_try(&nearest, rows[i].name);
    const char *near = nearest_word(&nearest);
    err_usage(err, "`goneaway %s` has no option '%s'", command->name, name);
    return near ? err_remedy(err, "did you mean --%s?", near) : -1;
}

// The word that getopt does not know. It stays at a word of several letters behind one dash, such
// as
// "- x.yml", and has passed any other.
static const char *wrong_word(int argc, char **argv) {
    const char *here = optind < argc ? argv[optind] : "";
    bool stays = optopt != 0 && optopt < KEY_SERVER && here[0] == '-' && here[1] &&
                 (unsigned char)here[1] == (unsigned char)optopt && here[2];
    return stays ? here : argv[optind - 1];
}

int options_parse(const struct command *command, int argc, char **argv, struct options *options,
                  struct err *err) {
    struct option longs[COUNT_OF(rows) + 1] = {0};
    char letters[COUNT_OF(rows) + 3];
    fill_long(command, longs);
    fill_letters(command, letters);
    *options = (struct options){.time_scale = 1,
                                .deadline_ms = PROGRAM_DEADLINE_MS,
                                .case_timeout_ms = (int64_t)CASE_TIMEOUT_MIN * 60 * 1000};
    for (int i = 1; i < argc; i++) // for an error that comes before it, too
        options->bisect |= command->run == command_run && strcmp(argv[i], "--bisect") == 0;
    opterr = 0;
    for (int key; (key = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        if (key == KEY_HELP || key == 'h') {
            options_print_help(stdout, command);
            return 1;
        }
        const char *wrong = wrong_word(argc, argv);
        if (key == ':')
            err_usage(err, "%s needs a value", wrong);
        else if (key == '?')
            unknown_option(command, wrong, err);
        if (key == ':' || key == '?')
            return err_remedy(err, "`goneaway %s --help` shows its options", command->name);
        if (set(options, key, optarg, err) < 0)
            return -1;
    }
    options->arguments = argv + optind;
    options->argument_count = argc - optind;
    options->words = argv + 1;
    options->word_count = argc - 1;
    if (options->repeat == 0)
        options->repeat = options->update_baseline ? UPDATE_REPEATS : 1;
    return options_check_together(options, err);
}
