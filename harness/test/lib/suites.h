// SPDX-License-Identifier: Apache-2.0
// suites.h - the suites of Check tests: one function and one row in main.c for each
//
// Unit suites need nothing from the machine. Live suites need namespaces or servers, and run the
// program named by the environment variable GONEAWAY.
#ifndef GONEAWAY_TEST_LIB_SUITES_H
#define GONEAWAY_TEST_LIB_SUITES_H

#include "test/lib/pick.h"

#include <check.h>
#include <stdbool.h>

#undef tcase_add_test
#define tcase_add_test(tcase, test) pick_add(tcase, test, 0, 1)
#undef tcase_add_loop_test
#define tcase_add_loop_test(tcase, test, from, to) pick_add(tcase, test, from, to)

Suite *suite_death(void);
Suite *suite_answer(void);
Suite *suite_baseline(void);
Suite *suite_belief(void);
Suite *suite_bounds(void);
Suite *suite_bundle(void);
Suite *suite_cache(void);
Suite *suite_compare(void);
Suite *suite_completion(void);
Suite *suite_counters(void);
Suite *suite_docs(void);
Suite *suite_ending(void);
Suite *suite_estimate(void);
Suite *suite_explain(void);
Suite *suite_file(void);
Suite *suite_image(void);
Suite *suite_installed(void);
Suite *suite_iptables(void);
Suite *suite_lacks(void);
Suite *suite_learn(void);
Suite *suite_lost(void);
Suite *suite_matrix(void);
Suite *suite_measured(void);
Suite *suite_merge(void);
Suite *suite_outside(void);
Suite *suite_packet(void);
Suite *suite_pattern(void);
Suite *suite_plan(void);
Suite *suite_proc(void);
Suite *suite_program(void);
Suite *suite_prune(void);
Suite *suite_protocol(void);
Suite *suite_pulse(void);
Suite *suite_readable(void);
Suite *suite_recall(void);
Suite *suite_record(void);
Suite *suite_report(void);
Suite *suite_rerun(void);
Suite *suite_room(void);
Suite *suite_schedule(void);
Suite *suite_schema(void);
Suite *suite_shard(void);
Suite *suite_share(void);
Suite *suite_shelf(void);
Suite *suite_skeleton(void);
Suite *suite_export(void);
Suite *suite_table(void);
Suite *suite_text(void);
Suite *suite_traffic(void);
Suite *suite_try(void);
Suite *suite_try_program(void);
Suite *suite_update(void);
Suite *suite_verdict(void);
Suite *suite_watchdog(void);
Suite *suite_yaml(void);

Suite *live_adapter(void);
Suite *live_baseline(void);
Suite *live_bundle(void);
Suite *live_enter(void);
Suite *live_cache(void);
Suite *live_cgroup(void);
Suite *live_clients(void);
Suite *live_compare(void);
Suite *live_helpers(void);
Suite *live_hostile(void);
Suite *live_image(void);
Suite *live_installed(void);
Suite *live_limits(void);
Suite *live_merge(void);
Suite *live_lab(void);
Suite *live_export(void);
Suite *live_pages(void);
Suite *live_run_cgroups(void);
Suite *live_names(void);
Suite *live_needs(void);
Suite *live_netem(void);
Suite *live_protocol(void);
Suite *live_red(void);
Suite *live_reference(void);
Suite *live_run(void);
Suite *live_sandbox(void);
Suite *live_screen(void);
Suite *live_try(void);
Suite *live_world(void);
Suite *live_path(void);
Suite *live_program(void);

/** Takes hours, and runs only if named. */
Suite *suite_soak(void);

/** Whether this program is process 1 of a guest that a test in live/cgroup.c has started. Then
 * cgroup_guest() does what it is there for, and ends the machine. */
bool is_cgroup_guest(void);
void cgroup_guest(void);

#endif
