// SPDX-License-Identifier: Apache-2.0
// counters.c - counters as the kernel and our own guests write them
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include "base/file.h"
#include "sandbox/cgroup.h"
#include "world/netem.h"
#include "world/netem_qdisc.h"

#include <string.h>

static struct err err;

static void make_folder(void) {
    folder_make("/tmp/goneaway-counters", 0700);
}

// ---- files of cgroups --------------------------------------------------------------------------

#define OOM_CONTROL "oom_kill_disable 0\nunder_oom 7\noom_kill 3\n"
#define MEMORY_EVENTS "low 0\nhigh 0\nmax 12\noom 5\noom_kill 4\noom_group_kill 9\n"

static const struct {
    const char *content, *word;
    int64_t number;
} numbers[] = {
    {"4096\n", "", 4096},
    {"9223372036854771712\n", "", 9223372036854771712}, // no limit, in version 1
    {"max\n", "", 0},                                   // and in version 2
    {"", "", -1},
    {OOM_CONTROL, "oom_kill ", 3},
    {OOM_CONTROL, "oom ", -1}, // must not match `under_oom 7`
    {MEMORY_EVENTS, "oom ", 5},
    {MEMORY_EVENTS, "oom_kill ", 4},
    {MEMORY_EVENTS, "max ", 12},
    {MEMORY_EVENTS, "low ", 0}, // the first line
    {MEMORY_EVENTS, "kill ", -1},
    {"max 2", "max ", 2}, // without a line feed
    {"\n\nmax 2\n", "max ", 2},
};

START_TEST(number_is_of_the_line_with_the_word) {
    folder_put("file", numbers[_i].content);
    ck_assert_int_eq(cgroup_number(test_folder, "file", numbers[_i].word), numbers[_i].number);
}
END_TEST

// A missing file counts nothing, and one with a line per process can be long.
START_TEST(number_of_any_file) {
    cleanup_text struct text pids = {0};
    for (int i = 0; i < 20000; i++)
        text_printf(&pids, "%d\n", 1000 + i);
    folder_put("cgroup.procs", text_get(&pids));
    ck_assert_int_eq(cgroup_number(test_folder, "cgroup.procs", ""), 1000);
    ck_assert_int_eq(cgroup_number(test_folder, "none", ""), -1);
}
END_TEST

static const struct {
    const char *file, *content;
    enum cgroup_kind kind;
    bool unified;
    int64_t strikes; // -1: they are not counted
} strikes[] = {
    {"memory.oom_control", OOM_CONTROL, CGROUP_MEMORY, false, 3},
    {"memory.events", MEMORY_EVENTS, CGROUP_MEMORY, true, 4},
    {"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n", CGROUP_MEMORY, false, -1},
    {"memory.events", MEMORY_EVENTS, CGROUP_MEMORY, false, -1}, // the other version's
    {"pids.events", "max 6\n", CGROUP_PIDS, false, 6},
    {"pids.events", "max 6\n", CGROUP_PIDS, true, 6},
};

START_TEST(strikes_of_a_limit_are_read) {
    int64_t count = -1;
    folder_put(strikes[_i].file, strikes[_i].content);
    if (strikes[_i].unified)
        folder_put("cgroup.subtree_control", "");
    int ret = cgroup_strikes(test_folder, strikes[_i].kind, &count, &err);
    ck_assert_int_eq(ret, strikes[_i].strikes < 0 ? -1 : 0);
    ck_assert_int_eq(count, strikes[_i].strikes);
    if (ret < 0)
        ck_assert_ptr_nonnull(strstr(err.what, "the kernel is older than 4.13"));
}
END_TEST

// ---- settings for the guest --------------------------------------------------------------------

// Each setting, so that none gets lost.
START_TEST(settings_of_netem_come_back) {
    cleanup_text struct text line = {0};
    struct netem_settings args = {0}, read = {0};
    for (size_t at = offsetof(struct netem_settings, delay_ms); at < sizeof args;
         at += sizeof(int64_t)) {
        int64_t number = at % 16 ? -(int64_t)at : INT64_MAX - (int64_t)at;
        memcpy((char *)&args + at, &number, sizeof number);
    }
    netem_settings_write(&args, &line);
    ck_assert_int_eq(netem_settings_read(text_get(&line), &read), 0);
    ck_assert_mem_eq(&args, &read, sizeof args);
    *strrchr(line.data, ' ') = '\0';
    ck_assert_int_eq(netem_settings_read(text_get(&line), &read), -1);
    ck_assert_int_eq(netem_settings_read("", &read), -1);
    ck_assert_int_eq(netem_settings_read("1 2 x", &read), -1);
}
END_TEST

Suite *suite_counters(void) {
    Suite *suite = suite_create("counters");
    TCase *tests = tcase_create("counters");
    tcase_add_checked_fixture(tests, make_folder, folder_remove);
    tcase_add_loop_test(tests, number_is_of_the_line_with_the_word, 0, (int)COUNT_OF(numbers));
    tcase_add_test(tests, number_of_any_file);
    tcase_add_loop_test(tests, strikes_of_a_limit_are_read, 0, (int)COUNT_OF(strikes));
    tcase_add_test(tests, settings_of_netem_come_back);
    suite_add_tcase(suite, tests);
    return suite;
}
