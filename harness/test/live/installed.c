// SPDX-License-Identifier: Apache-2.0
// installed.c - path:PROGRAM, a server of this machine, from its program to a verdict
//
// The server is the one in the cache, laid out as if installed to its own prefix, with libraries
// that this machine may lack in a separate folder.
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include <gnu/libc-version.h>
#include <stdio.h>
#include <string.h>

enum { TIMEOUT_S = 300 };

// Runs a script, in which G is the program.
static void shell(const char *script) {
    cleanup_free char *command = xprintf("G=$GONEAWAY\n%s", script);
    cli_shell_ends(command, TIMEOUT_S * 1000);
}

// Everything except libc, which must match this machine's loader, goes to prefix/libraries.
static void install(void) {
    static const char script[] =
        "mkdir cache prefix; R=$(echo $FROM/mariadb-10.11-root-*/root)\n"
        "cp $FROM/needs.json cache/ || :\n"
        "cp -al ${R%/root} $FROM/mariadb-c-adapter-* cache/\n"
        "cd prefix; mkdir bin sbin scripts share libraries\n"
        "cp $R/usr/sbin/mariadbd sbin/; ln -s mariadbd sbin/mysqld\n"
        "cp $R/usr/bin/my_print_defaults $R/usr/bin/resolveip bin/\n"
        "cp $R/usr/bin/mariadb-install-db scripts/; cp -r $R/usr/share/mysql share/\n"
        "for l in pcre2-8 crypt uring aio numa systemd z ssl crypto stdc++ gcc_s lz4 lzma zstd cap "
        "gcrypt gpg-error; do\n"
        "  for f in $R/usr/lib/*/lib$l.so.[0-9]* $R/lib/*/lib$l.so.[0-9]*; do\n"
        "    [ ! -e $f ] || cp -L $f libraries/; done; done\n";
    shell(script);
    cli_check_status(0);
}

static void begin(void) {
    cli_find();
    folder_enter("/var/tmp/goneaway-test", 0700);
    shell("$G prepare --server mariadb-10.11 --connector mariadb-c");
    setenv("FROM", cli_cache(), 1);
    install();
    cleanup_free char *cache = folder_path("cache");
    setenv("GONEAWAY_CACHE", cache, 1);
}

// The server was built on Debian 12.
static bool has_old_glibc(void) {
    int major = 0, minor = 0;
    sscanf(gnu_get_libc_version(), "%d.%d", &major, &minor); // NOLINT(cert-err34-c): two numbers
    return major < 2 || (major == 2 && minor < 36);
}

#define RUN                                                                                        \
    "LD_LIBRARY_PATH=$PWD/prefix/libraries $G run kill-idle@tcp --connector mariadb-c --server "   \
    "path:prefix/sbin/mysqld"

START_TEST(installed_server_gives_a_verdict) {
    if (has_old_glibc())
        skip_test("needs glibc 2.36");
    shell(RUN);
    cli_check_status(0);
    cli_check_said("path-mysqld: it is MariaDB 10.11.");
    cli_check_said(": 1 pass");
    shell("grep -F \"\\\"basedir=$PWD/prefix\\\"\" cache/path-mysqld-*-root-*/learned.json");
    cli_check_status(0);
    shell(RUN);
    cli_check_status(0);
    cli_check_said(": 1 pass");
    cli_check_unsaid("copying");
    // rebuilt, it is another server, whose old entries are gone from the cache
    shell("echo >> prefix/share/mysql/mysql_test_db.sql\n" RUN "\n"
          "[ $(ls -d cache/path-mysqld-*-root-* | wc -l) = 1 ]\n");
    cli_check_status(0);
    cli_check_said("copying");
    cli_check_said(": 1 pass");
    shell("find cache/path-*-root-*/root -xdev '(' -perm /6022 -o -type p ')' ! -type l; "
          "find cache/path-*-root-*/root -lname '/*'");
    ck_assert_str_eq(text_get(&cli.said), "");
}
END_TEST

// Like mysql_install_db of MySQL 5.6.
START_TEST(script_of_perl_is_run) {
    if (has_old_glibc())
        skip_test("needs glibc 2.36");
    shell(
        "cd prefix/scripts; mv mariadb-install-db mysql_install_db\n"
        "{ printf '#!/usr/bin/perl\\nuse strict; use Fcntl; use File::Basename; use File::Copy; '\n"
        "echo 'use Getopt::Long; use Sys::Hostname; use Data::Dumper; hostname(); '\n"
        "echo '# --auth-root-authentication-method --skip-test-db'\n"
        "echo 'exec \"/bin/sh\", dirname($0) . \"/mysql_install_db\", @ARGV;'; } > "
        "mariadb-install-db; chmod 755 mariadb-install-db; cd ../..\n" RUN);
    cli_check_status(0);
    cli_check_said(": 1 pass");
}
END_TEST

static const struct {
    const char *damage; // what is done to the server
    const char *message, *remedy;
} wrong[] = {
    {"rm prefix/libraries/liburing.so*",
     "the library liburing.so.2, which @/prefix/sbin/mariadbd needs, is not on this machine",
     "install the package that has it; or, if it is in a folder that the loader does not know, "
     "name that folder in LD_LIBRARY_PATH"},
    {"printf '\\363\\0' | dd of=prefix/sbin/mariadbd bs=1 seek=18 conv=notrunc status=none",
     "@/prefix/sbin/mysqld is for riscv64, and this machine is ", "name a server that was built"},
    {"printf '#!/bin/sh\\n' > prefix/sbin/mariadbd",
     "@/prefix/sbin/mysqld is not a program that the kernel could load", "name the server program"},
    {"rm -r prefix/share", "@/prefix/share has no messages of a server (english/errmsg.sys), which",
     "name the server where it is installed"},
    {"cp -L /bin/sh prefix/sbin/mariadbd",
     "ask its server @/prefix/sbin/mariadbd what it is: ", NULL},
    {"rm prefix/scripts/mariadb-install-db",
     " needs mariadb-install-db to initialise its data, which is missing", NULL},
};

static char *with_top(const char *text) {
    const char *at = strchr(text, '@');
    return at ? xprintf("%.*s%s%s", (int)(at - text), text, test_folder, at + 1) : xstrdup(text);
}

START_TEST(what_is_no_server_is_refused) {
    cleanup_free char *message = with_top(wrong[_i].message);
    cleanup_free char *script =
        xprintf("%s\n" RUN " && s=0 || s=$?\n! ls -d cache/path-* cache/tmp-*; exit $s\n",
                wrong[_i].damage);
    if (has_old_glibc())
        skip_test("needs glibc 2.36");
    shell("! [ -e /usr/lib/*/liburing.so.2 ]");
    if (_i == 0 && cli.status != 0)
        skip_test("needs a machine without liburing");
    shell(script);
    cli_check_status(3);
    cli_check_said(message);
    if (wrong[_i].remedy)
        cli_check_said(wrong[_i].remedy);
}
END_TEST

Suite *live_installed(void) {
    Suite *suite = suite_create("live-installed");
    TCase *tests = tcase_create("installed");
    tcase_add_checked_fixture(tests, begin, folder_remove);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_test(tests, installed_server_gives_a_verdict);
    tcase_add_test(tests, script_of_perl_is_run);
    tcase_add_loop_test(tests, what_is_no_server_is_refused, 0, (int)COUNT_OF(wrong));
    suite_add_tcase(suite, tests);
    return suite;
}
