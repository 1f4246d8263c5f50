// SPDX-License-Identifier: Apache-2.0
// learn.c - what follows from a server's own output, and servers by reference
#include "base/file.h"
#include "image/image.h"
#include "image/learn.h"
#include "image/stranger.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static struct err err;
static struct arena *arena;

static void begin(void) {
    arena = arena_new();
    folder_make("/tmp/goneaway-test", 0700);
}

static void end(void) {
    folder_remove();
    arena_free(arena);
}

static const char *joined(const struct list *texts) {
    struct text all = {0};
    for (size_t i = 0; i < texts->count; i++)
        text_printf(&all, "%s%s", i ? " " : "", ((const char **)texts->items)[i]);
    const char *kept = arena_printf(arena, "%s", text_get(&all));
    text_release(&all);
    return kept;
}

// ---- versions ----------------------------------------------------------------------------------

static const struct {
    const char *printed, *vendor, *flavour, *version, *full; // no vendor: refused
} versions[] = {
    {"/usr/sbin/mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)\n", "mysql",
     "MySQL", "8.4.3", "8.4.3"},
    {"/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))\n", "mysql", "MySQL", "9.7.4",
     "9.7.4-2"},
    {"/usr/sbin/mysqld  Ver 8.0.36-28 for Linux on x86_64 (Percona Server (GPL), Release 28, "
     "Revision 47601f19)\n",
     "mysql", "Percona Server", "8.0.36", "8.0.36-28"},
    {"mysqld  Ver 5.6.24 for Linux on x86_64 (MySQL Community Server (GPL))\n", "mysql", "MySQL",
     "5.6.24", "5.6.24"},
    {"/usr/sbin/mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian "
     "12)\n",
     "mariadb", "MariaDB", "10.11.19", "10.11.19-MariaDB-0+deb12u1"},
    {"mariadbd from 11.8.6-MariaDB, client 15.2 for Linux\n", "mariadb", "MariaDB", "11.8.6",
     "11.8.6-MariaDB"},
    {"[Warning] something\nmysqld  Ver 8.0.40 for Linux on x86_64 (Source distribution)\n", "mysql",
     "MySQL", "8.0.40", "8.0.40"},
    {.printed = "postgres (PostgreSQL) 15.6\n"},
    {.printed = "mysqld  Ver x.y\n"},
    {.printed = "mysqld  Ver 8\n"},
    {.printed = ""},
    {.printed = "mysqld  Ver "
                "8.0.11111111111111111111111111111111111111111111111111111111111111111111\n"},
};

START_TEST(version_is_learned) {
    struct learned learned = {0};
    int ret = learn_version(&learned, arena, versions[_i].printed, &err);
    ck_assert_int_eq(ret, versions[_i].vendor ? 0 : -1);
    if (ret < 0) {
        ck_assert_str_eq(err.what, "its --version names no version of a MySQL or MariaDB server");
        return;
    }
    ck_assert_str_eq(learned.vendor, versions[_i].vendor);
    ck_assert_str_eq(learned.flavour, versions[_i].flavour);
    ck_assert_str_eq(learned.version, versions[_i].version);
    ck_assert_str_eq(learned.full, versions[_i].full);
}
END_TEST

// ---- options -----------------------------------------------------------------------------------

#define MUSTS                                                                                      \
    "  -h, --datadir=name  Path\n  --socket=name       Socket\n  -P, --port=#        Port\n"       \
    "  --bind-address=name\n  --pid-file=name\n  --skip-name-resolve Don't\n"                      \
    "  --secure-file-priv=name\n  --ssl-ca=name\n  --ssl-cert=name\n"
#define KEY "  --ssl-key=name\n"
#define OLD                                                                                        \
    "  --log-bin[=name]\n  --log-bin-index=name\n  --performance-schema\n"                         \
    "  --innodb-flush-log-at-trx-commit[=#]\n  --innodb-use-native-aio\n"                          \
    "  --innodb-buffer-pool-size=#\n  --innodb_log_buffer_size=#\n  --table-open-cache=#\n"        \
    "  --innodb-adaptive-hash-index\n"

static const struct {
    const char *vendor, *help, *options, *left_out, *refused;
} helps[] = {
    {"mysql", MUSTS KEY OLD "  -W, --log-warnings[=#]\n",
     "skip-log-bin performance-schema=OFF innodb-flush-log-at-trx-commit=2 "
     "innodb-use-native-aio=0 innodb-buffer-pool-size=24M innodb-log-buffer-size=1M "
     "table-open-cache=64 innodb-adaptive-hash-index=OFF log-warnings=2",
     "mysqlx innodb-redo-log-capacity innodb-doublewrite-pages innodb-buffer-pool-load-at-startup "
     "innodb-buffer-pool-dump-at-shutdown log-error-verbosity",
     NULL},
    {"mysql", MUSTS KEY OLD "  --log-error-verbosity=#\n  --percona-telemetry-disable\n",
     "skip-log-bin performance-schema=OFF innodb-flush-log-at-trx-commit=2 "
     "innodb-use-native-aio=0 innodb-buffer-pool-size=24M innodb-log-buffer-size=1M "
     "table-open-cache=64 innodb-adaptive-hash-index=OFF log-error-verbosity=3 "
     "percona-telemetry-disable=1",
     "mysqlx innodb-redo-log-capacity innodb-doublewrite-pages innodb-buffer-pool-load-at-startup "
     "innodb-buffer-pool-dump-at-shutdown",
     NULL},
    {"mariadb", MUSTS KEY "  --log-bin-index=name\n  --innodb-log-file-size=#\n",
     "innodb-log-file-size=4M",
     "skip-log-bin performance-schema innodb-flush-log-at-trx-commit innodb-use-native-aio "
     "innodb-buffer-pool-size aria-pagecache-buffer-size innodb-undo-tablespaces log-warnings",
     NULL},
    {"mysql", MUSTS OLD, NULL, NULL,
     "MySQL 8.0.36 does not know the option ssl-key, without which goneaway lacks the transport "
     "tls"},
    {"mysql", "", NULL, NULL,
     "MySQL 8.0.36 does not know the option datadir, without which goneaway lacks its data"},
};

START_TEST(options_follow_from_what_it_knows) {
    struct learned learned = {
        .vendor = helps[_i].vendor, .flavour = "MySQL", .version = "8.0.36", .full = "8.0.36"};
    int ret = learn_options(&learned, arena, helps[_i].help, &err);
    ck_assert_int_eq(ret, helps[_i].refused ? -1 : 0);
    if (ret < 0) {
        ck_assert_str_eq(err.what, helps[_i].refused);
        return;
    }
    ck_assert_str_eq(joined(&learned.options), helps[_i].options);
    ck_assert_str_eq(joined(&learned.left_out), helps[_i].left_out);
}
END_TEST

static const struct {
    const char *daemon, *base;
} bases[] = {
    {"/usr/sbin/mysqld", "/usr"},
    {"/opt/x/libexec/mariadbd", "/opt/x"},
    {"/bin/mysqld", ""},
    {"/mysqld", ""},
};

START_TEST(a_server_is_told_its_base) {
    const char *base = learn_base(arena, bases[_i].daemon);
    ck_assert_str_eq(base, bases[_i].base);
    struct learned learned = {.vendor = "mysql", .base = "/opt/x"};
    ck_assert_int_eq(learn_options(&learned, arena, MUSTS KEY OLD, &err), 0);
    ck_assert_str_eq(((const char **)learned.options.items)[0], "basedir=/opt/x");
}
END_TEST

// ---- initialising ------------------------------------------------------------------------------

static const struct {
    const char *vendor, *version, *daemon, *installer, *script, *initialise; // or the refusal
} firsts[] = {
    {"mysql", "8.4.3", "/usr/sbin/mysqld", NULL, NULL,
     "/usr/sbin/mysqld --no-defaults --user=root --datadir=/var/lib/mysql --initialize-insecure"},
    {"mysql", "5.7.6", "/usr/sbin/mysqld", "/usr/bin/mysql_install_db", "",
     "/usr/sbin/mysqld --no-defaults --user=root --datadir=/var/lib/mysql --initialize-insecure"},
    {"mysql", "5.6.51", "/usr/local/mysql/bin/mysqld", "/usr/local/mysql/scripts/mysql_install_db",
     "--basedir",
     "/usr/local/mysql/scripts/mysql_install_db --no-defaults --user=root "
     "--datadir=/var/lib/mysql --basedir=/usr/local/mysql"},
    {"mariadb", "10.11.6", "/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db",
     "  --auth-root-authentication-method=*)\n --skip-test-db) ;;",
     "/usr/bin/mariadb-install-db --no-defaults --user=root --datadir=/var/lib/mysql "
     "--auth-root-authentication-method=normal --skip-test-db"},
    {"mariadb", "10.3.39", "/usr/sbin/mysqld", "/usr/bin/mysql_install_db",
     " --auth-root-authentication-method=*)",
     "/usr/bin/mysql_install_db --no-defaults --user=root --datadir=/var/lib/mysql "
     "--auth-root-authentication-method=normal"},
    {"mariadb", "10.11.6", "/usr/sbin/mariadbd", NULL, NULL,
     "refused: MariaDB 10.11.6 needs mariadb-install-db to initialise its data, which is missing"},
    {"mysql", "5.6.51", "/usr/sbin/mysqld", NULL, NULL,
     "refused: MySQL 5.6.51 needs mysql_install_db to initialise its data, which is missing"},
};

START_TEST(initialising_follows_from_the_version) {
    struct learned learned = {
        .vendor = firsts[_i].vendor,
        .flavour = *firsts[_i].vendor == 'm' && firsts[_i].vendor[1] == 'y' ? "MySQL" : "MariaDB",
        .version = firsts[_i].version,
        .full = firsts[_i].version,
        .daemon = firsts[_i].daemon};
    if (learn_initialise(&learned, arena, firsts[_i].installer, firsts[_i].script, &err) == 0)
        ck_assert_str_eq(joined(&learned.initialise), firsts[_i].initialise);
    else
        ck_assert_str_eq(arena_printf(arena, "refused: %s", err.what), firsts[_i].initialise);
}
END_TEST

// ---- names -------------------------------------------------------------------------------------

static const struct {
    const char *asked, *name, *refused; // @ is a folder
} names[] = {
    {"rootfs:@/image", "rootfs-image", NULL},
    {"rootfs:@/Image//", "rootfs-image", NULL},
    {"rootfs:/", "rootfs", NULL},
    {"oci:@/image:8.4", "oci-image-8.4", NULL},
    {"docker://mysql:8.4", "docker-mysql-8.4", NULL},
    {"docker://registry.example:5000/team/Percona", "docker-percona", NULL},
    {"docker://mysql@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
     "docker-mysql-0123456789ab", NULL},
    {"docker-archive:@/Image", "archive-image", NULL},
    {"path:@/image", "path-image", NULL},
    {"oci:@/none:8.4", NULL, "--server oci:@/none:8.4: there is no @/none"},
    {"mine=docker://mysql:8.4", "mine", NULL},
    {"mine=rootfs:@/image", "mine", NULL},
    {"mine=rootfs:@/none", NULL, "--server mine=rootfs:@/none: there is no @/none"},
    {"mysql-9.7=docker://mysql:8.4", NULL,
     "--server mysql-9.7=docker://mysql:8.4: goneaway has a server of that name"},
    {"all=docker://mysql:8.4", NULL, "--server all=docker://mysql:8.4: that means all servers"},
    {"Mine=docker://mysql:8.4", NULL,
     "--server Mine=docker://mysql:8.4: a name consists of lower-case letters, digits, dots, "
     "dashes "
     "and underscores"},
    {"=docker://mysql:8.4", NULL,
     "--server =docker://mysql:8.4: a name consists of lower-case letters, digits, dots, dashes "
     "and "
     "underscores"},
    {"rootfs:@/none", NULL, "--server rootfs:@/none: there is no @/none"},
    {"path:@/none", NULL, "--server path:@/none: there is no @/none"},
    {"rootfs:@/a\tb", NULL, "--server: a reference has neither spaces nor control characters"},
};

static const char *with_top(const char *text) {
    const char *at = text ? strstr(text, "@/") : NULL;
    if (!at)
        return text;
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, test_folder, with_top(at + 1));
}

START_TEST(a_server_by_reference_has_a_name) {
    struct images images;
    ck_assert_int_eq(mkdir(with_top("@/image"), 0755), 0);
    ck_assert_int_eq(mkdir(with_top("@/Image"), 0755), 0);
    ck_assert_msg(images_open(&images, "fixtures", &err) == 0, "%s", err.what);
    const char *asked = with_top(names[_i].asked);
    ck_assert(server_is_reference(asked) && !server_is_reference("mysql-9.7"));
    const struct server_recipe *recipe = images_server_by_reference(&images, asked, &err);
    if (names[_i].refused) {
        ck_assert_ptr_null(recipe);
        ck_assert_str_eq(err.what, with_top(names[_i].refused));
        ck_assert_int_eq(err.kind, ERR_USAGE);
    } else {
        ck_assert_str_eq(recipe->name, names[_i].name);
        ck_assert_str_eq(recipe->asked, asked);
    }
    images_close(&images);
}
END_TEST

// ---- files -------------------------------------------------------------------------------------

static mode_t mode_of(const char *path) {
    struct stat info;
    ck_assert_int_eq(lstat(with_top(path), &info), 0);
    return info.st_mode & 07777;
}

START_TEST(files_of_a_stranger_are_made_harmless) {
    ck_assert_int_eq(mkdir(with_top("@/shut"), 0755), 0);
    ck_assert_int_eq(file_write(with_top("@/shut/su"), "x", 1, &err), 0);
    ck_assert_int_eq(chmod(with_top("@/shut/su"), 06777), 0);
    ck_assert_int_eq(setxattr(with_top("@/shut/su"), "user.overlay.opaque", "y", 1, 0), 0);
    ck_assert_int_eq(mkfifo(with_top("@/fifo"), 0644), 0);
    ck_assert_int_eq(symlink("/etc/passwd", with_top("@/link")), 0);
    ck_assert_int_eq(chmod(with_top("@/shut"), 03777), 0);
    ck_assert_msg(stranger_tame(test_folder, &err) == 0, "%s", err.what);
    ck_assert_uint_eq(mode_of("@/shut"), 0755);
    ck_assert_uint_eq(mode_of("@/shut/su"), 0755);
    ck_assert_int_lt(getxattr(with_top("@/shut/su"), "user.overlay.opaque", NULL, 0), 0);
    ck_assert(!file_exists(with_top("@/fifo")) && mode_of("@/link") == 0777);
}
END_TEST

START_TEST(an_image_may_not_be_too_large) {
    const char *file = with_top("@/large");
    ck_assert_int_eq(file_write(file, "", 0, &err), 0);
    ck_assert_int_eq(truncate(file, (off_t)4 << 30), 0);
    ck_assert_int_eq(stranger_measure(test_folder, &err), 0);
    ck_assert_int_eq(truncate(file, ((off_t)4 << 30) + 1), 0);
    ck_assert_int_eq(stranger_measure(test_folder, &err), -1);
    ck_assert_str_eq(err.what, "its files are larger than 4 GiB, too large for a server");
}
END_TEST

Suite *suite_learn(void) {
    Suite *suite = suite_create("learn");
    TCase *tcase = tcase_create("learn");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_loop_test(tcase, version_is_learned, 0, (int)COUNT_OF(versions));
    tcase_add_loop_test(tcase, options_follow_from_what_it_knows, 0, (int)COUNT_OF(helps));
    tcase_add_loop_test(tcase, initialising_follows_from_the_version, 0, (int)COUNT_OF(firsts));
    tcase_add_loop_test(tcase, a_server_is_told_its_base, 0, (int)COUNT_OF(bases));
    tcase_add_loop_test(tcase, a_server_by_reference_has_a_name, 0, (int)COUNT_OF(names));
    tcase_add_test(tcase, files_of_a_stranger_are_made_harmless);
    tcase_add_test(tcase, an_image_may_not_be_too_large);
    suite_add_tcase(suite, tcase);
    return suite;
}
