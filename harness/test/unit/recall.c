// SPDX-License-Identifier: Apache-2.0
// recall.c - what is kept of an earlier run's needs, and when it is invalid
#include "base/file.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"
#include "world/recall.h"

#include <string.h>
#include <sys/stat.h>

static struct err err;
static struct need_state states[NEED_COUNT];

static void make_cache(void) {
    folder_make("/tmp/goneaway-test", 0700);
    memset(states, 0, sizeof states);
    unsetenv("GONEAWAY_PROBE");
}

// As a run that wanted all needs except recent, and found all except string.
static void keep_most(void) {
    for (int i = 0; i < NEED_COUNT; i++)
        states[i].met = i != NEED_STRING && i != NEED_RECENT;
    states[NEED_RECENT].unasked = true;
    states[NEED_NETEM].netem = NETEM_UML;
    recall_keep(test_folder, "1.0", states);
}

static bool recalls(enum need need, const char *version) {
    memset(states, 0, sizeof states);
    recall_needs(test_folder, version, states);
    ck_assert_int_eq(states[need].met, states[need].recalled);
    return states[need].recalled;
}

START_TEST(only_what_was_tried_and_met_is_kept) {
    keep_most();
    for (int i = 0; i < NEED_COUNT; i++)
        ck_assert_msg(recalls((enum need)i, "1.0") == (i != NEED_STRING && i != NEED_RECENT),
                      "%s: %d", need_names[i], states[i].recalled);
    ck_assert_int_eq(states[NEED_NETEM].netem, NETEM_UML);
}
END_TEST

START_TEST(what_is_not_asked_is_not_recalled) {
    keep_most();
    memset(states, 0, sizeof states);
    states[NEED_NAT].unasked = true;
    recall_needs(test_folder, "1.0", states);
    ck_assert(!states[NEED_NAT].recalled);
    ck_assert(states[NEED_NAMES].recalled);
}
END_TEST

START_TEST(later_runs_add_to_it) {
    keep_most();
    recalls(NEED_NAT, "1.0");
    states[NEED_STRING].met = true;
    recall_keep(test_folder, "1.0", states);
    ck_assert(recalls(NEED_STRING, "1.0"));
    ck_assert(recalls(NEED_NAT, "1.0"));
}
END_TEST

START_TEST(backend_that_is_asked_for_is_another_need) {
    keep_most();
    memset(states, 0, sizeof states);
    states[NEED_NETEM].only = NETEM_KERNEL;
    recall_needs(test_folder, "1.0", states);
    ck_assert(!states[NEED_NETEM].recalled);
}
END_TEST

START_TEST(nothing_counts_for_another_version) {
    keep_most();
    ck_assert(!recalls(NEED_NAT, "1.1"));
}
END_TEST

START_TEST(nothing_counts_when_all_is_to_be_tried) {
    keep_most();
    setenv("GONEAWAY_PROBE", "always", 1);
    ck_assert(!recalls(NEED_NAT, "1.0"));
    setenv("GONEAWAY_PROBE", "", 1);
    ck_assert(recalls(NEED_NAT, "1.0"));
}
END_TEST

START_TEST(what_is_forgotten_is_gone) {
    keep_most();
    recall_forget(test_folder);
    ck_assert(!recalls(NEED_NAT, "1.0"));
    recall_forget(test_folder); // also if nothing is there
}
END_TEST

// Each makes the file invalid.
static const char *const spoilers[] = {
    "truncate -s 100 needs.json",
    "truncate -s 0 needs.json",
    "echo '{\"key\": 1, \"met\": []}' > needs.json",
    "echo '[]' > needs.json",
    "sed -i 's/\"met\": {/\"met\": [/' needs.json",
    "sed -i 's/boot_id /boot_id 0/' needs.json",            // another boot
    "sed -i 's/iptables [^n]*/iptables -\\\\/' needs.json", // other tools
    "sed -i 's/CapEff:/CapEff:1/' needs.json",              // other rights
    "chmod 666 needs.json",
    "chmod 660 needs.json",
    "mv needs.json other; ln -s other needs.json",
    "mv needs.json other; mkdir needs.json",
    "mv needs.json other; mkfifo needs.json",
    "head -c 100000 /dev/zero >> needs.json",
    "rm needs.json",
};

START_TEST(spoilt_file_does_not_count) {
    keep_most();
    ck_assert(recalls(NEED_NAT, "1.0"));
    cleanup_free char *command = xprintf("cd %s && %s", test_folder, spoilers[_i]);
    ck_assert_msg(system(command) == 0, "%s", command); // NOLINT(cert-env33-c): for this
    for (int i = 0; i < NEED_COUNT; i++)
        ck_assert_msg(!recalls((enum need)i, "1.0"), "%s", need_names[i]);
    keep_most(); // and stands in nobody's way
}
END_TEST

START_TEST(folder_that_is_not_there_is_no_error) {
    ck_assert_int_eq(file_remove_tree(test_folder, &err), 0);
    keep_most();
    ck_assert(!recalls(NEED_NAT, "1.0"));
    ck_assert_int_eq(mkdir(test_folder, 0755), 0);
}
END_TEST

START_TEST(nothing_is_left_beside_the_file) {
    keep_most();
    cleanup_free char *file = folder_path("needs.json");
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_msg(rmdir(test_folder) == 0, "%s", test_folder);
    ck_assert_int_eq(mkdir(test_folder, 0755), 0);
}
END_TEST

Suite *suite_recall(void) {
    Suite *suite = suite_create("recall");
    TCase *all = tcase_create("recall");
    tcase_add_checked_fixture(all, make_cache, folder_remove);
    tcase_add_test(all, only_what_was_tried_and_met_is_kept);
    tcase_add_test(all, what_is_not_asked_is_not_recalled);
    tcase_add_test(all, later_runs_add_to_it);
    tcase_add_test(all, backend_that_is_asked_for_is_another_need);
    tcase_add_test(all, nothing_counts_for_another_version);
    tcase_add_test(all, nothing_counts_when_all_is_to_be_tried);
    tcase_add_test(all, what_is_forgotten_is_gone);
    tcase_add_loop_test(all, spoilt_file_does_not_count, 0, (int)COUNT_OF(spoilers));
    tcase_add_test(all, folder_that_is_not_there_is_no_error);
    tcase_add_test(all, nothing_is_left_beside_the_file);
    suite_add_tcase(suite, all);
    return suite;
}
