// SPDX-License-Identifier: Apache-2.0
// soak.c - runs all cases again and again under load, and kills runs at random moments
//
// Only `make soak` runs it, for hours if asked to. Besides, stress-ng keeps the processors busy,
// and the program runs more cases at a time than there are processors. Any case that neither passes
// nor is skipped deviates. Anything that contain.h sees, a cgroup, a network interface, or a file
// in the cache or the folder for temporary files counts as left behind.
//
// Each round and each kill has its own random numbers, derived from the seed and its number, so
// that it can be repeated alone. At the end it prints a summary of everything; the output of the
// latest run is kept if anything deviates.
#include "test/lib/cli.h"
#include "test/lib/contain.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "sandbox/cgroup_tree.h"
#include "sandbox/room.h"

#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum {
    ROUND_TIMEOUT_S = 4 * 3600,
    LATEST_KILL_MS = 6000,
    ENDED_WITHIN_MS = 10000, // on a machine as busy as this one is made
    MOST_SCENARIOS = 12,
    MOST_JOBS_PER_PROCESSOR = 8,
    ALL_SKIPPED = 4, // as an exit status
};

static const int signals[] = {SIGKILL, SIGINT, SIGTERM};

/** Sums over all rounds and kills, shared by the tests' processes. */
static struct total {
    int rounds, cases, passed, skipped, deviating;
    int kills[COUNT_OF(signals)], clean;
} * total;

static struct err err;
static int rounds, processors;
static unsigned long seed;
static pid_t load; // stress-ng; 0: there is none
static unsigned short numbers[3];

// ---- chance ------------------------------------------------------------------------------------

// Fixes the random numbers for a round ('r') or kill ('k') with this number.
static void draw_for(char kind, int number) {
    numbers[0] = (unsigned short)seed;
    numbers[1] = (unsigned short)(seed >> 16 ^ (unsigned long)kind << 8);
    numbers[2] = (unsigned short)number;
    for (int i = 0; i < 8; i++) // neighbouring seeds start alike
        nrand48(numbers);
}

static int draw(int least, int most) {
    return least + (int)(nrand48(numbers) % (most - least + 1));
}

// ---- what is left ------------------------------------------------------------------------------

static void check_cgroups(pid_t pid) {
    struct cgroup_tree trees[CGROUP_KINDS];
    int count = cgroup_trees_find(trees);
    for (int i = 0; i < count; i++)
        for (char path[PATH_MAX] = ""; cgroup_tree_ascend(&trees[i], path);) {
            cleanup_free char *pattern = xprintf("%s/goneaway-run-%d-*", path, pid);
            ck_assert_msg(folder_count(pattern) == 0, "a cgroup is left: %s", pattern);
        }
}

static void read_links(struct text *links) {
    ck_assert_msg(file_read("/proc/net/dev", 1 << 20, links, &err) == 0, "%s", err.what);
    char *from = links->data, *to = from;
    for (; from && *from; from++) // but for the counters
        if (!strchr(" 0123456789", *from))
            *to++ = *from;
    if (to)
        *to = '\0';
}

/** What must be the same afterwards. */
struct before {
    struct text links;
    size_t files;
};

// Counts cache entries being made, files about to replace others, and all temporary files.
static size_t count_passing_files(void) {
    const char *asked = getenv("GONEAWAY_CACHE"), *home = getenv("HOME");
    cleanup_free char *cache =
        asked && *asked ? xprintf("%s", asked) : xprintf("%s/.cache/goneaway", home ? home : "");
    cleanup_free char *entries = xprintf("%s/tmp-*", cache), *files = xprintf("%s/*.tmp-*", cache);
    cleanup_free char *reports = folder_path("*.tmp-*"), *others = folder_path("tmp/*");
    return folder_count(entries) + folder_count(files) + folder_count(reports) +
           folder_count(others);
}

static void look_before(struct before *before) {
    *before = (struct before){.files = count_passing_files()};
    read_links(&before->links);
}

static void check_left(struct before *before, pid_t pid) {
    cleanup_text struct text links = {0};
    contain_check();
    check_cgroups(pid);
    read_links(&links);
    ck_assert_msg(strcmp(text_get(&links), text_get(&before->links)) == 0,
                  "a network interface is left:\n%s", text_get(&links));
    ck_assert_msg(count_passing_files() == before->files, "a file is left in the cache or in %s",
                  test_folder);
    text_release(&before->links);
}

// ---- runs --------------------------------------------------------------------------------------

static pid_t start(const char *const *argv) {
    cleanup_free char *path = folder_path("out");
    cleanup_close int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    struct proc_spec spec = {.argv = argv, .in = -1, .out = out, .err = out, .netns = -1};
    pid_t pid = 0;
    ck_assert_msg(proc_spawn(&spec, &pid, &err) == 0, "%s", err.what);
    return pid;
}

// As root, every other time with a user namespace, in which namespaces are counted, and otherwise
// without, where there are cgroups.
static void begin(int number) {
    if (geteuid() == 0 && number % 2 == 0)
        contain_begin_here();
    else
        contain_begin();
}

// ---- rounds ------------------------------------------------------------------------------------

static void judge_case(const json_t *line, int *deviating) {
    const char *verdict = json_string_value(json_object_get(line, "verdict"));
    total->cases++;
    if (strcmp(verdict, "pass") == 0)
        total->passed++;
    else if (strcmp(verdict, "skip") == 0)
        total->skipped++;
    else {
        total->deviating++;
        ++*deviating;
        printf("  %s: %s: %s\n    %s\n", json_string_value(json_object_get(line, "id")), verdict,
               json_string_value(json_object_get(line, "why")),
               json_string_value(json_object_get(line, "rerun")));
    }
}

// Returns how many cases in the report deviate; `ret_whole`: whether it is complete.
static int judge_report(const char *path, int *ret_cases, bool *ret_whole) {
    int deviating = 0, cases = 0;
    FILE *file = fopen(path, "r");
    *ret_whole = false;
    for (json_t *line; file && (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL));) {
        const char *type = json_string_value(json_object_get(line, "type"));
        if (strcmp(type, "case") == 0) {
            judge_case(line, &deviating);
            cases++;
        }
        *ret_whole |= strcmp(type, "summary") == 0;
        json_decref(line);
    }
    if (file)
        fclose(file);
    *ret_cases = cases;
    return deviating;
}

static void check_round(int number, const char *report, int status, double began_ms) {
    bool whole = false;
    char buffer[64];
    int cases = 0, deviating = judge_report(report, &cases, &whole);
    total->rounds++;
    printf("round %d of %d: %d cases in %.0f s, %d of them deviate\n", number + 1, rounds, cases,
           (clock_ms() - began_ms) / 1000, deviating);
    ck_assert_msg(whole, "the report is not whole: %s; see %s/out",
                  proc_status_text(status, buffer, sizeof buffer), test_folder);
    ck_assert_msg(deviating == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0,
                  "%d cases deviate: %s", deviating,
                  proc_status_text(status, buffer, sizeof buffer));
}

// SOAK_CASES and SOAK_OPTIONS are words for the command line.
static pid_t start_round(const char *report, int jobs) {
    const char *cases = getenv("SOAK_CASES"), *options = getenv("SOAK_OPTIONS");
    cleanup_free char *command =
        xprintf("exec '%s' run %s --jobs %d --shuffle %d --report 'json=%s' %s", cli.program,
                cases ? cases : "", jobs, draw(1, 1000000), report, options ? options : "");
    return start((const char *const[]){"/bin/sh", "-c", command, NULL});
}

START_TEST(all_cases_pass_under_load) {
    struct before before;
    int status = -1;
    cleanup_free char *report = folder_path("report.json");
    draw_for('r', _i);
    look_before(&before);
    begin(_i);
    double began = clock_ms();
    pid_t pid = start_round(report, processors * draw(4, MOST_JOBS_PER_PROCESSOR));
    ck_assert(proc_wait(pid, began + ROUND_TIMEOUT_S * 1000.0, &status));
    check_round(_i, report, status, began);
    check_left(&before, pid);
}
END_TEST

// ---- kills -------------------------------------------------------------------------------------

// Some of all scenarios, some of them maybe twice.
static void draw_command(struct arena *arena, const char **argv) {
    cleanup_free char *pattern = xprintf("%s/scenarios/*/*.yml", cli.home);
    glob_t found = {0};
    size_t count = 0;
    glob(pattern, 0, NULL, &found);
    ck_assert_uint_gt(found.gl_pathc, 0);
    argv[count++] = cli.program;
    argv[count++] = "run";
    for (int left = draw(1, MOST_SCENARIOS); left > 0; left--) {
        const char *path = found.gl_pathv[draw(0, (int)found.gl_pathc - 1)];
        argv[count++] = arena_text(arena, path, strlen(path));
    }
    argv[count++] = "--jobs";
    argv[count++] = arena_printf(arena, "%d", draw(1, processors * MOST_JOBS_PER_PROCESSOR));
    argv[count++] = "--report";
    argv[count++] = arena_printf(arena, "json=%s/report.json", test_folder);
    argv[count] = NULL;
    globfree(&found);
}

// `killed_by`: the signal that was sent. The run may have been over by then.
static void check_end(pid_t pid, int killed_by) {
    char buffer[64];
    int status = -1;
    bool ended = proc_wait(pid, clock_ms() + ENDED_WITHIN_MS, &status);
    if (!ended)
        proc_kill(pid);
    ck_assert_msg(ended, "did not end within %d ms of SIG%s", ENDED_WITHIN_MS,
                  sigabbrev_np(killed_by));
    bool right = WIFEXITED(status) ? WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ALL_SKIPPED
                                   : WTERMSIG(status) == killed_by;
    ck_assert_msg(right, "SIG%s: %s; see %s/out", sigabbrev_np(killed_by),
                  proc_status_text(status, buffer, sizeof buffer), test_folder);
}

START_TEST(killed_run_leaves_nothing) {
    const char *argv[MOST_SCENARIOS + 8];
    struct arena *arena = arena_new();
    struct before before;
    draw_for('k', _i);
    size_t which = (size_t)draw(0, COUNT_OF(signals) - 1);
    int after_ms = draw(0, LATEST_KILL_MS);
    total->kills[which]++;
    draw_command(arena, argv);
    look_before(&before);
    begin(_i);
    pid_t pid = start(argv);
    clock_wait(after_ms, -1);
    kill(pid, signals[which]);
    check_end(pid, signals[which]);
    check_left(&before, pid);
    total->clean++;
    arena_free(arena);
}
END_TEST

// ---- all of it ---------------------------------------------------------------------------------

static long ask(const char *name, long otherwise) {
    const char *asked = getenv(name);
    return asked && *asked ? strtol(asked, NULL, 10) : otherwise;
}

static void start_load(void) {
    cleanup_free char *count = xprintf("%d", processors * 2);
    // it ends with this program, however that ends
    const char *const argv[] = {"setpriv", "--pdeathsig", "TERM",     "stress-ng", "--quiet",
                                "--cpu",   count,         "--switch", "1",         "--vm",
                                "1",       "--vm-bytes",  "256M",     NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    cleanup_free char *path = proc_find_program("stress-ng");
    if (!path)
        printf("soak: there is no stress-ng, so the machine is not kept busy beside\n");
    else
        ck_assert_msg(proc_spawn(&spec, &load, &err) == 0, "%s", err.what);
}

static void set_up(void) {
    setlinebuf(stdout);
    cli_find();
    folder_make("/tmp/goneaway-soak", 0700);
    cleanup_free char *temporary = folder_path("tmp");
    ck_assert_int_eq(mkdir(temporary, 0700), 0);
    setenv("TMPDIR", temporary, 1);
    total = mmap(NULL, sizeof *total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(total, MAP_FAILED);
    start_load();
    printf("soak: seed %lu, %d processors, load beside: %s; what runs say is in %s\n", seed,
           processors, load ? "stress-ng" : "none", test_folder);
}

static void tear_down(void) {
    int status;
    if (load) {
        kill(load, SIGTERM);
        proc_wait(load, clock_ms() + ENDED_WITHIN_MS, &status);
    }
    int all = total->kills[0] + total->kills[1] + total->kills[2];
    printf("soak: %d rounds: %d cases, %d pass, %d skip, %d deviate\n", total->rounds, total->cases,
           total->passed, total->skipped, total->deviating);
    printf("soak: %d kills (%d SIGKILL, %d SIGINT, %d SIGTERM): %d left nothing, %d deviate\n", all,
           total->kills[0], total->kills[1], total->kills[2], total->clean, all - total->clean);
    printf("soak: the same again: make soak SEED=%lu; of it kill N: .. ROUNDS=0 FIRST_KILL=N "
           "KILLS=1\n",
           seed);
    if (total->deviating == 0 && total->clean == all)
        folder_remove();
}

Suite *suite_soak(void) {
    Suite *suite = suite_create("soak");
    TCase *tests = tcase_create("soak");
    seed = (unsigned long)ask("SOAK_SEED", (long)time(NULL));
    processors = room_processors();
    rounds = (int)ask("SOAK_ROUNDS", 2);
    int first_kill = (int)ask("SOAK_FIRST_KILL", 0), kills = (int)ask("SOAK_KILLS", 200);
    tcase_set_timeout(tests, ROUND_TIMEOUT_S);
    tcase_add_unchecked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, all_cases_pass_under_load, 0, rounds);
    tcase_add_loop_test(tests, killed_run_leaves_nothing, first_kill, first_kill + kills);
    suite_add_tcase(suite, tests);
    return suite;
}
