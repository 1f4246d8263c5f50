// SPDX-License-Identifier: Apache-2.0
// limits.c - what a case may take: time, memory, and answers of the server; and who has ended
// it
//
// Each test runs the program on its own scenario, against one server and with one connector, and
// finally checks what is left (contain.h).
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { RUN_DEADLINE_MS = 60000, TIMEOUT_S = 100 };

static struct err err;
static int terminal = -1; // where the program reads its user's Enter, -1: nowhere

// ---- running the program -----------------------------------------------------------------------

static pid_t start(const char *const *argv) {
    return cli_start_on(argv, terminal, -1, false);
}

static void finish(pid_t pid) {
    cli_finish(pid, RUN_DEADLINE_MS);
    ck_assert_msg(cli.cases != NULL, "no report:\n%.2000s", text_get(&cli.said));
}

#define ARGV(file, ...)                                                                            \
    (const char *const[]) {                                                                        \
        cli.program, "run", file, "--report", "json=report.json", __VA_ARGS__, NULL                \
    }
#define GONEAWAY_RUN(file, ...) finish(start(ARGV(file, __VA_ARGS__)))
#define MARIADB "--server", "mariadb-10.11", "--connector", "mariadb-c"

static const char *case_text(const char *id, const char *key) {
    size_t i;
    json_t *one;
    json_array_foreach(cli.cases, i, one) {
        if (strcmp(json_string_value(json_object_get(one, "id")), id) == 0)
            return json_string_value(json_object_get(one, key));
    }
    ck_abort_msg("the case %s is not in the report:\n%.3000s", id, text_get(&cli.said));
}

static void check_case(const char *id, const char *verdict, const char *why) {
    ck_assert_msg(strcmp(case_text(id, "verdict"), verdict) == 0, "%s is %s and not %s: %.3000s",
                  id, case_text(id, "verdict"), verdict, case_text(id, "why"));
    ck_assert_msg(strstr(case_text(id, "why"), why) != NULL, "'%s' is not in: %.3000s", why,
                  case_text(id, "why"));
}

#define SCENARIO "goneaway: 1\ntitle: T\ncause: killed\nsource: none\ntransport: [tcp]\n"

// ---- fixtures ----------------------------------------------------------------------------------

static void begin(void) {
    cli_begin("/tmp/goneaway-limits", 0700);
}

// ---- the admin's connection --------------------------------------------------------------------

static const char *const servers[] = {"mariadb-10.11", "mysql-9.7"};

START_TEST(admin_gives_no_file) {
    cleanup_free char *text =
        xprintf(SCENARIO "steps:\n"
                         "  - admin: {set_global: {local_infile: 1}}\n"
                         "  - app: connect\n"
                         "  - admin: {query: USE goneaway}\n"
                         "  - admin: {query: \"LOAD DATA LOCAL INFILE '%s/secret' "
                         "INTO TABLE blobs (data)\"}\n"
                         "  - {id: q, admin: {query: \"SELECT CAST(data AS CHAR) "
                         "FROM blobs\"}}\n"
                         "outcomes: [{q: {ok: true, rows: [[x]]}}]\n",
                test_folder);
    folder_put("secret", "of-the-user-alone\n");
    folder_put("file.yml", text);
    GONEAWAY_RUN("file.yml", "--server", servers[_i], "--connector", "mariadb-c");
    cli_check_unsaid("of-the-user-alone");
    check_case("file@tcp", "broken", "step 4 (admin): admin: ");
    cli_check_status(3);
}
END_TEST

static const struct {
    const char *sql, *why;
} admin_rows[] = {
    {"SELECT SLEEP(60)", "step 2 (admin): admin: no answer within 1 s"},
    // each row arrives in time, but not all of them
    {"SELECT REPEAT('a', 100000), SLEEP(0.2) FROM goneaway.`rows`",
     "step 2 (admin): admin: no answer within 1 s"},
    {"SELECT a.n FROM goneaway.`rows` a, goneaway.`rows` b",
     "step 2 (admin): admin: the result has more than 10000 rows or 16 MiB"},
    {"SELECT REPEAT('a', 1000000) FROM goneaway.`rows`",
     "step 2 (admin): admin: the result has more than 10000 rows or 16 MiB"},
};

START_TEST(admin_statements_are_bounded) {
    cleanup_free char *text = xprintf(SCENARIO "steps:\n"
                                               "  - app: connect\n"
                                               "  - {deadline: 1s, admin: {query: \"%s\"}}\n"
                                               "  - {id: q, app: ping}\n"
                                               "outcomes: [{q: ok}]\n",
                                      admin_rows[_i].sql);
    folder_put("admin.yml", text);
    GONEAWAY_RUN("admin.yml", MARIADB);
    check_case("admin@tcp", "broken", admin_rows[_i].why);
    cli_check_status(3);
}
END_TEST

// A lock held by the admin's session would block the next case's on the same server.
START_TEST(admin_leaves_nothing) {
    folder_put("lock.yml", SCENARIO "variants: {a: {}, b: {}}\n"
                                    "steps:\n"
                                    "  - app: connect\n"
                                    "  - {id: free, app: {query: \"SELECT GET_LOCK('x', 0)\"}}\n"
                                    "  - {app: {query: \"SELECT RELEASE_LOCK('x')\"}}\n"
                                    "  - {admin: {query: \"SELECT GET_LOCK('x', 0)\"}}\n"
                                    "outcomes: [{free: {ok: true, rows: [[1]]}}]\n");
    GONEAWAY_RUN("lock.yml", MARIADB, "--jobs", "1");
    check_case("lock/a@tcp", "pass", "");
    check_case("lock/b@tcp", "pass", "");
    cli_check_status(0);
}
END_TEST

// ---- options -----------------------------------------------------------------------------------

static const struct {
    const char *option, *value, *complaint;
} option_rows[] = {
    {"--timeout", "5", "--timeout needs CASE or CASE,RUN, such as 30s or 5min,1h, not '5'"},
    {"--timeout", "5s,", "--timeout needs CASE or CASE,RUN, such as 30s or 5min,1h, not '5s,'"},
    {"--timeout", "1s,2s,3s", "--timeout needs CASE or CASE,RUN"},
    {"--timeout", "-1s", "--timeout needs CASE or CASE,RUN"},
    {"--memory", "1MiB", "--memory needs a size from 64MiB on, such as 2GiB, not '1MiB'"},
    {"--memory", "much", "--memory needs a size from 64MiB on, such as 2GiB, not 'much'"},
};

START_TEST(wrong_bounds_are_refused) {
    cli_run(ARGV("kill-idle", option_rows[_i].option, option_rows[_i].value), RUN_DEADLINE_MS);
    cli_check_status(2);
    cli_check_said(option_rows[_i].complaint);
}
END_TEST

// ---- time --------------------------------------------------------------------------------------

static void put_idle(void) {
    folder_put("idle.yml", SCENARIO "variants:\n"
                                    "  long: {with: {time: 50s}}\n"
                                    "  short: {with: {time: 0.1s}}\n"
                                    "  none: {with: {time: 10ms}}\n"
                                    "steps:\n"
                                    "  - app: connect\n"
                                    "  - idle: $time\n"
                                    "  - {id: q, app: ping}\n"
                                    "outcomes: [{q: ok}]\n");
}

START_TEST(case_has_its_time) {
    put_idle();
    GONEAWAY_RUN("idle.yml", MARIADB, "--jobs", "1", "--timeout", "3s");
    check_case("idle/long@tcp", "broken",
               "the case exceeded its time of 3 s: it was at step 2 (idle)");
    check_case("idle/short@tcp", "pass", "");
    check_case("idle/none@tcp", "pass", "");
    cli_check_status(3);
}
END_TEST

START_TEST(run_has_its_time) {
    put_idle();
    GONEAWAY_RUN("idle.yml", MARIADB, "--jobs", "1", "--timeout", "0,2s", "--report", "junit=x");
    check_case("idle/long@tcp", "broken", "not finished: the run's time of 2 s was over");
    check_case("idle/short@tcp", "broken", "not run: the run's time of 2 s was over");
    check_case("idle/none@tcp", "broken", "not run: the run's time of 2 s was over");
    cli_check_status(3);
    cleanup_text struct text junit = {0};
    ck_assert_int_eq(file_read("x", 1 << 20, &junit, &err), 0);
    ck_assert_ptr_nonnull(strstr(text_get(&junit), "tests=\"3\" failures=\"0\" errors=\"3\""));
}
END_TEST

static bool is_called(pid_t pid, const char *name) {
    cleanup_free char *path = xprintf("/proc/%d/comm", pid);
    cleanup_text struct text comm = {0};
    if (file_read(path, 64, &comm, &err) < 0)
        return false;
    return strncmp(text_get(&comm), name, strlen(name)) == 0 && comm.data[strlen(name)] == '\n';
}

static pid_t parent_of(pid_t pid) {
    cleanup_free char *path = xprintf("/proc/%d/stat", pid);
    cleanup_text struct text stat = {0};
    pid_t parent = 0;
    if (file_read(path, 4096, &stat, &err) == 0 && strrchr(text_get(&stat), ')'))
        sscanf(strrchr(text_get(&stat), ')'), ") %*c %d", &parent);
    return parent;
}

static bool is_below(pid_t pid, pid_t ancestor) {
    while (pid > 1 && pid != ancestor)
        pid = parent_of(pid);
    return pid == ancestor;
}

// A process below `pid` with this name; 0: none yet.
static pid_t find_below(pid_t pid, const char *name) {
    pid_t found = 0;
    glob_t all = {0};
    glob("/proc/[0-9]*", GLOB_NOSORT, NULL, &all);
    for (size_t i = 0; !found && i < all.gl_pathc; i++) {
        pid_t one = (pid_t)atoi(all.gl_pathv[i] + strlen("/proc/"));
        if (is_called(one, name) && is_below(one, pid))
            found = one;
    }
    globfree(&all);
    return found;
}

static pid_t wait_below(pid_t pid, const char *name) {
    double deadline_ms = clock_ms() + RUN_DEADLINE_MS;
    pid_t found;
    while ((found = find_below(pid, name)) == 0 && clock_ms() < deadline_ms)
        clock_wait(10, -1);
    ck_assert_msg(found > 0, "no process '%s'", name);
    return found;
}

// The child of the run that the server stands below.
static pid_t wait_worker(pid_t run) {
    pid_t pid = wait_below(run, "mariadbd");
    for (pid_t parent = parent_of(pid); parent > 1 && parent != run; parent = parent_of(pid))
        pid = parent;
    return pid;
}

START_TEST(stopped_worker_is_ended) {
    put_idle();
    pid_t pid = start(
        ARGV("idle.yml", MARIADB, "--jobs", "1", "--timeout", "3s", "--only", "idle/long@tcp"));
    ck_assert_int_eq(kill(wait_worker(pid), SIGSTOP), 0);
    finish(pid);
    check_case("idle/long@tcp", "broken", "the case exceeded its time of 3 s: it was ");
    cli_check_status(3);
}
END_TEST

// A worker that gets stuck after its record was taken spoils no other case; and while the user
// looks at a world, no time passes.
START_TEST(worker_stuck_in_tidying_is_replaced) {
    int ends[2];
    folder_put("keep.yml",
               SCENARIO "variants: {wrong: {with: {time: 1s}}, right: {with: {time: 10ms}}}\n"
                        "steps:\n"
                        "  - app: connect\n"
                        "  - idle: $time\n"
                        "  - {id: q, app: ping}\n"
                        "outcomes: [{if: {variant: wrong}, q: 2013}, {q: ok}]\n");
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    terminal = ends[0];
    pid_t pid = start(ARGV("keep.yml", MARIADB, "--jobs", "1", "--timeout", "3s", "--keep-failed"));
    terminal = -1;
    ck_assert_msg(cli_will_say("Press Enter", RUN_DEADLINE_MS), "%s", text_get(&cli.said));
    ck_assert_int_eq(kill(wait_worker(pid), SIGSTOP), 0);
    clock_wait(3500, -1); // longer than a case may take
    ck_assert_int_eq(write(ends[1], "\n", 1), 1);
    finish(pid);
    close(ends[0]);
    close(ends[1]);
    check_case("keep/wrong@tcp", "wrong-code", "");
    check_case("keep/right@tcp", "pass", "");
    cli_check_said("warning: keep/right@tcp: the worker did not ");
    cli_check_status(1);
}
END_TEST

// ---- who has ended it --------------------------------------------------------------------------

// Also where the scenario itself may end the server, and where it is restarted.
static const struct {
    const char *process, *steps, *why;
} death_rows[] = {
    {"mariadbd", "", "ended with signal 9 (Killed)"},
    {"adapter", "", "the app was killed (SIGKILL), which no fault has done"},
    {"mariadbd", "  - fault: {memory: 1GiB}\n", "ended with signal 9 (Killed)"},
    {"mariadbd", "  - until: {server: gone}\n", "ended with signal 9 (Killed)"},
    {"mariadbd", "  - until: {server: gone}\n  - server: start\n", "ended with signal 9 (Killed)"},
    {"mariadbd", "  - idle: 2s\n  - server: {restart: KILL}\n", "ended with signal 9 (Killed)"},
};

// What the app saw then says nothing about its codes.
START_TEST(unplanned_death_is_broken) {
    cleanup_free char *text = xprintf(SCENARIO "steps:\n"
                                               "  - app: connect\n"
                                               "  - app: {query: SELECT SLEEP(2), as: sleep}\n"
                                               "%s"
                                               "  - {id: q, await: sleep}\n"
                                               "  - {id: again, app: connect}\n"
                                               "outcomes: [{q: {error: 2013, or: [ok, 2006], why: "
                                               "\"whatever it is\"}, again: ok}]\n",
                                      death_rows[_i].steps);
    folder_put("sleep.yml", text);
    pid_t pid = start(ARGV("sleep.yml", MARIADB));
    wait_below(pid, "adapter");
    clock_wait(300, -1); // until it has connected; it sleeps for longer
    kill(wait_below(pid, death_rows[_i].process), SIGKILL);
    finish(pid);
    check_case("sleep@tcp", "broken", death_rows[_i].why);
    cli_check_status(3);
}
END_TEST

// ---- the machine -------------------------------------------------------------------------------

#define HELLO                                                                                      \
    "read -r l; echo '{\"outcome\":\"ok\",\"protocol\":1,\"connector\":\"x\",\"version\":\"1.0\"," \
    "\"capabilities\":[\"connect\",\"ping\"]}'; read -r l; "

// What cannot be tried now is not missing, and nothing has to be installed for it.
START_TEST(exhaustion_is_no_missing_need) {
    static const char *const descriptors[] = {"5", "7", "8", "10"};
    cleanup_free char *limited =
        xprintf("ulimit -n %s; exec \"$0\" run kill-idle@tcp", descriptors[_i]);
    cli_run((const char *const[]){"/bin/sh", "-c", limited, cli.program, NULL}, RUN_DEADLINE_MS);
    cli_check_status(3);
    cli_check_said("Too many open files");
    cli_check_unsaid("lacks");
    cli_check_unsaid("install");
}
END_TEST

// A soft limit of the stack is raised; a hard one is reported, instead of SIGSEGV.
START_TEST(small_stack_is_raised_or_told) {
    static const struct {
        const char *limit, *told;
        int status;
    } rows[] = {
        {"-S -s 64", "MariaDB 10.11 from", 0},
        {"-s 64", "the stack is limited to 64 KiB, which is too little", 3},
    };
    cleanup_free char *limited =
        xprintf("ulimit %s; exec \"$0\" list servers 2>&1", rows[_i].limit);
    cli_run((const char *const[]){"/bin/sh", "-c", limited, cli.program, NULL}, RUN_DEADLINE_MS);
    cli_check_status(rows[_i].status);
    cli_check_said(rows[_i].told);
}
END_TEST

// A second answer to one request would be taken for the next request's.
START_TEST(answer_comes_after_its_request) {
    folder_put("twice.yml", SCENARIO "steps:\n"
                                     "  - app: connect\n"
                                     "  - idle: 0.5s\n"
                                     "  - {id: q, app: ping}\n"
                                     "outcomes: [{q: ok}]\n");
    GONEAWAY_RUN("twice.yml", "--server", "mariadb-10.11", "--adapter",
                 HELLO "echo '{\"outcome\":\"ok\"}'; echo '{\"outcome\":\"ok\"}'; exec cat");
    check_case("twice@tcp", "broken",
               "step 3 (app): app 'app': the adapter answered before it was asked 'ping': {\"out");
    cli_check_status(3);
}
END_TEST

START_TEST(memory_is_bounded) {
    folder_put("query.yml", SCENARIO "steps: [{id: q, app: connect, deadline: 12s}]\n"
                                     "outcomes: [{q: ok}]\n");
    GONEAWAY_RUN("query.yml", "--server", "mariadb-10.11", "--memory", "300MiB", "--adapter",
                 HELLO "(head -c 500M /dev/zero; sleep 100) | tail -c 400M");
    // the kernel strikes where cgroups are writable, the watch elsewhere
    bool by_kernel =
        strstr(case_text("query@tcp", "why"), "the memory limit of a worker (0.293 GiB) struck");
    check_case("query@tcp", "broken",
               by_kernel ? "struck: oom_kill "
                         : "of them `tail`; the limit is 0.29 GiB; it was at step 1 (");
    cli_check_status(3);
}
END_TEST

// ---- the suite ---------------------------------------------------------------------------------

Suite *live_limits(void) {
    Suite *suite = suite_create("live-limits");
    TCase *tcase = tcase_create("limits");
    tcase_add_unchecked_fixture(tcase, cli_find, NULL);
    tcase_add_checked_fixture(tcase, begin, cli_end);
    tcase_set_timeout(tcase, TIMEOUT_S);
    tcase_add_loop_test(tcase, admin_gives_no_file, 0, (int)COUNT_OF(servers));
    tcase_add_loop_test(tcase, admin_statements_are_bounded, 0, (int)COUNT_OF(admin_rows));
    tcase_add_test(tcase, admin_leaves_nothing);
    tcase_add_loop_test(tcase, wrong_bounds_are_refused, 0, (int)COUNT_OF(option_rows));
    tcase_add_test(tcase, case_has_its_time);
    tcase_add_test(tcase, run_has_its_time);
    tcase_add_test(tcase, stopped_worker_is_ended);
    tcase_add_test(tcase, worker_stuck_in_tidying_is_replaced);
    tcase_add_loop_test(tcase, unplanned_death_is_broken, 0, (int)COUNT_OF(death_rows));
    tcase_add_loop_test(tcase, exhaustion_is_no_missing_need, 0, 4);
    tcase_add_loop_test(tcase, small_stack_is_raised_or_told, 0, 2);
    tcase_add_test(tcase, answer_comes_after_its_request);
    tcase_add_test(tcase, memory_is_bounded);
    suite_add_tcase(suite, tcase);
    return suite;
}
