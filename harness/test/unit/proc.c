// SPDX-License-Identifier: Apache-2.0
// proc.c - how processes have ended, as it is read and as it is told
#include "test/lib/suites.h"

#include "base/clock.h"
#include "base/proc.h"
#include "run/stuck.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

// As waitpid() has them.
#define EXITED(status) ((status) << 8)
#define KILLED(signal) (signal)
#define DUMPED(signal) ((signal) | 0x80)

static const struct {
    int status, of_shell;
    const char *text; // of the first
} ends[] = {
    {EXITED(0), EXITED(0), "exit status 0"},
    {EXITED(3), EXITED(3), "exit status 3"},
    {EXITED(127), EXITED(127), "exit status 127"},
    {EXITED(128), EXITED(128), "exit status 128"}, // there is no signal 0
    {EXITED(129), KILLED(SIGHUP), "exit status 129"},
    {EXITED(139), KILLED(SIGSEGV), "exit status 139"},
    {EXITED(128 + 64), KILLED(64), "exit status 192"},
    {EXITED(128 + 65), EXITED(128 + 65), "exit status 193"}, // beyond the last signal
    {EXITED(255), EXITED(255), "exit status 255"},
    {KILLED(SIGKILL), KILLED(SIGKILL), "signal 9 (Killed)"},
    {DUMPED(SIGSEGV), DUMPED(SIGSEGV), "signal 11 (Segmentation fault)"},
};

START_TEST(status_of_shell_is_decoded) {
    int status = proc_status_of_shell(ends[_i].status);
    ck_assert_int_eq(status, ends[_i].of_shell);
    ck_assert_int_eq(WIFSIGNALED(status), !WIFEXITED(ends[_i].of_shell));
}
END_TEST

START_TEST(status_is_told) {
    char buffer[64], small[8];
    ck_assert_str_eq(proc_status_text(ends[_i].status, buffer, sizeof buffer), ends[_i].text);
    ck_assert_int_eq(strncmp(proc_status_text(ends[_i].status, small, sizeof small), ends[_i].text,
                             sizeof small - 1),
                     0);
}
END_TEST

// How a real child's end is read.
static const struct {
    const char *script;
    bool signaled;
    int number;
} children[] = {
    {"exit 0", false, 0},
    {"exit 139", false, 139},
    {"kill -SEGV $$", true, SIGSEGV},
    {"trap 'exit 7' TERM; kill -TERM $$", false, 7},
};

START_TEST(child_is_waited_for) {
    const char *const argv[] = {"/bin/sh", "-c", children[_i].script, NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    struct err err;
    pid_t pid;
    int status = -1;
    ck_assert_msg(proc_spawn(&spec, &pid, &err) == 0, "%s", err.what);
    ck_assert_int_eq(proc_wait(pid, clock_ms() + 30000, &status), 1);
    ck_assert_int_eq(WIFSIGNALED(status), children[_i].signaled);
    ck_assert_int_eq(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                     children[_i].number);
}
END_TEST

START_TEST(child_that_goes_on_is_left) {
    const char *const argv[] = {"/bin/sleep", "1000", NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    struct err err;
    pid_t pid;
    int status = -1;
    ck_assert_msg(proc_spawn(&spec, &pid, &err) == 0, "%s", err.what);
    ck_assert_int_eq(proc_wait(pid, clock_ms() + 20, &status), 0);
    ck_assert_int_eq(status, -1);
    ck_assert_int_ne(proc_state(pid), 0);
    proc_kill(pid);
    ck_assert_int_eq(proc_state(pid), 0); // and reaped
}
END_TEST

START_TEST(where_a_process_waits_is_told) {
    const char *const argv[] = {"/bin/sleep", "1000", NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    struct err err;
    pid_t pid;
    ck_assert_msg(proc_spawn(&spec, &pid, &err) == 0, "%s", err.what);
    while (proc_state(pid) != 'S')
        clock_wait(1, -1);
    cleanup_free char *told = stuck_tell(pid);
    ck_assert_msg(text_starts(told, "sleep: clock_nanosleep"), "%s", told);
    proc_kill(pid);
    cleanup_free char *nothing = stuck_tell(pid);
    ck_assert_str_eq(nothing, "");
}
END_TEST

// Output that keeps coming does not extend the deadline.
START_TEST(flood_has_a_deadline) {
    const char *const argv[] = {"/bin/sh", "-c", "yes | head -c 200000000", NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    struct err err = {0};
    ck_assert_int_eq(proc_run(&spec, clock_ms() + 20, NULL, &err), -1);
    ck_assert_msg(strstr(err.what, "not done before its deadline") != NULL, "%.300s", err.what);
}
END_TEST

Suite *suite_proc(void) {
    Suite *suite = suite_create("proc");
    TCase *tests = tcase_create("ends");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, status_of_shell_is_decoded, 0, (int)COUNT_OF(ends));
    tcase_add_loop_test(tests, status_is_told, 0, (int)COUNT_OF(ends));
    tcase_add_loop_test(tests, child_is_waited_for, 0, (int)COUNT_OF(children));
    tcase_add_test(tests, child_that_goes_on_is_left);
    tcase_add_test(tests, flood_has_a_deadline);
    tcase_add_test(tests, where_a_process_waits_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}
