// SPDX-License-Identifier: Apache-2.0
// yaml.c - readers of YAML 1.1 read what is ours, and what we write, as we do
#include "test/lib/suites.h"
#include "test/lib/validator.h"

#include "base/file.h"
#include "plan/plan.h"
#include "try/plan.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What is read beside the scenarios. The other folders hold what is to be refused.
static const char *const patterns[] = {
    "fixtures/servers/*/*.yml",  "fixtures/connectors/*/*.yml",  "fixtures/proxies/*/*.yml",
    "fixtures/measured/*/*.yml", "fixtures/test/language/*.yml", "fixtures/test/fail/*.yml",
};

static void check_not_odd(const json_t *answer) {
    size_t i;
    const json_t *odd;
    json_array_foreach(json_object_get(answer, "odd"), i, odd) {
        ck_assert_msg(false, "%s", json_string_value(odd));
    }
}

// ---- files -------------------------------------------------------------------------------------

START_TEST(files_read_alike) {
    size_t i;
    const json_t *answer;
    glob_t files;
    ck_assert_int_eq(glob(patterns[_i], 0, NULL, &files), 0);
    json_auto_t *answers = validator_load((const char *const *)files.gl_pathv, files.gl_pathc);
    json_array_foreach(answers, i, answer) {
        check_not_odd(answer);
    }
    globfree(&files);
}
END_TEST

// Editors read a file by their own parser before they hold it against the schema. The schema is
// large, so all files are held against it at once, each under its name.
START_TEST(scenarios_read_alike_and_fit_the_schema) {
    size_t i;
    const json_t *answer;
    glob_t files;
    cleanup_text struct text said = {0};
    json_t *schema = scenario_schema(), *values = json_object();
    ck_assert_int_eq(glob("scenarios/*/*.yml", 0, NULL, &files), 0);
    json_auto_t *answers = validator_load((const char *const *)files.gl_pathv, files.gl_pathc);
    json_array_foreach(answers, i, answer) {
        check_not_odd(answer);
        json_object_set(values, files.gl_pathv[i], json_object_get(answer, "value"));
    }
    ck_assert_uint_eq(json_object_size(values), files.gl_pathc);
    json_object_set_new(schema, "additionalProperties",
                        json_pack("{s:O}", "$ref", json_object_get(schema, "$ref")));
    json_object_del(schema, "$ref");
    json_auto_t *questions = json_pack("[{s:o, s:o}]", "schema", schema, "instance", values);
    validator_ask(questions, &said);
    ck_assert_msg(text_starts(text_get(&said), "valid"), "%s", text_get(&said));
    globfree(&files);
}
END_TEST

// ---- texts -------------------------------------------------------------------------------------

static json_t *load(const char *text) {
    struct err err;
    char path[] = "/tmp/goneaway-yaml-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(file_write(path, text, strlen(text), &err), 0);
    json_t *answers = validator_load((const char *const[]){path}, 1);
    unlink(path);
    json_t *answer = json_incref(json_array_get(answers, 0));
    json_decref(answers);
    return answer;
}

static const struct {
    const char *text, *why; ///< `why`: a part of what is said, behind the file's name
} odd[] = {
    {"off: 1", ":1:1: the key 'off' is bool in YAML 1.1, str in 1.2; put it in quotes"},
    {"{a: [on]}", ":1:6: the value 'on' is bool in YAML 1.1, str in 1.2"},
    {"a: {b: {n: 1}}", ":1:9: the key 'n' is bool in YAML 1.1, str in 1.2"},
    {"a: 010", ":1:4: the value '010' is octal in YAML 1.1, int in 1.2"},
    {"a: 1:30", ":1:4: the value '1:30' is int in YAML 1.1, str in 1.2"},
    {"a: 1_000", ":1:4: the value '1_000' is int in YAML 1.1, str in 1.2"},
    {"a: 2026-11-25", ":1:4: the value '2026-11-25' is timestamp in YAML 1.1, str in 1.2"},
    {"a: 1e3", ":1:4: the value '1e3' is str in YAML 1.1, float in 1.2"},
    {"1: a", ":1:1: the key '1' is no string"},
    {"true: a", ":1:1: the key 'true' is no string"},
    {"{a: $x?}", ": while parsing a flow mapping"},
};

START_TEST(odd_files_are_found) {
    json_auto_t *answer = load(odd[_i].text);
    const json_t *complaints = json_object_get(answer, "odd");
    ck_assert_uint_eq(json_array_size(complaints), 1);
    const char *said = json_string_value(json_array_get(complaints, 0));
    ck_assert_msg(strstr(said, odd[_i].why) != NULL, "%s", said);
}
END_TEST

static const struct {
    const char *text;
    bool alike;
} scalars[] = {
    {"off", false},    {"On", false},         {"y", false},      {"N", false},
    {"yes", false},    {"=", false},          {"010", false},    {"1_000", false},
    {"1:30", false},   {"1:30.5", false},     {"1e3", false},    {"1.5e3", false},
    {".5e3", false},   {"2026-11-25", false}, {"0b11", false},   {"0o17", false},
    {"0x1_f", false},  {"+0x1f", false},      {"-1_0.5", false}, {".5_0", false},
    {"offline", true}, {"yes-man", true},     {"0", true},       {"10", true},
    {"-5", true},      {"1.5", true},         {".5", true},      {"10.11.19", true},
    {"1s", true},      {"17MiB", true},       {"30%", true},     {"1mbit", true},
    {"$on", true},     {"true", true},        {"null", true},    {"08S01", true},
    {"0.5%", true},    {"ok", true},          {"SIGTERM", true}, {"1.", true},
};

// It may have quotes put where they are not needed, but must not leave any out.
START_TEST(scalars_are_known) {
    cleanup_text struct text list = {0};
    text_add(&list, "[x");
    for (size_t i = 0; i < COUNT_OF(scalars); i++) {
        ck_assert_msg(yaml_reads_alike(scalars[i].text) == scalars[i].alike, "%s", scalars[i].text);
        if (scalars[i].alike)
            text_printf(&list, ", %s", scalars[i].text);
    }
    text_add(&list, "]");
    json_auto_t *answer = load(text_get(&list));
    check_not_odd(answer);
}
END_TEST

// ---- what `try --write` makes ------------------------------------------------------------------

static const char *const lines[] = {
    "connect; kill; query; query",
    "connect; query SELECT 'ä' & ; kill; await; connect",
    "connect; on: connect; kill on; on: query; query",
    "y: connect; y: fork n; kill y; n: query 010; y: query yes",
    "connect; fault {id: off, drop: {from: app}}; query; lift off; connect",
    "set sql_mode=on; option general_log=OFF; connect {session: {x: 1_000, autocommit: off}}; ping",
};

static void write_line(const char *text, struct text *ret_file) {
    static const struct try_script script = {
        .title = "ä", .source = "on", .outcomes = NULL, .head = "# off: ä\n"};
    struct err err = {0};
    struct try_line line;
    struct try_plan plan = {0};
    cleanup_text struct text plain = {0};
    ck_assert_msg(try_read(&line, text, false, &err) == 0, "%s", err.what);
    ck_assert_msg(try_plan_make(&plan, &line, NULL, &err) == 0, "%s", err.what);
    try_plan_write(&plain, &plan, &script);
    try_spell_alike(ret_file, text_get(&plain));
    try_plan_release(&plan);
    try_release(&line);
}

START_TEST(written_scenarios_read_alike) {
    struct err err = {0};
    cleanup_text struct text file = {0};
    write_line(lines[_i], &file);
    struct scenario *scenario = scenario_parse("f.yml", file.data, file.length, &err);
    ck_assert_msg(scenario != NULL, "%s\n%s", err.what, file.data);
    scenario_free(scenario);
    json_auto_t *answer = load(file.data);
    check_not_odd(answer);
}
END_TEST

Suite *suite_yaml(void) {
    Suite *suite = suite_create("yaml");
    TCase *tests = tcase_create("yaml");
    tcase_set_timeout(tests, 300); // a Python program, on a busy machine
    tcase_add_loop_test(tests, files_read_alike, 0, COUNT_OF(patterns));
    tcase_add_test(tests, scenarios_read_alike_and_fit_the_schema);
    tcase_add_loop_test(tests, odd_files_are_found, 0, COUNT_OF(odd));
    tcase_add_test(tests, scalars_are_known);
    tcase_add_loop_test(tests, written_scenarios_read_alike, 0, COUNT_OF(lines));
    suite_add_tcase(suite, tests);
    return suite;
}
