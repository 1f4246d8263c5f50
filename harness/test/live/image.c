// SPDX-License-Identifier: Apache-2.0
// image.c - prepared servers and connectors in use, and interrupted preparation
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "cache/keeper.h"
#include "cache/share.h"
#include "image/bounded.h"
#include "image/image.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <mysql.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { BOOT_DEADLINE_MS = 60000, PREPARE_DEADLINE_S = 600 };

static struct err err;
static struct images images;

static void show(void *context, const char *format, ...) {
    (void)context;
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static void open_images(void) {
    ck_assert_msg(images_open(&images, "fixtures", &err) == 0, "%s", err.what);
}

static void close_images(void) {
    images_close(&images);
}

static struct server_recipe *prepared(const char *name) {
    struct server_recipe *recipe = images_server(&images, name, &err);
    ck_assert_msg(recipe != NULL, "%s", err.what);
    ck_assert_msg(image_server_prepare(&images, recipe, show, NULL, &err) == 0, "%s\n%s", err.what,
                  err.remedy);
    return recipe;
}

// A sandbox's body has no assertions: it prints what is wrong and ends with status 1.
static int failed(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

static int print_log(const char *what) {
    cleanup_text struct text log = {0};
    if (file_read(SANDBOX_DIR "/log", 64 << 20, &log, &err) < 0)
        return failed(what, err.what);
    return failed(what, text_tail(text_get(&log), 15));
}

static int start(struct container *container, const struct server_recipe *recipe) {
    const char *const layers[] = {recipe->data, recipe->root, NULL};
    const struct container_bind binds[] = {{SANDBOX_DIR "/sockets", SERVER_SOCKET_DIR, true},
                                           {NULL, NULL, false}};
    const char *const options[] = {"max-connections=20", NULL};
    char *root = container_overlay(SANDBOX_DIR "/server", layers, &err);
    int log = open(SANDBOX_DIR "/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (!root || file_make_folders(SANDBOX_DIR "/sockets", 0755, &err) < 0)
        return failed("overlay", err.what);
    struct container_spec spec = {.root = root,
                                  .root_writable = true,
                                  .binds = binds,
                                  .argv = server_command(images.arena, recipe, options),
                                  .netns = -1,
                                  .in = -1,
                                  .out = log,
                                  .err = log};
    return container_open(container, &spec, &err) < 0 ? failed("container", err.what) : 0;
}

static int wait_for_login(MYSQL *mysql, const struct server_recipe *recipe,
                          struct container *container) {
    double started_ms = clock_ms();
    int status = 0;
    while (!mysql_real_connect(mysql_init(mysql), NULL, "root", recipe->password, NULL, 0,
                               SANDBOX_DIR "/sockets/mysqld.sock", 0)) {
        if (container_ended(container, 0, &status) || clock_ms() > started_ms + BOOT_DEADLINE_MS)
            return print_log("no login");
        mysql_close(mysql);
        clock_wait(5, -1);
    }
    fprintf(stderr, "ready for logins after %.0f ms\n", clock_ms() - started_ms);
    return 0;
}

// What every server must have, with the answers as texts.
static const struct {
    const char *sql, *answer; // NULL: the recipe's version begins it
} truths[] = {
    {"SELECT VERSION()", NULL},
    {"SELECT COUNT(*) FROM goneaway.`rows`", "10000"},
    {"SELECT MIN(n) + MAX(n) FROM goneaway.`rows`", "10001"},
    {"SELECT COUNT(*) FROM goneaway.blobs", "0"},
    {"SELECT COUNT(*) FROM goneaway.t", "0"},
    {"SELECT COUNT(*) FROM mysql.user WHERE User = ''", "0"},
    {"SELECT COUNT(*) FROM mysql.user WHERE User = 'app' AND Host = '%' AND Super_priv = 'N'", "1"},
    {"SELECT COUNT(*) FROM information_schema.user_privileges WHERE grantee LIKE '''app''%' AND "
     "privilege_type <> 'USAGE'",
     "0"},
    {"SELECT @@max_connections", "20"},
    {"SELECT @@port", "3306"},
    {"SELECT @@ssl_ca", "/etc/goneaway/ca.pem"},
};

static int check_truth(MYSQL *mysql, const struct server_recipe *recipe, size_t i) {
    const char *sql = truths[i].sql;
    MYSQL_RES *result =
        mysql_real_query(mysql, sql, strlen(sql)) == 0 ? mysql_store_result(mysql) : NULL;
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    if (!row || !row[0])
        return failed(sql, mysql_error(mysql));
    const char *wanted = truths[i].answer ? truths[i].answer : recipe->version;
    bool right = truths[i].answer ? strcmp(row[0], wanted) == 0 : text_starts(row[0], wanted);
    if (!right)
        failed(sql, row[0]);
    mysql_free_result(result);
    return !right;
}

// Logs in as the apps' account over TLS, which every server must offer; the key check proves the
// certificate.
static int check_app(const struct server_recipe *recipe) {
    MYSQL *mysql = mysql_init(NULL);
    cleanup_free char *ca = xprintf("%s/etc/goneaway/ca.pem", recipe->data);
    mysql_ssl_set(mysql, NULL, NULL, ca, NULL, NULL);
    int ret = 0;
    if (!mysql_real_connect(mysql, NULL, APP_USER, APP_PASSWORD, APP_DATABASE, 0,
                            SANDBOX_DIR "/sockets/mysqld.sock", 0))
        ret = failed("login of the app", mysql_error(mysql));
    else if (!mysql_get_ssl_cipher(mysql))
        ret = failed("login of the app", "no TLS");
    mysql_close(mysql);
    return ret;
}

static int boot_and_ask(void *context) {
    const struct server_recipe *recipe = context;
    struct container container = {.pidfd = -1};
    MYSQL mysql;
    int wrong = start(&container, recipe);
    if (wrong || wait_for_login(&mysql, recipe, &container))
        return 1;
    for (size_t i = 0; i < COUNT_OF(truths); i++)
        wrong |= check_truth(&mysql, recipe, i);
    wrong |= check_app(recipe);
    mysql_close(&mysql);
    if (container_program(&container) <= 0)
        wrong = failed("container_program", "not found");
    container_close(&container);
    return wrong;
}

static void run_in_sandbox(sandbox_body *body, void *context) {
    struct sandbox sandbox;
    int status = -1;
    const struct sandbox_place places[] = {
        {.path = images.cache.folder}, {.path = images.fixtures}, {0}};
    struct sandbox_spec spec = {.body = body, .context = context, .places = places};
    ck_assert_msg(sandbox_open(&sandbox, &spec, &err) == 0, "%s\n%s", err.what, err.remedy);
    waitpid(sandbox.pid, &status, 0);
    close(sandbox.pidfd);
    ck_assert_int_eq(status, 0);
}

static const char *const servers[] = {"mysql-9.7", "mariadb-10.11"};

START_TEST(server_boots_and_answers) {
    struct server_recipe *recipe = prepared(servers[_i]);
    run_in_sandbox(boot_and_ask, recipe);
    cleanup_free char *package = xprintf("%s-server-core ", recipe->vendor);
    ck_assert_msg(text_starts(recipe->package, package), "'%s'", recipe->package);
    ck_assert_msg(strstr(recipe->package, recipe->version) != NULL, "'%s'", recipe->package);
}
END_TEST

START_TEST(public_key_is_there_for_apps_without_tls) {
    cleanup_free char *key =
        xprintf("%s/var/lib/mysql/public_key.pem", prepared("mysql-9.7")->data);
    ck_assert(file_exists(key));
}
END_TEST

static const struct {
    const char *name, *says, *version; // version: how it begins
} connectors[] = {{"libmysqlclient", "libmysqlclient", "9."},
                  {"mariadb-c", "mariadb-c", "3.3."},
                  {"mariadb-c-3.4", "mariadb-c", "3.4."},
                  {"mariadb-jdbc", "mariadb-jdbc", "2.7."}};
static size_t connector; ///< for the running test

static int check_hello(const char *answer) {
    cleanup_free char *says = xprintf("\"connector\":\"%s\"", connectors[connector].says);
    cleanup_free char *version = xprintf("\"version\":\"%s", connectors[connector].version);
    return strstr(answer, says) && strstr(answer, version) ? 0 : failed("answer", answer);
}

static int say_hello(void *context) {
    const struct connector_recipe *recipe = context;
    cleanup_close int in = open(SANDBOX_DIR "/in", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    cleanup_close int out = open(SANDBOX_DIR "/out", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    static const char hello[] = "{\"op\":\"hello\",\"protocol\":1}\n";
    if (write(in, hello, strlen(hello)) < 0 || lseek(in, 0, SEEK_SET) != 0)
        return failed("request", strerror(errno));
    const struct container_bind binds[] = {{recipe->adapter, "/adapter", false}, {0}};
    struct container_spec spec = {.root = recipe->root,
                                  .binds = binds,
                                  .argv = recipe->command.items,
                                  .netns = -1,
                                  .in = in,
                                  .out = out,
                                  .err = -1};
    struct container container;
    int status = 0;
    if (container_open(&container, &spec, &err) < 0)
        return failed("container", err.what);
    if (!container_ended(&container, clock_ms() + 10e3, &status) || status != 0)
        return failed("adapter", "no orderly end");
    cleanup_text struct text answer = {0};
    if (file_read(SANDBOX_DIR "/out", 65536, &answer, &err) < 0)
        return failed("answer", err.what);
    return check_hello(text_get(&answer));
}

START_TEST(connector_says_hello) {
    connector = (size_t)_i;
    struct connector_recipe *recipe = images_connector(&images, connectors[_i].name, &err);
    ck_assert_msg(image_connector_prepare(&images, recipe, show, NULL, &err) == 0, "%s", err.what);
    run_in_sandbox(say_hello, recipe);
}
END_TEST

static void check_size(const char *name, const char *root, int64_t megabytes, size_t *checked) {
    int64_t takes = share_measure(root).bytes / 1000000;
    ck_assert_msg(takes * 2 <= megabytes * 3 + 20 && megabytes * 2 <= takes * 3 + 20,
                  "%s takes %lld MB, not about %lld; see `megabytes` of its recipe", name,
                  (long long)takes, (long long)megabytes);
    ++*checked;
}

// Of what happens to be in the cache. Half as much again is good enough for `prepare`.
START_TEST(sizes_are_roughly_what_recipes_say) {
    size_t checked = 0;
    for (size_t i = 0; i < images.server_count; i++) {
        struct server_recipe *recipe = &images.servers[i];
        if (image_server_find(&images, recipe, &err) == CACHE_READY)
            check_size(recipe->name, recipe->root, recipe->megabytes, &checked);
    }
    for (size_t i = 0; i < images.connector_count; i++) {
        struct connector_recipe *recipe = &images.connectors[i];
        if (recipe->packages.count > 0 &&
            image_connector_find(&images, recipe, &err) == CACHE_READY)
            check_size(recipe->name, recipe->root, recipe->megabytes, &checked);
    }
    ck_assert_uint_ge(checked, COUNT_OF(servers));
}
END_TEST

// Fixtures and a cache of a test's own, with recipes that are small but real.
static void make_small(void) {
    folder_make("/tmp/goneaway-test", 0700);
    folder_put("servers/README.md", "none\n");
    folder_put("connectors/small/recipe.yml",
               "title: T\nsuite: bookworm\npackages: [libjansson-dev, libc6-dev]\nsources: [a.c]\n"
               "link: [jansson]\ncommand: [/adapter/adapter]\n");
    static const char program[] = "#include <jansson.h>\n"
                                  "int main(void) { return json_true() == 0; }\n";
    folder_put("connectors/small/a.c", program);
    folder_put("connectors/tooled/recipe.yml",
               "title: T\nsuite: bookworm\nbuild_packages: [libjansson-dev, libc6-dev]\n"
               "sources: [a.c]\nlink: [jansson]\ncommand: [/adapter/adapter]\n");
    folder_put("connectors/tooled/a.c", program);
    cleanup_free char *cache = folder_path("cache");
    setenv("GONEAWAY_CACHE", cache, 1);
    ck_assert_msg(images_open(&images, test_folder, &err) == 0, "%s", err.what);
}

static void remove_small(void) {
    images_close(&images);
    folder_remove();
}

// Whether a process has the test's folder in its command line, or as its working folder or root.
static bool is_at_work(const char *folder) {
    cleanup_text struct text command = {0};
    cleanup_free char *path = xprintf("%s/cmdline", folder);
    struct err ignored;
    char target[512];
    if (file_read(path, 1 << 20, &command, &ignored) == 0 && command.length > 0 &&
        memmem(command.data, command.length, test_folder, strlen(test_folder)))
        return true;
    static const char *const links[] = {"cwd", "root"};
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        cleanup_free char *link = xprintf("%s/%s", folder, links[i]);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length > 0 && memmem(target, (size_t)length, test_folder, strlen(test_folder)))
            return true;
    }
    return false;
}

static size_t workers(void) {
    glob_t found = {0};
    size_t count = 0;
    glob("/proc/[0-9]*", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        count += is_at_work(found.gl_pathv[i]);
    globfree(&found);
    return count;
}

// Stages of preparation; a file shows that each was reached.
static const struct {
    const char *file;
    size_t connector;
} stages[] = {
    {"cache/tmp-*/debian/root/etc/apt", 0},
    {"cache/tmp-*/debian/root/var/cache/apt/archives/partial/*", 0},
    {"cache/tmp-*/debian/root/usr/bin/dpkg", 0},
    {"cache/tmp-*/debian/root/var/lib/dpkg/info/*.list", 0},
    {"cache/tmp-*/build/root/usr/bin/dpkg", 1},
};

START_TEST(nothing_is_left_when_killed) {
    struct connector_recipe *recipe = &images.connectors[stages[_i].connector];
    pid_t pid = fork();
    if (pid == 0)
        _exit(image_connector_prepare(&images, recipe, show, NULL, &err) < 0);
    double deadline_ms = clock_ms() + PREPARE_DEADLINE_S * 1e3;
    while (folder_count(stages[_i].file) == 0 && !proc_wait(pid, clock_ms(), &(int){0}) &&
           clock_ms() < deadline_ms)
        clock_wait(2, -1);
    ck_assert_msg(workers() > 0, "stage %s was not reached", stages[_i].file);
    proc_kill(pid);
    deadline_ms = clock_ms() + 20e3;
    while ((workers() > 0 || folder_count("cache/tmp-*") > 0) && clock_ms() < deadline_ms)
        clock_wait(10, -1);
    ck_assert_uint_eq(workers(), 0);
    ck_assert_uint_eq(folder_count("cache/tmp-*"), 0);
    ck_assert_uint_eq(folder_count("cache/*-adapter-*"), 0);
}
END_TEST

START_TEST(what_only_building_needs_is_not_kept) {
    struct connector_recipe *recipe = &images.connectors[1];
    ck_assert_msg(image_connector_prepare(&images, recipe, show, NULL, &err) == 0, "%s", err.what);
    ck_assert_int_eq(image_connector_find(&images, recipe, &err), CACHE_READY);
    ck_assert_uint_eq(folder_count("cache/tooled-adapter-*/adapter/adapter"), 1);
    ck_assert_uint_eq(folder_count("cache/tooled-root-*/root/etc/hosts"), 1);
    ck_assert_uint_eq(folder_count("cache/*/root/usr"), 0);
    ck_assert_uint_eq(folder_count("cache/tmp-*"), 0);
}
END_TEST

// The same root once more, as if another recipe's were there.
static void prepare_beside_another(void) {
    cleanup_free char *script =
        xprintf("cd %s/cache && mv small-root-* other-root-0000000000000001", test_folder);
    ck_assert_int_eq(system(script), 0); // NOLINT(cert-env33-c): for this
    cache_close(&images.cache);
    ck_assert_int_eq(image_connector_prepare(&images, &images.connectors[0], show, NULL, &err), 0);
    cleanup_free char *other = folder_path("cache/other-root-0000000000000001");
    struct share_size size = share_measure(other);
    ck_assert_int_lt(size.own_bytes, size.bytes / 4);
}

START_TEST(two_prepare_at_the_same_time) {
    pid_t pids[2];
    int status = -1;
    for (size_t i = 0; i < COUNT_OF(pids); i++)
        if ((pids[i] = fork()) == 0)
            _exit(image_connector_prepare(&images, &images.connectors[0], show, NULL, &err) < 0);
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(image_connector_find(&images, &images.connectors[0], &err), CACHE_READY);
    prepare_beside_another();
    folder_put("connectors/small/a.c", "int main(void) { return wrong; }\n");
    ck_assert_int_eq(image_connector_prepare(&images, &images.connectors[0], show, NULL, &err), -1);
    ck_assert(text_starts(err.what, "prepare connector small: compile its adapter: "));
    ck_assert_ptr_nonnull(strstr(err.what, "undeclared"));
    ck_assert_uint_eq(folder_count("cache/tmp-*"), 0);
}
END_TEST

// Otherwise they would be options of mmdebstrap and apt.
START_TEST(what_is_no_name_is_not_installed) {
    struct connector_recipe *recipe = &images.connectors[0];
    recipe->suite = "--setup-hook=true";
    ck_assert_int_eq(image_connector_prepare(&images, recipe, show, NULL, &err), -1);
    ck_assert_ptr_nonnull(
        strstr(err.what, "'--setup-hook=true' is not the name of a Debian suite"));
    recipe->suite = "bookworm";
    ((const char **)recipe->packages.items)[0] = "-oDPkg::Pre-Invoke::=true";
    ck_assert_int_eq(image_connector_prepare(&images, recipe, show, NULL, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.what, "is not the name of a Debian package"));
    ck_assert_uint_eq(folder_count("cache/tmp-*"), 0);
}
END_TEST

// Only root can make a small disk; the mount vanishes with the test's process.
START_TEST(full_disk_is_told) {
    skip_test_unless_root();
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mkdir(images.cache.folder, 0755), 0);
    ck_assert_int_eq(
        mount("tmpfs", images.cache.folder, "tmpfs", 0, _i == 0 ? "size=20m" : "size=150m"), 0);
    ck_assert_int_eq(image_connector_prepare(&images, &images.connectors[0], show, NULL, &err), -1);
    fprintf(stderr, "%s\n  %s\n", err.what, err.remedy);
    cleanup_free char *message =
        xprintf("prepare connector small: no space left in %s: ", images.cache.folder);
    ck_assert_msg(text_starts(err.what, message), "%s", err.what);
    ck_assert_msg(text_starts(err.remedy, "have 1000 MB free there"), "%s", err.remedy);
    ck_assert_uint_eq(folder_count("cache/tmp-*") + folder_count("cache/small-*"), 0);
    umount2(images.cache.folder, MNT_DETACH);
}
END_TEST

// A program that fetches and unpacks a stranger's image may be misled by it.
START_TEST(program_that_unpacks_writes_to_its_folder_alone) {
    char aside[] = "/var/tmp/goneaway-test-XXXXXX", beside[] = "/var/tmp/goneaway-test-XXXXXX";
    ck_assert(mkdtemp(aside) && mkdtemp(beside));
    struct keeper keeper = {.aside = aside};
    cleanup_free char *inside = xprintf("%s/file", aside), *outside = xprintf("%s/file", beside);
    const char *const write_inside[] = {"touch", inside, NULL};
    const char *const write_outside[] = {"touch", outside, NULL};
    ck_assert_msg(bounded_run(&keeper, write_inside, NULL, 60000, &err) == 0, "%s", err.what);
    ck_assert(file_exists(inside));
    ck_assert_int_eq(bounded_run(&keeper, write_outside, NULL, 60000, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.what, "Read-only file system"));
    ck_assert(!file_exists(outside));
    ck_assert_int_eq(file_remove_tree(aside, &err) + file_remove_tree(beside, &err), 0);
}
END_TEST

// An unreadable folder hides its content from its owner, but not from root in a namespace.
START_TEST(program_that_unpacks_hides_nothing) {
    char aside[] = "/dev/shm/goneaway-test-XXXXXX"; // on a disk it takes a minute
    ck_assert(mkdtemp(aside));
    struct keeper keeper = {.aside = aside};
    cleanup_free char *closed = xprintf("%s/closed", aside);
    static const char fill[] = "cd \"$1\" && mkdir closed && cd closed && chmod 0 . && "
                               "seq 260000 | xargs touch && sleep 1000";
    const char *const hide[] = {"bash", "-c", fill, "bash", aside, NULL};
    ck_assert_int_eq(bounded_run(&keeper, hide, NULL, 120000, &err), -1);
    ck_assert_str_eq(err.what, "the image has more than 250000 files or 6 GiB, too much for a "
                               "server");
    ck_assert_int_eq(chmod(closed, 0755), 0);
    ck_assert_int_eq(file_remove_tree(aside, &err), 0);
}
END_TEST

Suite *live_image(void) {
    Suite *suite = suite_create("live-image");
    TCase *real = tcase_create("real");
    tcase_add_checked_fixture(real, open_images, close_images);
    tcase_set_timeout(real, PREPARE_DEADLINE_S);
    tcase_add_loop_test(real, server_boots_and_answers, 0, (int)COUNT_OF(servers));
    tcase_add_test(real, public_key_is_there_for_apps_without_tls);
    tcase_add_loop_test(real, connector_says_hello, 0, (int)COUNT_OF(connectors));
    tcase_add_test(real, sizes_are_roughly_what_recipes_say);
    suite_add_tcase(suite, real);
    TCase *small = tcase_create("small");
    tcase_add_checked_fixture(small, make_small, remove_small);
    tcase_set_timeout(small, 2 * PREPARE_DEADLINE_S);
    tcase_add_loop_test(small, nothing_is_left_when_killed, 0, (int)COUNT_OF(stages));
    tcase_add_test(small, what_only_building_needs_is_not_kept);
    tcase_add_test(small, two_prepare_at_the_same_time);
    tcase_add_test(small, what_is_no_name_is_not_installed);
    tcase_add_loop_test(small, full_disk_is_told, 0, 2);
    tcase_add_test(small, program_that_unpacks_writes_to_its_folder_alone);
    tcase_add_test(small, program_that_unpacks_hides_nothing);
    suite_add_tcase(suite, small);
    return suite;
}
