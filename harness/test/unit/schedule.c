// SPDX-License-Identifier: Apache-2.0
// schedule.c - which worker gets which case next
#include "run/schedule.h"
#include "test/lib/suites.h"

#include "base/text.h"

#include <string.h>

enum { PLAIN, OTHER, THIRD, WORKERS = 2 };

static struct run_item items[] = {
    {.group = PLAIN, .plain = true, .guess_ms = 10}, // 0
    {.group = PLAIN, .plain = true, .guess_ms = 30}, // 1
    {.group = OTHER, .guess_ms = 20},                // 2
    {.group = OTHER, .guess_ms = 40},                // 3
    {.group = THIRD, .guess_ms = 5},                 // 4
};
static struct run_item run[COUNT_OF(items)];
static struct schedule_seat seats[WORKERS];
static struct schedule schedule = {run, COUNT_OF(run), seats, WORKERS};

static void set_up(void) {
    memcpy(run, items, sizeof run);
    memset(seats, 0, sizeof seats);
}

// What the workers get in turn, by the letters of `turns`: a is worker 0, b is worker 1.
static void check_turns(const char *turns, const char *given) {
    for (; *turns; turns++, given++) {
        long expected = *given == '-' ? -1 : *given - '0';
        ck_assert_msg(schedule_take(&schedule, *turns - 'a') == expected, "not %c at '%s'", *given,
                      turns);
    }
}

static void check_hints(int worker, int32_t first, int32_t second) {
    int32_t hints[HINTS];
    schedule_hint(&schedule, worker, hints);
    ck_assert_int_eq(hints[0], first);
    ck_assert_int_eq(hints[1], second);
}

START_TEST(longest_goes_first_then_those_of_its_server) {
    check_turns("aa", "32");
    // no server fits any of the rest: the longest again
    check_turns("aaaa", "104-");
}
END_TEST

static void check_shuffle(unsigned int seed, int64_t *ret_order) {
    items_shuffle(run, COUNT_OF(run), seed);
    for (size_t i = 0; i < COUNT_OF(run); i++)
        ret_order[i] = run[i].guess_ms;
}

START_TEST(seed_decides_the_order) {
    int64_t one[COUNT_OF(run)], again[COUNT_OF(run)], other[COUNT_OF(run)];
    check_shuffle(1, one);
    check_shuffle(1, again);
    check_shuffle(2, other);
    ck_assert_mem_eq(one, again, sizeof one);
    ck_assert_mem_ne(one, other, sizeof one);
    for (size_t i = 1; i < COUNT_OF(run); i++)
        ck_assert_int_ne(one[0], one[i]);
}
END_TEST

START_TEST(server_that_another_has_is_left_to_it) {
    check_turns("ab", "31");
    // the first has OTHER and the second the plain one; each stays with its server
    check_turns("ba", "02");
    check_turns("ba", "4-");
}
END_TEST

// A second plain server costs least, since it can serve most cases.
START_TEST(plain_server_is_booted_twice_before_others) {
    run[4].taken = true;
    seats[0].served = &run[1];
    seats[0].hinted[0] = &run[3];
    check_turns("bb", "10");
    check_turns("b", "3");
}
END_TEST

// What a stranger supplied goes to its own worker, or last; nobody boots ahead for it.
START_TEST(origins_are_kept_apart) {
    run[3].origin = run[0].origin = 1;
    run[3].group = 8, run[0].group = 9;
    check_turns("a", "3");
    check_hints(0, 0, NO_HINT);
    check_turns("b", "1");
    check_hints(1, 2, 4);
    check_turns("a", "0");
    check_turns("bb", "24");
    set_up();
    run[3].origin = 1;
    run[3].group = 8;
    memset(seats, 0, sizeof seats);
    check_turns("aaaaa", "31024");
}
END_TEST

START_TEST(hint_is_kept_and_kept_for_its_worker) {
    check_turns("a", "3");
    check_hints(0, 2, 1);
    // what is hinted to another is taken last
    check_turns("bbb", "401");
    check_hints(0, 2, NO_HINT);
    check_hints(1, NO_HINT, NO_HINT);
    check_turns("ba", "2-");
}
END_TEST

START_TEST(item_put_back_is_for_the_worker_in_its_place) {
    check_turns("ab", "31");
    schedule_put_back(&schedule, 1, 1);
    schedule_replace(&schedule, 1);
    ck_assert(run[1].put_back);
    ck_assert_ptr_null(seats[1].served);
    check_turns("aaa", "204");
    check_turns("b", "1");
}
END_TEST

Suite *suite_schedule(void) {
    Suite *suite = suite_create("schedule");
    TCase *choice = tcase_create("choice");
    tcase_add_checked_fixture(choice, set_up, NULL);
    tcase_add_test(choice, longest_goes_first_then_those_of_its_server);
    tcase_add_test(choice, seed_decides_the_order);
    tcase_add_test(choice, origins_are_kept_apart);
    tcase_add_test(choice, server_that_another_has_is_left_to_it);
    tcase_add_test(choice, plain_server_is_booted_twice_before_others);
    tcase_add_test(choice, hint_is_kept_and_kept_for_its_worker);
    tcase_add_test(choice, item_put_back_is_for_the_worker_in_its_place);
    suite_add_tcase(suite, choice);
    return suite;
}
