// SPDX-License-Identifier: Apache-2.0
// installed.c - servers of this machine: what an ELF file reveals, and which files are taken
#include "base/file.h"
#include "cache/keeper.h"
#include "cache/key.h"
#include "image/haul.h"
#include "image/image.h"
#include "image/installed.h"
#include "image/reference.h"
#include "test/lib/bound.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *arena;
static struct err err;

// Replaces @ by the folder.
static const char *with_top(const char *text) {
    const char *at = text ? strchr(text, '@') : NULL;
    if (!at)
        return text;
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, test_folder, with_top(at + 1));
}

static void put(const char *path, const char *content) {
    const char *file = with_top(path);
    cleanup_free char *folder = xprintf("%.*s", (int)(strrchr(file, '/') - file), file);
    ck_assert_int_eq(file_make_folders(folder, 0755, &err), 0);
    ck_assert_int_eq(file_write(file, content, strlen(content), &err), 0);
}

// A link to this test program, which is for this machine and needs libraries.
static void put_program(const char *path) {
    char self[PATH_MAX];
    put(path, "");
    ck_assert_ptr_nonnull(realpath("/proc/self/exe", self));
    ck_assert_int_eq(unlink(with_top(path)), 0);
    ck_assert_int_eq(symlink(self, with_top(path)), 0);
}

// Not below /tmp, since a container has its own.
static void set_up(void) {
    err = (struct err){0};
    arena = arena_new();
    folder_make("/var/tmp/goneaway-test", 0700);
    unsetenv("LD_LIBRARY_PATH");
}

static void tear_down(void) {
    folder_remove();
    arena_free(arena);
}

// ---- programs ----------------------------------------------------------------------------------

static bool needs(const struct elf *elf, const char *prefix) {
    for (size_t i = 0; i < elf->needed.count; i++)
        if (text_starts(((const char **)elf->needed.items)[i], prefix))
            return true;
    return false;
}

START_TEST(a_program_says_what_it_needs) {
    struct elf elf;
    ck_assert_int_eq(elf_read(&elf, arena, "/proc/self/exe"), 0);
    ck_assert_int_eq(elf.machine, elf_own_machine());
    ck_assert(needs(&elf, "libc.") && needs(&elf, "libcrypto.") && !needs(&elf, "libno"));
    ck_assert(elf.interpreter && elf.interpreter[0] == '/' && file_exists(elf.interpreter));
    put("@/text", "#!/bin/sh\n");
    ck_assert_int_eq(elf_read(&elf, arena, with_top("@/text")), -1);
    ck_assert_int_eq(errno, ENOEXEC);
    ck_assert_int_eq(elf.machine, -1);
    ck_assert_int_eq(elf_read(&elf, arena, with_top("@/none")), -1);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

// Whatever its offsets and sizes are, reading it ends, within its limits.
START_TEST(a_damaged_program_is_read_in_bounds) {
    enum { BYTES = 16384, STEP = SANITIZED ? 37 : 5, HEADERS = 1024 };
    cleanup_free char *bytes = xcalloc(1, BYTES);
    FILE *self = fopen("/proc/self/exe", "r");
    ck_assert(self && fread(bytes, 1, BYTES, self) == BYTES);
    fclose(self);
    const char *path = with_top("@/damaged");
    for (size_t i = EI_CLASS; i < HEADERS; i += i < EI_NIDENT ? 1 : STEP) {
        struct elf elf;
        char kept = bytes[i];
        bytes[i] = (char)~kept;
        ck_assert_int_eq(file_write(path, bytes, BYTES, &err), 0);
        elf_read(&elf, arena, path);
        ck_assert_uint_le(elf.needed.count, 500);
        bytes[i] = kept;
        ck_assert_int_eq(file_write(path, bytes, i, &err), 0);
        ck_assert(elf_read(&elf, arena, path) == -1 || elf.needed.count == 0);
    }
    ck_assert_uint_le(arena_used(arena), 64 << 20);
}
END_TEST

// ---- libraries ---------------------------------------------------------------------------------

static const struct {
    const char *rpath, *runpath, *program_rpath, *of_caller; // the last is LD_LIBRARY_PATH
    const char *found;                                       // or NULL
    bool own;
} searches[] = {
    {NULL, NULL, NULL, NULL, NULL, false},
    {"$ORIGIN/../lib", NULL, NULL, NULL, "@/bin/../lib/libx.so.1", true},
    {"/none:${ORIGIN}/../lib", NULL, NULL, "@/other", "@/bin/../lib/libx.so.1", true},
    {"@/other:@/lib", NULL, NULL, NULL, "@/other/libx.so.1", true},
    {"@/lib", "@/other", NULL, NULL, "@/other/libx.so.1", true}, // it takes precedence
    {NULL, "@/lib", NULL, "@/other", "@/other/libx.so.1", false},
    {NULL, "$LIB/x:@/lib", NULL, NULL, "@/lib/libx.so.1", true},
    {NULL, NULL, "@/lib", NULL, "@/lib/libx.so.1", true},
    {NULL, NULL, NULL, ":@/none:@/lib", "@/lib/libx.so.1", false},
    {"@/text:lib", NULL, NULL, "lib", NULL,
     false}, // no library; and nothing depends on the current folder
};

START_TEST(a_library_is_found_where_the_loader_looks) {
    struct library_folders folders;
    struct elf elf = {.rpath = with_top(searches[_i].rpath),
                      .runpath = with_top(searches[_i].runpath)};
    const struct library_seeker seeker = {with_top("@/bin/x"), &elf,
                                          with_top(searches[_i].program_rpath)};
    bool own = false;
    put_program("@/lib/libx.so.1");
    put_program("@/other/libx.so.1");
    put("@/text/libx.so.1", "GROUP ( libx.so.2 )\n");
    put("@/bin/x", "");
    if (searches[_i].of_caller)
        setenv("LD_LIBRARY_PATH", with_top(searches[_i].of_caller), 1);
    libraries_open(&folders, arena);
    const char *found = library_find(&folders, &seeker, "libx.so.1", &own);
    ck_assert_pstr_eq(found, with_top(searches[_i].found));
    ck_assert(!found || own == searches[_i].own);
    ck_assert_ptr_nonnull(library_find(&folders, &seeker, "libc.so.6", &own));
    ck_assert_ptr_nonnull(library_find(&folders, &seeker, with_top("@/lib/libx.so.1"), &own));
    ck_assert_ptr_null(library_find(&folders, &seeker, with_top("@/text/libx.so.1"), &own));
}
END_TEST

// ---- what is taken -----------------------------------------------------------------------------

static bool has(const struct haul *haul, const char *path) {
    for (size_t i = 0; i < haul->count; i++)
        if (strcmp(haul->pieces[i].path, with_top(path)) == 0)
            return true;
    return false;
}

START_TEST(links_on_the_way_are_taken) {
    struct haul haul;
    char real[PATH_MAX];
    put("@/a/b/file", "x");
    ck_assert_int_eq(symlink("a/../a", with_top("@/one")), 0);
    ck_assert_int_eq(symlink(with_top("@/one/b"), with_top("@/two")), 0);
    ck_assert_int_eq(symlink("file", with_top("@/a/b/link")), 0);
    ck_assert_int_eq(symlink("loop", with_top("@/loop")), 0);
    haul_open(&haul);
    haul.base = with_top("@/a");
    ck_assert_int_eq(haul_path(&haul, with_top("@/./two//link"), real, &err), 0);
    ck_assert_str_eq(real, with_top("@/a/b/file"));
    ck_assert_uint_eq(haul.count, 4);
    ck_assert(has(&haul, "@/one") && has(&haul, "@/two") && has(&haul, "@/a/b/link") &&
              has(&haul, "@/a/b/file"));
    ck_assert_int_eq(haul_path(&haul, with_top("@/loop"), real, &err), 0);
    ck_assert_str_eq(real, "");
    ck_assert_int_eq(haul_path(&haul, with_top("@/a/none"), real, &err), 0);
    ck_assert_str_eq(real, "");
    haul_close(&haul);
}
END_TEST

// A copy of a library that every machine has, with a mode chosen by the test.
static void put_copy(const char *path) {
    cleanup_text struct text program = {0};
    ck_assert_int_eq(file_read("/bin/true", 16 << 20, &program, &err), 0);
    put(path, "");
    ck_assert_int_eq(file_write(with_top(path), text_get(&program), program.length, &err), 0);
}

// A stranger's build may link to any of its user's files.
START_TEST(what_is_somebody_elses_is_left) {
    static const struct {
        const char *link, *to;
        mode_t mode;
        bool taken;
    } rows[] = {
        {"own", "../private", 0600, true},        {"note", "../../note", 0644, false},
        {"secret", "../../note", 0600, false},    {"tool", "../../lib/tool", 0755, true},
        {"vault", "../../lib/tool", 0700, false}, {"passwords", "/etc/shadow", 0, false},
    };
    struct haul haul;
    char real[PATH_MAX];
    put("@/server/private", "x");
    put("@/note", "x");
    put_copy("@/lib/tool");
    haul_open(&haul);
    haul.base = with_top("@/server");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cleanup_free char *link = xprintf("%s/server/share/%s", with_top("@"), rows[i].link);
        cleanup_free char *to = xprintf("%s/server/share/%s", with_top("@"), rows[i].to);
        put("@/server/share/any", "x");
        ck_assert_int_eq(symlink(rows[i].to, link), 0);
        ck_assert(rows[i].mode == 0 || chmod(to, rows[i].mode) == 0);
        ck_assert_int_eq(haul_path(&haul, link, real, &err), 0);
        ck_assert_msg((*real != '\0') == rows[i].taken, "%s: '%s'", rows[i].link, real);
    }
    haul_close(&haul);
}
END_TEST

static uint64_t key_of(const char *program) {
    struct key key = KEY_START;
    cleanup_free char *reference = xprintf("path:%s", with_top(program));
    ck_assert_pstr_eq(reference_program(reference), with_top(program));
    reference_add_key(&key, reference);
    return key.hash;
}

static const char *const changed[] = {"@/share/mysql/english/errmsg.sys",
                                      "@/share/charsets/latin1.xml",
                                      "@/share/mysql/mysql_system_tables.sql",
                                      "@/lib/mysql/plugin/new.so",
                                      "@/lib64/private/icu/data",
                                      "@/scripts/mariadb-install-db",
                                      "@/bin/my_print_defaults"};

START_TEST(a_server_that_was_built_anew_is_another) {
    put_program("@/bin/mysqld");
    put_program("@/sbin/mysqld");
    put("@/share/mysql/english/errmsg.sys", "x");
    put("@/bin/mysql_install_db", "#!/bin/sh\n");
    put("@/share/doc/x", "x");
    // a program is known by its real path: where this one is, there are no messages
    uint64_t before = key_of("@/bin/mysqld");
    ck_assert_uint_eq(before, key_of("@/bin/mysqld"));
    ck_assert_int_eq(unlink(with_top("@/bin/mysqld")), 0);
    cleanup_free char *copy =
        xprintf("cp -L /proc/%d/exe %s", (int)getpid(), with_top("@/bin/mysqld"));
    ck_assert_int_eq(system(copy), 0); // NOLINT(cert-env33-c): for this
    before = key_of("@/bin/mysqld");
    ck_assert_uint_eq(before, key_of("@/bin/mysqld"));
    put("@/share/doc/x", "not of it");
    ck_assert_uint_eq(before, key_of("@/bin/mysqld"));
    put(changed[_i], "changed");
    ck_assert_uint_ne(before, key_of("@/bin/mysqld"));
}
END_TEST

static const struct {
    const char *program, *content; // NULL: a program of this machine
    const char *what, *remedy;
} refused[] = {
    {"@/bin/none", NULL, "@/bin/none: No such file or directory", ""},
    {"@/bin/mysqld", "#!/bin/sh\nexec mysqld\n",
     "@/bin/mysqld is not a program that the kernel could load",
     "name the server program itself, mysqld or mariadbd, and no script that starts it, nor its "
     "folder"},
    {"@/bin", NULL, "@/bin is not a program that the kernel could load",
     "name the server program itself, mysqld or mariadbd, and no script that starts it, nor its "
     "folder"},
    {"/bin/sh", NULL, "/share has no messages of a server (english/errmsg.sys), which ",
     "name the server where it is installed, not in the folder that it was built in: `cmake "
     "--install BUILD --prefix FOLDER` installs it"},
    {"/tmp/goneaway-mysqld", NULL,
     "/tmp/goneaway-mysqld would not be seen in a container, which has a /tmp of its own",
     "install the server elsewhere, such as below /opt, /usr/local or a home folder"},
};

START_TEST(what_is_no_installed_server_is_refused) {
    struct keeper unused = {0};
    const char *program = with_top(refused[_i].program);
    if (strcmp(program, "/bin/sh") == 0 &&
        (file_exists("/usr/sbin/mysqld") || file_exists("/usr/sbin/mariadbd")))
        return; // there a server's messages are where the shell's would be
    put("@/bin/mysqld", refused[_i].content ? refused[_i].content : "");
    if (text_starts(program, "/tmp/")) {
        cleanup_free char *copy = xprintf("cp /bin/true %s", program);
        ck_assert_int_eq(system(copy), 0); // NOLINT(cert-env33-c): for this
    }
    int ret = installed_copy(&unused, "name", program, with_top("@/to"), &err);
    if (text_starts(program, "/tmp/"))
        unlink(program);
    ck_assert_int_eq(ret, -1);
    ck_assert_msg(strstr(err.what, with_top(refused[_i].what)) != NULL, "%s", err.what);
    ck_assert_str_eq(err.remedy, refused[_i].remedy);
    ck_assert(!file_exists(with_top("@/to")));
}
END_TEST

START_TEST(a_recipe_names_no_program_of_this_machine) {
    ck_assert(!reference_is("path:/usr/sbin/mysqld"));
    ck_assert(reference_is("rootfs:/x") && reference_is("docker://x"));
    ck_assert_ptr_null(reference_program("rootfs:/x"));
}
END_TEST

Suite *suite_installed(void) {
    Suite *suite = suite_create("installed");
    TCase *tests = tcase_create("installed");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_program_says_what_it_needs);
    tcase_add_test(tests, a_damaged_program_is_read_in_bounds);
    tcase_add_loop_test(tests, a_library_is_found_where_the_loader_looks, 0,
                        (int)COUNT_OF(searches));
    tcase_add_test(tests, links_on_the_way_are_taken);
    tcase_add_test(tests, what_is_somebody_elses_is_left);
    tcase_add_loop_test(tests, a_server_that_was_built_anew_is_another, 0, (int)COUNT_OF(changed));
    tcase_add_loop_test(tests, what_is_no_installed_server_is_refused, 0, (int)COUNT_OF(refused));
    tcase_add_test(tests, a_recipe_names_no_program_of_this_machine);
    suite_add_tcase(suite, tests);
    return suite;
}
