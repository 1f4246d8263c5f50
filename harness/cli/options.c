// SPDX-License-Identifier: Apache-2.0
// options.c - options: one table for parsing, --help and the man page (usage.c)
#include "cli/options.h"

#include "base/nearest.h"
#include "base/text.h"
#include "cli/option_values.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef GONEAWAY_VERSION
#define GONEAWAY_VERSION "unknown"
#endif

const char goneaway_version[] = GONEAWAY_VERSION;

// The longest cases of the catalogue take 10 s. A run has no default limit, since its duration
// depends on what is asked: --repeat 20 of everything takes an hour and a half.
enum { CASE_TIMEOUT_MIN = 5 };
// A case that is the same this often counts as stable.
enum { UPDATE_REPEATS = 3 };

#define OFFSET(field) offsetof(struct options, field)
#define FLAG(field) .kind = OPTION_FLAG, .offset = OFFSET(field)
#define TEXT(field) .kind = OPTION_TEXT, .offset = OFFSET(field)
#define NAMES(field) .kind = OPTION_NAMES, .offset = OFFSET(field)
#define NUMBER(field) .kind = OPTION_NUMBER, .offset = OFFSET(field)
#define LIST(field, count)                                                                         \
    .kind = OPTION_LIST, .offset = OFFSET(field), .count_offset = OFFSET(count)

static int set_quiet(struct options *options, const char *text, struct err *err) {
    (void)text, (void)err;
    options->verbosity = -1;
    return 0;
}

static int set_verbose(struct options *options, const char *text, struct err *err) {
    (void)text, (void)err;
    options->verbosity = options->verbosity < 1 ? 1 : 2;
    return 0;
}

static const struct option_row rows[] = {
    {"server", "NAME,...",
     OF_RUN | OF_PREPARE | OF_COMPARE | OF_TRY | OF_ADAPTER | OF_REPLAY | OF_LAB | OF_EXPORT,
     "only these servers (default: all except those that only run when this option names them; "
     "also: `all`; see `list servers`), or any by reference: docker://NAME:TAG, oci:DIR:TAG, "
     "docker-archive:FILE, rootfs:DIR, path:PROGRAM such as path:/usr/sbin/mysqld "
     "(NAME=REFERENCE gives it a short name, for reports and baselines); in `compare` also "
     "OLD=NEW, to compare two servers",
     NAMES(servers)},
    {"connector", "NAME,...",
     OF_RUN | OF_PREPARE | OF_COMPARE | OF_TRY | OF_ADAPTER | OF_REPLAY | OF_LIST | OF_EXPORT,
     "only these connectors, by name, family or language (default: those of --adapter, else all "
     "except those "
     "that only run when a scenario, or this option, names them; also: `all`; see `list "
     "connectors`); in `compare` by name, or OLD=NEW, to compare two connectors",
     NAMES(connectors)},
    {"connectors", "DIR",
     OF_RUN | OF_CHECK | OF_LIST | OF_PREPARE | OF_TRY | OF_ADAPTER | OF_PRUNE | OF_REPLAY,
     "a folder with further connectors, DIR/NAME/recipe.yml as in fixtures/connectors; may be "
     "repeated",
     LIST(folders, folder_count)},
    {"transport", "tcp|socket|tls,...", OF_RUN | OF_LIST | OF_TRY | OF_LAB,
     "only over these transports; in `lab`, where the command finds the server: tcp (the default), "
     "or socket",
     NAMES(transports)},
    {"cause", "CAUSE,...", OF_LIST, "only scenarios of these causes", NAMES(causes)},
    {"tag", "TAG,...", OF_LIST, "only scenarios with one of these tags", NAMES(tags)},
    {"code", "CODE,...", OF_LIST,
     "only what shows one of these error codes (a number or symbol), on some server with some "
     "connector",
     NAMES(codes)},
    {"adapter", "[NAME=]CMD", OF_RUN | OF_CHECK | OF_PREPARE | OF_TRY | OF_REPLAY,
     "test this adapter: a command on this machine that speaks the protocol of "
     "fixtures/connectors/PROTOCOL.md; it sees only /usr, /opt and the current folder of this "
     "machine; may be repeated, with a NAME for each",
     LIST(adapters, adapter_count)},
    {"adapter-path", "DIR", OF_RUN | OF_TRY | OF_ADAPTER | OF_REPLAY,
     "a folder or file that the adapter, or program, sees as well, read-only; may be repeated",
     LIST(adapter_paths, adapter_path_count)},
    {"program", "[NAME=]CMD", OF_RUN | OF_TRY,
     "run this program as it is, in place of an adapter: it sees the same parts of the machine as "
     "an adapter, finds the server by MYSQL_HOST, MYSQL_TCP_PORT or MYSQL_UNIX_PORT, MYSQL_USER, "
     "MYSQL_PWD, MYSQL_DATABASE and MYSQL_URL (also DATABASE_URL) in its environment, and meets "
     "the scenario's fault, or what the line of `try` does. An exit status other than 0 is "
     "`fail`, a signal `crash`, no end `hang`. What it did to the data is shown, not judged: a "
     "promise is about its scenario's own statements, and whether a row of a program's may be "
     "missing, or be there twice, only its author knows. Over tcp unless --transport or the case "
     "says otherwise; may be repeated, with a NAME for each",
     LIST(programs, program_count)},
    {"program", NULL, OF_LIST, "only what a --program can be run in", FLAG(for_programs)},
    {"export", NULL, OF_LIST,
     "only what `goneaway export` can write for the --connector (default: libmysqlclient)",
     FLAG(for_export)},
    {"at", "connected|idle|running|running=TEXT|statement=N", OF_RUN | OF_TRY,
     "when the fault strikes the --program: when it has connected, is idle after a statement, runs "
     "a statement (that contains TEXT), or has begun its N-th, not counting SET (default: as in "
     "the scenario, idle or running); in `try` the line can say so, too",
     TEXT(at)},
    {"expect-output", "PATTERN", OF_RUN | OF_TRY,
     "fail unless a line that the --program prints matches this regular expression",
     TEXT(expect_output)},
    {"deadline", "TIME", OF_RUN | OF_TRY,
     "how long the --program may take until that moment, and how long from the fault to its end "
     "(default: 60s)",
     .kind = OPTION_SET, .set = options_set_deadline},
    {"only", "GLOB", OF_RUN, "only cases whose id (scenario/variant@transport) matches",
     TEXT(only)},
    {"jobs", "N", OF_RUN,
     "cases at the same time; default: from one to six for each processor, more where cases wait "
     "longer; never more than memory holds",
     NUMBER(jobs)},
    {"repeat", "N", OF_RUN, "run every case N times", NUMBER(repeat)},
    {"once", NULL, OF_RUN,
     "run each scenario once: its first variant, over one transport, on one server with one "
     "connector, which its name decides (for a quick look at all)",
     FLAG(once)},
    {"retries", "N", OF_RUN,
     "run a case that is not as expected again, up to N times, each on a fresh server after all "
     "others have ended; one that is then as expected is `flaky`, a failure only with --strict; "
     "attempts with different codes are reported as unstable",
     NUMBER(retries)},
    {"fail-fast", NULL, OF_RUN,
     "start no further case once one did not pass: those that run are finished, the rest is "
     "reported as skipped",
     FLAG(fail_fast)},
    {"last-failed", NULL, OF_RUN,
     "run only what did not pass in the last run; if scenarios are named, only those of them",
     FLAG(last_failed)},
    {"shuffle", "SEED", OF_RUN,
     "run cases in a pseudo-random order (SEED >= 1), to expose state that leaks from one case "
     "into the next",
     NUMBER(shuffle)},
    {"shard", "I/N", OF_RUN,
     "only the I-th of N parts of the cases, of about equal duration; `goneaway merge` joins their "
     "json reports",
     .kind = OPTION_SET, .set = options_set_shard},
    {"timeout", "CASE[,RUN]", OF_RUN | OF_TRY | OF_REPLAY,
     "time limits: CASE (including the server's boot) and RUN, as in 30s,10min; 0: no limit; "
     "default: 5min,0. Cases that are cut off or never start are broken",
     .kind = OPTION_SET, .set = options_set_timeout},
    {"time-scale", "X", OF_RUN | OF_TRY | OF_ADAPTER | OF_REPLAY | OF_LAB,
     "stretch deadlines and upper time bounds by X >= 1, for slow machines; never the waits that "
     "are the fault itself",
     .kind = OPTION_SET, .set = options_set_scale},
    {"memory", "SIZE", OF_RUN | OF_ADAPTER | OF_REPLAY | OF_LAB,
     "how much the processes of a case may use together, including its servers and those booting "
     "for the next cases (default: 4GiB, or three quarters of the machine's)",
     .kind = OPTION_SET, .set = options_set_memory},
    {"require", "NEED,...", OF_RUN,
     "fail (status 3) instead of skipping when one of these needs is missing; `all`: every one "
     "except memory-cgroup, which usually takes root; `operations`: also when a connector lacks an "
     "operation, except `cancel`, which many languages have no way to do",
     TEXT(require)},
    {"baseline", "PATH", OF_RUN,
     "judge by the outcomes in this file, or in PATH/CONNECTOR-VERSION/SERVER-VERSION.yml, instead "
     "of the scenarios': what differs from them is not as expected",
     TEXT(baseline)},
    {"update-baseline", NULL, OF_RUN,
     "run every case three times, one that is known to race ten times, or as often as --repeat "
     "says, and write what was seen to the baseline, of a case whose repetitions differ all of it; "
     "its comments, and cases that did not run, are kept",
     FLAG(update_baseline)},
    {"strict", NULL, OF_RUN | OF_MERGE,
     "fail (status 1) when a case is unmeasured, since no outcomes are known for its server and "
     "connector, or violates its promise, even if its baseline records that",
     FLAG(strict)},
    {"allow-borrowed", NULL, OF_RUN,
     "do not count a difference as a failure if the outcomes are borrowed, because nobody has "
     "measured this version of the server or the connector: for pipelines that cannot wait for "
     "that",
     FLAG(allow_borrowed)},
    {"bisect", NULL, OF_RUN,
     "answer `git bisect run`: status 0 only if all cases passed, 1 if one was not as expected, "
     "125 (the commit cannot be judged) if one was broken, skipped or unmeasured, nothing ran, or "
     "the run failed",
     FLAG(bisect)},
    {"timeline", NULL, OF_RUN | OF_TRY,
     "show for each case what was called, and what passed between the hosts, on one clock (over a "
     "Unix socket there are no packets); without it, only a case that did not pass shows the part "
     "around the step that decided. The json report has the same",
     FLAG(timeline)},
    {"keep", NULL, OF_RUN | OF_TRY | OF_REPLAY,
     "hold the world of each case when its steps are over, so that `goneaway enter` can look "
     "around in it, and wait for Enter",
     FLAG(keep)},
    {"keep-failed", NULL, OF_RUN, "the same, but only of a case that did not pass",
     FLAG(keep_failed)},
    {"keep-at", "STEP", OF_RUN | OF_TRY | OF_REPLAY,
     "hold the world when this step has been carried out, given by its number or id: faults are "
     "still armed. Calls in the background, and what waits for time, go on meanwhile",
     TEXT(keep_at)},
    {"bundle", "DIR", OF_RUN,
     "write each case that did not pass to DIR, as a .tar.zst to hand on: a REPORT.md for an issue "
     "tracker, packets of both hosts, logs and versions; `goneaway replay` runs it again",
     TEXT(bundle)},
    {"bundle-all", NULL, OF_RUN, "with --bundle: also the cases that passed", FLAG(bundle_all)},
    {"report", "FORMAT=FILE", OF_RUN | OF_MERGE | OF_COMPARE | OF_ADAPTER,
     "also write a report: human, json, tap, junit, markdown (a summary), html (a page, with what "
     "--timeline shows) or github (annotations), of `compare` human, json, markdown (for a pull "
     "request) or html, of `adapter` human or json; FILE - is stdout; "
     "may be repeated",
     LIST(reports, report_count)},
    {"quiet", NULL, OF_RUN | OF_MERGE,
     "show only what was not as expected, and the last line with the counts", .letter = 'q',
     .kind = OPTION_SET, .set = set_quiet},
    {"verbose", NULL, OF_RUN | OF_MERGE,
     "show each case as it ends, with the results of its calls (the default for up to twelve "
     "cases); -vv: with every step, and what the server logged",
     .letter = 'v', .kind = OPTION_SET, .set = set_verbose},
    {"schema", NULL, OF_CHECK | OF_LAB,
     "print the JSON Schema of scenario files, for editors; of `lab` the OpenAPI document of its "
     "control",
     FLAG(schema)},
    {"markdown", NULL, OF_LIST, "print symptoms and causes as Markdown: scenarios/README.md",
     FLAG(markdown)},
    {"json", NULL, OF_LIST,
     "print `matrix` or `lost` for programs: scenarios/matrix.json, scenarios/lost.json, whose "
     "schemas are in fixtures/schemas",
     FLAG(json)},
    {"man", NULL, OF_EXPLAIN,
     "print a manual page in the macros of man(7), as packages install it (default: shown by man "
     "on a terminal, else plain text)",
     FLAG(man)},
    {"print-key", NULL, OF_PREPARE,
     "fetch nothing, but print a key under which a pipeline can store the cache; it changes "
     "whenever a recipe or an adapter's source does",
     FLAG(print_key)},
    {"all", NULL, OF_PRUNE,
     "also free servers by reference, and what came from a --connectors folder that is not named "
     "now",
     FLAG(all)},
    {"netem", "kernel|uml", OF_RUN | OF_DOCTOR | OF_TRY | OF_REPLAY,
     "make bad networks with the kernel's netem, or with that of User-Mode Linux (default: the "
     "kernel's if it has one)",
     .kind = OPTION_SET, .set = options_set_netem},
    {"write", "FILE", OF_TRY,
     "write a scenario made from the line and from what was seen, with a proposed promise, ready "
     "for review; an existing file is never overwritten",
     TEXT(write)},
    {"help", NULL, ~0U, "show this help", .letter = 'h', .kind = OPTION_HELP},
};

const struct option_row *option_row_at(size_t i) {
    return i < COUNT_OF(rows) ? &rows[i] : NULL;
}

// Joins a list that is given in parts, each with the option's name.
static void add_names(const struct option_row *row, const char **names, const char *value) {
    static char *joined[COUNT_OF(rows)]; // kept for as long as the program runs
    char *all = *names ? xprintf("%s,%s", *names, value) : NULL;
    *names = all ? all : value;
    if (all) {
        free(joined[row - rows]);
        joined[row - rows] = all;
    }
}

static int add_to_list(const struct option_row *row, struct options *options, const char *value,
                       struct err *err) {
    const char **list = (const char **)((char *)options + row->offset);
    int *count = (int *)((char *)options + row->count_offset);
    if (*count == OPTIONS_MOST)
        return err_usage(err, "too many --%s", row->name);
    list[(*count)++] = value;
    return 0;
}

static int set(const struct option_row *row, struct options *options, const char *value,
               struct err *err) {
    void *field = (char *)options + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)field = value;
        return 0;
    case OPTION_NAMES:
        add_names(row, field, value);
        return 0;
    case OPTION_LIST:
        return add_to_list(row, options, value, err);
    case OPTION_NUMBER:
        return options_read_number(value, row->name, field, err);
    case OPTION_SET:
        return row->set(options, value, err);
    case OPTION_HELP:
        break;
    }
    return -1;
}

// What getopt returns for an option: its letter, or an index into the table.
enum { FIRST_WORD = 256 };
static int key_of(const struct option_row *row) {
    return row->letter ? row->letter : FIRST_WORD + (int)(row - rows);
}

static const struct option_row *row_of(int key) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (key_of(&rows[i]) == key)
            return &rows[i];
    return NULL;
}

static void fill_long(const struct command *command, struct option *longs) {
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].commands & command->bit)
            longs[count++] =
                (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument,
                                NULL, key_of(&rows[i])};
}

// ":hqv": the letters of this command's options.
static void fill_letters(const struct command *command, char *letters) {
    *letters++ = ':';
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if ((rows[i].commands & command->bit) && rows[i].letter)
            *letters++ = rows[i].letter;
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

// The word that getopt does not know. getopt stays at a word of several letters behind one dash,
// such as "-x.yml", and has moved past any other.
static const char *wrong_word(int argc, char **argv) {
    const char *here = optind < argc ? argv[optind] : "";
    bool stays = optopt != 0 && optopt < FIRST_WORD && here[0] == '-' && here[1] &&
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
    for (int i = 1; i < argc; i++) // looked for first, so that it holds for errors in options
                                   // before it, too
        options->bisect |= command->bit == OF_RUN && strcmp(argv[i], "--bisect") == 0;
    opterr = 0;
    for (int key; (key = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        if (key == 'h') {
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
        const struct option_row *row = row_of(key);
        if (!row || set(row, options, optarg, err) < 0)
            return -1;
    }
    options->arguments = argv + optind;
    options->argument_count = argc - optind;
    options->words = argv + 1;
    options->word_count = argc - 1;
    options->repeat_races = options->repeat == 0 && options->update_baseline;
    if (options->repeat == 0)
        options->repeat = options->update_baseline ? UPDATE_REPEATS : 1;
    return options_check_together(options, err);
}
