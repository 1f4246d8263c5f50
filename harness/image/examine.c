// SPDX-License-Identifier: Apache-2.0
// examine.c - finds out which server an image has: by its files, and by asking it in a container
//
// An image is not trusted: its files are opened below its root only, and its server runs in a
// container, with limits on time, memory and output.
#include "image/examine.h"

#include "base/file.h"
#include "cache/keeper.h"
#include "image/debian.h"
#include "image/elf.h"
#include "image/image.h"
#include "image/inside.h"
#include "image/learn.h"
#include "image/reference.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FILE_NAME "learned.json"
enum { SCRATCH_BYTES = 64 << 20, MOST_SCRIPT_BYTES = 1 << 20, MOST_FILE_BYTES = 64 << 10 };

// Where distributions, the vendors' images and tarballs, and builds from source have it.
static const char *const daemons[] = {
    "/usr/sbin/mariadbd",
    "/usr/sbin/mysqld",
    "/usr/bin/mariadbd",
    "/usr/bin/mysqld",
    "/usr/libexec/mariadbd",
    "/usr/libexec/mysqld",
    "/usr/local/mysql/bin/mariadbd",
    "/usr/local/mysql/bin/mysqld",
    "/usr/local/bin/mariadbd",
    "/usr/local/bin/mysqld",
    "/usr/local/sbin/mysqld",
    "/opt/mysql/bin/mysqld",
    "/opt/bitnami/mariadb/sbin/mariadbd",
    "/opt/bitnami/mariadb/sbin/mysqld",
    "/opt/bitnami/mysql/bin/mysqld",
};

/** Scripts that initialise data, next to the daemon or in these folders. */
static const char *const installers[] = {"bin/mariadb-install-db", "scripts/mariadb-install-db",
                                         "bin/mysql_install_db", "scripts/mysql_install_db",
                                         "sbin/mysql_install_db"};

// ---- files of the image ------------------------------------------------------------------------

// Links on the way are resolved within the image, so none leads out of it.
static int open_inside(int root, const char *path) {
    struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC,
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static int refuse_machine(const char *daemon, int machine, struct err *err) {
    struct utsname host;
    uname(&host);
    err_set(err, "its server %s is for %s, and this machine is %s", daemon,
            elf_machine_name(machine), host.machine);
    return err_remedy(err, "take an image for %s", host.machine);
}

static int refuse_serverless(struct err *err) {
    cleanup_text struct text tried = {0};
    for (size_t i = 0; i < COUNT_OF(daemons); i++)
        text_printf(&tried, "%s%s", i ? ", " : "", daemons[i]);
    err_set(err, "it has no MySQL or MariaDB server: none of %s", text_get(&tried));
    return err_remedy(err, "name an image of a server, not of a client or of an application");
}

// `known`: its path; NULL: it is in one of the usual places.
static int find_daemon(int root, const char *known, struct learned *learned, struct err *err) {
    for (size_t i = 0; i < (known ? 1 : COUNT_OF(daemons)); i++) {
        const char *daemon = known ? known : daemons[i];
        cleanup_close int fd = open_inside(root, daemon);
        int machine = fd < 0 ? -1 : elf_machine(fd);
        if (machine < 0)
            continue; // missing, or a script that would run another
        learned->daemon = daemon;
        return machine == elf_own_machine() ? 0 : refuse_machine(daemon, machine, err);
    }
    return refuse_serverless(err);
}

// A server that is not where it was built for must be told where its messages are.
static const char *find_base(int root, const char *daemon, struct arena *arena) {
    static const char *const messages[] = {"english", "mysql/english", "mariadb/english",
                                           "percona-server/english"};
    const char *base = learn_base(arena, daemon);
    for (size_t i = 0; strcmp(base, "/usr") != 0 && i < COUNT_OF(messages); i++) {
        cleanup_free char *path = xprintf("%s/share/%s/errmsg.sys", base, messages[i]);
        cleanup_close int fd = open_inside(root, path);
        if (fd >= 0)
            return base;
    }
    return NULL;
}

static bool read_script(int root, const char *path, struct text *script) {
    cleanup_close int fd = open_inside(root, path);
    char buffer[4096];
    ssize_t got = 0;
    while (fd >= 0 && script->length < MOST_SCRIPT_BYTES &&
           (got = read(fd, buffer, sizeof buffer)) > 0)
        text_append(script, buffer, (size_t)got);
    return fd >= 0 && got >= 0;
}

// Finds the vendor's initialisation script, in the folder where the server is installed.
static int find_initialise(int root, struct learned *learned, struct arena *arena,
                           struct err *err) {
    const char *name = strrchr(learned->daemon, '/');
    while (name > learned->daemon && name[-1] != '/')
        name--;
    for (size_t i = 0; i < COUNT_OF(installers); i++) {
        cleanup_text struct text script = {0};
        const char *path = arena_printf(arena, "%.*s%s", (int)(name - learned->daemon),
                                        learned->daemon, installers[i]);
        if (read_script(root, path, &script))
            return learn_initialise(learned, arena, path, text_get(&script), err);
    }
    return learn_initialise(learned, arena, NULL, NULL, err);
}

// ---- asking the server -------------------------------------------------------------------------

/** What the sandbox needs to know, and what it finds out, in shared memory. */
struct inquiry {
    const char *root, *daemon;
    const char *base; ///< as an option, or NULL
    char version[4096];
    char help[LEARN_MOST_BYTES];
};

static int ask(const struct inquiry *inquiry, const char *const *options, char *ret_said,
               size_t size, struct err *err) {
    const char *argv[8] = {inquiry->daemon, "--no-defaults"};
    cleanup_text struct text said = {0};
    for (size_t i = 0; options[i]; i++)
        argv[2 + i] = options[i];
    struct container_spec spec = {
        .root = inquiry->root, .scratch = SANDBOX_DIR "/ask", .argv = argv};
    if (container_scratch(spec.scratch, SCRATCH_BYTES, err) < 0)
        return -1;
    int ret = inside_run(&spec, &said, err);
    container_drop_scratch(spec.scratch);
    snprintf(ret_said, size, "%s", text_get(&said));
    return ret;
}

static int ask_inside(void *context, struct err *err) {
    struct inquiry *inquiry = context;
    static const char *const version[] = {"--version", NULL};
    const char *const help[] = {"--user=root", "--datadir=/tmp", "--verbose",
                                "--help",      inquiry->base,    NULL};
    if (inside_bound_memory(err) < 0 ||
        ask(inquiry, version, inquiry->version, sizeof inquiry->version, err) < 0)
        return -1;
    return ask(inquiry, help, inquiry->help, sizeof inquiry->help, err);
}

// ---- keeping the answer ------------------------------------------------------------------------

static json_t *texts_json(const struct list *texts) {
    json_t *array = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(array, json_string(((const char **)texts->items)[i]));
    return array;
}

static int write_learned(const char *folder, const struct learned *learned, struct err *err) {
    cleanup_free char *path = xprintf("%s/" FILE_NAME, folder);
    json_auto_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "daemon", learned->daemon, "vendor",
                  learned->vendor, "flavour", learned->flavour, "version", learned->version, "full",
                  learned->full, "initialise", texts_json(&learned->initialise), "options",
                  texts_json(&learned->options), "left_out", texts_json(&learned->left_out));
    cleanup_free char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (!line)
        return err_set(err, "what the server says of itself is not text");
    return file_write(path, line, strlen(line), err);
}

static void read_texts(const json_t *array, struct arena *arena, struct list *ret) {
    const char **items = arena_alloc(arena, (json_array_size(array) + 1) * sizeof *items);
    *ret = (struct list){.items = items};
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (text)
            items[ret->count++] = arena_text(arena, text, strlen(text));
    }
}

static const char *read_member(const json_t *json, const char *name, struct arena *arena) {
    const char *text = json_string_value(json_object_get(json, name));
    return text ? arena_text(arena, text, strlen(text)) : NULL;
}

bool learned_read(struct learned *learned, struct arena *arena, const char *folder) {
    cleanup_free char *path = xprintf("%s/" FILE_NAME, folder);
    cleanup_text struct text data = {0};
    struct err unread;
    if (file_read(path, MOST_FILE_BYTES, &data, &unread) < 0)
        return false;
    json_auto_t *json = json_loads(text_get(&data), 0, NULL);
    *learned = (struct learned){.daemon = read_member(json, "daemon", arena),
                                .vendor = read_member(json, "vendor", arena),
                                .flavour = read_member(json, "flavour", arena),
                                .version = read_member(json, "version", arena),
                                .full = read_member(json, "full", arena)};
    read_texts(json_object_get(json, "initialise"), arena, &learned->initialise);
    read_texts(json_object_get(json, "options"), arena, &learned->options);
    read_texts(json_object_get(json, "left_out"), arena, &learned->left_out);
    return learned->daemon && learned->vendor && learned->flavour && learned->version &&
           learned->full && learned->initialise.count > 0;
}

static void tell_learned(struct keeper *keeper, const char *name, const struct learned *learned) {
    cleanup_text struct text left_out = {0};
    for (size_t i = 0; i < learned->left_out.count; i++)
        text_printf(&left_out, "%s%s", i ? ", " : "", ((const char **)learned->left_out.items)[i]);
    keeper_tell(keeper, "%s: it is %s %s", name, learned->flavour, learned->full);
    if (left_out.length > 0)
        keeper_tell(keeper, "%s: left out, since it does not know them: %s", name,
                    text_get(&left_out));
}

static int inquire(struct keeper *keeper, const struct images *images, struct inquiry *inquiry,
                   struct learned *learned, struct err *err) {
    cleanup_free char *nothing = xprintf("%s/nothing", keeper->aside);
    const struct inside_view view = {keeper, images, nothing};
    if (file_make_folders(nothing, 0755, err) < 0 ||
        inside_sandbox(&view, ask_inside, inquiry, err) < 0)
        return -1;
    if (learn_version(learned, images->arena, inquiry->version, err) < 0)
        return -1;
    return learn_options(learned, images->arena, inquiry->help, err);
}

static int learn(struct keeper *keeper, const struct images *images, const char *root,
                 const char *known, struct learned *learned, struct err *err) {
    cleanup_close int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "%s", root);
    if (find_daemon(fd, known, learned, err) < 0)
        return -1;
    learned->base = find_base(fd, learned->daemon, images->arena);
    struct inquiry *inquiry =
        mmap(NULL, sizeof *inquiry, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (inquiry == MAP_FAILED)
        return err_errno(err, "mmap");
    inquiry->root = root;
    inquiry->daemon = learned->daemon;
    if (learned->base)
        inquiry->base = arena_printf(images->arena, "--basedir=%s", learned->base);
    int ret = inquire(keeper, images, inquiry, learned, err);
    munmap(inquiry, sizeof *inquiry);
    if (ret < 0)
        return err_context(err, "ask its server %s what it is", learned->daemon);
    return find_initialise(fd, learned, images->arena, err);
}

int server_examine(struct keeper *keeper, const struct images *images,
                   const struct debian_root *root, const char *folder, struct err *err) {
    struct learned learned = {0};
    cleanup_free char *tree = xprintf("%s/root", folder);
    const char *program = root->reference ? reference_program(root->reference) : NULL;
    cleanup_free char *known = program ? realpath(program, NULL) : NULL;
    if (learn(keeper, images, tree, known, &learned, err) < 0)
        return -1;
    tell_learned(keeper, root->name, &learned);
    return write_learned(folder, &learned, err);
}
