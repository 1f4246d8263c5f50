// SPDX-License-Identifier: Apache-2.0
// watchdog.c - what the workers take of the machine: whose it is, and when it is too much
#include "test/lib/suites.h"

#include "base/text.h"
#include "plan/plan.h"
#include "run/progress.h"
#include "sandbox/watchdog.h"

#include <string.h>
#include <unistd.h>

enum { WORKER = 10, OTHER = 20, GIB = 1 << 30 };
static const pid_t workers[] = {WORKER, OTHER};
static const struct watch_limits limits = {
    .bytes = (int64_t)4 * GIB, .threads = 100, .floor_bytes = 1000};

static struct watch_process processes[16];
static struct watch_table table;

// Fills a fake table from rows up to a NULL name.
static void fill(const struct watch_process *rows) {
    table = (struct watch_table){.processes = processes, .available_bytes = -1};
    for (; rows->name[0]; rows++)
        processes[table.count++] = *rows;
    watch_find_owners(&table, workers, COUNT_OF(workers));
}

static int owner_of(pid_t pid) {
    for (size_t i = 0; i < table.count; i++)
        if (table.processes[i].pid == pid)
            return table.processes[i].owner;
    return -9;
}

START_TEST(owners_are_found_by_parents) {
    fill((const struct watch_process[]){{90, 1, 0, 1, "other's", 0},
                                        {13, 12, 0, 1, "mysqld", 0},
                                        {12, WORKER, 0, 1, "bwrap", 0},
                                        {WORKER, 5, 0, 1, "goneaway", 0},
                                        {5, 1, 0, 1, "goneaway", 0},
                                        {OTHER, 5, 0, 1, "goneaway", 0},
                                        {11, OTHER, 0, 1, "adapter", 0},
                                        {0}});
    ck_assert_int_eq(owner_of(WORKER), 0);
    ck_assert_int_eq(owner_of(13), 0);
    ck_assert_int_eq(owner_of(11), 1);
    ck_assert_int_eq(owner_of(5), -1);
    ck_assert_int_eq(owner_of(90), -1);
}
END_TEST

START_TEST(torn_tables_end) {
    fill((const struct watch_process[]){{30, 31, 0, 1, "a", 0},
                                        {31, 30, 0, 1, "b", 0},
                                        {32, 32, 0, 1, "c", 0},
                                        {33, 77, 0, 1, "d", 0},
                                        {34, 30, 0, 1, "e", 0},
                                        {0}});
    for (pid_t pid = 30; pid < 35; pid++)
        ck_assert_int_eq(owner_of(pid), -1);
    fill((const struct watch_process[]){{0}});
    char *reason = NULL;
    ck_assert_int_eq(watch_judge(&table, 2, &limits, &reason), -1);
}
END_TEST

static const struct {
    struct watch_process rows[6];
    int64_t available;
    int worker;
    const char *reason;
} judge_rows[] = {
    {{{WORKER, 5, GIB, 90, "goneaway", 0}, {OTHER, 5, 3LL * GIB, 90, "goneaway", 0}}, 1000, -1, ""},
    // many small ones
    {{{WORKER, 5, GIB, 1, "goneaway", 0},
      {11, WORKER, 2LL * GIB, 1, "adapter", 0},
      {12, 11, 2LL * GIB, 1, "adapter", 0}},
     1 << 20,
     0,
     "its processes took 5.00 GiB of memory, 4.00 of them `adapter`; the limit is 4.00 GiB"},
    // the larger one of two
    {{{WORKER, 5, 5LL * GIB, 1, "goneaway", 0}, {OTHER, 5, 6LL * GIB, 1, "mysqld", 0}},
     1 << 20,
     1,
     "its processes took 6.00 GiB of memory, 6.00 of them `mysqld`; the limit is 4.00 GiB"},
    {{{WORKER, 5, GIB, 1, "goneaway", 0}, {OTHER, 5, 2LL * GIB, 1, "mysqld", 0}},
     999,
     1,
     "its processes took 2.00 GiB of memory, 2.00 of them `mysqld`; the machine had only 0.00 GiB "
     "left"},
    // no process accounts for the rest
    {{{WORKER, 5, GIB, 1, "goneaway", 0}, {90, 1, 9LL * GIB, 1, "other's", 0}},
     999,
     0,
     "its processes took 1.00 GiB of memory, 1.00 of them `goneaway`; the machine had only 0.00 "
     "GiB "
     "left"},
    {{{WORKER, 5, 0, 1, "goneaway", 0},
      {11, WORKER, 0, 60, "mysqld", 0},
      {12, WORKER, 0, 1, "x", 0},
      {OTHER, 5, 0, 80, "sleep", 0},
      {21, OTHER, 0, 21, "java", 0}},
     1 << 20,
     1,
     "its processes had 101 threads, 80 of them those of `sleep`; the limit is 100"},
};

START_TEST(too_much_is_told) {
    char *reason = NULL;
    fill(judge_rows[_i].rows);
    table.available_bytes = judge_rows[_i].available;
    ck_assert_int_eq(watch_judge(&table, 2, &limits, &reason), judge_rows[_i].worker);
    if (judge_rows[_i].worker >= 0)
        ck_assert_str_eq(reason, judge_rows[_i].reason);
    free(reason);
}
END_TEST

START_TEST(own_table_is_read) {
    struct watch_table own = {0};
    char *reason = NULL;
    const struct watch_limits none = {.bytes = 0, .threads = 1000000, .floor_bytes = 0};
    pid_t pid = getpid();
    ck_assert_int_eq(watch_read(&own), 0);
    watch_find_owners(&own, &pid, 1);
    ck_assert_int_gt(own.available_bytes, 0);
    ck_assert_int_eq(watch_judge(&own, 1, &none, &reason), 0);
    ck_assert_ptr_nonnull(strstr(reason, "of them `goneaway-test`"));
    free(reason);
    watch_release(&own);
    ck_assert_int_gt(watch_default_limits().bytes, 0);
}
END_TEST

START_TEST(jobs_fit_into_memory) {
    const int64_t job = (int64_t)WATCH_WORKER_MIB << 20;
    ck_assert_int_eq(watch_fitting(64, 20 * job), 20);
    ck_assert_int_eq(watch_fitting(12, 20 * job), 12);
    ck_assert_int_eq(watch_fitting(2, job - 1), 1);
    ck_assert_int_eq(watch_fitting(2, 0), 1);
    ck_assert_int_eq(watch_fitting(64, -1), 64); // not known
}
END_TEST

START_TEST(progress_is_told) {
    struct progress *own = progress_map(1);
    struct plan_step step = {.number = 7, .actor = "idle", .kind = STEP_IDLE};
    const struct plan_case plan = {.step_count = 1, .steps = &step};
    ck_assert_ptr_nonnull(own);
    progress_tell(PROGRESS_STEP, 0); // to nobody
    ck_assert(!progress_has_begun(own));
    progress_use(own);
    progress_tell(PROGRESS_STEP, 0);
    ck_assert(progress_has_begun(own));
    cleanup_free char *text = progress_text(own, &plan);
    ck_assert_str_eq(text, "it was at step 7 (idle)");
    progress_tell(PROGRESS_STEP, 1); // a worker may say anything
    cleanup_free char *beyond = progress_text(own, &plan);
    ck_assert_str_eq(beyond, "what it was about is not known");
    progress_tell((enum progress_phase) - 3, 0);
    cleanup_free char *unknown = progress_text(own, &plan);
    ck_assert_str_eq(unknown, "what it was about is not known");
    progress_use(NULL);
    progress_unmap(own, 1);
}
END_TEST

Suite *suite_watchdog(void) {
    Suite *suite = suite_create("watchdog");
    TCase *tcase = tcase_create("watchdog");
    tcase_add_test(tcase, owners_are_found_by_parents);
    tcase_add_test(tcase, torn_tables_end);
    tcase_add_loop_test(tcase, too_much_is_told, 0, (int)COUNT_OF(judge_rows));
    tcase_add_test(tcase, own_table_is_read);
    tcase_add_test(tcase, jobs_fit_into_memory);
    tcase_add_test(tcase, progress_is_told);
    suite_add_tcase(suite, tcase);
    return suite;
}
