// SPDX-License-Identifier: Apache-2.0
// plan.c - scenario files: what is refused and with which message, and what the rest becomes
//
// Each file of fixtures/test/bad begins with the error that it must give. Each file of
// fixtures/test/language and scenarios must pass.
#include "base/file.h"
#include "faults/faults.h"
#include "plan/codes.h"
#include "plan/condition.h"
#include "plan/guesses.h"
#include "plan/need.h"
#include "plan/plan.h"
#include "test/lib/suites.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct err err;
static struct scenario *scenario;
static glob_t bad_files, good_files, own_files;

static void tear_down(void) {
    scenario_free(scenario);
    scenario = NULL;
}

static void find_files(const char *pattern, int flags, glob_t *files) {
    const char *home = getenv("GONEAWAY_HOME");
    cleanup_free char *path = xprintf("%s/%s", home && *home ? home : ".", pattern);
    glob(path, flags, NULL, files);
}

static const struct plan_case *parse(const char *yaml, size_t which) {
    scenario = scenario_parse("folder/f.yml", yaml, strlen(yaml), &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    ck_assert_uint_lt(which, scenario->case_count);
    return &scenario->cases[which];
}

// ---- refusals ----------------------------------------------------------------------------------

#define REFUSED "# refused: "
#define REFUSED_BY_YAML "# refused-by-yaml: "

// The errors announced in a file's first lines: one for each mistake, by position, and how many
// more there are.
static void read_claims(const char *path, struct text *claims) {
    static const char *const more = "# and ";
    cleanup_text struct text data = {0};
    ck_assert_msg(file_read(path, YAML_MAX_BYTES, &data, &err) == 0, "%s", err.what);
    for (const char *line = text_get(&data); *line; line += strcspn(line, "\n") + 1) {
        int length = (int)strcspn(line, "\n");
        const char *gap = claims->length ? "\n" : "";
        if (text_starts(line, REFUSED))
            text_printf(claims, "%s%s:%.*s", gap, path, length - (int)strlen(REFUSED),
                        line + strlen(REFUSED));
        else if (text_starts(line, more))
            text_printf(claims, "%s%.*s", gap, length - 2, line + 2);
        else
            return;
    }
}

// If a file is not YAML, the library says what is wrong, and we only say where.
static bool fits_position(const char *path, const char *message) {
    cleanup_text struct text data = {0};
    ck_assert_int_eq(file_read(path, YAML_MAX_BYTES, &data, &err), 0);
    if (!text_starts(text_get(&data), REFUSED_BY_YAML))
        return false;
    const char *claim = text_get(&data) + strlen(REFUSED_BY_YAML);
    cleanup_free char *position = xprintf("%s:%.*s: ", path, (int)strcspn(claim, "\n"), claim);
    return text_starts(message, position) && !strchr(message, '\n');
}

START_TEST(refuses_file) {
    const char *path = bad_files.gl_pathv[_i];
    cleanup_text struct text claims = {0};
    read_claims(path, &claims);
    scenario = scenario_read(path, &err);
    ck_assert_msg(!scenario, "%s: is not refused", path);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    cleanup_free char *message = xstrdup(err.what);
    if (strcmp(message, text_get(&claims)) != 0 && !fits_position(path, message))
        ck_abort_msg("%s\n  claims: %s\n  gives:  %s", path, text_get(&claims), message);
}
END_TEST

// Files that cannot have a comment in their first line.
static const struct {
    const char *data;
    size_t length;
    const char *message;
} refusals[] = {
    {"", 0, "f.yml:1:1: the file is empty"},
    {" \n\t\r\n", 5, "f.yml:1:1: the file is empty"},
    {"# nothing\n", 10, "f.yml:1:1: the file is empty"},
    {"%@%\xa9", 4, "f.yml:1:4: the byte 0xa9 is not text; a scenario is UTF-8"},
    {"a\n\0", 3, "f.yml:2:1: the byte 0x00 is not text; a scenario is UTF-8"},
};

START_TEST(refuses_text) {
    ck_assert_ptr_null(scenario_parse("f.yml", refusals[_i].data, refusals[_i].length, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.what, refusals[_i].message);
}
END_TEST

START_TEST(refuses_missing_file) {
    ck_assert_ptr_null(scenario_read("no/such/file.yml", &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.what, "no/such/file.yml: No such file or directory");
}
END_TEST

START_TEST(refuses_huge_file) {
    char path[] = "/tmp/goneaway-plan-XXXXXX";
    cleanup_close int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, YAML_MAX_BYTES + 1), 0);
    scenario = scenario_read(path, &err);
    unlink(path);
    ck_assert_ptr_null(scenario);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.what, "larger than 262144 bytes"));
}
END_TEST

START_TEST(accepts_file) {
    scenario = scenario_read(good_files.gl_pathv[_i], &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    ck_assert_uint_gt(scenario->case_count, 0);
}
END_TEST

// A time bound much wider than the wait it is for would let another cause through. How long a
// success takes beyond that may depend on the machine.
static void check_bounds(const char *file, const struct node *row, const char *id,
                         const struct expectation *expected) {
    enum { MOST_TIMES = 3 };
    for (; expected; expected = expected->or_else) {
        int64_t least = expected->within.min_ms, most = expected->within.max_ms;
        bool open = most < 0 && expected->kind == OUTCOME_OK;
        ck_assert_msg(least < 0 || open || (most >= 0 && most <= MOST_TIMES * least),
                      "%s:%d: %s: within allows %lld to %lld ms, more than a factor of %d", file,
                      row->line, id, (long long)least, (long long)most, MOST_TIMES);
    }
}

START_TEST(own_bounds_are_tight) {
    const char *file = own_files.gl_pathv[_i];
    scenario = scenario_read(file, &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    for (size_t i = 0; i < scenario->case_count; i++)
        for (size_t k = 0; k < scenario->cases[i].row_count; k++) {
            const struct plan_row *row = &scenario->cases[i].rows[k];
            for (size_t n = 0; n < row->count; n++)
                check_bounds(file, row->node, row->ids[n], row->expectations[n]);
        }
}
END_TEST

static void count_promises(const struct plan_case *plan, int *cells, int *any) {
    for (size_t i = 0; i < plan->promise_count; i++)
        for (size_t k = 0; k < plan->promises[i].count; k++) {
            ++*cells;
            *any += plan->promises[i].promises[k].word == PROMISE_ANY;
        }
}

// A connector that nobody has measured is judged by the promise alone.
static const struct plan_case *read_language(const char *name, const char *id) {
    const char *home = getenv("GONEAWAY_HOME");
    cleanup_free char *path =
        xprintf("%s/fixtures/test/language/%s.yml", home && *home ? home : ".", name);
    scenario = scenario_read(path, &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    for (size_t i = 0; i < scenario->case_count; i++)
        if (strcmp(scenario->cases[i].id, id) == 0)
            return &scenario->cases[i];
    ck_abort_msg("there is no %s", id);
}

START_TEST(groups_stand_for_their_variants) {
    const struct plan_case *both = read_language("groups", "groups/both@tcp");
    ck_assert_uint_eq(both->step_count, 5);
    ck_assert_int_eq(both->steps[1].number, 2); // not the third, which is for all but the group
    ck_assert_int_eq(both->steps[3].fires.times, 2); // its own count takes precedence over its
                                                     // group's
    ck_assert_int_eq(scenario->cases[0].steps[3].fires.times, 1);
    ck_assert_uint_eq(scenario->cases[2].step_count, 4);
    ck_assert_int_eq(scenario->cases[2].steps[1].number, 3);
}
END_TEST

START_TEST(evidence_is_said_once) {
    const struct plan_case *read = read_language("groups", "groups/read@tcp");
    const struct plan_case *patient = &scenario->cases[2];
    ck_assert_int_eq(read->rows[0].evidence->aborted_clients, 1);
    ck_assert_str_eq(read->rows[0].because, "read_timeout ends the wait");
    ck_assert_int_eq(patient->rows[0].evidence->aborted_clients, 0);
    ck_assert_str_eq(patient->rows[0].evidence->log, "Got an error");
}
END_TEST

START_TEST(former_names_are_known) {
    const struct plan_case *read = read_language("groups", "groups/read@tcp");
    ck_assert_uint_eq(read->former_count, 3);
    ck_assert_str_eq(read->former[0], "read-timeout@tcp");
    ck_assert_str_eq(read->former[1], "timeouts/read@tcp");
    ck_assert_str_eq(read->former[2], "long-statement/read@tcp");
}
END_TEST

START_TEST(warnings_name_the_better_word) {
    static const char *const texts[] = {
        "folder/f.yml:6:1: warning: `host` is written `hosts` today",
        "folder/f.yml:7:40: warning: `no` is written `false` today: some readers of YAML take it "
        "for a boolean",
        "folder/f.yml:10:31: warning: `at_least` is written `grown_by` today",
        "folder/f.yml:13:23: warning: `errno` is written `system_errno` today",
        "folder/f.yml:7:58: warning: the parameter 'unused' is used nowhere",
        "folder/f.yml:11:46: warning: the variant 'b' lacks a parameter of '$x', so this key is "
        "left out; write `\"$name?\"` where that is meant",
    };
    const struct plan_case *plan = parse(
        "goneaway: 1\ntitle: t\ncause: killed\nsource: s\ntransport: [tcp]\n"
        "host: {app: {tcp_retries2: 3}}\n"
        "variants: {a: {claim: it is so, holds: no, with: {x: 1s, unused: 2}}, b: {with: {}}}\n"
        "steps:\n"
        "  - app: connect\n"
        "  - until: {status: {name: a, at_least: 1}}\n"
        "  - {id: q, app: {connect: {connect_timeout: $x}}}\n"
        "outcomes:\n"
        "  - {q: {error: 2013, errno: 5}}\n",
        0);
    (void)plan;
    ck_assert_uint_eq(scenario->warnings->count, COUNT_OF(texts));
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        ck_assert_str_eq(scenario->warnings->texts[i], texts[i]);
    ck_assert_int_eq(plan->rows[0].expectations[0]->system_errno, 5);
}
END_TEST

START_TEST(codes_that_nobody_has_are_warned_of) {
    static const char *const texts[] = {
        "folder/f.yml:7:16: warning: neither MySQL nor MariaDB has an error 20131; did you mean "
        "2013?",
        "folder/f.yml:8:28: warning: neither MySQL nor MariaDB has an error 7777",
    };
    parse("goneaway: 1\ntitle: t\ncause: killed\nsource: s\ntransport: [tcp]\n"
          "steps: [{id: q, app: connect}]\noutcomes: [{q: 20131},\n"
          " {if: {server: mysql}, q: {error: 7777, sqlstate: HY000}},\n"
          " {if: {server: mariadb}, q: 9001}]\n",
          0);
    ck_assert_uint_eq(scenario->warnings->count, COUNT_OF(texts));
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        ck_assert_str_eq(scenario->warnings->texts[i], texts[i]);
}
END_TEST

// The default is ten seconds; a row that expects a hang accepts that.
START_TEST(deadlines_before_timeouts_are_warned_of) {
    static const char *const texts[] = {
        "folder/f.yml:8:27: warning: the step's deadline of 2s does not outlast the app's read "
        "timeout "
        "of 15s: a call without an answer will be a hang; write a longer `deadline`",
        "folder/f.yml:11:13: warning: the step's deadline of 10s does not outlast the app's read "
        "timeout of 15s: a call without an answer will be a hang; write a longer `deadline`",
    };
    parse("goneaway: 1\ntitle: t\ncause: killed\nsource: s\ntransport: [tcp]\nsteps:\n"
          "  - {id: q, deadline: 2s, app: {connect: {read_timeout: 15s}}}\n"
          "  - {id: a, deadline: 2s, app: ping}\n"
          "  - {id: h, deadline: 2s, app: ping}\n"
          "  - app: {query: SELECT 1, as: p}\n"
          "  - {id: b, await: p}\n"
          "  - {id: c, deadline: 20s, app: ping}\n"
          "outcomes: [{q: ok, a: ok, h: hang, b: ok, c: ok}]\n",
          0);
    ck_assert_uint_eq(scenario->warnings->count, COUNT_OF(texts));
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        ck_assert_str_eq(scenario->warnings->texts[i], texts[i]);
}
END_TEST

START_TEST(options_switch_name_lookup_on) {
    static const char *const off[] = {"skip_name_resolve: false", "skip_name_resolve: OFF",
                                      "skip-name-resolve: 0"};
    cleanup_free char *yaml =
        xprintf("goneaway: 1\ntitle: t\ncause: killed\nsource: s\ntransport: [tcp]\n"
                "server: {options: {%s}}\nsteps: [{id: q, app: connect}]\noutcomes: [{q: ok}]\n",
                off[_i]);
    ck_assert(parse(yaml, 0)->looks_up_names);
}
END_TEST

START_TEST(own_scenarios_promise) {
    enum { MOST_ANY_PERCENT = 5 };
    int cells = 0, any = 0;
    for (size_t f = 0; f < own_files.gl_pathc; f++) {
        scenario = scenario_read(own_files.gl_pathv[f], &err);
        ck_assert_msg(scenario != NULL, "%s", err.what);
        for (size_t i = 0; i < scenario->case_count; i++) {
            const struct plan_case *plan = &scenario->cases[i];
            ck_assert_msg(plan->promise, "%s promises nothing", own_files.gl_pathv[f]);
            count_promises(plan, &cells, &any);
        }
        scenario_free(scenario);
        scenario = NULL;
    }
    ck_assert_msg(any * 100 <= cells * MOST_ANY_PERCENT, "%d of %d promises are `any`", any, cells);
}
END_TEST

// ---- guesses -----------------------------------------------------------------------------------

// Whether a part of a hint is a whole step.
static bool is_step(const char *piece) {
    static const char *const begins[] = {"app: ",  "fault: ",       "until: ",
                                         "idle: ", "admin: ",       "server: {stop",
                                         "lift: ", "server: start", "server: {restart"};
    for (size_t i = 0; i < COUNT_OF(begins); i++)
        if (text_starts(piece, begins[i]))
            return true;
    return false;
}

static void check_step(const char *piece) {
    cleanup_free char *yaml =
        xprintf("goneaway: 1\ntitle: t\ncause: killed\nsource: s\ntransport: [tcp]\n"
                "steps:\n  - app: connect\n  - %s\n%s  - {id: q, app: ping}\n"
                "outcomes: [{q: 2013}]\n",
                piece,
                strstr(piece, "as: p")      ? "  - await: p\n"
                : strstr(piece, "as: late") ? "  - await: late\n"
                                            : "");
    scenario = scenario_parse("f.yml", yaml, strlen(yaml), &err);
    ck_assert_msg(scenario || strstr(piece, "{fault: kill}") || strstr(piece, "lift: "), "`%s`: %s",
                  piece, err.what);
    tear_down();
}

static void check_cell(const char *piece) {
    const char *value = piece + (text_starts(piece, "first: ") ? strlen("first: ") : 0);
    cleanup_free char *yaml =
        xprintf("goneaway: 1\ntitle: t\ncause: killed\nsource: s\ntransport: [tcp]\n"
                "steps: [{id: q, app: connect}]\noutcomes: [{q: %s}]\n",
                value);
    scenario = scenario_parse("f.yml", yaml, strlen(yaml), &err);
    ck_assert_msg(scenario != NULL, "`%s`: %s", piece, err.what);
    tear_down();
}

static void check_piece(const char *where, const char *piece) {
    bool cell = strcmp(where, "in an outcome") == 0 || strcmp(where, "as an outcome") == 0;
    if (is_step(piece))
        check_step(piece);
    else if (cell && *piece != '-' && strcmp(piece, "promise") != 0)
        check_cell(piece);
}

static void check_hint(void *context, const char *word, const char *where, const char *hint) {
    ++*(int *)context;
    ck_assert_msg(strlen(hint) < 250, "%s: %s", word, hint);
    for (const char *at = strchr(hint, '`'); at; at = strchr(at, '`')) {
        const char *end = strchr(++at, '`');
        ck_assert_msg(end != NULL, "%s: %s", word, hint);
        cleanup_free char *piece = xprintf("%.*s", (int)(end - at), at);
        check_piece(where, piece);
        at = end + 1;
    }
}

// Text in backquotes can be pasted.
START_TEST(guesses_lead_to_what_is_valid) {
    int count = 0;
    guesses_visit(check_hint, &count);
    ck_assert_int_gt(count, 100);
}
END_TEST

START_TEST(files_are_there) {
    ck_assert_uint_ge(bad_files.gl_pathc, 100);
    ck_assert_uint_ge(good_files.gl_pathc, 5);
}
END_TEST

// ---- cases -------------------------------------------------------------------------------------

#define HEAD "goneaway: 1\ntitle: It breaks\ncause: killed\nsource: a manual\n"
#define TCP HEAD "transport: [tcp]\n"
#define STEPS "steps:\n  - app: connect\n  - {id: q, app: {query: SELECT 1}}\n"
#define OUTCOMES "outcomes:\n  - {q: 2013}\n"

static const char crossed[] = HEAD
    "transport: [socket, tls]\n"
    "variants: {one: {}, two: {transport: [tls]}, three: {control: true, remedy: patience}}\n" STEPS
        OUTCOMES;

static void join_ids(struct text *ids) {
    for (size_t i = 0; i < scenario->case_count; i++)
        text_printf(ids, "%s%s", i ? " " : "", scenario->cases[i].id);
}

START_TEST(makes_cases) {
    cleanup_text struct text ids = {0};
    parse(crossed, 0);
    join_ids(&ids);
    ck_assert_str_eq(text_get(&ids), "f/one@socket f/one@tls f/two@tls f/three@socket f/three@tls");
    ck_assert_str_eq(scenario->cases[2].variant, "two");
    ck_assert_int_eq(scenario->cases[2].transport, TRANSPORT_TLS);
    ck_assert(!scenario->cases[2].control);
    ck_assert(scenario->cases[3].control);
    ck_assert_str_eq(scenario->cases[3].remedy, "patience");
}
END_TEST

START_TEST(makes_case_without_variants) {
    const struct plan_case *plan = parse(TCP STEPS OUTCOMES, 0);
    ck_assert_uint_eq(scenario->case_count, 1);
    ck_assert_str_eq(plan->id, "f@tcp");
    ck_assert_str_eq(plan->variant, "");
    ck_assert_str_eq(((const char **)scenario->apps.items)[0], "app");
    ck_assert_int_eq((int)plan->steps[1].deadline_ms, STEP_DEADLINE_MS);
    ck_assert_ptr_null(plan->nat_id);
}
END_TEST

// ---- parameters --------------------------------------------------------------------------------

// One step after substitution of the parameters. `a` and `b` are the variants.
static const struct {
    const char *step;
    size_t variant;
    const char *json;
} steps[] = {
    {"{query: SELECT $n}", 0, "{\"sql\":\"SELECT 7\"}"},
    {"{query: SELECT $n}", 1, "{\"sql\":\"SELECT eight\"}"},
    {"{query: $sql}", 0, "{\"sql\":\"SELECT $1\"}"},
    {"{query: SELECT $$n$}", 0, "{\"sql\":\"SELECT $n$\"}"},
    {"{query: \"SELECT '$blob(17MiB)', '$blob(5)'\"}", 0,
     "{\"sql\":\"SELECT '$blob(17825792)', '$blob(5)'\"}"},
    {"{query: \"SELECT '$blob($size)'\"}", 0, "{\"sql\":\"SELECT '$blob(2048)'\"}"},
    {"{query: \"VALUES $rows(20),$rows(3)\"}", 0, "{\"sql\":\"VALUES $rows(20),$rows(3)\"}"},
    {"{query: \"SELECT '$payload'\"}", 0, "{\"sql\":\"SELECT '$blob(1024)'\"}"},
    {"{connect: {read_timeout: $wait, session: $vars}}", 0,
     "{\"read_timeout_ms\":1500,\"session\":{\"wait_timeout\":1}}"},
    {"{connect: {read_timeout: $wait, session: $vars}}", 1, "{}"},
    {"{connect: {read_timeout: \"$wait\", session: '$vars?'}}", 0,
     "{\"read_timeout_ms\":1500,\"session\":{\"wait_timeout\":1}}"},
    {"{connect: {read_timeout: \"$wait?\", session: '$vars?'}}", 1, "{}"},
    {"{connect: {user: \"x$wait\"}}", 1, "{}"},
    {"{call: mysql_kill, args: [$n, x, null]}", 0,
     "{\"name\":\"mysql_kill\",\"args\":[7,\"x\",null]}"},
    {"{call: {name: mysql_stat, args: []}}", 0, "{\"name\":\"mysql_stat\",\"args\":[]}"},
    {"{execute: {params: [1, $n, $wait]}}", 1, "{\"params\":[1,\"eight\"]}"},
};

START_TEST(puts_parameters_in) {
    cleanup_free char *yaml = xprintf(
        TCP "variants:\n"
            "  a: {with: {n: 7, sql: SELECT $$1, size: 2KiB, payload: $blob(1KiB), wait: 1.5s,"
            " vars: {wait_timeout: 1}}}\n"
            "  b: {with: {n: eight, sql: x, size: 1, payload: y}}\n" STEPS "  - app: %s\n" OUTCOMES,
        steps[_i].step);
    const struct plan_step *step = &parse(yaml, steps[_i].variant)->steps[2];
    json_auto_t *json = table_to_json(step->act.verb->args, &step->act.args);
    cleanup_free char *text = json_dumps(json, JSON_COMPACT);
    ck_assert_str_eq(text, steps[_i].json);
}
END_TEST

START_TEST(puts_parameters_beside_steps) {
    const struct plan_case *plan =
        parse(TCP "variants: {a: {with: {n: 20, t: 2s}}}\n"
                  "server: {options: {max_connections: $n}}\n"
                  "hosts: {app: {tcp_keepalive_time: $t}}\n"
                  "wire: {nat: {idle_timeout: $t}}\n" STEPS "outcomes:\n  - {q: {error: 2013, "
                  "within: {max: $t}}}\n",
              0);
    const struct node *option = *(const struct node **)plan->server->options.items;
    ck_assert_str_eq(option->text, "20");
    ck_assert_int_eq((int)plan->host->app->tcp_keepalive_time_ms, 2000);
    ck_assert_int_eq((int)plan->wire->nat->idle_timeout_ms, 2000);
    ck_assert_int_eq((int)plan->rows[0].expectations[0]->within.max_ms, 2000);
}
END_TEST

// ---- steps -------------------------------------------------------------------------------------

// States, and whether a control skips them.
static const struct {
    const char *state;
    bool skipped;
} states[] = {
    {"{app-socket: closed-by-peer}", true},
    {"{app-socket: gone}", true},
    {"{app-socket: established}", false},
    {"{app-socket: quiet}", false},
    {"{server-socket: {send-queue: full}}", false},
    {"{session: {of: app, is: gone}}", true},
    {"{session: {of: app, is: running}}", false},
    {"{session: {of: app, state: User sleep}}", false},
    {"{server: gone}", true},
    {"{server: stopped}", true},
    {"{server: up}", false},
    {"{conntrack: {of: app, is: absent}}", true},
    {"{conntrack: {of: app, is: present}}", false},
    {"{log: aborted}", true},
    {"{status: {name: Aborted_clients, at_least: 1}}", true},
    {"{fault: kill}", true},
};

START_TEST(control_skips_damage) {
    cleanup_free char *yaml =
        xprintf(TCP "variants: {bare: {}, cured: {control: true}}\n" STEPS
                    "  - fault: {kill: app, fires: {cured: never}}\n  - until: %s\n" OUTCOMES,
                states[_i].state);
    ck_assert(!parse(yaml, 0)->steps[3].skipped);
    ck_assert_int_eq(scenario->cases[1].steps[3].skipped, states[_i].skipped);
}
END_TEST

START_TEST(control_waits_where_it_is_named) {
    parse(TCP "variants: {bare: {}, cured: {control: true}}\n" STEPS "  - fault: {kill: app}\n"
              "  - {variants: [bare, cured], until: {app-socket: closed-by-peer}}\n" OUTCOMES,
          0);
    ck_assert(!scenario->cases[1].steps[3].skipped);
}
END_TEST

static const struct {
    const char *fires;
    size_t variant;
    struct fires expected;
} fires[] = {
    {"", 0, {.rule = FIRES_ONCE_OR_MORE}},
    {", fires: 3", 1, {.rule = FIRES_EXACTLY, .times = 3}},
    {", fires: never", 0, {.rule = FIRES_EXACTLY, .times = 0}},
    {", fires: {cured: never}", 0, {.rule = FIRES_ONCE_OR_MORE}},
    {", fires: {cured: never}", 1, {.rule = FIRES_EXACTLY, .times = 0}},
    {", fires: {cured: never, bare: 2}", 0, {.rule = FIRES_EXACTLY, .times = 2}},
};

static void assert_fires(const struct fires *seen, const struct fires *expected) {
    ck_assert_int_eq(seen->rule, expected->rule);
    ck_assert_int_eq((int)seen->times, (int)expected->times);
}

START_TEST(decodes_fires) {
    cleanup_free char *yaml = xprintf(TCP "variants: {bare: {}, cured: {control: true}}\n" STEPS
                                          "  - fault: {id: axe, kill: app%s}\n" OUTCOMES,
                                      fires[_i].fires);
    const struct plan_step *step = &parse(yaml, fires[_i].variant)->steps[2];
    ck_assert_str_eq(step->name, "axe");
    assert_fires(&step->fires, &fires[_i].expected);
}
END_TEST

START_TEST(nat_fires) {
    static const struct fires once = {.rule = FIRES_ONCE_OR_MORE}, any = {.rule = FIRES_ANY},
                              never = {.rule = FIRES_EXACTLY};
    parse(
        TCP
        "variants: {bare: {}, cured: {control: true}}\nwire: {nat: {then: reset}}\n" STEPS OUTCOMES,
        0);
    ck_assert_str_eq(scenario->cases[0].nat_id, "nat");
    assert_fires(&scenario->cases[0].nat_fires, &once);
    assert_fires(&scenario->cases[1].nat_fires, &any);
    tear_down();
    parse(TCP "variants: {bare: {}, cured: {control: true}}\n"
              "wire: {nat: {id: box, fires: {cured: never}}}\n" STEPS
              "  - until: {fault: box}\n" OUTCOMES,
          0);
    ck_assert_str_eq(scenario->cases[1].nat_id, "box");
    assert_fires(&scenario->cases[1].nat_fires, &never);
}
END_TEST

START_TEST(leaves_steps_out) {
    parse(HEAD
          "transport: [tcp, socket]\nvariants: {a: {}, b: {}}\n" STEPS
          "  - {transport: [tcp], fault: {drop: {from: app}}}\n"
          "  - {variants: [b], app: {fork: child}}\n"
          "  - {variants: [b], id: c, child: ping}\n"
          "  - {variants: [a], transport: [socket], id: c, app: ping, deadline: 3s}\n" OUTCOMES,
          0);
    static const size_t counts[] = {3, 3, 5, 4}; // a@tcp a@socket b@tcp b@socket
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        ck_assert_uint_eq(scenario->cases[i].step_count, counts[i]);
    const struct plan_step *last = &scenario->cases[1].steps[2];
    ck_assert_int_eq(last->number, 6);
    ck_assert_int_eq((int)last->deadline_ms, 3000);
    ck_assert_str_eq(scenario->cases[2].steps[4].actor, "child");
}
END_TEST

START_TEST(decodes_signal) {
    static const struct {
        const char *to, *name;
        bool may_end;
    } rows[] = {{"app", "SEGV", false},
                {"app", "KILL", true},
                {"app", "SIGKILL", true},
                {"server", "SIGTERM", false},
                {"server", "SIGKILL", true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cleanup_free char *yaml =
            xprintf(TCP STEPS "  - fault: {signal: {to: %s, name: %s}}\n" OUTCOMES, rows[i].to,
                    rows[i].name);
        const struct plan_case *plan = parse(yaml, 0);
        const struct plan_step *step = &plan->steps[2];
        ck_assert_ptr_eq(fault_kind_of(step), &fault_signal);
        ck_assert_int_eq(fault_signal.may_end(&step->act, rows[i].to, SIGKILL), rows[i].may_end);
        ck_assert_int_eq(plan->dirties_server, strcmp(rows[i].to, "server") == 0);
        tear_down();
    }
}
END_TEST

START_TEST(knows_who_wants_a_fresh_server) {
    static const char *const faults[] = {"{drop: {from: app}}", "{memory: 1MiB}",
                                         "{descriptors: 0}", "{oom: 1MiB}", "{threads: 0}"};
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        cleanup_free char *yaml = xprintf(TCP STEPS "  - fault: %s\n" OUTCOMES, faults[i]);
        const struct plan_case *plan = parse(yaml, 0);
        ck_assert_int_eq(plan->fresh_server, i > 0);
        ck_assert_int_eq(plan->dirties_server, i > 0);
        tear_down();
    }
}
END_TEST

START_TEST(knows_what_the_machine_must_have) {
    static const struct {
        const char *steps;
        unsigned needs;
    } rows[] = {
        {"", 0},
        {"  - fault: {kill: app}\n", 0},
        {"  - app: {connect: {host: name}}\n", NEED_BIT(NEED_NAMES)},
        {"  - app: {connect: {host: address6}}\n", NEED_BIT(NEED_IPV6)},
        {"  - fault: {names: silent}\n", NEED_BIT(NEED_NAMES)},
        {"  - fault: {drop: {from: app}}\n", NEED_BIT(NEED_FIREWALL)},
        {"  - fault: {drop: {from: app, after: {packets: 3}}}\n",
         NEED_BIT(NEED_FIREWALL) | NEED_BIT(NEED_CONNTRACK) | NEED_BIT(NEED_CONNBYTES)},
        {"  - fault: {reject: {from: app, when: x, beyond: {attempts: 1, within: 1s}}}\n",
         NEED_BIT(NEED_FIREWALL) | NEED_BIT(NEED_STRING) | NEED_BIT(NEED_RECENT)},
        {"  - fault: {reject: {from: app, with: icmp6-no-route, beyond: {open: 1}}}\n",
         NEED_BIT(NEED_FIREWALL) | NEED_BIT(NEED_CONNTRACK) | NEED_BIT(NEED_CONNLIMIT) |
             NEED_BIT(NEED_IPV6)},
        {"  - fault: {route: {at: app, towards: server, is: missing}}\n", 0},
        {"  - fault: {route: {at: wire, towards: server, is: missing}}\n", NEED_BIT(NEED_FIREWALL)},
        {"  - fault: {mtu: {towards: app, bytes: 600}}\n", NEED_BIT(NEED_FIREWALL)},
        {"  - fault: {netem: {towards: app, delay: 1s}}\n", NEED_BIT(NEED_NETEM)},
        {"  - fault: {oom: 1MiB}\n", NEED_BIT(NEED_MEMORY_CGROUP)},
        {"  - fault: {threads: 1}\n", NEED_BIT(NEED_THREADS)},
        {"  - until: {conntrack: {of: app, is: absent}}\n", NEED_BIT(NEED_CONNTRACK)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cleanup_free char *yaml = xprintf(TCP STEPS "%s" OUTCOMES, rows[i].steps);
        ck_assert_msg(parse(yaml, 0)->needs == rows[i].needs, "%s", rows[i].steps);
        tear_down();
    }
    const struct plan_case *plan =
        parse(TCP "wire: {nat: {}}\n" STEPS "  - fault: {forget: app}\n" OUTCOMES, 0);
    ck_assert_uint_eq(plan->needs, NEED_BIT(NEED_NAT) | NEED_BIT(NEED_CONNTRACK));
}
END_TEST

START_TEST(kinds_are_whole) {
    for (const struct verb *const *verb = fault_verbs; *verb; verb++) {
        const struct fault_kind *kind = (const struct fault_kind *)*verb;
        ck_assert_msg(kind->mechanism && kind->arm, "%s", (*verb)->name);
        ck_assert_msg(table_find_verb(fault_verbs, (*verb)->name) == *verb, "two %s",
                      (*verb)->name);
    }
    for (const struct verb *const *verb = state_verbs; *verb; verb++) {
        ck_assert_msg(((const struct state_kind *)*verb)->look, "%s", (*verb)->name);
        ck_assert_msg(table_find_verb(state_verbs, (*verb)->name) == *verb, "two %s",
                      (*verb)->name);
    }
}
END_TEST

START_TEST(counts_waits) {
    const struct plan_case *plan = parse(
        TCP STEPS "  - idle: 1.5s\n  - idle: {for: 500ms, app_pings_every: 100ms}\n" OUTCOMES, 0);
    ck_assert_int_eq((int)plan->imposed_ms, 2000);
}
END_TEST

START_TEST(guesses_how_long_steps_take) {
    static const struct {
        const char *step;
        int64_t guess_ms;
    } rows[] = {{"  - app: {connect: {read_timeout: 2s, write_timeout: 1s}}\n", 3000},
                {"  - app: ping\n", 0},
                {"  - server: {stop: KILL}\n", 0},
                {"  - server: {stop: TERM}\n", 2500},
                {"  - server: {restart: KILL}\n", 600},
                {"  - server: {restart: TERM}\n", 3100},
                {"  - server: start\n", 600},
                {"  - fault: {kill: app}\n", 0},
                {"  - fault: shutdown\n", 2500}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cleanup_free char *yaml = xprintf(TCP STEPS "%s" OUTCOMES, rows[i].step);
        const struct plan_case *plan = parse(yaml, 0);
        ck_assert_msg(plan->steps[2].guess_ms == rows[i].guess_ms, "%s", rows[i].step);
        tear_down();
    }
}
END_TEST

START_TEST(knows_what_becomes_of_the_server) {
    static const struct {
        const char *steps;
        bool dirty;
    } rows[] = {{"  - admin: {query: DROP TABLE blobs}\n", false}, // the server reports these
                {"  - server: {restart: TERM}\n", true},
                {"  - server: {stop: KILL}\n", true},
                {"  - server: {install: crash}\n", true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cleanup_free char *yaml = xprintf(TCP STEPS "%s" OUTCOMES, rows[i].steps);
        const struct plan_case *plan = parse(yaml, 0);
        ck_assert_int_eq(plan->dirties_server, rows[i].dirty);
        tear_down();
    }
}
END_TEST

START_TEST(await_knows_its_actor) {
    const struct plan_case *plan =
        parse(TCP "apps: [one, two]\nsteps:\n"
                  "  - one: {query: SELECT 1, as: x}\n  - two: {query: SELECT 1, as: y}\n"
                  "  - {id: q, await: y}\n  - await: x\n" OUTCOMES,
              0);
    ck_assert_str_eq(plan->steps[2].actor, "two");
    ck_assert_str_eq(plan->steps[2].name, "y");
    ck_assert_str_eq(plan->steps[3].actor, "one");
}
END_TEST

// ---- outcomes ----------------------------------------------------------------------------------

static const struct {
    const char *cell, *text;
    enum outcome_kind kind;
    int code, signal;
} cells[] = {
    {"ok", "ok", OUTCOME_OK, 0, 0},
    {"hang", "hang", OUTCOME_HANG, 0, 0},
    {"crash", "crash", OUTCOME_CRASH, 0, 0},
    {"{crash: SEGV}", "crash (SIGSEGV)", OUTCOME_CRASH, 0, SIGSEGV},
    {"{crash: SIGABRT}", "crash (SIGABRT)", OUTCOME_CRASH, 0, SIGABRT},
    {"unsupported", "unsupported", OUTCOME_UNSUPPORTED, 0, 0},
    {"2013", "2013", OUTCOME_ERROR, 2013, 0},
    {"CR_SERVER_GONE_ERROR", "2006", OUTCOME_ERROR, 2006, 0},
    {"ER_CLIENT_INTERACTION_TIMEOUT", "4031", OUTCOME_ERROR, 4031, 0},
    {"65000", "65000", OUTCOME_ERROR, 65000, 0},
    {"{error: 2013, or: [2006, {ok: true, rows: 1}], why: a race}", "2013 or 2006 or ok",
     OUTCOME_ERROR, 2013, 0},
    {"{hang: true, or: {crash: SEGV}, why: a race}", "hang or crash (SIGSEGV)", OUTCOME_HANG, 0, 0},
};

START_TEST(reads_cell) {
    cleanup_free char *yaml = xprintf(TCP STEPS "outcomes:\n  - {q: %s}\n", cells[_i].cell);
    const struct expectation *cell = parse(yaml, 0)->rows[0].expectations[0];
    ck_assert_int_eq(cell->kind, cells[_i].kind);
    ck_assert_int_eq(cell->code, cells[_i].code);
    ck_assert_int_eq(cell->signal, cells[_i].signal);
    ck_assert_str_eq(cell->text, cells[_i].text);
    ck_assert_int_eq(cell->or_else != NULL, strstr(cells[_i].cell, "or:") != NULL);
}
END_TEST

static const char many_rows[] =
    HEAD "transport: [tcp, tls]\nvariants: {a: {}, b: {}}\n" STEPS "outcomes:\n"
         "  - {if: {variant: a, transport: tls}, q: 2001}\n"
         "  - {if: {variant: [b], server: mariadb}, q: 2002}\n"
         "  - {if: {server: \"mysql >= 8.0.24\", connector: \"mariadb-c < 3.3\"}, q: 2003}\n"
         "  - {if: {server: [mysql-5.6, \"mysql > 9\"]}, q: 2004}\n"
         "  - {if: {transport: tcp, connector: [mariadb-c, libmysqlclient]}, q: 2005}\n";

static const struct {
    size_t plan; // a@tcp a@tls b@tcp b@tls
    const char *server, *version, *connector, *connector_version;
    int code; // 0: no row
} places[] = {
    {0, "mysql-9.7", "9.7.4", "libmysqlclient", "9.7.4", 2004},
    {0, "mysql-9.7", "9.7.4", "mariadb-c", "3.1.20", 2003},
    {0, "mysql-9.7", "9.7.4", "mariadb-c", "3.3.8", 2004},
    {0, "mysql-8.0", "8.0.24-debug", "mariadb-c", "3.2", 2003},
    {0, "mysql-8.0", "8.0.23", "mariadb-c", "3.2", 2005},
    {0, "mysql-5.6", "5.6.24", "mariadb-c", "3.3", 2004},
    {0, "mysql-5.7", "5.7.1", "php", "8.2", 0},
    {1, "mysql-5.7", "5.7.1", "php", "8.2", 2001},
    {2, "mariadb-10.11", "10.11.6-MariaDB", "php", "8.2", 2002},
    {0, "mariadb-10.11", "10.11.6-MariaDB", "mariadb-c", "3.3", 2005},
    {3, "mariadb-10.11", "10.11.6-MariaDB", "mariadb-c", "3.3", 2002},
    {3, "mysql-8.0", "8.0.40", "libmysqlclient", "8.0", 0},
};

START_TEST(finds_row) {
    const struct plan_case *plan = parse(many_rows, places[_i].plan);
    const struct place place = {.server = places[_i].server,
                                .vendor = strstr(places[_i].server, "mysql") ? "mysql" : "mariadb",
                                .server_version = places[_i].version,
                                .connector = places[_i].connector,
                                .connector_version = places[_i].connector_version};
    const struct plan_row *row = plan_find_row(plan, &place);
    const struct expectation *cell = plan_find_expectation(row, "q");
    ck_assert_int_eq(cell ? cell->code : 0, places[_i].code);
    ck_assert_ptr_null(plan_find_expectation(row, "other"));
    ck_assert_ptr_null(plan_find_expectation(row, NULL));
}
END_TEST

START_TEST(filters_rows) {
    static const size_t counts[] = {3, 3, 4, 3};
    parse(many_rows, 0);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        ck_assert_uint_eq(scenario->cases[i].row_count, counts[i]);
}
END_TEST

START_TEST(counts_alternatives_once) {
    parse(
        HEAD
        "transport: [tcp, tls]\n"
        "variants: {a: {with: {c: {ok: true, or: 2013, why: a race}}}, b: {with: {c: ok}}}\n" STEPS
        "outcomes:\n"
        "  - {if: {transport: tls}, q: {error: 2026, or: [2013, 2006], why: a race}}\n"
        "  - {q: $c}\n",
        0);
    ck_assert_int_eq(scenario->alternatives, 2);
}
END_TEST

// ---- conditions --------------------------------------------------------------------------------

static const struct {
    const char *a, *b;
    int order;
} versions[] = {
    {"8.0.24", "8.0.24", 0},
    {"8.0.3", "8.0.24", -1},
    {"8.0.24", "8.0.3", 1},
    {"8.0", "8.0.0", 0},
    {"8", "8.0.1", -1},
    {"10.11.6", "9.7", 1},
    {"8.0.24-log", "8.0.24", 0},
    {"10.11.6+deb12u1", "10.11.6", 0},
    {"8.0.24-log", "8.0.25", -1},
    {"", "", 0},
    {"", "1", -1},
    {"1", "", 1},
    {"x", "y", 0},
};

START_TEST(compares_versions) {
    int order = version_compare(versions[_i].a, versions[_i].b);
    ck_assert_msg((order > 0) - (order < 0) == versions[_i].order, "%s and %s give %d",
                  versions[_i].a, versions[_i].b, order);
}
END_TEST

static const struct {
    const char *text, *version;
    int holds; // -1: not a condition
} conditions[] = {
    {"mysql", "5.6", 1},
    {"mysql >= 8", "8.0.1", 1},
    {"mysql >= 8", "5.7.44", 0},
    {"mysql<8", "5.7.44", 1},
    {"mysql < 8", "8.0", 0},
    {"mysql <= 8.0.3", "8.0.3", 1},
    {"mysql = 8.0.3", "8.0", 0},
    {"mysql = 8.0", "8.0.0", 1},
    {"mysql > 8", "8.0.1", 1},
    {"mysql > 8", "8.0.0", 0},
    {"", "", -1},
    {"mysql 8", "", -1},
    {"mysql >", "", -1},
    {"mysql >> 8", "", -1},
    {"mysql >= .8", "", -1},
    {"mysql >= 8 x", "", -1},
    {">= 8", "", -1},
    {"my sql", "", -1},
    {"mysql == 8", "", -1},
};

START_TEST(reads_condition) {
    struct condition condition;
    int parsed = condition_parse(conditions[_i].text, &condition);
    ck_assert_msg(parsed == (conditions[_i].holds < 0 ? -1 : 0), "'%s'", conditions[_i].text);
    if (parsed == 0)
        ck_assert_msg(condition_holds(&condition, conditions[_i].version) == conditions[_i].holds,
                      "'%s' with %s", conditions[_i].text, conditions[_i].version);
}
END_TEST

START_TEST(codes_are_sorted) {
    for (const struct code *code = codes; code->number; code++) {
        ck_assert(!code[1].number || code[1].number > code->number);
        ck_assert_ptr_eq(code_by_number(code->number), code);
        ck_assert_ptr_eq(code_by_symbol(code->symbol), code);
    }
    ck_assert_ptr_null(code_by_number(0));
    ck_assert_ptr_null(code_by_symbol("CR_NOTHING"));
}
END_TEST

static const char rows_of_connectors[] =
    TCP STEPS "outcomes:\n"
              "  - {if: {connector: \"pymysql >= 1.1\"}, q: 2001}\n"
              "  - {if: {connector: pymysql}, q: 2002}\n"
              "  - {if: {connector: [other, pymysql-1.0], server: mysql}, q: 2003}\n"
              "  - {if: {server: mariadb}, q: 2004}\n"
              "  - {if: {connector: pymysql-1.0}, q: 2005}\n";

static const struct {
    const char *connector, *family, *version, *vendor;
    int code; // 0: no row
} kin[] = {
    {"pymysql", NULL, "1.0.2", "mysql", 2002},
    {"pymysql", "pymysql", "1.1.1", "mysql", 2001},
    {"mine", "pymysql", "1.0.2", "mysql", 2002},
    {"mine", "pymysql", "1.1.1", "mysql", 2001},
    {"pymysql-1.0", "pymysql", "1.0.2", "mysql", 2003},
    {"pymysql-1.0", "pymysql", "1.1.1", "mysql", 2003},
    {"pymysql-1.0", "pymysql", "1.0.2", "mariadb", 2005},
    {"pymysql-1.1", "pymysql", "1.1.1", "mariadb", 2001},
    {"php", "mysqlnd", "8.2", "mariadb", 2004},
    {"php", "mysqlnd", "8.2", "mysql", 0},
};

START_TEST(exact_name_goes_before_family) {
    const struct place place = {.server = kin[_i].vendor,
                                .vendor = kin[_i].vendor,
                                .server_version = "1",
                                .connector = kin[_i].connector,
                                .family = kin[_i].family,
                                .connector_version = kin[_i].version};
    const struct plan_row *row = plan_find_row(parse(rows_of_connectors, 0), &place);
    ck_assert_int_eq(row ? row->expectations[0]->code : 0, kin[_i].code);
}
END_TEST

// Two versions of one library: a row for the family applies to both, unless it compares versions or
// another row names one of them, wherever that is.
static const char rows_of_versions[] = TCP STEPS
    "outcomes:\n"
    "  - {if: {connector: \"mariadb-c >= 3.4\", transport: tcp, server: mysql}, q: 2001}\n"
    "  - {if: {connector: mariadb-c}, q: 2002}\n"
    "  - {if: {connector: mariadb-c-3.4, server: mariadb}, q: 2003}\n";

static const struct {
    const char *connector, *version, *vendor;
    int code;
} versions_of_family[] = {
    {"mariadb-c", "3.3.18", "mysql", 2002},       {"mariadb-c", "3.4.8", "mysql", 2001},
    {"mariadb-c-3.4", "3.4.8", "mysql", 2001},    {"mariadb-c-3.4", "3.3.18", "mysql", 2002},
    {"mariadb-c", "3.3.18", "mariadb", 2002},     {"mariadb-c-3.4", "3.4.8", "mariadb", 2003},
    {"mariadb-c-3.3", "3.3.18", "mariadb", 2002},
};

START_TEST(versions_of_a_family_are_told_apart) {
    const struct place place = {.server = versions_of_family[_i].vendor,
                                .vendor = versions_of_family[_i].vendor,
                                .server_version = "1",
                                .connector = versions_of_family[_i].connector,
                                .family = "mariadb-c",
                                .connector_version = versions_of_family[_i].version};
    const struct plan_row *row = plan_find_row(parse(rows_of_versions, 0), &place);
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(row->expectations[0]->code, versions_of_family[_i].code);
}
END_TEST

static const struct {
    const char *text, *name; // name: NULL: there is none
} names[] = {
    {"pymysql-1.0", "pymysql-1.0"},
    {"PyMySQL", "pymysql"},
    {"MySQL Connector/NET", "mysql-connector-net"},
    {"..a b. ", "a-b."},
    {"\xc3\xa9t\xc3\xa9", "t"},
    {"", NULL},
    {" -_./", NULL},
    {"0123456789012345678901234567890123456789012345678901234567890123456789",
     "012345678901234567890123456789012345678901234567890123456789012"},
};

START_TEST(makes_names_of_connectors) {
    cleanup_free char *name = connector_make_name(names[_i].text);
    ck_assert_pstr_eq(name, names[_i].name);
    if (name)
        ck_assert(connector_is_name(name, strlen(name)));
    struct condition condition;
    if (name)
        ck_assert_int_eq(condition_parse(name, &condition), 0);
    ck_assert(!connector_is_name("A", 1) && !connector_is_name(".a", 2) &&
              !connector_is_name("", 0));
}
END_TEST

static TCase *refusal_tests(void) {
    TCase *tests = tcase_create("refusals");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    find_files("fixtures/test/bad/*.yml", 0, &bad_files);
    find_files("fixtures/test/language/*.yml", 0, &good_files);
    find_files("scenarios/*/*.yml", GLOB_APPEND, &good_files);
    find_files("scenarios/*/*.yml", 0, &own_files);
    tcase_add_test(tests, guesses_lead_to_what_is_valid);
    tcase_add_test(tests, files_are_there);
    tcase_add_loop_test(tests, refuses_file, 0, (int)bad_files.gl_pathc);
    tcase_add_loop_test(tests, accepts_file, 0, (int)good_files.gl_pathc);
    tcase_add_test(tests, own_scenarios_promise);
    tcase_add_test(tests, groups_stand_for_their_variants);
    tcase_add_test(tests, evidence_is_said_once);
    tcase_add_test(tests, former_names_are_known);
    tcase_add_test(tests, warnings_name_the_better_word);
    tcase_add_test(tests, deadlines_before_timeouts_are_warned_of);
    tcase_add_test(tests, codes_that_nobody_has_are_warned_of);
    tcase_add_loop_test(tests, options_switch_name_lookup_on, 0, 3);
    tcase_add_loop_test(tests, own_bounds_are_tight, 0, (int)own_files.gl_pathc);
    tcase_add_loop_test(tests, refuses_text, 0, COUNT_OF(refusals));
    tcase_add_test(tests, refuses_missing_file);
    tcase_add_test(tests, refuses_huge_file);
    return tests;
}

static TCase *case_tests(void) {
    TCase *tests = tcase_create("cases");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, makes_cases);
    tcase_add_test(tests, makes_case_without_variants);
    tcase_add_loop_test(tests, puts_parameters_in, 0, COUNT_OF(steps));
    tcase_add_test(tests, puts_parameters_beside_steps);
    tcase_add_loop_test(tests, control_skips_damage, 0, COUNT_OF(states));
    tcase_add_test(tests, control_waits_where_it_is_named);
    tcase_add_loop_test(tests, decodes_fires, 0, COUNT_OF(fires));
    tcase_add_test(tests, nat_fires);
    tcase_add_test(tests, leaves_steps_out);
    tcase_add_test(tests, decodes_signal);
    tcase_add_test(tests, knows_who_wants_a_fresh_server);
    tcase_add_test(tests, knows_what_the_machine_must_have);
    tcase_add_test(tests, kinds_are_whole);
    tcase_add_test(tests, counts_waits);
    tcase_add_test(tests, guesses_how_long_steps_take);
    tcase_add_test(tests, knows_what_becomes_of_the_server);
    tcase_add_test(tests, await_knows_its_actor);
    return tests;
}

static TCase *outcome_tests(void) {
    TCase *tests = tcase_create("outcomes");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_loop_test(tests, reads_cell, 0, COUNT_OF(cells));
    tcase_add_loop_test(tests, finds_row, 0, COUNT_OF(places));
    tcase_add_loop_test(tests, exact_name_goes_before_family, 0, COUNT_OF(kin));
    tcase_add_loop_test(tests, versions_of_a_family_are_told_apart, 0,
                        COUNT_OF(versions_of_family));
    tcase_add_loop_test(tests, makes_names_of_connectors, 0, COUNT_OF(names));
    tcase_add_test(tests, filters_rows);
    tcase_add_test(tests, counts_alternatives_once);
    tcase_add_loop_test(tests, compares_versions, 0, COUNT_OF(versions));
    tcase_add_loop_test(tests, reads_condition, 0, COUNT_OF(conditions));
    tcase_add_test(tests, codes_are_sorted);
    return tests;
}

Suite *suite_plan(void) {
    Suite *suite = suite_create("plan");
    suite_add_tcase(suite, refusal_tests());
    suite_add_tcase(suite, case_tests());
    suite_add_tcase(suite, outcome_tests());
    return suite;
}
