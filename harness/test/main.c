// SPDX-License-Identifier: Apache-2.0
// main.c - runs the tests that the command line asks for, each in a process of its own, side by
// side
//
// usage: goneaway-test [--jobs N] [--unit | --live | SUITE | SUITE/TEST | SUITE/TEST:FROM-TO ..]
//        goneaway-test --here NAME..    in this process, one after the other (for a debugger)
//        goneaway-test --list NAME..    says what would be run
#include "base/text.h"
#include "test/lib/pick.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"
#include "test/lib/units.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

enum { AT_A_TIME = 6 }; // iterations of a loop test in one process

// UNIT_LONG: each test reads the whole catalogue. LINKING: these hard-link the cache's files, which
// changes the files' times, while others check that nobody touches these files.
enum kind { UNIT, UNIT_LONG, LIVE, LINKING, BY_NAME };

struct row {
    const char *name;
    enum kind kind;
    Suite *(*suite)(void);
};
static const struct row rows[] = {
    // longest first, so that none is left for the end
    {"compare", UNIT_LONG, suite_compare},
    {"plan", UNIT, suite_plan},
    {"outside", UNIT, suite_outside},
    {"verdict", UNIT, suite_verdict},
    {"answer", UNIT, suite_answer},
    {"baseline", UNIT, suite_baseline},
    {"belief", UNIT, suite_belief},
    {"bounds", UNIT, suite_bounds},
    {"bundle", UNIT, suite_bundle},
    {"cache", UNIT, suite_cache},
    {"completion", UNIT, suite_completion},
    {"counters", UNIT, suite_counters},
    {"death", UNIT, suite_death},
    {"docs", UNIT, suite_docs},
    {"ending", UNIT, suite_ending},
    {"estimate", UNIT, suite_estimate},
    {"explain", UNIT, suite_explain},
    {"file", UNIT, suite_file},
    {"image", UNIT, suite_image},
    {"installed", UNIT, suite_installed},
    {"iptables", UNIT, suite_iptables},
    {"lacks", UNIT, suite_lacks},
    {"learn", UNIT, suite_learn},
    {"lost", UNIT, suite_lost},
    {"matrix", UNIT, suite_matrix},
    {"measured", UNIT, suite_measured},
    {"merge", UNIT, suite_merge},
    {"packet", UNIT, suite_packet},
    {"pattern", UNIT, suite_pattern},
    {"proc", UNIT, suite_proc},
    {"program", UNIT, suite_program},
    {"prune", UNIT, suite_prune},
    {"protocol", UNIT, suite_protocol},
    {"pulse", UNIT, suite_pulse},
    {"readable", UNIT, suite_readable},
    {"recall", UNIT, suite_recall},
    {"record", UNIT, suite_record},
    {"report", UNIT, suite_report},
    {"rerun", UNIT, suite_rerun},
    {"room", UNIT, suite_room},
    {"schedule", UNIT, suite_schedule},
    {"schema", UNIT, suite_schema},
    {"shard", UNIT, suite_shard},
    {"share", UNIT, suite_share},
    {"shelf", UNIT, suite_shelf},
    {"skeleton", UNIT, suite_skeleton},
    {"export", UNIT, suite_export},
    {"table", UNIT, suite_table},
    {"text", UNIT, suite_text},
    {"traffic", UNIT, suite_traffic},
    {"try", UNIT, suite_try},
    {"try_program", UNIT, suite_try_program},
    {"update", UNIT, suite_update},
    {"watchdog", UNIT, suite_watchdog},
    {"yaml", UNIT_LONG, suite_yaml},
    {"live_protocol", LIVE, live_protocol},
    {"live_hostile", LIVE, live_hostile},
    {"live_image", LIVE, live_image},
    {"live_run", LIVE, live_run},
    {"live_clients", LIVE, live_clients},
    {"live_limits", LIVE, live_limits},
    {"live_try", LIVE, live_try},
    {"live_lab", LIVE, live_lab},
    {"live_export", LIVE, live_export},
    {"live_helpers", LIVE, live_helpers},
    {"live_program", LIVE, live_program},
    {"live_red", LIVE, live_red},
    {"live_adapter", LINKING, live_adapter},
    {"live_baseline", LIVE, live_baseline},
    {"live_bundle", LIVE, live_bundle},
    {"live_enter", LIVE, live_enter},
    {"live_cache", LINKING, live_cache},
    {"live_cgroup", LIVE, live_cgroup},
    {"live_compare", LIVE, live_compare},
    {"live_installed", LINKING, live_installed},
    {"live_merge", LIVE, live_merge},
    {"live_pages", LIVE, live_pages},
    {"live_names", LIVE, live_names},
    {"live_needs", LIVE, live_needs},
    {"live_netem", LIVE, live_netem},
    {"live_path", LIVE, live_path},
    {"live_reference", LINKING, live_reference},
    {"live_run_cgroups", LIVE, live_run_cgroups},
    {"live_sandbox", LIVE, live_sandbox},
    {"live_screen", LIVE, live_screen},
    {"live_world", LIVE, live_world},
    {"soak", BY_NAME, suite_soak},
};

// Run alone: tests that measure a network, and those that read what the cache remembers of the
// previous run, which every run overwrites.
static const char *const alone[] = {
    "network_is_as_bad_as_asked",
    "needs_are_tried_once",
    "broken_case_lets_needs_be_tried_anew",
    "last_failed_runs_what_did_not_pass",
    "last_failed_remembers_what_fail_fast_left",
    "failures_that_are_not_remembered_are_told",
    "last_run_that_cannot_be_read_is_told",
};

// ---- what is asked for
// ---------------------------------------------------------------------------

static bool is_live(const struct row *row) {
    return row->kind == LIVE || row->kind == LINKING;
}

static bool fits(const struct row *row, const char *argument) {
    if (!argument)
        return row->kind != BY_NAME;
    if (strcmp(argument, "--unit") == 0)
        return !is_live(row) && row->kind != BY_NAME;
    if (strcmp(argument, "--live") == 0)
        return is_live(row);
    size_t length = strcspn(argument, "/");
    return strncmp(argument, row->name, length) == 0 && row->name[length] == '\0';
}

// Picks what an argument names; NULL: the default. False if there is no such suite.
static bool pick(const char *argument) {
    bool any = false;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (fits(&rows[i], argument)) {
            any = true;
            if (!pick_only(argument && *argument != '-' ? argument : rows[i].name))
                return false;
        }
    return any;
}

static int usage(const char *wrong) {
    fprintf(stderr,
            "goneaway-test: there is no '%s'; choose from --unit, --live, SUITE, SUITE/TEST,"
            " SUITE/TEST:FROM-TO, and of suites from",
            wrong);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        fprintf(stderr, " %s", rows[i].name);
    fputc('\n', stderr);
    return 2;
}

// Adds the picked tests of all suites to a runner.
static SRunner *make_runner(void) {
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (pick_has(rows[i].name)) {
            pick_suite(rows[i].name);
            srunner_add_suite(runner, rows[i].suite());
        }
    return runner;
}

// ---- in this process, and in others
// --------------------------------------------------------------

static int run_here(void) {
    prctl(PR_SET_PDEATHSIG, SIGTERM); // Check ends its tests by this signal
    skips_open();
    SRunner *runner = make_runner();
    srunner_run_all(runner, CK_ENV);
    skips_print();
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}

static const struct row *row_of(const char *suite) {
    const struct row *row = rows;
    while (strcmp(row->name, suite) != 0)
        row++;
    return row; // what was picked has one
}

static enum turn turn_of(const struct row *row, const char *test) {
    if (strcmp(test, "cache_is_prepared") == 0)
        return FIRST;
    for (size_t i = 0; i < COUNT_OF(alone); i++)
        if (strcmp(alone[i], test) == 0)
            return ALONE;
    return row->kind == LINKING ? LATER : BESIDE;
}

static struct unit unit_of(const struct picked *test, int from, int to) {
    const struct row *row = row_of(test->suite);
    if (row->kind == UNIT && pick_is_whole(test->suite))
        return (struct unit){test->suite, xstrdup(test->suite), BESIDE, true};
    return (struct unit){test->suite, xprintf("%s/%s:%d-%d", test->suite, test->test, from, to - 1),
                         turn_of(row, test->test), !is_live(row)};
}

// A suite that needs nothing from the machine is one unit; in others each test is one, or some
// iterations of it.
static struct unit *make_units(size_t *ret_count) {
    size_t count = 0, tests;
    struct unit *units = NULL;
    const struct picked *all = picked_all(&tests);
    for (size_t i = 0; i < tests; i++) {
        int step = row_of(all[i].suite)->kind != UNIT ? AT_A_TIME : all[i].to;
        for (int from = all[i].from; from < all[i].to; from += step) {
            struct unit unit =
                unit_of(&all[i], from, from + step < all[i].to ? from + step : all[i].to);
            if (count > 0 && strcmp(units[count - 1].name, unit.name) == 0) {
                free(unit.name);
                continue;
            }
            units = xgrow(units, count, sizeof *units);
            units[count++] = unit;
        }
    }
    *ret_count = count;
    return units;
}

static int list(const struct unit *units, size_t count) {
    for (size_t i = 0; i < count; i++)
        puts(units[i].name);
    return 0;
}

int main(int argc, char **argv) {
    int jobs = 2 * (int)sysconf(_SC_NPROCESSORS_ONLN), first = 1;
    bool here = false, lists = false;
    setenv("CK_DEFAULT_TIMEOUT", "60",
           0); // Check's 4 s are too few under a sanitizer, or on a busy machine
    if (is_cgroup_guest())
        cgroup_guest();
    for (; first < argc; first++) {
        if (strcmp(argv[first], "--here") == 0)
            here = true;
        else if (strcmp(argv[first], "--list") == 0)
            lists = true;
        else if (strcmp(argv[first], "--jobs") == 0 && first + 1 < argc)
            jobs = atoi(argv[++first]);
        else
            break;
    }
    if (argc == first)
        pick(NULL);
    for (int i = first; i < argc; i++)
        if (!pick(argv[i]))
            return usage(argv[i]);
    if (here)
        return run_here();
    char program[PATH_MAX] = ""; // its processes are named after it
    size_t count;
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0)
        return 3;
    srunner_free(make_runner());
    if (pick_unmet())
        return usage(pick_unmet());
    struct unit *units = make_units(&count);
    int status = lists ? list(units, count) : units_run(program, units, count, jobs);
    for (size_t i = 0; i < count; i++)
        free(units[i].name);
    free(units);
    return status;
}
