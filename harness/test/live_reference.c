// SPDX-License-Identifier: Apache-2.0
// live_reference.c - servers by reference: images of strangers, from a reference to a verdict
//
// The images are made of the servers in the cache and laid out like those that vendors publish:
// an entrypoint, which is not to run, configuration, which is not to be read, and data of another
// user, which is not to be kept.
#include "base/text.h"
#include "test/skip.h"
#include "test/suites.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { TIMEOUT_S = 300 };

static char top[64];
static struct text said;
static int status;

static void run(const char *command) {
    text_release(&said);
    FILE *out = popen(command, "r"); // NOLINT(cert-env33-c): for this
    char buffer[4096];
    ck_assert_ptr_nonnull(out);
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, out)) > 0;)
        text_append(&said, buffer, got);
    int ended = pclose(out);
    status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
}

// Runs a script, in which G is the program; `image SERVER` makes ./image of that server's root.
static void shell(const char *script) {
    static const char prelude[] =
        "set -e; exec 2>&1 </dev/null; G=$GONEAWAY\n"
        "image() {\n"
        "  set -- $(ls -d $FROM/$1-root-*/root)\n"
        "  cp -al $1 image; cd image\n"
        "  mkdir -p docker-entrypoint-initdb.d etc/mysql/conf.d var/lib/mysql/mysql\n"
        "  rm -rf etc/mysql/my.cnf etc/my.cnf\n"
        "  for f in etc/mysql/my.cnf etc/my.cnf etc/mysql/conf.d/docker.cnf; do\n"
        "    printf '[mysqld]\\nno-such-option=1\\nuser=nobody\\n' > $f; done\n"
        "  printf '#!/bin/sh\\nexit 1\\n' > usr/local/bin/docker-entrypoint.sh\n"
        "  chmod 755 usr/local/bin/docker-entrypoint.sh; ln -s usr/local/bin/*.sh entrypoint.sh\n"
        "  echo stale > var/lib/mysql/ibdata1; mkdir var/lib/mysql/goneaway\n"
        "  chmod 700 var/lib/mysql; [ $(id -u) != 0 ] || chown -R 999:999 var/lib/mysql\n"
        "  cd ..; }\n";
    cleanup_free char *command = xprintf("%s%s", prelude, script);
    run(command);
}

static void expect(const char *words) {
    ck_assert_msg(strstr(text_get(&said), words) != NULL, "'%s' is not in:\n%s", words,
                  text_get(&said));
}

static void expect_none(const char *words) {
    ck_assert_msg(strstr(text_get(&said), words) == NULL, "'%s' is in:\n%s", words,
                  text_get(&said));
}

static void expect_status(int wanted) {
    ck_assert_msg(status == wanted, "status %d instead of %d:\n%s", status, wanted,
                  text_get(&said));
}

static void find_cache(void) {
    cleanup_free char *program = realpath(getenv("GONEAWAY"), NULL);
    cleanup_free char *here = getcwd(NULL, 0);
    setenv("GONEAWAY", program, 1);
    setenv("GONEAWAY_HOME", here, 0);
    run("$GONEAWAY prepare --server mariadb-10.11,mysql-9.7 --connector mariadb-c | sed -n "
        "'s/^cache: //p'");
    ck_assert(status == 0 && said.length > 1);
    said.data[said.length - 1] = '\0';
    setenv("FROM", said.data, 1);
}

// A cache that has no more than the connector.
static void begin(void) {
    find_cache();
    strcpy(top, "/var/tmp/goneaway-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
    // what the machine can do may not have been tried since another suite forgot it
    run("mkdir cache && { cp $FROM/needs.json cache/ 2>&1 || :; } && cp -al "
        "$FROM/mariadb-10.11-root-* "
        "$FROM/mariadb-c-adapter-* cache/");
    expect_status(0);
    cleanup_free char *cache = xprintf("%s/cache", top);
    setenv("GONEAWAY_CACHE", cache, 1);
}

static void end(void) {
    ck_assert_int_eq(chdir("/"), 0);
    cleanup_free char *command = xprintf("rm -rf %s", top);
    run(command);
}

static const struct {
    const char *server, *flavour;
} servers[] = {{"mariadb-10.11", "MariaDB 10.11."}, {"mysql-9.7", "MySQL 9.7."}};

START_TEST(root_filesystem_gives_a_verdict) {
    cleanup_free char *make = xprintf("image %s\nln -s ../../.. image/out\n", servers[_i].server);
    cleanup_free char *is = xprintf("rootfs-image: it is %s", servers[_i].flavour);
    static const char again[] =
        "$G run kill-idle@tcp --server rootfs:image --connector mariadb-c\n";
    shell(make);
    expect_status(0);
    shell(again);
    expect_status(0);
    expect(is);
    expect("1 case in ");
    expect(": 1 pass");
    shell(again);
    expect_status(0);
    expect(": 1 pass");
    expect_none("copying");
    shell("find cache/*-root-*/root -xdev '(' -perm /6022 -o -type p ')' ! -type l | "
          "grep -v mariadb-10.11-root || true");
    ck_assert_str_eq(text_get(&said), "");
}
END_TEST

static const struct {
    const char *damage; ///< what is done to the image
    int status;
    const char *message;
} wrong[] = {
    {"rm image/usr/sbin/mariadbd", 3, "it has no MySQL or MariaDB server: none of "},
    {"rm image/usr/sbin/mariadbd; ln -s ../../../../../../../usr/bin/true "
     "image/usr/sbin/mariadbd; rm image/usr/bin/true; cp /bin/sh image/usr/bin/sh2",
     3, "it has no MySQL or MariaDB server: none of "},
    {"cp --remove-destination image/usr/bin/true image/usr/sbin/mariadbd", 3,
     "ask its server /usr/sbin/mariadbd what it is: its --version names no version of a MySQL or "
     "MariaDB server"},
    {"cp --remove-destination image/usr/sbin/mariadbd m; printf '\\363\\0' | dd of=m bs=1 seek=18 "
     "conv=notrunc status=none; mv -f m image/usr/sbin/mariadbd",
     3, "its server /usr/sbin/mariadbd is for riscv64, and this machine is "},
    {"rm image/usr/bin/mariadb-install-db image/usr/bin/mysql_install_db", 3,
     " needs mariadb-install-db to initialise its data, which the image lacks"},
    {"rm -r image/var/lib; ln -s /tmp image/var/lib", 3, "/var/lib of the image is no folder"},
    {"truncate -s 5G image/large", 3, "its files are larger than 4 GiB, too large for a server"},
    {"rm -rf image", 2, "there is no "},
};

// One line of error, a remedy where there is one, and nothing left in the cache.
START_TEST(what_is_no_server_is_refused) {
    cleanup_free char *make = xprintf("image mariadb-10.11\n%s\n", wrong[_i].damage);
    shell(make);
    expect_status(0);
    shell("ls cache > before\n"
          "$G run kill-idle@tcp --server rootfs:image --connector mariadb-c && s=0 || s=$?\n"
          "ls cache | grep -vx 'locks\\|.*json' > after; grep -vx 'locks\\|.*json' before | diff - "
          "after\n"
          "exit $s\n");
    expect_status(wrong[_i].status);
    expect(wrong[_i].message);
}
END_TEST

// ---- images ------------------------------------------------------------------------------------

// Makes the image `oci:images:TAG` of ./image, and of it the archive.
#define LAYOUT                                                                                     \
    "umoci init --layout images; umoci new --image images:8.4\n"                                   \
    "umoci config --image images:8.4 --config.entrypoint /entrypoint.sh --config.user 999 "        \
    "--config.volume /var/lib/mysql --architecture \"$(dpkg --print-architecture)\"\n"
#define INSERT "umoci insert --rootless --image images:8.4 image /\n"

static const struct {
    const char *make, *reference, *name;
} images_here[] = {
    {"", "oci:images:8.4", "oci-images-8.4"},
    {"skopeo copy -q oci:images:8.4 docker-archive:mysql.tar:mysql:8.4\n",
     "docker-archive:mysql.tar", "archive-mysql.tar"},
};

START_TEST(image_gives_a_verdict) {
    cleanup_free char *make =
        xprintf("image mariadb-10.11\n" LAYOUT INSERT "%s", images_here[_i].make);
    cleanup_free char *use = xprintf("$G run kill-idle@tcp --server %s --connector mariadb-c\n"
                                     "ls cache\n",
                                     images_here[_i].reference);
    cleanup_free char *is = xprintf("%s: it is MariaDB 10.11.", images_here[_i].name);
    shell(make);
    expect_status(0);
    shell(use);
    expect_status(0);
    expect(is);
    expect(": 1 pass");
    expect_none("tmp-");
}
END_TEST

static const struct {
    const char *make;
    int status;
    const char *message;
} bad_images[] = {
    {"mkdir -p x/y; echo pwned > evil; tar -C x -P -cf l.tar ../evil\n"
     "umoci raw add-layer --image images:8.4 l.tar",
     3, "the path ../evil leads out of the image"},
    {"mkdir x; ln -s /etc/passwd x/a; ln x/a b; tar -P -cf l.tar x/a "
     "--transform 's,^b$,../../b,' b\numoci raw add-layer --image images:8.4 l.tar",
     3, "leads out of the image"},
    {"mkdir x; truncate -s 5G x/zeros; tar -C x -cf - zeros | head -c 1M > l.tar\n"
     "umoci raw add-layer --image images:8.4 l.tar",
     3, "the files of the image are larger than 4 GiB"},
    {"umoci config --image images:8.4 --architecture s390x", 3,
     "the image is for s390x, and this machine is "},
    {"true", 3, "it has no MySQL or MariaDB server: none of "},
    {"for b in images/blobs/sha256/*; do echo x > $b; done", 3, "skopeo"},
    {"rm -r images", 2, "there is no "},
};

START_TEST(bad_image_is_refused) {
    cleanup_free char *make = xprintf(
        "mkdir -p image/etc; echo x > image/etc/x\n" LAYOUT INSERT "%s\n", bad_images[_i].make);
    shell(make);
    expect_status(0);
    shell("ls cache | grep -vx 'locks\\|.*json' > before\n"
          "$G run kill-idle@tcp --server oci:images:8.4 --connector mariadb-c && s=0 || s=$?\n"
          "ls cache | grep -vx 'locks\\|.*json' > after; diff before after; ! [ -e pwned ]\n"
          "exit $s\n");
    expect_status(bad_images[_i].status);
    expect(bad_images[_i].message);
}
END_TEST

START_TEST(missing_tool_is_named) {
    shell("umoci init --layout images; umoci new --image images:8.4; mkdir bin\n"
          "for f in /usr/bin/* /usr/sbin/*; do ln -sf $f bin/; done; rm bin/skopeo\n"
          "PATH=$PWD/bin $G prepare --server oci:images:8.4 --connector mariadb-c\n");
    expect_status(3);
    expect("remedy: sudo apt install skopeo umoci");
}
END_TEST

// ---- a registry --------------------------------------------------------------------------------

// Begins a registry of one's own at $AT, with a password, and pushes the image to it; skopeo is
// told by the usual files that it speaks HTTP, and how to log in.
static void begin_registry(void) {
    static const char script[] =
        "mkdir -p .config/containers; AT=127.0.0.1:$((20000 + $$ % 20000))\n"
        "echo 'me:$2b$04$iDAeMjjARMVXaG7id57vz.RUrCzWz07DsengbCxhHltU9YhmXZbmy' > passwords\n"
        "printf '%s\\n' 'version: 0.1' 'log: {level: error}' 'storage:' '  filesystem:' "
        "\"    rootdirectory: $PWD/registry\" 'http:' \"  addr: $AT\" 'auth:' '  htpasswd:' "
        "'    realm: here' \"    path: $PWD/passwords\" > config.yml\n"
        "printf '[[registry]]\\nlocation = \"%s\"\\ninsecure = true\\n' $AT > "
        ".config/containers/registries.conf\n"
        "printf '{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}' $AT $(printf me:secret | base64) > "
        "auth.json\n"
        "env -u REGISTRY_AUTH_FILE docker-registry serve config.yml > registry.log 2>&1 & echo $! "
        "> registry.pid\n"
        "echo $AT > at\n"
        "for i in $(seq 300); do (exec 3<>/dev/tcp/127.0.0.1/${AT#*:}) 2>/dev/null && break; "
        "sleep 0.1; done\n"
        "skopeo copy -q oci:images:8.4 docker://$AT/library/mariadb:10.11\n";
    cleanup_free char *quoted = xprintf("cat > begin.sh <<'END'\n%sEND\n", script);
    cleanup_free char *auth = xprintf("%s/auth.json", top);
    setenv("HOME", top, 1);
    setenv("REGISTRY_AUTH_FILE", auth, 1);
    shell(quoted);
    shell("bash -e begin.sh");
    expect_status(0);
}

static void end_registry(void) {
    run("kill $(cat registry.pid)");
}

static bool has_registry(void) {
    run("command -v docker-registry skopeo umoci");
    return status == 0;
}

#define USE                                                                                        \
    "$G run kill-idle@tcp --server docker://$(cat at)/library/mariadb:10.11 --connector "          \
    "mariadb-c\n"

START_TEST(registry_gives_a_verdict) {
    if (!has_registry())
        skip_test("needs docker-registry");
    shell("image mariadb-10.11\n" LAYOUT INSERT);
    expect_status(0);
    begin_registry();
    shell(USE);
    expect_status(0);
    expect("docker-mariadb-10.11: it is MariaDB 10.11.");
    expect(": 1 pass");
    // the tag moves, to what is no server: runs go on with what it was
    shell("umoci new --image images:2; skopeo copy -q oci:images:2 "
          "docker://$(cat at)/library/mariadb:10.11\n" USE);
    expect_status(0);
    expect(": 1 pass");
    expect_none("asking");
    shell("$G prepare --server docker://$(cat at)/library/mariadb:10.11 --connector mariadb-c\n");
    expect_status(3);
    // and so they do without their registry
    end_registry();
    shell("rm cache/tag-*; $G run kill-idle@tcp --server docker://$(cat at)/library/mariadb:10.11 "
          "--connector mariadb-c\n");
    expect_status(3);
    expect("must be reachable");
}
END_TEST

static const struct {
    const char *damage, *message;
} troubles[] = {
    {"f=$(find registry -size +20M -name data); truncate -s 10M $f", "skopeo failed: "},
    {"f=$(find registry -size +20M -name data); rm $f", "skopeo failed: "},
    {"echo '{}' > auth.json", "skopeo failed: "},
};

START_TEST(registry_that_fails_leaves_nothing) {
    if (!has_registry())
        skip_test("needs docker-registry");
    shell("image mariadb-10.11\n" LAYOUT INSERT);
    expect_status(0);
    begin_registry();
    shell(troubles[_i].damage);
    expect_status(0);
    shell("ls cache | grep -vx 'locks\\|.*json' > before\n" USE);
    expect_status(3);
    expect(troubles[_i].message);
    shell("ls cache | grep -vx 'locks\\|.*json' | diff before -\n");
    expect_status(0);
    end_registry();
}
END_TEST

Suite *live_reference(void) {
    Suite *suite = suite_create("live-reference");
    TCase *folder = tcase_create("folder");
    tcase_add_checked_fixture(folder, begin, end);
    tcase_set_timeout(folder, TIMEOUT_S);
    tcase_add_loop_test(folder, root_filesystem_gives_a_verdict, 0, (int)COUNT_OF(servers));
    tcase_add_loop_test(folder, what_is_no_server_is_refused, 0, (int)COUNT_OF(wrong));
    suite_add_tcase(suite, folder);
    TCase *image = tcase_create("image");
    tcase_add_checked_fixture(image, begin, end);
    tcase_set_timeout(image, TIMEOUT_S);
    tcase_add_loop_test(image, image_gives_a_verdict, 0, (int)COUNT_OF(images_here));
    tcase_add_loop_test(image, bad_image_is_refused, 0, (int)COUNT_OF(bad_images));
    tcase_add_test(image, missing_tool_is_named);
    suite_add_tcase(suite, image);
    TCase *registry = tcase_create("registry");
    tcase_add_checked_fixture(registry, begin, end);
    tcase_set_timeout(registry, TIMEOUT_S);
    tcase_add_test(registry, registry_gives_a_verdict);
    tcase_add_loop_test(registry, registry_that_fails_leaves_nothing, 0, (int)COUNT_OF(troubles));
    suite_add_tcase(suite, registry);
    return suite;
}
