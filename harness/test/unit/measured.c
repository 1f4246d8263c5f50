// SPDX-License-Identifier: Apache-2.0
// measured.c - measured outcomes fit the catalogue, and are shown
#include "test/lib/suites.h"

#include "baseline/baseline.h"
#include "batch/measured.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

static glob_t files, scenarios;
static struct scenario **catalogue;

static void match(const char *pattern, glob_t *ret) {
    const char *home = getenv("GONEAWAY_HOME");
    cleanup_free char *path = xprintf("%s/%s", home && *home ? home : ".", pattern);
    glob(path, 0, NULL, ret);
}

static void read_catalogue(void) {
    struct err err;
    catalogue = xcalloc(scenarios.gl_pathc, sizeof *catalogue);
    for (size_t i = 0; i < scenarios.gl_pathc; i++) {
        catalogue[i] = scenario_read(scenarios.gl_pathv[i], &err);
        ck_assert_msg(catalogue[i] != NULL, "%s", err.what);
    }
}

static void free_catalogue(void) {
    for (size_t i = 0; i < scenarios.gl_pathc; i++)
        scenario_free(catalogue[i]);
    free(catalogue);
}

// By today's name: a former one would be fine in somebody else's baseline.
static const struct plan_case *find_case(const char *id) {
    size_t length = strcspn(id, "/@");
    for (size_t i = 0; i < scenarios.gl_pathc; i++)
        if (strncmp(catalogue[i]->name, id, length) == 0 && !catalogue[i]->name[length])
            for (size_t j = 0; j < catalogue[i]->case_count; j++)
                if (strcmp(catalogue[i]->cases[j].id, id) == 0)
                    return &catalogue[i]->cases[j];
    return NULL;
}

static bool has_step(const struct plan_case *plan, const char *id) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].id && strcmp(plan->steps[i].id, id) == 0)
            return true;
    return false;
}

static void check_case(const char *path, const struct baseline_case *measured) {
    const struct plan_case *plan = find_case(measured->id);
    ck_assert_msg(plan != NULL, "%s: no scenario has the case %s", path, measured->id);
    for (size_t i = 0; i < measured->row->count; i++)
        ck_assert_msg(has_step(plan, measured->row->ids[i]), "%s: %s has no step '%s'", path,
                      measured->id, measured->row->ids[i]);
}

START_TEST(fits_the_catalogue) {
    const char *path = files.gl_pathv[_i];
    struct err err;
    cleanup_baseline struct baseline *baseline = baseline_read(path, &err);
    ck_assert_msg(baseline != NULL, "%s", err.what);
    for (size_t i = 0; i < baseline->case_count; i++)
        check_case(path, &baseline->cases[i]);
    for (size_t i = 0; i < baseline->known_count; i++)
        ck_assert_msg(find_case(baseline->known[i].id) != NULL, "%s: no scenario has the case %s",
                      path, baseline->known[i].id);
}
END_TEST

// "mysql-9.7" of 9.7.4 is mysql-9.7.4, "pymysql-sid" of 1.2.0 is pymysql-sid-1.2.0.
static char *stem(const char *name, const char *version) {
    const char *dash = strrchr(name, '-');
    bool has_it = dash && text_starts(version, dash + 1);
    return xprintf("%.*s-%s", has_it ? (int)(dash - name) : (int)strlen(name), name, version);
}

START_TEST(lies_where_it_is_looked_for) {
    const char *path = files.gl_pathv[_i];
    struct err err;
    cleanup_baseline struct baseline *baseline = baseline_read(path, &err);
    ck_assert_msg(baseline != NULL, "%s", err.what);
    cleanup_free char *connector = stem(baseline->connector, baseline->connector_version);
    cleanup_free char *server = stem(baseline->server, baseline->server_version);
    cleanup_free char *wanted = xprintf("/%s/%s.yml", connector, server);
    ck_assert_msg(strlen(path) > strlen(wanted) &&
                      strcmp(path + strlen(path) - strlen(wanted), wanted) == 0,
                  "%s should end with %s", path, wanted);
}
END_TEST

// A file that builds on the scenarios' rows, which are these two servers' own, would lend its
// deviations to them unless they were measured as well.
START_TEST(lends_nothing_to_a_server_of_the_rows) {
    const char *path = files.gl_pathv[_i];
    struct err err;
    cleanup_baseline struct baseline *baseline = baseline_read(path, &err);
    ck_assert_msg(baseline != NULL, "%s", err.what);
    const char *own = text_starts(baseline->server, "mariadb-") ? "mariadb-10.11" : "mysql-9.7";
    cleanup_free char *wanted =
        xprintf("%.*s/%s.*.yml", (int)(strrchr(path, '/') - path), path, own);
    glob_t found;
    bool measured = !baseline->like_rows || glob(wanted, 0, NULL, &found) == 0;
    ck_assert_msg(measured, "%s: there is no %s beside it", path, wanted);
    if (baseline->like_rows)
        globfree(&found);
}
END_TEST

// Of two connectors that run with what names them, one was also asked for with all the rest.
START_TEST(asked_for_by_name_is_shown) {
    static const struct {
        const char *connector;
        bool shown;
    } all[] = {{"mariadb-jdbc", true}, {"mariadb-cli", false}};
    const struct plan_case *plan = find_case("kill-idle@tcp");
    const char *home = getenv("GONEAWAY_HOME");
    struct err err;
    cleanup_measured struct measured measured;
    ck_assert_msg(measured_open(&measured, home && *home ? home : ".", &err) == 0, "%s", err.what);
    size_t seen = 0;
    for (size_t i = 0; i < measured.count; i++)
        if (strcmp(measured.items[i].place.connector, all[_i].connector) == 0) {
            ck_assert_int_eq(measured_row(&measured.items[i], plan) != NULL, all[_i].shown);
            seen++;
        }
    ck_assert_uint_gt(seen, 0);
}
END_TEST

Suite *suite_measured(void) {
    match("fixtures/measured/*/*.yml", &files);
    match("scenarios/*/*.yml", &scenarios);
    Suite *suite = suite_create("measured");
    TCase *tests = tcase_create("files");
    tcase_add_unchecked_fixture(tests, read_catalogue, free_catalogue);
    tcase_add_loop_test(tests, fits_the_catalogue, 0, (int)files.gl_pathc);
    tcase_add_loop_test(tests, lies_where_it_is_looked_for, 0, (int)files.gl_pathc);
    tcase_add_loop_test(tests, lends_nothing_to_a_server_of_the_rows, 0, (int)files.gl_pathc);
    tcase_add_loop_test(tests, asked_for_by_name_is_shown, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
