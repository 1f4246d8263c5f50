// SPDX-License-Identifier: Apache-2.0
// needs.c - what a machine can do, tried: only what is asked, and with few processes
#include "test/lib/suites.h"

#include "world/needs.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_S = 60 };

static struct need_state states[NEED_COUNT];
static struct need_cost cost;

// Probes the needs in a list that ends with NEED_COUNT, and no others.
static void probe(const enum need *asked) {
    struct limits limits = {0};
    struct err err = {0};
    memset(states, 0, sizeof states);
    for (int i = 0; i < NEED_COUNT; i++)
        states[i].unasked = true;
    for (; *asked < NEED_COUNT; asked++)
        states[*asked].unasked = false;
    ck_assert_msg(needs_probe(states, &limits, &cost, &err) == 0, "%s", err.what);
}
#define PROBE(...) probe((const enum need[]){__VA_ARGS__, NEED_COUNT})

START_TEST(what_is_not_asked_is_not_tried) {
    probe((const enum need[]){NEED_COUNT});
    ck_assert_int_eq(cost.tried, 0);
    ck_assert_int_eq(cost.processes, 0);
    for (int i = 0; i < NEED_COUNT; i++)
        ck_assert(!states[i].met && states[i].unasked);
}
END_TEST

START_TEST(what_is_recalled_is_not_tried) {
    struct limits limits = {0};
    struct err err = {0};
    for (int i = 0; i < NEED_COUNT; i++)
        states[i] = (struct need_state){.met = true, .recalled = true};
    ck_assert_int_eq(needs_probe(states, &limits, &cost, &err), 0);
    ck_assert_int_eq(cost.processes, 0);
    for (int i = 0; i < NEED_COUNT; i++)
        ck_assert(states[i].met);
}
END_TEST

// Just the sandbox.
START_TEST(sockets_take_no_process) {
    PROBE(NEED_NAMESPACES, NEED_SOCKETS, NEED_LINKS, NEED_OVERLAY);
    ck_assert_int_eq(cost.tried, 4);
    ck_assert_int_eq(cost.processes, 1);
    ck_assert_msg(states[NEED_SOCKETS].met, "%s", states[NEED_SOCKETS].how);
    ck_assert(!states[NEED_CONTAINER].met);
}
END_TEST

// The sandbox, and two processes per IP version; if a need is missing, each is probed alone.
START_TEST(all_rules_are_tried_together) {
    static const enum need by_rules[] = {NEED_FIREWALL, NEED_CONNTRACK, NEED_CONNBYTES,
                                         NEED_STRING,   NEED_CONNLIMIT, NEED_RECENT,
                                         NEED_NAT,      NEED_IPV6,      NEED_COUNT};
    bool all = true;
    probe(by_rules);
    for (const enum need *need = by_rules; *need < NEED_COUNT; need++)
        all &= states[*need].met;
    if (all)
        ck_assert_int_eq(cost.processes, 5);
    else
        ck_assert_int_gt(cost.processes, 5);
    ck_assert_int_eq(cost.tried, 8);
}
END_TEST

Suite *live_needs(void) {
    Suite *suite = suite_create("live-needs");
    TCase *all = tcase_create("needs");
    tcase_set_timeout(all, TIMEOUT_S);
    tcase_add_test(all, what_is_not_asked_is_not_tried);
    tcase_add_test(all, what_is_recalled_is_not_tried);
    tcase_add_test(all, sockets_take_no_process);
    tcase_add_test(all, all_rules_are_tried_together);
    suite_add_tcase(suite, all);
    return suite;
}
