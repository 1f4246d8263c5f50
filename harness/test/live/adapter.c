// SPDX-License-Identifier: Apache-2.0
// adapter.c - users' own adapters: started by other programs, named, and side by side
//
// The adapter is mostly the reference, built for MariaDB Connector/C, copied to the test's folder,
// where the program runs. The cache is prepared first.
#include "test/lib/cli.h"
#include "test/lib/folder.h"
#include "test/lib/skip.h"
#include "test/lib/suites.h"

#include "base/file.h"
#include "base/proc.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { RUN_DEADLINE_MS = 60000, PREPARE_TIMEOUT_S = 900, TIMEOUT_S = 100 };

static struct err err;

// ---- running -----------------------------------------------------------------------------------

#define RUN(...)                                                                                   \
    cli_run((const char *const[]){cli.program, "run", "--report", "human=-", "--report",           \
                                  "json=report.json", "--server", "mariadb-10.11", __VA_ARGS__,    \
                                  NULL},                                                           \
            RUN_DEADLINE_MS)

static void shell(const char *script) {
    cli_shell(script, RUN_DEADLINE_MS);
}

// ---- fixtures ----------------------------------------------------------------------------------

static void begin(void) {
    cli_begin("/tmp/goneaway-adapter", 0755);
    shell("cache=${GONEAWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/goneaway}\n"
          "cp \"$(ls -td \"$cache\"/mariadb-c-adapter-* | head -n 1)\"/adapter/adapter .\n"
          "mkdir sub\n");
}

START_TEST(cache_is_prepared) {
    cli_find();
    const char *const argv[] = {cli.program,
                                "prepare",
                                "kill-idle",
                                "--connector",
                                "libmysqlclient,mariadb-c,mariadb-c-3.4,mariadb-c-sid",
                                NULL};
    cli_run(argv, PREPARE_TIMEOUT_S * 1000);
    cli_check_status(0);
}
END_TEST

// ---- started by another program ----------------------------------------------------------------

#define SCENARIO(transport, rest)                                                                  \
    "goneaway: 1\ntitle: T\ncause: killed\nsource: none\ntransport: [" transport "]\nsteps:"       \
    "\n" rest

// These look for the app's socket, signal the app and stop it; its children have theirs.
static const char *const scenarios[] = {
    SCENARIO("tcp, socket", "  - app: connect\n"
                            "  - {fault: {kill: app}}\n"
                            "  - until: {app-socket: closed-by-peer}\n"
                            "  - {id: first, app: ping}\n"
                            "outcomes:\n"
                            "  - {if: {transport: tcp}, first: 2013}\n"
                            "  - {first: 2006}\n"),
    SCENARIO("tcp", "  - app: connect\n"
                    "  - app: {query: SELECT SLEEP(5), as: q}\n"
                    "  - until: {session: {of: app, is: running}}\n"
                    "  - fault: {signal: {to: app, name: SEGV}}\n"
                    "  - {id: q, await: q}\n"
                    "outcomes:\n  - {q: {crash: SIGSEGV}}\n"),
    SCENARIO("socket", "  - fault: {pause: app, id: stops}\n"
                       "  - lift: stops\n"
                       "  - app: connect\n"
                       "  - fault: {pause: app, id: again}\n"
                       "  - lift: again\n"
                       "  - {id: q, app: {query: SELECT 1}}\n"
                       "outcomes:\n  - {q: ok}\n"),
    SCENARIO("tcp, socket", "  - app: connect\n"
                            "  - app: {fork: child}\n"
                            "  - child: connect\n"
                            "  - app: connect\n"
                            "  - {fault: {kill: app}}\n"
                            "  - until: {app-socket: closed-by-peer}\n"
                            "  - until: {app-socket: {of: child, is: established}}\n"
                            "  - {id: q, child: ping}\n"
                            "outcomes:\n  - {q: ok}\n"),
};

// One in another language is included if that is available.
static const struct {
    const char *command, *needs;
} started_by[] = {
    {"./adapter", "sh"},
    {"true; ./adapter", "sh"},
    {"cd sub; env A=b ../adapter; exit $?", "sh"},
    {"timeout 100 ./adapter", "timeout"},
    {"python3 sub/wrapper.py", "python3"},
    {"node my-adapter.js", "node"},
    {"strace -f -o /tmp/trace ./adapter", "strace"},
    {"./adapter | cat", "sh"},
};

static const char by_pipes[] =
    "import subprocess, sys\n"
    "app = subprocess.Popen(['./adapter'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
    "for line in sys.stdin.buffer:\n"
    "    app.stdin.write(line)\n"
    "    app.stdin.flush()\n"
    "    answer = app.stdout.readline()\n"
    "    if not answer:\n"
    "        sys.exit(128 - app.wait())\n"
    "    sys.stdout.buffer.write(answer)\n"
    "    sys.stdout.flush()\n";

static const char in_node[] =
    "const { spawn } = require('child_process');\n"
    "const app = spawn('./adapter', { stdio: 'inherit' });\n"
    "app.on('exit', (code, signal) =>\n"
    "  process.exit(signal ? 128 + require('os').constants.signals[signal] : code));\n";

static bool has(const char *name) {
    cleanup_free char *path = proc_find_program(name);
    return path != NULL;
}

START_TEST(app_is_who_holds_the_connection) {
    if (!has(started_by[_i].needs)) {
        cleanup_free char *reason = xprintf("needs %s", started_by[_i].needs);
        skip_test(reason);
    }
    folder_put("sub/wrapper.py", by_pipes);
    folder_put("my-adapter.js", in_node);
    char name[] = "s0.yml";
    for (size_t i = 0; i < COUNT_OF(scenarios); i++, name[1]++)
        folder_put(name, scenarios[i]);
    RUN("s0.yml", "s1.yml", "s2.yml", "s3.yml", "--adapter", started_by[_i].command);
    cli_check_status(0);
    ck_assert_uint_eq(json_array_size(cli.cases), 6);
}
END_TEST

// Whether the kernel reports how a process below another one has ended.
static bool kernel_tells(void) {
    int ended = 0, told = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    cleanup_close int pidfd = proc_pidfd(pid);
    ck_assert_int_eq(waitpid(pid, &ended, 0), pid);
    bool tells = proc_pidfd_status(pidfd, &told);
    ck_assert(!tells || told == ended);
    return tells;
}

START_TEST(exit_below_a_wrapper_is_no_crash) {
    folder_put("s.yml", scenarios[0]);
    folder_put("exits.sh",
               "read -r l; echo '{\"outcome\":\"ok\",\"protocol\":1,\"connector\":\"x\","
               "\"version\":\"1\",\"capabilities\":[\"connect\",\"ping\"]}'\n"
               "read -r l; exit 139\n");
    RUN("s.yml", "--only", "*@tcp", "--adapter", "true; sh exits.sh; exit $?");
    cli_check_status(3);
    const char *why = kernel_tells() ? "the adapter ended with exit status 139 instead of"
                                     : "the app died of SIGSEGV";
    cli_check_said(why);
}
END_TEST

// ---- names -------------------------------------------------------------------------------------

#define HELLO(name, version)                                                                       \
    "read -r l; echo '{\"outcome\":\"ok\",\"protocol\":1,\"connector\":\"" name                    \
    "\",\"version\":\"" version "\",\"capabilities\":[\"connect\"]}'; read -r l; "                 \
    "echo '{\"outcome\":\"error\",\"errno\":2003}'; cat"

static const char named_rows[] =
    SCENARIO("tcp", "  - {id: q, app: connect}\n"
                    "outcomes:\n"
                    "  - {if: {connector: \"my-driver >= 2\"}, q: 2002}\n"
                    "  - {if: {connector: my-driver}, q: 2003}\n"
                    "  - {if: {connector: old.driver}, q: 2003}\n");

// Of the case with this name of a connector.
static const char *text_of(const char *connector, const char *key) {
    size_t i;
    json_t *one;
    json_array_foreach(cli.cases, i, one) {
        json_t *told = json_object_get(one, "connector");
        if (strcmp(json_string_value(json_object_get(told, "name")), connector) != 0)
            continue;
        json_t *value = json_object_get(told, key);
        return json_string_value(value ? value : json_object_get(one, key));
    }
    ck_abort_msg("no case of the connector '%s' in:\n%.3000s", connector, text_get(&cli.said));
    return NULL;
}

static void check_text(const char *connector, const char *key, const char *wanted) {
    ck_assert_pstr_eq(text_of(connector, key), wanted);
}

START_TEST(hello_names_an_adapter) {
    folder_put("s.yml", named_rows);
    RUN("s.yml", "--adapter", HELLO("My Driver", "1.5"));
    cli_check_status(0);
    check_text("my-driver", "family", "my-driver");
    check_text("my-driver", "version", "1.5");
    check_text("my-driver", "verdict", "pass");
    RUN("s.yml", "--adapter", "exit 1");
    cli_check_status(3);
    check_text("adapter", "verdict", "broken");
    RUN("s.yml", "--adapter", HELLO("++", "1"));
    check_text("adapter", "family", "adapter");
}
END_TEST

START_TEST(adapters_stand_side_by_side) {
    folder_put("s.yml", named_rows);
    RUN("s.yml", "--report", "junit=junit.xml", "--adapter",
        "old.driver=" HELLO("my-driver", "2.1"), "--adapter", "new-2.1=" HELLO("my-driver", "2.1"),
        "--adapter", "new-1.9=" HELLO("my-driver", "1.9"), "--connector",
        "mariadb-c,old.driver,new-2.1,new-1.9");
    ck_assert_uint_gt(json_array_size(cli.cases), 3);
    check_text("old.driver", "verdict", "pass"); // by its name, not by its family
    check_text("new-2.1", "verdict", "wrong-code");
    check_text("new-2.1", "family", "my-driver");
    check_text("new-1.9", "verdict", "pass");
    check_text("new-1.9", "version", "1.9");
    text_release(&cli.said);
    ck_assert_msg(file_read("junit.xml", 1 << 20, &cli.said, &err) == 0, "%s", err.what);
    cli_check_said("goneaway.mariadb-10.11.new-2_1\"");
    cli_check_said("goneaway.mariadb-10.11.new-1_9\"");
}
END_TEST

// A process of the adapter holds the connection until the server closes it, or briefly.
static const char holder[] =
    "read -r l; echo '{\"outcome\":\"ok\",\"protocol\":1,\"connector\":\"x\","
    "\"version\":\"1\",\"capabilities\":[\"connect\",\"ping\"]}'; read -r l\n"
    "[[ $l =~ \\\"host\\\":\\\"([^\\\"]*) ]]; host=${BASH_REMATCH[1]}\n"
    "[[ $l =~ \\\"port\\\":([0-9]*) ]]; port=${BASH_REMATCH[1]}\n"
    "exec 3<>/dev/tcp/$host/$port\n"
    "timeout $1 cat <&3 >/dev/null 2>&1 &\n"
    "exec 3>&-; echo '{\"outcome\":\"ok\"}'; read -r l\n"
    "echo '{\"outcome\":\"error\",\"errno\":2006}'; read -r l\n";

START_TEST(who_closed_the_connection_is_told_apart) {
    folder_put("holder.sh", holder);
    folder_put("s.yml", SCENARIO("tcp", "  - app: connect\n"
                                        "  - {until: {app-socket: closed-by-peer}, deadline: 4s}\n"
                                        "  - {id: q, app: ping}\n"
                                        "outcomes: [{q: 2006}]\n"
                                        "server: {options: {connect-timeout: 2}}\n"));
    RUN("s.yml", "--adapter", "bash holder.sh 20");
    check_text("x", "verdict", "pass");
    RUN("s.yml", "--adapter", "bash holder.sh 0.5");
    check_text("x", "verdict", "broken");
    cli_check_said("closed by the app itself");
}
END_TEST

START_TEST(named_adapter_is_run_again) {
    folder_put("s.yml", named_rows);
    RUN("s.yml", "--adapter", "it-s.mine=DEBUG=1 ./adapter", "--connector", "it-s.mine,mariadb-c");
    check_text("it-s.mine", "family", "mariadb-c");
    ck_assert_msg(strstr(text_of("it-s.mine", "rerun"),
                         "--server mariadb-10.11 --adapter 'it-s.mine=DEBUG=1 ./adapter'") != NULL,
                  "%s", text_of("it-s.mine", "rerun"));
    ck_assert_ptr_nonnull(strstr(text_of("mariadb-c", "rerun"), " --connector mariadb-c"));
}
END_TEST

// The family's rows apply to every version until something else is measured.
START_TEST(versions_of_a_library_stand_side_by_side) {
    // which versions these are, and whether they were measured, depends on Debian
    RUN("kill-idle@tls", "--allow-borrowed", "--connector",
        "mariadb-c,mariadb-c-3.4,mariadb-c-sid");
    cli_check_status(0);
    ck_assert_uint_eq(json_array_size(cli.cases), 3);
    check_text("mariadb-c", "judged_by", "row");
    check_text("mariadb-c-3.4", "family", "mariadb-c");
    check_text("mariadb-c-sid", "family", "mariadb-c");
}
END_TEST

static const struct {
    const char *argv[8], *complaint;
} refused[] = {
    {{"--adapter", "PyMySQL=x"}, "--adapter 'PyMySQL=x': a connector's name is in lower case"},
    {{"--adapter", "PyMySQL=x"}, "variable of the command, begin it with `env`"},
    {{"--adapter", "mine= "}, "--adapter 'mine= ' has no command"},
    {{"--adapter", ""}, "--adapter '' has no command"},
    {{"--adapter", "mariadb-c=x"}, "mariadb-c=..: goneaway has a connector of that name"},
    {{"--adapter", "mariadb-c=x"}, "another one, such as mariadb-c-mine"},
    {{"--adapter", "all=x"}, "--adapter all=..: that means all connectors"},
    {{"--adapter", "a=x", "--adapter", "a=y"}, "two --adapter are called 'a'"},
    {{"--adapter", "a=x", "--adapter", "y"},
     "'y' needs a name of its own beside another --adapter"},
    {{"--adapter", "y", "--connector", "mariadb-c"},
     "'y' needs a name of its own beside --connect"},
    {{"--adapter", "a=y", "--connector", "mariadb-c"},
     "--connector does not name the --adapter 'a'"},
    {{"--adapter", "a=y", "--connector", "b"}, "unknown connector 'b'"},
};

START_TEST(wrong_names_are_refused) {
    const char *argv[COUNT_OF(refused[0].argv) + 4] = {cli.program, "run", "kill-idle"};
    for (size_t i = 0; refused[_i].argv[i]; i++)
        argv[i + 3] = refused[_i].argv[i];
    cli_run(argv, RUN_DEADLINE_MS);
    cli_check_status(2);
    cli_check_said(refused[_i].complaint);
}
END_TEST

START_TEST(hidden_script_is_named) {
    cli_run((const char *const[]){cli.program, "run", "kill-idle@tcp", "--server", "mariadb-10.11",
                                  "--adapter", "sh /var/lib/dpkg/status", NULL},
            RUN_DEADLINE_MS);
    cli_check_status(3);
    cli_check_said("warning: /var/lib/dpkg/status is there, but is not shown to");
}
END_TEST

// A row may name a connector that goneaway does not have, if the user says that there are more.
START_TEST(names_of_adapters_are_known) {
    folder_put("s.yml", named_rows);
    cli_run((const char *const[]){cli.program, "check", "s.yml", NULL}, RUN_DEADLINE_MS);
    cli_check_status(0);
    cli_check_said("warning: there is no connector 'my-driver'");
    cli_run((const char *const[]){cli.program, "check", "s.yml", "--adapter", "old.driver=x", NULL},
            RUN_DEADLINE_MS);
    cli_check_status(0);
}
END_TEST

// ---- recipes outside of goneaway's tree
// -------------------------------------------------------

#define PASSES                                                                                     \
    SCENARIO("tcp", "  - app: connect\n"                                                           \
                    "  - {id: q, app: {query: SELECT 1}}\n"                                        \
                    "outcomes:\n"                                                                  \
                    "  - {if: {connector: mariadb-c}, q: {ok: true, rows: [[1]]}}\n")

// A root filesystem with the adapter and the libraries that it needs.
static const char make_root[] =
    "mkdir -p root/usr/bin mine/own-1.0 mine/own-1.1\n"
    "cp adapter root/usr/bin\n"
    "ldd adapter | sed -n 's|.*[\t ]\\(/[^ ]*\\) (.*|\\1|p' | while read -r library; do\n"
    "    mkdir -p \"root${library%/*}\"\n"
    "    cp -L \"$library\" \"root$library\"\n"
    "done\n"
    "printf 'title: T\\nimage: rootfs:../../root\\ncommand: [/usr/bin/adapter]\\n' "
    "> mine/own-1.0/recipe.yml\n"
    "printf 'title: T\\nimage: oci:../../oci:latest\\ncommand: [/adapter/adapter]\\n' "
    "> mine/own-1.1/recipe.yml\n"
    "cp adapter mine/own-1.1\n";

// The same as an image.
static const char make_oci[] = "umoci init --layout oci\n"
                               "umoci new --image oci:latest\n"
                               "umoci unpack --rootless --image oci:latest bundle\n"
                               "cp -a root/. bundle/rootfs\n"
                               "umoci repack --image oci:latest bundle\n"
                               "rm -rf bundle\n";

static void use_own_cache(void) {
    cleanup_free char *cache = folder_path("cache");
    shell("mkdir cache\n"
          "from=${GONEAWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/goneaway}\n"
          "cp -al \"$from\"/mariadb-10.11-* cache 2>/dev/null || cp -a \"$from\"/mariadb-10.11-* "
          "cache\n");
    setenv("GONEAWAY_CACHE", cache, 1);
}

START_TEST(connectors_come_from_elsewhere) {
    folder_put("s.yml", PASSES);
    shell(make_root);
    use_own_cache();
    bool images = has("umoci") && has("skopeo");
    shell(images ? make_oci : "rm -r mine/own-1.1");
    RUN("s.yml", "--connectors", "mine", "--connector", images ? "own-1.0,own-1.1" : "own-1.0");
    cli_check_status(0);
    check_text("own-1.0", "family", "mariadb-c");
    check_text("own-1.0", "verdict", "pass");
    if (images)
        check_text("own-1.1", "verdict", "pass");
    ck_assert_msg(strstr(text_of("own-1.0", "rerun"), " --connectors mine --connector own-1.0"),
                  "%s", text_of("own-1.0", "rerun"));
    RUN("s.yml", "--connectors", "mine", "--connector", "own-1.0"); // it is in the cache by now
    cli_check_status(0);
    cli_check_unsaid("copying");
    shell("rm root/usr/bin/adapter");
    RUN("s.yml", "--connectors", "mine", "--connector", "own-1.0");
    cli_check_status(3);
    cli_check_said("own-1.0: copying the root filesystem");
}
END_TEST

START_TEST(image_leads_nowhere_else) {
    folder_put("s.yml", PASSES);
    shell(make_root);
    use_own_cache();
    shell("mkdir victim && echo mine > victim/resolv.conf && rm -r mine/own-1.1\n"
          "ln -s \"../../../../../../../..$PWD/victim\" root/etc\n");
    RUN("s.yml", "--connectors", "mine", "--connector", "own-1.0");
    cli_check_status(3);
    cli_check_said("/etc of the image is not a folder");
    shell("echo mine | cmp - victim/resolv.conf && [ \"$(ls victim)\" = resolv.conf ]");
}
END_TEST

START_TEST(connector_without_scenarios_is_told) {
    folder_put("s.yml", PASSES);
    shell("mkdir -p mine/own\n"
          "printf 'title: T\\nimage: mariadb-10.11\\ncommand: [x]\\nonly_named: true\\n' "
          "> mine/own/recipe.yml\n");
    RUN("s.yml", "--connectors", "mine", "--connector", "own");
    cli_check_status(4);
    cli_check_said("none of the scenarios is for the connector 'own': it is "
                   "taken only by those that name it (`connectors: [own]`)");
    RUN("cli-killed", "--adapter", "mine=x");
    cli_check_status(4);
    cli_check_said("'mine': they name others and not this one");
    setenv("HOME", test_folder, 1);
    RUN("s.yml", "--connectors", ".");
    cli_check_status(2);
    cli_check_said("--connectors . is, or holds, a home folder");
}
END_TEST

Suite *live_adapter(void) {
    Suite *suite = suite_create("live-adapter");
    TCase *first = tcase_create("prepare");
    tcase_set_timeout(first, PREPARE_TIMEOUT_S);
    tcase_add_test(first, cache_is_prepared);
    suite_add_tcase(suite, first);
    TCase *tests = tcase_create("adapters");
    tcase_add_unchecked_fixture(tests, cli_find, NULL);
    tcase_add_checked_fixture(tests, begin, cli_end);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, app_is_who_holds_the_connection, 0, (int)COUNT_OF(started_by));
    tcase_add_test(tests, exit_below_a_wrapper_is_no_crash);
    tcase_add_test(tests, hello_names_an_adapter);
    tcase_add_test(tests, adapters_stand_side_by_side);
    tcase_add_test(tests, who_closed_the_connection_is_told_apart);
    tcase_add_test(tests, named_adapter_is_run_again);
    tcase_add_test(tests, versions_of_a_library_stand_side_by_side);
    tcase_add_loop_test(tests, wrong_names_are_refused, 0, (int)COUNT_OF(refused));
    tcase_add_test(tests, hidden_script_is_named);
    tcase_add_test(tests, names_of_adapters_are_known);
    tcase_add_test(tests, connectors_come_from_elsewhere);
    tcase_add_test(tests, image_leads_nowhere_else);
    tcase_add_test(tests, connector_without_scenarios_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}
