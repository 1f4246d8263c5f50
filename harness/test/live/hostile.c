// SPDX-License-Identifier: Apache-2.0
// hostile.c - the files of fixtures/test/hostile, as root and as an ordinary user
//
// A few runs at a time work on a machine dressed up for them (stage.h). A run has attacks of one
// kind, one after the other in the same worker, followed by a harmless case, which must pass.
// Whatever attacks do, they end in time, their processes stay within their memory, no secret and no
// control character comes out, no file is touched, nothing is left behind; and each ends as its
// head says.
//
// GONEAWAY_HOSTILE: a glob pattern of attacks to run; the result of each is then shown.
#include "test/lib/attack.h"
#include "test/lib/cli.h"
#include "test/lib/contain.h"
#include "test/lib/skip.h"
#include "test/lib/stage.h"
#include "test/lib/suites.h"
#include "test/lib/watch.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <limits.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { AT_A_TIME = 4, IN_A_RUN = 6, TIMEOUT_S = 400, STRANGER = 1000 };
enum { PREPARE_DEADLINE_MS = 900000, EACH_MS = 6000, LOOK_EVERY_MS = 50 };
enum { ARGUMENTS_MAX = 40, SAID_MAX_BYTES = 32 << 20 };

/** How many times longer everything may take, and how much more memory, under sanitizers. */
#ifdef __SANITIZE_ADDRESS__
enum { STRETCH = 4 };
#else
enum { STRETCH = 1 };
#endif

/** Printed by an attack that succeeded in something it must not be able to do. */
#define GOT_OUT                                                                                    \
    "GOT"                                                                                          \
    "-OUT"

/** A run: attacks that can share one, or one that cannot. */
struct attempt {
    const struct attack *attacks[IN_A_RUN];
    size_t count;
    char *said; // folder for its output and reports
    pid_t pid;  // 0: it has ended
    double began_ms, ended_ms;
    int status;         // as from waitpid()
    struct watch watch; // of its processes
    const char *cut;    // why it was killed; NULL: it was not
};

static const char *const outputs[] = {"out", "err", "report.json", "report.xml", "report.tap"};

static struct err err;
static char cache[PATH_MAX], users_cache[PATH_MAX];
static struct attack *attacks;
static size_t attack_count;
static struct attempt *attempts; // all attempts; a test runs AT_A_TIME of them at once
static size_t attempt_count;
static struct text wrong; // of this test's attacks
static bool as_user;

static void complain(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void complain(const char *name, const char *format, ...) {
    va_list list;
    char buffer[4000];
    va_start(list, format);
    vsnprintf(buffer, sizeof buffer, format, list);
    va_end(list);
    text_printf(&wrong, "\n%s %s: %s", as_user ? "user" : "root", name, buffer);
}

// ---- fixtures ----------------------------------------------------------------------------------

static void shell(const char *script, const char *a, const char *b, const char *c) {
    const char *const argv[] = {"/bin/sh", "-ec", script, "sh", a, b, c, NULL};
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    ck_assert_msg(proc_run(&spec, clock_ms() + PREPARE_DEADLINE_MS, NULL, &err) == 0, "%s",
                  err.what);
}

static void find_cache(void) {
    cli_shell("$GONEAWAY prepare", PREPARE_DEADLINE_MS);
    snprintf(cache, sizeof cache, "%s", cli_cache());
}

// The ordinary user's cache belongs to that user; it has only the small servers.
static void copy_cache(void) {
    char id[16];
    snprintf(id, sizeof id, "%d", STRANGER);
    strcpy(users_cache, "/var/tmp/goneaway-hostile-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(users_cache));
    shell("cp -a --reflink=auto \"$1\"/mariadb-10.11-* \"$1\"/mariadb-c-adapter-* "
          "\"$1\"/mariadb-cli-* \"$1\"/mariadb-dump-* \"$2\"/\n"
          "chown -R \"$3:$3\" \"$2\"",
          cache, users_cache, id);
}

static void set_up(void) {
    cli_find();
    find_cache();
}

static void set_up_user(void) {
    set_up();
    if (geteuid() == 0)
        copy_cache();
}

static void clean_up(void) {
    if (*users_cache)
        ck_assert_msg(file_remove_tree(users_cache, &err) == 0, "%s", err.what);
}

static void begin(bool ordinary) {
    bool root = geteuid() == 0;
    as_user = ordinary;
    stage_open(
        &(struct stage_sources){cli.program, cli.home, root && ordinary ? users_cache : cache},
        ordinary ? STRANGER : 0);
    if (ordinary)
        contain_begin_as(geteuid());
    else
        contain_begin_here();
    shell("cp -R " STAGE_FIXTURES "/test/hostile/common/* .\n"
          "newest=$(ls -td /mnt/cache/mariadb-c-adapter-* | head -n 1)\n"
          "cp $newest/adapter/adapter good",
          NULL, NULL, NULL);
}

// ---- which attacks run together ----------------------------------------------------------------

static bool is_adapter(const struct attack *attack) {
    return attack->kind == ATTACK_ADAPTER || attack->kind == ATTACK_CODE;
}

static bool is_run(const struct attack *attack) {
    return attack->kind != ATTACK_COMMAND && strcmp(attack->action, "run") == 0;
}

// A file that is refused ends the run before it starts.
static bool runs_alone(const struct attack *attack) {
    return !is_run(attack) || attack->options || attack_may_end(attack, "2");
}

static bool are_alike(const struct attack *one, const struct attack *other) {
    return is_adapter(one) == is_adapter(other) && strcmp(one->server, other->server) == 0 &&
           one->memory == other->memory && one->within_s == other->within_s;
}

static struct attempt *attempt_for(const struct attack *attack) {
    for (size_t i = 0; i < attempt_count && !runs_alone(attack); i++) {
        struct attempt *attempt = &attempts[i];
        if (attempt->count < IN_A_RUN && !runs_alone(attempt->attacks[0]) &&
            are_alike(attempt->attacks[0], attack))
            return attempt;
    }
    attempts = xrealloc(attempts, attempt_count + 1, sizeof *attempts);
    attempts[attempt_count] = (struct attempt){0};
    return &attempts[attempt_count++];
}

static void group_attacks(void) {
    for (size_t i = 0; i < attack_count; i++) {
        struct attempt *attempt = attempt_for(&attacks[i]);
        attempt->attacks[attempt->count++] = &attacks[i];
    }
}

// ---- starting ----------------------------------------------------------------------------------

// Puts an attack's own file into the current folder, ready for use. An adapter is identified by the
// number that its scenario gives the resolver, which common/try reads.
static void lay_out(const struct attack *attack, size_t number) {
    static const char *const ways[] = {
        [ATTACK_SCENARIO] = "cp \"$1\" \"$2.yml\"",
        [ATTACK_PRINTED] = "sh -e \"$1\" >\"$2.yml\"",
        [ATTACK_ADAPTER] = "install -m 755 \"$1\" \"$2\"",
        [ATTACK_CODE] = "cc -O1 -I. -o \"$2\" \"$1\"",
        [ATTACK_COMMAND] = "mkdir " STAGE_OWN "/\"$2\"; cp \"$1\" \"$2.sh\"",
    };
    cleanup_free char *path =
        xprintf(STAGE_FIXTURES "/test/hostile/%s", strstr(attack->path, "/hostile/") + 9);
    shell(ways[attack->kind], path, attack->name, NULL);
    cleanup_free char *resolver = xprintf("hosts: {app: {resolver: {timeout: %zus}}}", number + 1);
    if (is_adapter(attack))
        shell("{ cat \"$1.yml\"; echo \"$2\"; } >\"$3.yml\"", attack->scenario, resolver,
              attack->name);
}

static size_t add_options(const char **argv, size_t count, char *options) {
    for (char *word; (word = strsep(&options, " "));)
        argv[count++] = word;
    return count;
}

static size_t add_files(const char **argv, size_t count, const struct attempt *attempt) {
    for (size_t i = 0; i < attempt->count; i++) {
        static char files[IN_A_RUN][PATH_MAX];
        snprintf(files[i], PATH_MAX, "%s.yml", attempt->attacks[i]->name);
        argv[count++] = files[i];
    }
    argv[count++] = "good.yml";
    return count;
}

// The connector under test: an adapter that is an attack, or the one that the scenario names.
static char *tested(const struct attempt *attempt) {
    const struct attack *attack = attempt->attacks[0];
    cleanup_text struct text command = {0};
    if (!is_adapter(attack))
        return xstrdup(text_starts(attack->server, "mysql") ? "libmysqlclient,mysql-cli"
                                                            : "mariadb-c,mariadb-cli,mariadb-dump");
    text_add(&command, STAGE_WORK "/try");
    for (size_t i = 0; i < attempt->count; i++)
        text_printf(&command, " %s", attempt->attacks[i]->name);
    return xstrdup(text_get(&command));
}

static void spawn(struct attempt *attempt, const char *const *argv) {
    cleanup_free char *out_path = xprintf("%s/out", attempt->said);
    cleanup_free char *err_path = xprintf("%s/err", attempt->said);
    cleanup_close int out = open(out_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    cleanup_close int complaints = open(err_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    struct proc_spec spec = {.argv = argv,
                             .in = -1,
                             .out = out,
                             .err = complaints,
                             .netns = -1,
                             .keep = stage_descriptors(),
                             .new_session = true};
    attempt->began_ms = clock_ms();
    ck_assert_msg(proc_spawn(&spec, &attempt->pid, &err) == 0, "%s", err.what);
}

// The attacks come first, since they were named first and take at least as long.
static void start_run(struct attempt *attempt) {
    const struct attack *attack = attempt->attacks[0];
    cleanup_free char *json = xprintf("json=%s/report.json", attempt->said);
    cleanup_free char *xml = xprintf("junit=%s/report.xml", attempt->said);
    cleanup_free char *tap = xprintf("tap=%s/report.tap", attempt->said);
    cleanup_free char *options = xstrdup(attack->options), *what = tested(attempt);
    const char *tests = is_adapter(attack) ? "--adapter" : "--connector";
    const char *argv[ARGUMENTS_MAX] = {
        STAGE_PROGRAM, "run", "--report", "human=-", "--report", json,           "--report", xml,
        "--report",    tap,   "--jobs",   "1",       "--server", attack->server, tests,      what};
    size_t count = 0;
    while (argv[count])
        count++;
    add_options(argv, add_files(argv, count, attempt), options);
    spawn(attempt, argv);
}

static void start_other(struct attempt *attempt) {
    const struct attack *attack = attempt->attacks[0];
    cleanup_free char *script = xprintf(STAGE_WORK "/%s.sh", attack->name);
    cleanup_free char *own = xprintf(STAGE_OWN "/%s", attack->name);
    cleanup_free char *scenario = xprintf("%s.yml", attack->name);
    const char *const command[] = {"/bin/sh", "-c", "cd \"$1\" && exec /bin/sh \"$2\"", "sh", own,
                                   script,    NULL};
    const char *const check[] = {STAGE_PROGRAM, "check", scenario, NULL};
    spawn(attempt, attack->kind == ATTACK_COMMAND ? command : check);
}

static void start(struct attempt *attempt) {
    attempt->said = xprintf(STAGE_SAID "/%s", attempt->attacks[0]->name);
    ck_assert_int_eq(mkdir(attempt->said, 0755), 0);
    if (is_run(attempt->attacks[0]))
        start_run(attempt);
    else
        start_other(attempt);
}

// ---- waiting -----------------------------------------------------------------------------------

static void cut(struct attempt *attempt, const char *why) {
    attempt->cut = why;
    kill(attempt->pid, SIGKILL);
}

static bool look_after(struct attempt *attempt) {
    const struct attack *attack = attempt->attacks[0];
    if (attempt->pid == 0)
        return false;
    if (waitpid(attempt->pid, &attempt->status, WNOHANG) == attempt->pid) {
        attempt->ended_ms = clock_ms();
        attempt->pid = 0;
        return false;
    }
    watch_look(&attempt->watch, attempt->pid);
    double most_ms = 1000.0 * attack->within_s + EACH_MS * (double)(attempt->count - 1);
    if (attempt->watch.memory > STRETCH * attack->memory)
        cut(attempt, "takes too much memory");
    else if (clock_ms() > attempt->began_ms + STRETCH * most_ms)
        cut(attempt, "does not end in its time");
    return true;
}

static void wait_for_all(struct attempt *some, size_t count) {
    for (bool any = true; any;) {
        any = false;
        watch_begin();
        for (size_t i = 0; i < count; i++)
            any |= look_after(&some[i]);
        if (any)
            clock_wait(LOOK_EVERY_MS, -1);
    }
}

// ---- judging -----------------------------------------------------------------------------------

// A C0 or C1 control character, except line ends; in UTF-8, as all reports are.
static bool is_control(const unsigned char *at) {
    return (*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f ||
           (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0);
}

static void judge_secrets(const char *name, const char *place, const char *text, size_t length) {
    const char *got_out = memmem(text, length, GOT_OUT, strlen(GOT_OUT));
    if (memmem(text, length, stage_token(), strlen(stage_token())))
        complain(name, "a secret is in %s", place);
    if (got_out)
        complain(name, "got out: %.*s", (int)strcspn(got_out, "\"\n"), got_out);
}

static void judge_controls(const char *name, const char *place, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (is_control((const unsigned char *)text + i)) {
            complain(name, "a control character is in %s: %.60s", place, text + i);
            return;
        }
}

// If a worker crashes, its case is broken, which many attacks may be; and other processes may crash
// unnoticed, except for a sanitizer's report.
static void judge_defects(const char *by, const char *where, const char *text) {
    static const char *const signs[] = {"; this is a defect of goneaway", "ERROR: AddressSanitizer",
                                        "ERROR: LeakSanitizer", ": runtime error: "};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (strstr(text, signs[i]))
            complain(by, "a defect is in %s: %.300s", where, strstr(text, signs[i]));
}

static void judge_output(const struct attempt *attempt, const char *name) {
    cleanup_free char *path = xprintf("%s/%s", attempt->said, name);
    cleanup_text struct text said = {0};
    const char *first = attempt->attacks[0]->name;
    if (!file_exists(path))
        return;
    if (file_read(path, SAID_MAX_BYTES, &said, &err) < 0) {
        complain(first, "%s: %s", name, err.what);
        return;
    }
    judge_controls(first, name, text_get(&said), said.length);
    judge_secrets(first, name, text_get(&said), said.length);
    judge_defects(first, name, text_get(&said));
}

static bool matches(const char *text, const char *pattern) {
    regex_t compiled;
    ck_assert_msg(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) == 0, "%s", pattern);
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

static void judge_reason(const struct attack *attack, const char *end, const char *why) {
    if (!attack_may_end(attack, end))
        complain(attack->name, "ends as %s: %.1500s", end, why);
    else if (attack->says && !matches(why, attack->says))
        complain(attack->name, "does not say '%s': %.1500s", attack->says, why);
    if (getenv("GONEAWAY_HOSTILE"))
        fprintf(stderr, "%s %s: %s: %.300s\n", as_user ? "user" : "root", attack->name, end, why);
}

static const char *text_of(const json_t *line, const char *key) {
    const char *text = json_string_value(json_object_get(line, key));
    return text ? text : "";
}

static void judge_good(const struct attempt *attempt, const json_t *line) {
    if (strcmp(text_of(line, "verdict"), "pass") != 0)
        complain(attempt->attacks[0]->name, "the good case behind it is %s: %.1500s",
                 text_of(line, "verdict"), text_of(line, "why"));
}

static void judge_case(const struct attempt *attempt, const json_t *line, bool *found) {
    cleanup_free char *whole = json_dumps(line, JSON_COMPACT);
    const char *scenario = text_of(line, "scenario");
    for (size_t i = 0; i < attempt->count; i++)
        if (strcmp(attempt->attacks[i]->name, scenario) == 0) {
            found[i] = true;
            judge_reason(attempt->attacks[i], text_of(line, "verdict"), text_of(line, "why"));
        }
    judge_secrets(scenario, "its record", whole, strlen(whole));
}

// Judges the cases in the report; returns how many there are.
static int judge_cases(const struct attempt *attempt) {
    cleanup_free char *path = xprintf("%s/report.json", attempt->said);
    FILE *file = fopen(path, "r");
    int cases = 0, good = 0;
    bool found[IN_A_RUN] = {false};
    for (json_t *line; file && (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL));) {
        bool is_good = strcmp(text_of(line, "scenario"), "good") == 0;
        if (strcmp(text_of(line, "type"), "case") == 0) {
            cases++;
            good += is_good;
            if (is_good)
                judge_good(attempt, line);
            else
                judge_case(attempt, line, found);
        }
        json_decref(line);
    }
    if (file)
        fclose(file);
    for (size_t i = 0; cases > 0 && i < attempt->count; i++)
        if (good != 1 || !found[i])
            complain(attempt->attacks[i]->name, "it, or the good case, is not in the report");
    return cases;
}

// If no case is reported, the exit status counts.
static void judge_message(const struct attempt *attempt) {
    cleanup_free char *out = xprintf("%s/out", attempt->said);
    cleanup_free char *complaints = xprintf("%s/err", attempt->said);
    cleanup_text struct text said = {0};
    char end[64];
    file_read(complaints, SAID_MAX_BYTES, &said, &err);
    file_read(out, SAID_MAX_BYTES, &said, &err);
    if (WIFEXITED(attempt->status))
        snprintf(end, sizeof end, "%d", WEXITSTATUS(attempt->status));
    else
        proc_status_text(attempt->status, end, sizeof end);
    for (size_t i = 0; i < attempt->count; i++)
        judge_reason(attempt->attacks[i], end, text_get(&said));
}

static void judge(const struct attempt *attempt) {
    const char *first = attempt->attacks[0]->name;
    for (size_t i = 0; i < COUNT_OF(outputs); i++)
        judge_output(attempt, outputs[i]);
    if (attempt->cut)
        complain(first, "%s%s (%.0f s, %lld MiB)", attempt->count > 1 ? "with others, " : "",
                 attempt->cut, (attempt->ended_ms - attempt->began_ms) / 1000,
                 (long long)attempt->watch.memory >> 20);
    int cases = is_run(attempt->attacks[0]) ? judge_cases(attempt) : 0;
    if (!attempt->cut && cases == 0)
        judge_message(attempt);
    if (getenv("GONEAWAY_HOSTILE"))
        fprintf(stderr, "%s %s and %zu more: %.0f ms, %lld MiB, %d threads\n",
                as_user ? "user" : "root", first, attempt->count - 1,
                attempt->ended_ms - attempt->began_ms, (long long)attempt->watch.memory >> 20,
                attempt->watch.threads);
}

// ---- the tests ---------------------------------------------------------------------------------

// Reports the first line of `now` that is not in `before`.
static void judge_files(const char *before, const char *now) {
    while (*before && *before == *now) {
        before++;
        now++;
    }
    if (!*before && !*now)
        return;
    while (now[-1] != '\n') {
        before--;
        now--;
    }
    text_printf(&wrong, "\n%s: a file was touched: '%.*s' became '%.*s'", as_user ? "user" : "root",
                (int)strcspn(before, "\n"), before, (int)strcspn(now, "\n"), now);
}

// The ordinary user's cache is a copy of the small parts only.
static bool is_possible(const struct attempt *attempt) {
    return *users_cache == '\0' || !as_user || text_starts(attempt->attacks[0]->server, "mariadb");
}

static bool has_mistake(const struct attempt *attempt) {
    bool any = false;
    for (size_t i = 0; i < attempt->count; i++)
        if (attempt->attacks[i]->mistake) {
            complain(attempt->attacks[i]->name, "%s", attempt->attacks[i]->mistake);
            any = true;
        }
    return any;
}

static size_t lay_out_all(struct attempt *some, size_t first) {
    size_t count = 0;
    for (size_t i = first; i < attempt_count && i < first + AT_A_TIME; i++) {
        if (has_mistake(&attempts[i]) || !is_possible(&attempts[i]))
            continue;
        for (size_t k = 0; k < attempts[i].count; k++)
            lay_out(attempts[i].attacks[k], k);
        some[count++] = attempts[i];
    }
    return count;
}

static void run_some(size_t first) {
    struct attempt some[AT_A_TIME] = {0};
    cleanup_text struct text before = {0}, after = {0};
    size_t count = lay_out_all(some, first);
    stage_look(&before);
    for (size_t i = 0; i < count; i++)
        start(&some[i]);
    wait_for_all(some, count);
    stage_look(&after);
    for (size_t i = 0; i < count; i++) {
        judge(&some[i]);
        free(some[i].said);
    }
    judge_files(text_get(&before), text_get(&after));
    ck_assert_msg(wrong.length == 0, "%s", text_get(&wrong));
    contain_check();
}

START_TEST(root_is_safe) {
    skip_test_unless_root();
    begin(false);
    run_some((size_t)_i * AT_A_TIME);
}
END_TEST

START_TEST(ordinary_user_is_safe) {
    begin(true);
    run_some((size_t)_i * AT_A_TIME);
}
END_TEST

// `make sanitize` asks for one of the two by name.
static void add_tests(Suite *suite, const char *name, SFun fixture, const TTest *test) {
    TCase *tests = tcase_create(name);
    int batches = (int)((attempt_count + AT_A_TIME - 1) / AT_A_TIME);
    tcase_add_unchecked_fixture(tests, fixture, clean_up);
    tcase_set_timeout(tests, TIMEOUT_S);
    tcase_add_loop_test(tests, test, 0, batches);
    suite_add_tcase(suite, tests);
}

Suite *live_hostile(void) {
    const char *asked = getenv("GONEAWAY_HOME"), *pattern = getenv("GONEAWAY_HOSTILE");
    cleanup_free char *folder = xprintf("%s/fixtures/test/hostile", asked && *asked ? asked : ".");
    Suite *suite = suite_create("live-hostile");
    attacks = attacks_read(folder, pattern && *pattern ? pattern : "*", &attack_count);
    group_attacks();
    add_tests(suite, "root", set_up, root_is_safe);
    add_tests(suite, "user", set_up_user, ordinary_user_is_safe);
    return suite;
}
