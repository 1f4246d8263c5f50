// SPDX-License-Identifier: Apache-2.0
// iptables.c - a rule's counter among others
#include "test/lib/suites.h"
#include "world/iptables.h"

#define KILL "-A FORWARD -i app -p tcp -m comment --comment kill -c 7 420 -j DROP\n"

/** Output of `iptables -v -S`, and the packets caught by the rule `kill`; -1: no such rule. */
static const struct {
    const char *listing;
    int64_t packets;
} listings[] = {
    {"-P FORWARD ACCEPT -c 9 9\n" KILL, 7},
    {"-A INPUT -m comment --comment \"kill\" -c 3 180\n", 3},
    {"-A INPUT -m comment --comment killer -c 3 180\n" KILL, 7},
    {"-A INPUT -m comment --comment kill -j DROP\n-A INPUT -c 3 180\n", -1},
    {"-A INPUT -m comment --comment kill\n", -1},
    {"", -1},
    // what a rule searches for may look like a comment, or like a counter
    {"-A FORWARD -m string --string \"--comment kill -c 5 5 \" --algo bm -m comment --comment text "
     "-c 2 120 -j DROP\n" KILL,
     7},
    {"-A FORWARD -m string --string \"a\\\"--comment kill -c 5 5 \" --algo bm -c 2 120\n", -1},
    {"-A FORWARD -m comment --comment kill -m string --string \"-c 5 5\" --algo bm -c 7 420\n", 7},
    {"-A FORWARD -m string --string --comment --algo bm -m comment --comment kill -c 7 420\n", 7},
    {"-A FORWARD -m string --string \"a\n-A FORWARD -m comment --comment kill -c 5 5\" -c 2 "
     "1\n" KILL,
     7},
    // other rules' names are nothing but names
    {"-A FORWARD -m comment --comment --comment -c 2 120\n" KILL, 7},
    {"-A FORWARD -m recent --rcheck --name kill -c 2 120\n" KILL, 7},
};

START_TEST(counter_is_of_the_rule_with_the_comment) {
    struct err err = {0};
    int64_t packets = -1;
    int ret = iptables_read_count(listings[_i].listing, "kill", &packets, &err);
    ck_assert_int_eq(ret, listings[_i].packets < 0 ? -1 : 0);
    ck_assert_int_eq(packets, listings[_i].packets);
}
END_TEST

Suite *suite_iptables(void) {
    Suite *suite = suite_create("iptables");
    TCase *counters = tcase_create("counters");
    tcase_add_loop_test(counters, counter_is_of_the_rule_with_the_comment, 0, COUNT_OF(listings));
    suite_add_tcase(suite, counters);
    return suite;
}
