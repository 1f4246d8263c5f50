// SPDX-License-Identifier: Apache-2.0
// room.c - how much of a machine we may use, and how many jobs that allows
#include "base/file.h"
#include "run/items.h"
#include "sandbox/room.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

static void make_folder(void) {
    folder_make("/tmp/goneaway-test", 0700);
}

static char *put(const char *name, const char *content) {
    folder_put(name, content);
    return folder_path(name);
}

// ---- memory ------------------------------------------------------------------------------------

static const struct {
    bool unified;
    const char *limit, *used, *stat; // NULL: there is no such file
    int64_t left;
} memory_rows[] = {
    {true, "1000000\n", "300000\n", "anon 1\ninactive_file 100000\nactive_file 50000\n", 850000},
    {true, "1000000\n", "300000\n", NULL, 700000},
    {true, "1000000\n", "300000\n", "anon 1\nactive_file 900000\n", 1000000},
    {true, "1000000\n", "1300000\n", "anon 1\n", 0},
    {true, "max\n", "300000\n", "anon 1\n", -1},
    {true, NULL, "300000\n", "anon 1\n", -1}, // the root has no limit
    {true, "1000000\n", NULL, NULL, -1},
    {false, "1000000\n", "300000\n", "cache 1\ntotal_inactive_file 100000\ntotal_active_file 1\n",
     800001},
    {false, "9223372036854771712\n", "300000\n", "cache 1\n", -1},
};

START_TEST(cgroup_limits_memory) {
    bool unified = memory_rows[_i].unified;
    const char *const files[][2] = {
        {unified ? "memory.max" : "memory.limit_in_bytes", memory_rows[_i].limit},
        {unified ? "memory.current" : "memory.usage_in_bytes", memory_rows[_i].used},
        {"memory.stat", memory_rows[_i].stat}};
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (files[i][1])
            free(put(files[i][0], files[i][1]));
    ck_assert_int_eq(room_in_cgroup(test_folder, unified), memory_rows[_i].left);
}
END_TEST

START_TEST(machine_limits_memory) {
    cleanup_free char *little =
        put("meminfo", "MemTotal: 8 kB\nMemAvailable:       4 kB\nX: 1 kB\n");
    ck_assert_int_eq(room_memory(little), 4096);
    cleanup_free char *old = put("old", "MemTotal: 8 kB\n"); // from Linux before 3.14
    ck_assert_int_ge(room_memory(old), -1);
    ck_assert_int_gt(room_memory("/proc/meminfo"), 0);
}
END_TEST

// ---- processors --------------------------------------------------------------------------------

static const struct {
    const char *quota;
    int processors;
} processor_rows[] = {
    {"max 100000\n", -1},  {"200000 100000\n", 2}, {"250000 100000\n", 3},
    {"50000 100000\n", 1}, {"0 0\n", -1},          {"garbage\n", -1},
};

START_TEST(cgroup_limits_processors) {
    ck_assert_int_eq(room_processors_in_cgroup(test_folder), -1); // no such file
    free(put("cpu.max", processor_rows[_i].quota));
    ck_assert_int_eq(room_processors_in_cgroup(test_folder), processor_rows[_i].processors);
}
END_TEST

START_TEST(there_is_a_processor) {
    ck_assert_int_ge(room_processors(), 1);
    ck_assert_int_le(room_processors(), sysconf(_SC_NPROCESSORS_ONLN));
}
END_TEST

// ---- jobs --------------------------------------------------------------------------------------

// Cases that all wait equally long, on one or two servers.
static int jobs_of(int count, int64_t wait_ms, int servers, int processors) {
    static const struct server_recipe recipes[2];
    const struct plan_case plan = {.imposed_ms = wait_ms};
    struct run_item *items = xcalloc((size_t)count + 1, sizeof *items);
    for (int i = 0; i < count; i++)
        items[i] = (struct run_item){.plan = &plan, .server = &recipes[i % servers]};
    int jobs = items_jobs(items, (size_t)count, processors);
    free(items);
    return jobs;
}

START_TEST(jobs_follow_what_cases_wait_for) {
    ck_assert_int_eq(jobs_of(364, 540, 2, 2), 12);  // like the headline failures
    ck_assert_int_eq(jobs_of(729, 3000, 1, 2), 12); // never more than six per processor
    ck_assert_int_eq(jobs_of(729, 3000, 1, 1), 6);
    ck_assert_int_eq(jobs_of(364, 0, 2, 2), 2); // all work and no waits
    ck_assert_int_eq(jobs_of(364, 0, 2, 8), 8);
    ck_assert_int_eq(jobs_of(7, 700, 1, 2), 3); // for few cases it is not worth booting many
                                                // servers
    ck_assert_int_lt(jobs_of(100, 100, 2, 2), jobs_of(100, 100, 1, 2));
    ck_assert_int_eq(jobs_of(1, 60000, 1, 2), 1);
    ck_assert_int_eq(jobs_of(0, 0, 1, 2), 0);
}
END_TEST

Suite *suite_room(void) {
    Suite *suite = suite_create("room");
    TCase *all = tcase_create("room");
    tcase_add_checked_fixture(all, make_folder, folder_remove);
    tcase_add_loop_test(all, cgroup_limits_memory, 0, (int)COUNT_OF(memory_rows));
    tcase_add_test(all, machine_limits_memory);
    tcase_add_loop_test(all, cgroup_limits_processors, 0, (int)COUNT_OF(processor_rows));
    tcase_add_test(all, there_is_a_processor);
    tcase_add_test(all, jobs_follow_what_cases_wait_for);
    suite_add_tcase(suite, all);
    return suite;
}
