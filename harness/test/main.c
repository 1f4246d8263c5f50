// SPDX-License-Identifier: Apache-2.0
// main.c - runs the suites that the command line asks for: --unit, --live or names; by default all.
// With --names in front it prints their names, a line each, instead.
#include "base/text.h"
#include "test/skip.h"
#include "test/suites.h"

#include <stdio.h>
#include <string.h>

enum kind { UNIT, LIVE, BY_NAME };

struct row {
    const char *name;
    enum kind kind;
    Suite *(*suite)(void);
};
static const struct row rows[] = {
    {"answer", UNIT, suite_answer},
    {"baseline", UNIT, suite_baseline},
    {"belief", UNIT, suite_belief},
    {"bounds", UNIT, suite_bounds},
    {"bundle", UNIT, suite_bundle},
    {"cache", UNIT, suite_cache},
    {"compare", UNIT, suite_compare},
    {"completion", UNIT, suite_completion},
    {"counters", UNIT, suite_counters},
    {"death", UNIT, suite_death},
    {"docs", UNIT, suite_docs},
    {"explain", UNIT, suite_explain},
    {"file", UNIT, suite_file},
    {"image", UNIT, suite_image},
    {"installed", UNIT, suite_installed},
    {"iptables", UNIT, suite_iptables},
    {"lacks", UNIT, suite_lacks},
    {"learn", UNIT, suite_learn},
    {"matrix", UNIT, suite_matrix},
    {"measured", UNIT, suite_measured},
    {"merge", UNIT, suite_merge},
    {"packet", UNIT, suite_packet},
    {"pattern", UNIT, suite_pattern},
    {"plan", UNIT, suite_plan},
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
    {"shelf", UNIT, suite_shelf},
    {"skeleton", UNIT, suite_skeleton},
    {"table", UNIT, suite_table},
    {"text", UNIT, suite_text},
    {"traffic", UNIT, suite_traffic},
    {"try", UNIT, suite_try},
    {"try_program", UNIT, suite_try_program},
    {"update", UNIT, suite_update},
    {"verdict", UNIT, suite_verdict},
    {"watchdog", UNIT, suite_watchdog},
    {"live_adapter", LIVE, live_adapter},
    {"live_baseline", LIVE, live_baseline},
    {"live_bundle", LIVE, live_bundle},
    {"live_cache", LIVE, live_cache},
    {"live_cgroup", LIVE, live_cgroup},
    {"live_clients", LIVE, live_clients},
    {"live_compare", LIVE, live_compare},
    {"live_hostile", LIVE, live_hostile},
    {"live_image", LIVE, live_image},
    {"live_installed", LIVE, live_installed},
    {"live_limits", LIVE, live_limits},
    {"live_merge", LIVE, live_merge},
    {"live_names", LIVE, live_names},
    {"live_needs", LIVE, live_needs},
    {"live_netem", LIVE, live_netem},
    {"live_path", LIVE, live_path},
    {"live_program", LIVE, live_program},
    {"live_protocol", LIVE, live_protocol},
    {"live_red", LIVE, live_red},
    {"live_reference", LIVE, live_reference},
    {"live_run", LIVE, live_run},
    {"live_run_cgroups", LIVE, live_run_cgroups},
    {"live_sandbox", LIVE, live_sandbox},
    {"live_screen", LIVE, live_screen},
    {"live_try", LIVE, live_try},
    {"live_world", LIVE, live_world},
    {"soak", BY_NAME, suite_soak},
};

static bool row_fits(const struct row *row, const char *argument) {
    if (!argument)
        return row->kind != BY_NAME;
    if (strcmp(argument, "--unit") == 0)
        return row->kind == UNIT;
    if (strcmp(argument, "--live") == 0)
        return row->kind == LIVE;
    return strcmp(argument, row->name) == 0;
}

// Marks the rows that an argument names; false if it names none and is no kind either. NULL: those
// that are run if nothing is asked for.
static bool select_rows(const char *argument, bool *selected) {
    bool known = !argument || strcmp(argument, "--unit") == 0 || strcmp(argument, "--live") == 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (row_fits(&rows[i], argument))
            known = selected[i] = true;
    return known;
}

static int usage(const char *wrong) {
    fprintf(stderr, "goneaway-test: unknown suite '%s'; choose from --unit --live", wrong);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        fprintf(stderr, " %s", rows[i].name);
    fputc('\n', stderr);
    return 2;
}

static int run(const bool *selected) {
    SRunner *runner = srunner_create(NULL);
    skips_open();
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (selected[i])
            srunner_add_suite(runner, rows[i].suite());
    srunner_run_all(runner, CK_ENV);
    skips_print();
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}

static int print_names(const bool *selected) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (selected[i])
            puts(rows[i].name);
    return 0;
}

int main(int argc, char **argv) {
    bool names = argc > 1 && strcmp(argv[1], "--names") == 0;
    bool selected[COUNT_OF(rows)] = {0};
    setenv("CK_DEFAULT_TIMEOUT", "60",
           0); // Check's 4 s are few under a sanitizer, on a busy machine
    if (is_cgroup_guest())
        cgroup_guest();
    int first = names ? 2 : 1;
    if (argc == first)
        select_rows(NULL, selected);
    for (int i = first; i < argc; i++) {
        if (!select_rows(argv[i], selected))
            return usage(argv[i]);
    }
    return names ? print_names(selected) : run(selected);
}
