// SPDX-License-Identifier: Apache-2.0
// sandbox.c - what is seen and what can be done inside: of a sandbox, and of a container in
// one
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"
#include "test/lib/contain.h"
#include "test/lib/suites.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct err err;
static char secret[] = "/var/tmp/goneaway-secret-XXXXXX"; // on the host; the test's own

static int failed(const char *what, const char *how) {
    fprintf(stderr, "%s: %s\n", what, how);
    return 1;
}

static int in_sandbox(sandbox_body *body, void *context, const struct sandbox_place *places) {
    struct sandbox sandbox;
    int status = -1;
    struct sandbox_spec spec = {.body = body, .context = context, .places = places};
    ck_assert_msg(sandbox_open(&sandbox, &spec, &err) == 0, "%s\n%s", err.what, err.remedy);
    ck_assert(proc_wait(sandbox.pid, clock_ms() + 20e3, &status));
    close(sandbox.pidfd);
    return status;
}

// ---- the sandbox -------------------------------------------------------------------------------

// Every name in a folder, followed by a blank, must be in `allowed`.
static int holds_only(const char *folder, const char *allowed) {
    DIR *entries = opendir(folder);
    int wrong = entries ? 0 : failed(folder, strerror(errno));
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        cleanup_free char *name = xprintf(" %s ", entry->d_name);
        if (entry->d_name[0] != '.' && !strstr(allowed, name))
            wrong = failed(folder, entry->d_name);
    }
    if (entries)
        closedir(entries);
    return wrong;
}

static int look_around(void *context) {
    (void)context;
    int wrong =
        holds_only("/", " usr bin sbin lib lib32 lib64 libx32 etc dev proc sys run tmp ") |
        holds_only("/etc", " ld.so.cache alternatives passwd group protocols services "
                           "ethertypes localtime resolv.conf hosts nsswitch.conf ") |
        holds_only("/run/goneaway", " nothing goneaway-netem goneaway-netem.so goneaway-wait ") |
        holds_only("/sys", "") | holds_only("/tmp", "");
    if (file_exists(secret))
        wrong = failed(secret, "is there");
    if (file_exists("/proc/1/root/var") || file_exists("/proc/self/cwd/var"))
        wrong = failed("/proc/1/root", "is the host's");
    return wrong;
}

START_TEST(sandbox_shows_little_of_the_host) {
    ck_assert_int_eq(in_sandbox(look_around, NULL, NULL), 0);
}
END_TEST

static int refuses_writing(const char *path, int wanted) {
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    return fd < 0 && errno == wanted ? 0 : failed(path, fd < 0 ? strerror(errno) : "is writable");
}

static int write_around(void *context) {
    const char *place = context;
    cleanup_free char *file = xprintf("%s/new", place);
    return refuses_writing("/usr/goneaway-new", EROFS) | refuses_writing("/etc/passwd", EROFS) |
           refuses_writing("/proc/sys/kernel/core_pattern", EROFS) | refuses_writing(file, EROFS);
}

START_TEST(sandbox_writes_nothing_of_the_host) {
    char folder[] = "/tmp/goneaway-place-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    const struct sandbox_place places[] = {{.path = folder}, {.path = NULL}};
    int status = in_sandbox(write_around, folder, places);
    rmdir(folder);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(sandbox_writes_where_it_may) {
    char folder[] = "/tmp/goneaway-place-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    cleanup_free char *file = xprintf("%s/new", folder);
    const struct sandbox_place places[] = {{.path = folder, .writable = true}, {.path = NULL}};
    int status = in_sandbox(write_around, folder, places);
    bool made = unlink(file) == 0;
    rmdir(folder);
    ck_assert(made && status != 0);
}
END_TEST

static int count_descriptors(void *context) {
    const int *kept = context;
    for (int fd = 3; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) >= 0 && fd != *kept)
            return failed("a descriptor is open", xprintf("%d", fd));
    return fcntl(*kept, F_GETFD) < 0;
}

START_TEST(sandbox_has_the_descriptors_it_was_given) {
    int kept = open("/dev/null", O_RDONLY), other = open(secret, O_RDONLY), status = -1;
    struct sandbox sandbox;
    struct sandbox_spec spec = {
        .body = count_descriptors, .context = &kept, .keep = (const int[]){kept, -1}};
    ck_assert(kept >= 0 && other >= 0);
    ck_assert_msg(sandbox_open(&sandbox, &spec, &err) == 0, "%s", err.what);
    ck_assert(proc_wait(sandbox.pid, clock_ms() + 20e3, &status));
    close(sandbox.pidfd);
    close(kept);
    close(other);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(sandbox_needs_the_places_it_is_given) {
    struct sandbox sandbox;
    const struct sandbox_place places[] = {{.path = "/nowhere/at/all"}, {.path = NULL}};
    struct sandbox_spec spec = {.body = look_around, .places = places};
    ck_assert_int_lt(sandbox_open(&sandbox, &spec, &err), 0);
    ck_assert_str_eq(err.what, "make a root of its own: look at /nowhere/at/all: "
                               "No such file or directory");
}
END_TEST

// ---- a container -------------------------------------------------------------------------------

/** Tried by a shell in a container; it must exit with status 0. */
static const char *const scripts[] = {
    "! unshare --user true",
    "! (: >/proc/sys/kernel/core_pattern) && ! (: >/proc/sys/net/ipv4/ip_forward)",
    "! (: >/dev/new) && ! (: >/usr/new)",
    "(: >/tmp/new) && (: >/run/new) && (: >/dev/shm/new)",
    "test \"$(echo /proc/self/fd/*)\" = '/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2' || "
    "test \"$(ls /proc/self/fd | wc -l)\" = 4", // ls itself has the folder open
    "! head -c 3000000 /dev/zero >/tmp/large && ! (echo x >/dev/shm/more)", // they share one limit
    "grep -q 'Seccomp:.*2' /proc/self/status && grep -q 'CapEff:.*0000000000000000' "
    "/proc/self/status",
};

static int run_script(void *context) {
    const char *const argv[] = {"/bin/sh", "-c", context, NULL};
    cleanup_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct container_spec spec = {.root = "/",
                                  .scratch = SANDBOX_DIR "/scratch",
                                  .argv = argv,
                                  .netns = -1,
                                  .in = -1,
                                  .out = null,
                                  .err = null};
    struct container container = {.pidfd = -1};
    int status = -1;
    if (container_scratch(spec.scratch, 2 << 20, &err) < 0 ||
        container_open(&container, &spec, &err) < 0)
        return failed("container", err.what);
    if (!container_ended(&container, clock_ms() + 10e3, &status))
        status = -1;
    container_close(&container);
    container_drop_scratch(spec.scratch);
    return status == 0 && !file_exists(spec.scratch) ? 0 : failed(context, "went otherwise");
}

START_TEST(container_confines) {
    ck_assert_int_eq(in_sandbox(run_script, (void *)scripts[_i], NULL), 0);
}
END_TEST

// ---- the suite ---------------------------------------------------------------------------------

static void begin(void) {
    strcpy(strrchr(secret, '-'), "-XXXXXX");
    int fd = mkstemp(secret);
    ck_assert_int_ge(fd, 0);
    close(fd);
    contain_begin();
}

static void end(void) {
    contain_check();
    unlink(secret);
}

Suite *live_sandbox(void) {
    Suite *suite = suite_create("live-sandbox");
    TCase *tests = tcase_create("sandbox");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, sandbox_shows_little_of_the_host);
    tcase_add_test(tests, sandbox_writes_nothing_of_the_host);
    tcase_add_test(tests, sandbox_writes_where_it_may);
    tcase_add_test(tests, sandbox_has_the_descriptors_it_was_given);
    tcase_add_test(tests, sandbox_needs_the_places_it_is_given);
    tcase_add_loop_test(tests, container_confines, 0, (int)COUNT_OF(scripts));
    suite_add_tcase(suite, tests);
    return suite;
}
