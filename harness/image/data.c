// SPDX-License-Identifier: Apache-2.0
// data.c - a server's initialised data: made once, then used as a layer above the image's root
//
// The server works on an overlay in the sandbox's tmpfs, and what it wrote is copied from there. So
// the cache may be on any filesystem, and has no traces of overlayfs.
#include "image/data.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/utf8.h"
#include "cache/cache.h"
#include "cache/keeper.h"
#include "cache/key.h"
#include "cache/share.h"
#include "image/contents.h"
#include "image/debian.h"
#include "image/image.h"
#include "image/inside.h"
#include "image/roots.h"
#include "image/session.h"
#include "image/stranger.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
    STEP_DEADLINE_MS = 300000,  ///< for each step: 4 s as measured
    SCRATCH_BYTES = 1024 << 20, ///< for everything that a server writes: 200 MB as measured
};

#define PLACE SANDBOX_DIR "/prepare"
#define DATA "/var/lib/mysql"
#define LOG PLACE "/error.log"
#define SOCKETS PLACE "/sockets"

const char *const certificate_names[CERTIFICATE_COUNT] = {"ca.pem", "server-cert.pem",
                                                          "server-key.pem"};

/** What scenarios find on every server, besides the numbers in `rows`. */
/** Shared between the worker and its sandbox. */
struct job {
    struct keeper *keeper;
    const struct images *images;
    const struct server_recipe *recipe;
    struct arena *arena;
    const char *to;   ///< folder on the cache's disk that gets the data
    const char *root; ///< the overlay
    char version[64], package[256];
    char password[33]; ///< root's
};

int server_entry(struct images *images, const struct server_recipe *recipe, char **ret_entry,
                 struct err *err) {
    struct debian_root root = server_root(recipe);
    struct key key = debian_key(&root);
    key_add(&key, "server " CACHE_FORMAT ", package, password, sparse");
    if (recipe->reference)
        key_add(&key, "named"); // with a reference, entry.json has its name
    key_add(&key, recipe->vendor);
    key_add(&key, recipe->daemon);
    key_add_texts(&key, &recipe->initialise);
    key_add_texts(&key, &recipe->options);
    contents_add_key(&key);
    for (size_t i = 0; i < CERTIFICATE_COUNT; i++) {
        cleanup_free char *path =
            xprintf("%s/certificates/%s", images->fixtures, certificate_names[i]);
        if (key_add_file(&key, path, err) < 0)
            return -1;
    }
    *ret_entry =
        cache_entry(&images->cache, recipe->store ? recipe->store : recipe->name, "data", key);
    return 0;
}

static struct container_spec command_of(const struct job *job, const char *const *argv) {
    return (struct container_spec){
        .root = job->root, .root_writable = true, .scratch = PLACE, .argv = argv};
}

// Runs a command in the image to its end.
static int run(const struct job *job, const char *const *argv, struct text *output,
               struct err *err) {
    const struct container_spec command = command_of(job, argv);
    return inside_run(&command, output, err);
}

static int copy_certificates(const struct job *job, struct err *err) {
    cleanup_free char *folder = xprintf("%s" CERTIFICATES_DIR, job->root);
    if (file_make_folders(folder, 0755, err) < 0)
        return -1;
    for (size_t i = 0; i < CERTIFICATE_COUNT; i++) {
        cleanup_free char *from =
            xprintf("%s/certificates/%s", job->images->fixtures, certificate_names[i]);
        cleanup_free char *to = xprintf("%s/%s", folder, certificate_names[i]);
        cleanup_text struct text data = {0};
        if (file_read(from, 1 << 20, &data, err) < 0 ||
            file_write(to, text_get(&data), data.length, err) < 0)
            return -1;
    }
    return 0;
}

static int clear_data(const struct job *job, struct err *err) {
    cleanup_free char *folder = xprintf("%s" DATA, job->root);
    return file_remove_tree(folder, err) < 0 ? -1 : file_make_folders(folder, 0750, err);
}

static int initialise(struct job *job, struct err *err) {
    const struct server_recipe *recipe = job->recipe;
    size_t count = 0;
    const char **argv = arena_alloc(
        job->arena, (recipe->initialise.count + recipe->options.count + 1) * sizeof *argv);
    for (size_t i = 0; i < recipe->initialise.count; i++)
        argv[count++] = ((const char **)recipe->initialise.items)[i];
    for (size_t i = 0; i < recipe->options.count; i++)
        argv[count++] = arena_printf(job->arena, "--%s", ((const char **)recipe->options.items)[i]);
    cleanup_text struct text output = {0};
    return run(job, argv, &output, err);
}

// "mysqld  Ver 9.7.4-1 for Linux on x86_64", "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for ..".
static int ask_version(struct job *job, struct err *err) {
    cleanup_text struct text output = {0};
    const char *const argv[] = {job->recipe->daemon, "--no-defaults", "--version", NULL};
    if (run(job, argv, &output, err) < 0)
        return -1;
    const char *ver = strstr(text_get(&output), "Ver ");
    size_t length = ver ? strspn(ver + 4, "0123456789.") : 0;
    if (length == 0 || length >= sizeof job->version)
        return err_set(err, "%s --version says no version: %s", job->recipe->daemon,
                       text_get(&output));
    memcpy(job->version, ver + 4, length);
    return 0;
}

// Accepts only what dpkg would print; anything else in an image could be meant to harm a terminal.
static bool is_package(const char *text) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ".+~:- ";
    return *text && !text[strspn(text, letters)];
}

// Finds the daemon's package, if dpkg knows it: an image need not be Debian's.
static int ask_package(struct job *job, struct err *err) {
    cleanup_text struct text output = {0};
    const char *const argv[] = {
        "/bin/sh", "-ec",
        "owner=$(dpkg-query --search \"$0\"); "
        "dpkg-query --show --showformat='${Package} ${Version}' \"${owner%%:*}\"",
        job->recipe->daemon, NULL};
    const struct container_spec command = command_of(job, argv);
    int status;
    if (inside_try(&command, &output, &status, err) < 0)
        return err_context(err, "ask for its package");
    const struct server_recipe *recipe = job->recipe;
    bool told = status == 0 && strlen(text_get(&output)) < sizeof job->package &&
                is_package(text_get(&output));
    strcpy(job->package, told ? text_get(&output) : "");
    if (!told && recipe->flavour)
        snprintf(job->package, sizeof job->package, "%s %s", recipe->flavour, recipe->full);
    return 0;
}

static int boot(struct job *job, struct container *container, struct err *err) {
    cleanup_close int log = open(LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0 || file_make_folders(SOCKETS, 0755, err) < 0)
        return err_errno(err, "create %s", LOG);
    const struct container_bind binds[] = {{SOCKETS, SERVER_SOCKET_DIR, true}, {NULL, NULL, false}};
    const char *const options[] = {"skip-networking", NULL};
    struct container_spec spec = {.root = job->root,
                                  .root_writable = true,
                                  .scratch = PLACE,
                                  .binds = binds,
                                  .argv = server_command(job->arena, job->recipe, options),
                                  .netns = -1,
                                  .in = -1,
                                  .out = log,
                                  .err = log};
    return container_open(container, &spec, err);
}

static int show_log(const char *what, struct err *err) {
    cleanup_text struct text log = {0};
    struct err unread;
    if (file_read(LOG, 64 << 20, &log, &unread) < 0)
        text_add(&log, unread.what);
    return err_set(err, "%s; the last lines of its error log:\n%s", what,
                   text_tail(text_get(&log), 12));
}

// Uses a new handle for each attempt: a handle that failed to connect has lost its options, and
// MariaDB Connector/C 11.8.9 then takes the limits among them as 0 and refuses every result.
static MYSQL *try_login(char *ret_why, size_t size) {
    MYSQL *mysql = mysql_init(NULL);
    if (!mysql)
        out_of_memory();
    if (session_bound(mysql) &&
        mysql_real_connect(mysql, NULL, "root", "", NULL, 0, SOCKETS "/mysqld.sock", 0))
        return mysql;
    snprintf(ret_why, size, "%s", mysql_error(mysql));
    mysql_close(mysql);
    return NULL;
}

static MYSQL *log_in(struct container *container, struct err *err) {
    double deadline_ms = clock_ms() + STEP_DEADLINE_MS;
    char why[512];
    int status;
    MYSQL *mysql;
    while (!(mysql = try_login(why, sizeof why))) {
        if (container_ended(container, 0, &status)) {
            show_log("the server ended before anybody could log in", err);
            return NULL;
        }
        if (clock_left_ms(deadline_ms) == 0) {
            cleanup_free char *what = xprintf("no login within its time: %s", why);
            show_log(what, err);
            return NULL;
        }
        clock_wait(10, container->pidfd); // no event tells that somebody listens at a socket
    }
    return mysql;
}

static int shut_down(struct container *container, struct err *err) {
    pid_t pid = container_program(container);
    if (pid > 0 && kill(pid, SIGTERM) < 0)
        return err_errno(err, "end the server");
    int status = 0;
    char text[64];
    if (!container_ended(container, clock_ms() + STEP_DEADLINE_MS, &status))
        return show_log("the server does not end at a SIGTERM", err);
    return status == 0 ? 0 : show_log(proc_status_text(status, text, sizeof text), err);
}

static int serve_once(struct job *job, struct err *err) {
    struct container container = {.pidfd = -1};
    if (boot(job, &container, err) < 0)
        return -1;
    MYSQL *mysql = log_in(&container, err);
    int ret = mysql ? contents_make(mysql, job->password, err) : -1;
    mysql_close(mysql);
    if (ret == 0)
        ret = shut_down(&container, err);
    container_close(&container);
    return ret;
}

// Without these keys, an app without TLS cannot log in by caching_sha2_password.
static int check_keys(const struct job *job, struct err *err) {
    cleanup_free char *key = xprintf("%s" DATA "/public_key.pem", job->root);
    if (strcmp(job->recipe->vendor, "mysql") != 0 || atoi(job->version) < 8 || file_exists(key))
        return 0;
    return err_set(err, "initialising it made no RSA key pair (public_key.pem)");
}

static int copy_out(const struct job *job, struct err *err) {
    static const char *const folders[] = {"/var/lib", "/etc"};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        cleanup_free char *to = xprintf("%s%s", job->to, folders[i]);
        cleanup_free char *from = xprintf("%s%s", job->root, i == 0 ? DATA : CERTIFICATES_DIR);
        if (stranger_refuse_links(job->root, i == 0 ? DATA "/" : CERTIFICATES_DIR "/", err) < 0)
            return -1;
        // a redo log is mostly zeros, which every server would have to copy
        const char *const argv[] = {"cp", "-a", "--sparse=always", "--", from, to, NULL};
        struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
        if (file_make_folders(to, 0755, err) < 0 ||
            proc_run(&spec, clock_ms() + STEP_DEADLINE_MS, NULL, err) < 0)
            return -1;
    }
    return 0;
}

static int make_data(void *context, struct err *err) {
    struct job *job = context;
    if (inside_bound_memory(err) < 0 || container_scratch(PLACE, SCRATCH_BYTES, err) < 0)
        return -1;
    job->root = container_overlay(PLACE, (const char *const[]){job->recipe->root, NULL}, err);
    if (!job->root)
        return -1;
    // a program in the image could redirect anything written after it ran
    if (copy_certificates(job, err) < 0 || clear_data(job, err) < 0)
        return -1;
    if (ask_package(job, err) < 0 || ask_version(job, err) < 0 || initialise(job, err) < 0)
        return err_context(err, "initialise its data");
    if (serve_once(job, err) < 0 || check_keys(job, err) < 0)
        return err_context(err, "set up its data");
    return copy_out(job, err);
}

// Describes a server without a recipe: what it is, and where it came from.
static void describe_reference(const struct server_recipe *recipe, json_t *entry) {
    if (!recipe->reference)
        return;
    json_object_set_new(entry, "name", utf8_json(recipe->name));
    json_object_set_new(entry, "reference", utf8_json(recipe->reference));
    json_object_set_new(entry, "flavour", utf8_json(recipe->flavour));
    json_object_set_new(entry, "full", utf8_json(recipe->full));
}

static int describe(const struct job *job, const char *folder, struct err *err) {
    cleanup_free char *path = xprintf("%s/entry.json", folder);
    json_auto_t *entry = json_pack("{s:s, s:s, s:s}", "version", job->version, "package",
                                   job->package, "password", job->password);
    describe_reference(job->recipe, entry);
    cleanup_free char *line = json_dumps(entry, JSON_COMPACT);
    if (!line)
        return err_set(err, "the package '%s' is not text", job->package);
    return file_write(path, line, strlen(line), err);
}

static int choose_password(char *ret, size_t size, struct err *err) {
    unsigned char random[16];
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return err_errno(err, "choose a password");
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(ret + 2 * i, size - 2 * i, "%02x", random[i]);
    return 0;
}

static int make_entry(struct job *job, const char *entry, const char *base, struct err *err) {
    cleanup_free char *folder = xprintf("%s/server", job->keeper->aside);
    cleanup_free char *to = xprintf("%s/data", folder);
    double started_ms = clock_ms();
    job->to = to;
    keeper_tell(job->keeper, "%s: initialising its data ..", job->recipe->name);
    const struct inside_view view = {job->keeper, job->images, to};
    // a program in the image wrote these files
    if (file_make_folders(to, 0755, err) < 0 || inside_sandbox(&view, make_data, job, err) < 0 ||
        stranger_tame(to, err) < 0 || describe(job, folder, err) < 0)
        return -1;
    long long megabytes = (long long)(share_measure(to).bytes / 1000000);
    if (cache_publish(job->keeper, folder, entry, base, err) < 0)
        return -1;
    keeper_tell(job->keeper, "%s: version %s, %lld MB of data in %.1f s", job->recipe->name,
                *job->package ? job->package : job->version, megabytes,
                (clock_ms() - started_ms) / 1e3);
    return 0;
}

int server_prepare(struct keeper *keeper, struct images *images, struct server_recipe *recipe,
                   const char *entry, struct err *err) {
    struct debian_root root = server_root(recipe);
    const char *base = debian_entry(images, &root);
    cleanup_close int lock = -1;
    if (cache_lock(keeper, recipe->name, &lock, err) < 0)
        return -1;
    int there = cache_want(keeper, &images->cache, recipe->name, entry, base, err);
    if (there != 0)
        return there < 0 ? -1 : 0;
    struct job *job =
        mmap(NULL, sizeof *job, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (job == MAP_FAILED)
        return err_errno(err, "mmap");
    *job =
        (struct job){.keeper = keeper, .images = images, .recipe = recipe, .arena = images->arena};
    int ret = choose_password(job->password, sizeof job->password, err) < 0
                  ? -1
                  : make_entry(job, entry, base, err);
    munmap(job, sizeof *job);
    return ret;
}
