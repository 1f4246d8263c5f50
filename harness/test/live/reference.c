// SPDX-License-Identifier: Apache-2.0
// reference.c - servers by reference: strangers' images, from a reference to a verdict
//
// The images are made from the servers in the cache and laid out like those that vendors publish:
// an entrypoint, which must not run, configuration, which must not be read, and another user's
// data, which must not be kept.
#include "base/file.h"
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include <stdio.h>

enum { TIMEOUT_S = 300 };

// Runs a script, in which G is the program; `image SERVER` makes ./image of that server's root,
// without what its server does not need. Its files are links to copies that are made once: of a
// link that somebody makes of a file of the cache tar says that the file has changed.
static void shell(const char *script) {
    static const char prelude[] =
        "G=$GONEAWAY\n"
        "image() { [ -d $IMAGES/$1 ] || copy $1 $IMAGES/$1; cp -al $IMAGES/$1 image; }\n"
        "copy() {\n"
        "  mkdir $2.new; (cd $FROM/$1-root-*/root; exec tar -cf -"
        "    --exclude='*.a' --exclude=./usr/include --exclude='./usr/share/perl*'"
        "    --exclude='./usr/lib/*/perl*' --exclude='./usr/lib/*/libperl*' "
        "--exclude='./usr/bin/perl*'"
        "    --exclude='./usr/lib/*/gconv' --exclude=./var/lib/dpkg "
        "--exclude='./usr/bin/mysql[!_]*'"
        "    --exclude='./usr/bin/my*isam*' --exclude='./usr/bin/aria_*' --exclude=./usr/bin/perror"
        "    --exclude=./usr/bin/innochecksum --exclude=./usr/bin/mariadb"
        "    --exclude='./usr/bin/mariadb-[!i]*' --exclude=./usr/bin/replace "
        "--exclude=./usr/bin/resolve_stack_dump .) |"
        "    tar -xpf - -C $2.new\n"
        "  cd $2.new\n"
        "  mkdir -p docker-entrypoint-initdb.d etc/mysql/conf.d var/lib/mysql/mysql\n"
        "  rm -rf etc/mysql/my.cnf etc/my.cnf\n"
        "  for f in etc/mysql/my.cnf etc/my.cnf etc/mysql/conf.d/docker.cnf; do\n"
        "    printf '[mysqld]\\nno-such-option=1\\nuser=nobody\\n' > $f; done\n"
        "  printf '#!/bin/sh\\nexit 1\\n' > usr/local/bin/docker-entrypoint.sh\n"
        "  chmod 755 usr/local/bin/docker-entrypoint.sh; ln -s usr/local/bin/*.sh entrypoint.sh\n"
        "  echo stale > var/lib/mysql/ibdata1; mkdir var/lib/mysql/goneaway\n"
        "  chmod 700 var/lib/mysql; [ $(id -u) != 0 ] || chown -R 999:999 var/lib/mysql\n"
        "  cd $OLDPWD; mv $2.new $2; }\n"
        "patch_at() { dd of=l.tar bs=1 seek=$1 conv=notrunc status=none; }\n";
    cleanup_free char *command = xprintf("%s%s", prelude, script);
    cli_shell_ends(command, TIMEOUT_S * 1000);
}

static void make_images(void) {
    folder_make("/var/tmp/goneaway-images", 0700);
    setenv("IMAGES", test_folder, 1);
}

static void remove_images(void) {
    struct err err = {0};
    ck_assert_msg(file_remove_tree(getenv("IMAGES"), &err) == 0, "%s", err.what);
}

// A cache with nothing but the connector.
static void begin(void) {
    cli_find();
    folder_enter("/var/tmp/goneaway-test", 0700);
    shell("$G prepare --server mariadb-10.11,mysql-9.7 --connector mariadb-c");
    setenv("FROM", cli_cache(), 1);
    // another suite may have made the machine's needs unknown since
    shell("mkdir cache && { cp $FROM/needs.json cache/ 2>&1 || :; } && cp -al "
          "$FROM/mariadb-10.11-root-* "
          "$FROM/mariadb-c-adapter-* cache/");
    cli_check_status(0);
    cleanup_free char *cache = folder_path("cache");
    setenv("GONEAWAY_CACHE", cache, 1);
}

// nftw(3) does not take all paths that images have.
static void end(void) {
    shell("rm -rf image");
    folder_remove();
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
    cli_check_status(0);
    shell(again);
    cli_check_status(0);
    cli_check_said(is);
    cli_check_said("1 case in ");
    cli_check_said(": 1 pass");
    shell(again);
    cli_check_status(0);
    cli_check_said(": 1 pass");
    cli_check_unsaid("copying");
    shell("find cache/*-root-*/root -xdev '(' -perm /6022 -o -type p ')' ! -type l | "
          "grep -v mariadb-10.11-root || true");
    ck_assert_str_eq(text_get(&cli.said), "");
}
END_TEST

// What it is and where it came from is known even without its folder.
START_TEST(what_the_cache_holds_is_shown) {
    cleanup_free char *origin = xprintf(", by reference: rootfs:%s/image", test_folder);
    shell(
        "image mariadb-10.11\n$G prepare --server rootfs:image --connector mariadb-c\n"
        "rm -r image; $G list servers | grep rootfs | tr -s ' '; $G doctor | grep 'rootfs' || :\n");
    cli_check_status(0);
    cli_check_said("rootfs-image 10.11.");
    cli_check_said(origin);
    cli_check_said("image        ok       server rootfs-image (MariaDB 10.11.");
    shell("rm -r cache/rootfs-*-root-*; $G list servers | grep rootfs | tr -s ' '\n");
    cli_check_status(0);
    cli_check_said("rootfs-image damaged ");
}
END_TEST

START_TEST(prune_frees_what_a_short_name_stands_for) {
    shell("image mariadb-10.11\n"
          "$G run kill-idle@tcp --server mine=rootfs:image --connector mariadb-c -v || echo $?\n"
          "$G prune; $G list servers | grep -c rootfs:\n"
          "$G prune --all; $G list servers | grep -c rootfs: || ls cache\n");
    cli_check_status(0);
    cli_check_said("kill-idle@tcp                      mine ");
    cli_check_said("kept: what came by reference or by other recipes, ");
    cli_check_said("\nfreed: 2 entries, ");
}
END_TEST

// The text in between is executed by the image, as root inside, once its data are initialised.
#define INITIALISE                                                                                 \
    "cp image/usr/bin/mariadb-install-db i; rm image/usr/bin/mariadb-install-db\n"                 \
    "{ sed '1a(' i; printf ') || exit; '; cat <<'END'\n"
#define END_OF_INITIALISE                                                                          \
    "END\n} > image/usr/bin/mariadb-install-db; chmod 755 image/usr/bin/mariadb-install-db\n"

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
     " needs mariadb-install-db to initialise its data, which is missing"},
    {"rm -r image/var/lib; ln -s /tmp image/var/lib", 3, "/var/lib of the image is not a folder"},
    {"rm -rf image/var/lib/apt; mkdir -p host/lists/kept; ln -s $PWD/host image/var/lib/apt", 3,
     "/var/lib/apt of the image is not a folder"},
    {"truncate -s 5G image/large", 3, "its files are larger than 4 GiB, too large for a server"},
    {"mkdir -p image/opt; cd image/opt; for i in $(seq 16); do mkdir $(printf %0250d 0); cd 0*; "
     "done; truncate -s 9G $(printf %060d 0)",
     3, ": File name too long"},
    {"rm -rf image", 2, "there is no "},
};

// One line of error, a remedy if there is one, and nothing left in the cache.
START_TEST(what_is_no_server_is_refused) {
    cleanup_free char *make = xprintf("image mariadb-10.11\n%s\n", wrong[_i].damage);
    shell(make);
    cli_check_status(0);
    shell("ls cache > before\n"
          "$G run kill-idle@tcp --server rootfs:image --connector mariadb-c && s=0 || s=$?\n"
          "ls cache | grep -vx 'locks\\|.*json' > after; grep -vx 'locks\\|.*json' before | diff - "
          "after\n"
          "! [ -d host ] || [ -d host/lists/kept ] || exit 99\n"
          "exit $s\n");
    cli_check_status(wrong[_i].status);
    cli_check_said(wrong[_i].message);
}
END_TEST

// What the image's program writes ends up in the cache, visible to every user.
START_TEST(what_a_program_of_an_image_writes_is_harmless) {
    shell("image mariadb-10.11\n" INITIALISE
          "cp /bin/sh /var/lib/mysql/program; chmod 6755 /var/lib/mysql/program\n"
          "mkfifo -m 666 /var/lib/mysql/pipe; chmod 777 /var/lib/mysql\n" END_OF_INITIALISE
          "rm image/usr/bin/dpkg-query; printf '#!/bin/sh\\nprintf \"\\033]0;x\\007 "
          "\\\\n::error::x\"\\n' > "
          "image/usr/bin/dpkg-query; chmod 755 image/usr/bin/dpkg-query\n"
          "$G prepare --server rootfs:image --connector mariadb-c\n"
          "ls cache/*-data-*/data/var/lib/mysql/program\n"
          "[ -z \"$(find cache/*-data-* '(' -perm /6022 -o -type p ')' ! -type l)\" ]\n");
    cli_check_status(0);
    cli_check_unsaid("\033");
    cli_check_unsaid("::error");
}
END_TEST

// ---- images ------------------------------------------------------------------------------------

// Makes the image `oci:images:TAG` from ./image, and the archive from it.
#define LAYOUT                                                                                     \
    "umoci init --layout images; umoci new --image images:8.4\n"                                   \
    "umoci config --image images:8.4 --config.entrypoint /entrypoint.sh --config.user 999 "        \
    "--config.volume /var/lib/mysql --architecture \"$(dpkg --print-architecture)\"\n"
#define INSERT "umoci insert --rootless --image images:8.4 image /\n"

static const struct {
    const char *commands, *message;
} misdeeds[] = {
    {"mv /var/lib/mysql /mysql; ln -s /mysql /var/lib/mysql\n",
     "/var/lib/mysql of the image is not a folder"},
    {"truncate -s 1T /var/lib/mysql/large\n", "its files are larger than 4 GiB"},
    {"i=0; while [ $((i += 1)) -lt 2500 ]; do sleep 1000 & done; wait\n",
     "of them those of `sleep`; the limit is 2000"},
};

// Whatever an image's program does, nothing of it is kept.
START_TEST(what_a_program_of_an_image_takes_is_bounded) {
    cleanup_free char *script =
        xprintf("image mariadb-10.11\n" INITIALISE "%s" END_OF_INITIALISE
                "$G prepare --server rootfs:image --connector mariadb-c && s=0 || s=$?\n"
                "! ls -d cache/*-data-*; exit $s\n",
                misdeeds[_i].commands);
    shell(script);
    cli_check_status(3);
    cli_check_said(misdeeds[_i].message);
}
END_TEST

#define INDEX                                                                                      \
    "$GONEAWAY_HOME/fixtures/test/images/index.sh images \"$(dpkg --print-architecture)\"\n"

static const struct {
    const char *make, *reference, *name;
} images_here[] = {
    {"", "oci:images:8.4", "oci-images-8.4"},
    {INDEX, "oci:images:8.4", "oci-images-8.4"},
    {"mkdir x; tar --mode=000 -C x -cf l.tar .; umoci raw add-layer --image images:8.4 l.tar\n",
     "oci:images:8.4", "oci-images-8.4"},
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
    cli_check_status(0);
    shell(use);
    cli_check_status(0);
    cli_check_said(is);
    cli_check_said(": 1 pass");
    cli_check_unsaid("tmp-");
}
END_TEST

// Changes the image's manifest by sed, and everything that refers to it.
#define MANIFEST(expression)                                                                       \
    "cd images; m=$(sed 's/.*sha256:\\([0-9a-f]*\\).*/\\1/' index.json)\n"                         \
    "sed '" expression "' blobs/sha256/$m > new; n=$(sha256sum < new | cut -c 1-64)\n"             \
    "! cmp -s new blobs/sha256/$m; mv new blobs/sha256/$n\n"                                       \
    "sed -i \"s/$m/$n/; s/\\\"size\\\":[0-9]*/\\\"size\\\":$(wc -c < blobs/sha256/$n)/\" "         \
    "index.json"

// Turns a regular file's header into that of a link (2) or a device (3), which have no data.
#define AS_TYPE(digit)                                                                             \
    "head -c 1024 /dev/zero > x; tar -cf l.tar x; printf " #digit " | patch_at 156\n"              \
    "printf '%06o' $((0$(tail -c +149 l.tar | head -c 6) + " #digit ")) | patch_at 148\n"          \
    "umoci raw add-layer --image images:8.4 l.tar"

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
    {AS_TYPE(2), 3, "the path x has a size, which only files have"},
    {AS_TYPE(3), 3, "the device x may have a size"},
    {"touch -- x; tar -cf l.tar --mtime=@4611686018427387904 x\n"
     "umoci raw add-layer --image images:8.4 l.tar",
     3, "a layer of the image has a file of no known time: "},
    {"mkdir x; touch x/.wh...; tar -cf l.tar x/.wh...\n"
     "umoci raw add-layer --image images:8.4 l.tar",
     3, "the path x/.wh... removes no file of a layer below"},
    {"mkdir x; echo a > x/a; echo b > x/b; tar -cf l.tar x/a x/b\n"
     "printf XX | dd of=l.tar bs=1 seek=1034 conv=notrunc status=none\n"
     "umoci raw add-layer --image images:8.4 l.tar",
     3, "a layer of the image is not an archive that tar can read"},
    {MANIFEST("s|\"layers\":|\"Layers\":[],\"layers\":|"), 3,
     "the image's manifest has the key 'layers' in other letters"},
    {MANIFEST("s|\"layers\":|\"layers\":[],\"layers\":|"), 3,
     "a part of the image's manifest is not JSON, or has a key twice"},
    {MANIFEST("s|\"config\":{|\"config\":{\"urls\":[\"http://192.0.2.1/\"],|"), 3,
     "network is unreachable"},
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
    cli_check_status(0);
    shell("ls cache | grep -vx 'locks\\|.*json' > before\n"
          "$G run kill-idle@tcp --server oci:images:8.4 --connector mariadb-c && s=0 || s=$?\n"
          "ls cache | grep -vx 'locks\\|.*json' > after; diff before after; ! [ -e pwned ]\n"
          "exit $s\n");
    cli_check_status(bad_images[_i].status);
    cli_check_said(bad_images[_i].message);
}
END_TEST

START_TEST(missing_tool_is_named) {
    shell("umoci init --layout images; umoci new --image images:8.4; mkdir bin\n"
          "for f in /usr/bin/* /usr/sbin/*; do ln -sf $f bin/; done; rm bin/skopeo\n"
          "PATH=$PWD/bin $G prepare --server oci:images:8.4 --connector mariadb-c\n");
    cli_check_status(3);
    cli_check_said("remedy: sudo apt install skopeo umoci");
}
END_TEST

// ---- a registry --------------------------------------------------------------------------------

// Starts a private registry at $AT, with a password, and pushes the image to it; skopeo learns from
// the usual files that it speaks HTTP, and how to log in.
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
    cleanup_free char *auth = folder_path("auth.json");
    setenv("HOME", test_folder, 1);
    setenv("REGISTRY_AUTH_FILE", auth, 1);
    shell(quoted);
    shell("bash -e begin.sh");
    cli_check_status(0);
}

static void end_registry(void) {
    shell("kill $(cat registry.pid)");
}

static bool has_registry(void) {
    shell("command -v docker-registry skopeo umoci");
    return cli.status == 0;
}

#define USE                                                                                        \
    "$G run kill-idle@tcp --server docker://$(cat at)/library/mariadb:10.11 --connector "          \
    "mariadb-c\n"

START_TEST(registry_gives_a_verdict) {
    if (!has_registry())
        skip_test("needs docker-registry");
    shell("image mariadb-10.11\n" LAYOUT INSERT);
    cli_check_status(0);
    begin_registry();
    shell(USE);
    cli_check_status(0);
    cli_check_said("docker-mariadb-10.11: it is MariaDB 10.11.");
    cli_check_said(": 1 pass");
    // the tag moves to something that is no server: runs continue with the old image
    shell("umoci new --image images:2; skopeo copy -q oci:images:2 "
          "docker://$(cat at)/library/mariadb:10.11\n" USE);
    cli_check_status(0);
    cli_check_said(": 1 pass");
    cli_check_unsaid("asking");
    shell("$G prepare --server docker://$(cat at)/library/mariadb:10.11 --connector mariadb-c\n");
    cli_check_status(3);
    // which proves unusable, so the old one remains valid
    shell(USE);
    cli_check_status(0);
    cli_check_said(": 1 pass");
    cli_check_unsaid("asking");
    // runs work without the registry, too
    end_registry();
    shell("rm cache/tag-*; $G run kill-idle@tcp --server docker://$(cat at)/library/mariadb:10.11 "
          "--connector mariadb-c\n");
    cli_check_status(3);
    cli_check_said("must be reachable");
}
END_TEST

START_TEST(registry_has_an_index) {
    if (!has_registry())
        skip_test("needs docker-registry");
    shell("image mariadb-10.11\n" LAYOUT INSERT);
    cli_check_status(0);
    begin_registry();
    shell(INDEX "skopeo copy -q --all oci:images:8.4 docker://$(cat at)/library/mariadb:10.11\n"
                "skopeo inspect --raw docker://$(cat at)/library/mariadb:10.11\n" USE);
    cli_check_status(0);
    cli_check_said("attestation-manifest");
    cli_check_said(": 1 pass");
    end_registry();
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
    cli_check_status(0);
    begin_registry();
    shell(troubles[_i].damage);
    cli_check_status(0);
    shell("ls cache | grep -vx 'locks\\|.*json' > before\n" USE);
    cli_check_status(3);
    cli_check_said(troubles[_i].message);
    shell("ls cache | grep -vx 'locks\\|.*json' | diff before -\n");
    cli_check_status(0);
    end_registry();
}
END_TEST

Suite *live_reference(void) {
    Suite *suite = suite_create("live-reference");
    TCase *folder = tcase_create("folder");
    tcase_add_unchecked_fixture(folder, make_images, remove_images);
    tcase_add_checked_fixture(folder, begin, end);
    tcase_set_timeout(folder, TIMEOUT_S);
    tcase_add_loop_test(folder, root_filesystem_gives_a_verdict, 0, (int)COUNT_OF(servers));
    tcase_add_test(folder, what_a_program_of_an_image_writes_is_harmless);
    tcase_add_loop_test(folder, what_a_program_of_an_image_takes_is_bounded, 0,
                        (int)COUNT_OF(misdeeds));
    tcase_add_loop_test(folder, what_is_no_server_is_refused, 0, (int)COUNT_OF(wrong));
    suite_add_tcase(suite, folder);
    TCase *held = tcase_create("held");
    tcase_add_unchecked_fixture(held, make_images, remove_images);
    tcase_add_checked_fixture(held, begin, end);
    tcase_set_timeout(held, TIMEOUT_S);
    tcase_add_test(held, what_the_cache_holds_is_shown);
    tcase_add_test(held, prune_frees_what_a_short_name_stands_for);
    suite_add_tcase(suite, held);
    TCase *image = tcase_create("image");
    tcase_add_unchecked_fixture(image, make_images, remove_images);
    tcase_add_checked_fixture(image, begin, end);
    tcase_set_timeout(image, TIMEOUT_S);
    tcase_add_loop_test(image, image_gives_a_verdict, 0, (int)COUNT_OF(images_here));
    tcase_add_loop_test(image, bad_image_is_refused, 0, (int)COUNT_OF(bad_images));
    tcase_add_test(image, missing_tool_is_named);
    suite_add_tcase(suite, image);
    TCase *registry = tcase_create("registry");
    tcase_add_unchecked_fixture(registry, make_images, remove_images);
    tcase_add_checked_fixture(registry, begin, end);
    tcase_set_timeout(registry, TIMEOUT_S);
    tcase_add_test(registry, registry_gives_a_verdict);
    tcase_add_test(registry, registry_has_an_index);
    tcase_add_loop_test(registry, registry_that_fails_leaves_nothing, 0, (int)COUNT_OF(troubles));
    suite_add_tcase(suite, registry);
    return suite;
}
