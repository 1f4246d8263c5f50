// SPDX-License-Identifier: Apache-2.0
// table.c - decoding by the tables: what is refused and how it is said, values as JSON, the
// walk
#include "plan/language.h"
#include "test/lib/suites.h"

#include <string.h>

static struct arena *arena;
static struct err err;

static void set_up(void) {
    arena = arena_new();
    err = (struct err){0};
}

static void tear_down(void) {
    arena_free(arena);
}

static const struct node *parse(const char *yaml) {
    const struct node *node = yaml_parse(arena, "f.yml", yaml, strlen(yaml), &err);
    ck_assert_msg(node != NULL, "%s", err.what);
    return node;
}

union value {
    void *record;
    int64_t number;
    struct list list;
    struct dict dict;
    struct choice choice;
};

static int decode(const struct type *type, const char *yaml, union value *value) {
    table_unset(type, value);
    return table_decode(type, parse(yaml), value, arena, &err);
}

// ---- refusals ----------------------------------------------------------------------------------

static const struct {
    const struct type *type;
    const char *yaml, *message;
} refusals[] = {
    {&type_flag, "yes", "f.yml:1:1: expected true or false, not 'yes'"},
    {&type_flag, "'true'", "f.yml:1:2: expected true or false, not 'true'"},
    {&type_count, "-1", "f.yml:1:1: expected a whole number, not '-1'"},
    {&type_count, "1.5", "f.yml:1:1: expected a whole number, not '1.5'"},
    {&type_count, "123456789012345678",
     "f.yml:1:1: expected a whole number, not '123456789012345678'"},
    {&type_count, "[1]", "f.yml:1:2: expected a whole number, not a list"},
    {&type_duration, "5",
     "f.yml:1:1: expected a duration such as 500ms, 1.6s or 2min, not '5'; write 5s for seconds"},
    {&type_duration, "'5s'",
     "f.yml:1:2: expected a duration such as 500ms, 1.6s or 2min, not '5s'"},
    {&type_size, "17MB", "f.yml:1:1: expected a size such as 4096, 64KiB or 17MiB, not '17MB'"},
    {&type_percent, "0.3", "f.yml:1:1: expected a percentage such as 30% or 0.5%, not '0.3'"},
    {&type_percent, "101%", "f.yml:1:1: expected a percentage such as 30% or 0.5%, not '101%'"},
    {&type_rate, "1Mbit",
     "f.yml:1:1: expected a rate such as 64kbit or 1mbit (a second), not '1Mbit'"},
    {&type_text, "{a: 1}", "f.yml:1:2: expected a text, not a mapping"},
    {&type_name, "a b", "f.yml:1:1: expected a name of letters, digits, - and _, not 'a b'"},
    {&type_name, "9lives", "f.yml:1:1: expected a name of letters, digits, - and _, not '9lives'"},
    {&type_names, "[a, [b]]", "f.yml:1:6: expected a name of letters, digits, - and _, not a list"},
    {&type_scalars, "word", "f.yml:1:1: expected a mapping from names to values, not 'word'"},
    {&type_app, "qeury", "f.yml:1:1: unknown verb of an app 'qeury'; did you mean 'query'?"},
    {&type_app, "{qeury: SELECT 1}", "f.yml:1:2: unknown key 'qeury'; did you mean 'query'?"},
    {&type_app, "{query: SELECT 1, ping: }",
     "f.yml:1:19: 'query' and 'ping' exclude each other; "
     "write a step for each"},
    {&type_app, "{ping: 1}", "f.yml:1:8: 'ping' takes no argument"},
    {&type_app, "{connect: {host: nmae}}", "f.yml:1:18: unknown host 'nmae'; did you mean 'name'?"},
    {&type_app, "{connect: {host: localhost}}",
     "f.yml:1:18: unknown host 'localhost'; choose from address, name or address6"},
    {&type_app, "query", "f.yml:1:1: a statement needs the key 'sql'"},
    {&type_app, "[connect]", "f.yml:1:2: expected an app's step, not a list"},
    {&type_fault, "{kill: {via: sql}}", "f.yml:1:9: kill needs the key 'of'"},
    {&type_fault, "{drop: server}",
     "f.yml:1:8: expected drop, not 'server'; write `drop: {from: server}`"},
    {&type_server_act, "{restart: HUP}",
     "f.yml:1:11: unknown signal 'HUP'; choose from TERM, KILL or ABRT"},
    {&type_until, "{session: {of: app, is: gnoe}}",
     "f.yml:1:25: unknown state of a session 'gnoe'; did you mean 'gone'?"},
    {&type_host, "{app: {tcp_keepalive_time: never}}",
     "f.yml:1:28: expected a duration such as 1s, or off, not 'never'"},
    {&type_cell, "{eror: 2013}", "f.yml:1:2: unknown key 'eror'; did you mean 'error'?"},
};

START_TEST(refuses) {
    union value value;
    ck_assert_int_eq(decode(refusals[_i].type, refusals[_i].yaml, &value), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.what, refusals[_i].message);
}
END_TEST

// Adding a verb must not break a test.
START_TEST(names_the_verbs_that_there_are) {
    union value value;
    cleanup_text struct text names = {0};
    for (const struct verb *const *verb = app_verbs; *verb; verb++)
        text_printf(&names, "%s%s",
                    verb == app_verbs ? ""
                    : verb[1]         ? ", "
                                      : " or ",
                    (*verb)->name);
    cleanup_free char *message =
        xprintf("f.yml:1:2: an app's step needs one of: %s", text_get(&names));
    ck_assert_int_eq(decode(&type_app, "{as: x}", &value), -1);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.what, message);
}
END_TEST

// ---- values as JSON ----------------------------------------------------------------------------

static const struct {
    const struct type *type;
    const char *yaml, *json;
} values[] = {
    {&type_flag, "true", "true"},
    {&type_count, "17", "17"},
    {&type_duration, "1.5s", "1500"},
    {&type_size, "64KiB", "65536"},
    {&type_percent, "2.5%", "25000"},
    {&type_rate, "1mbit", "1000000"},
    {&type_text, "SELECT 1", "\"SELECT 1\""},
    {&type_names, "one", "[\"one\"]"},
    {&type_names, "[one, two]", "[\"one\",\"two\"]"},
    {&type_names, "[]", "[]"},
    {&type_scalars, "{a: 1}", "{\"a\":\"1\"}"},
    {&type_node, "[1, -5, '1', 1.5, true, null, ~, word, {a: [x]}]",
     "[1,-5,\"1\",\"1.5\",true,null,null,\"word\",{\"a\":[\"x\"]}]"},
    {&type_node, "99999999999999999999", "\"99999999999999999999\""},
    {&type_node, "'-'", "\"-\""},
    {&type_app, "connect", "{\"connect\":{}}"},
    {&type_app, "ping", "{\"ping\":{}}"},
    {&type_app, "{query: SELECT 1, as: q}", "{\"query\":{\"sql\":\"SELECT 1\"},\"as\":\"q\"}"},
    {&type_app,
     "{connect: {host: name, read_timeout: 2s, max_allowed_packet: 1MiB, compress: false,"
     " session: {wait_timeout: 1}}}",
     "{\"connect\":{\"host\":\"name\",\"read_timeout_ms\":2000,\"max_allowed_packet\":1048576,"
     "\"compress\":false,\"session\":{\"wait_timeout\":1}}}"},
    {&type_app, "{stmt_execute: {params: [1], cursor: 10}}",
     "{\"stmt_execute\":{\"params\":[1],\"cursor\":10}}"},
    {&type_app, "{call: mysql_stat}", "{\"call\":{\"name\":\"mysql_stat\"}}"},
    {&type_app, "{execute: {params: [1, x, null]}}", "{\"execute\":{\"params\":[1,\"x\",null]}}"},
    {&type_fault, "{id: p, pause: app}", "{\"pause\":\"app\",\"id\":\"p\"}"},
    {&type_fault, "{names: silent, fires: {address: never}}",
     "{\"names\":{\"is\":\"silent\"},\"fires\":{\"address\":\"never\"}}"},
    {&type_fault, "{netem: {towards: app, delay: 1s, loss: 30%, rate: 1mbit, limit: 9}}",
     "{\"netem\":{\"towards\":\"app\",\"delay_ms\":1000,\"loss\":300000,\"rate\":1000000,"
     "\"limit\":9}}"},
    {&type_host, "{app: {tcp_keepalive_time: off}}", "{\"app\":{\"tcp_keepalive_time_ms\":0}}"},
    {&type_host, "{app: {tcp_keepalive_time: 'off'}}", "{\"app\":{\"tcp_keepalive_time_ms\":0}}"},
};

START_TEST(becomes_json) {
    union value value;
    ck_assert_msg(decode(values[_i].type, values[_i].yaml, &value) == 0, "%s", err.what);
    json_t *json = table_to_json(values[_i].type, &value);
    cleanup_free char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(json);
    ck_assert_str_eq(text, values[_i].json);
}
END_TEST

START_TEST(unset_is_no_json) {
    static const struct type *const types[] = {&type_flag,    &type_count, &type_duration,
                                               &type_text,    &type_names, &type_app,
                                               &type_scalars, &type_node};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        union value value;
        table_unset(types[i], &value);
        ck_assert_ptr_null(table_to_json(types[i], &value));
    }
}
END_TEST

// ---- the walk ----------------------------------------------------------------------------------

static void write_entry(void *context, int depth, const char *name, const struct type *type,
                        unsigned flags, const char *doc) {
    ck_assert_msg(doc && *doc, "%s has no description", name);
    text_printf(context, "%d%s%s%s ", depth, name, type ? "" : "=",
                flags & FIELD_REQUIRED ? "!" : "");
}

START_TEST(walk_shows_all) {
    cleanup_text struct text seen = {0};
    table_walk(&type_server_act, write_entry, &seen);
    table_walk(&type_wire, write_entry, &seen);
    ck_assert_str_eq(text_get(&seen), "0restart 1signal! 2TERM= 2KILL= 2ABRT= "
                                      "0stop 1signal! 2TERM= 2KILL= 2ABRT= "
                                      "0start= 0install 1crash= "
                                      "0nat 1id 1idle_timeout 1then 2drop= 2reset= 1fires "
                                      "0proxy 1kind! 1client_timeout 1server_timeout ");
}
END_TEST

START_TEST(everything_is_described) {
    cleanup_text struct text seen = {0};
    table_walk(&type_scenario, write_entry, &seen);
    table_walk(&type_fault, write_entry, &seen);
    table_walk(&type_until, write_entry, &seen);
    table_walk(&type_app, write_entry, &seen);
    table_walk(&type_condition, write_entry, &seen);
    table_walk(&type_evidence, write_entry, &seen);
    ck_assert_ptr_nonnull(strstr(text_get(&seen), "0steps! "));
}
END_TEST

Suite *suite_table(void) {
    Suite *suite = suite_create("table");
    TCase *tests = tcase_create("table");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, refuses, 0, COUNT_OF(refusals));
    tcase_add_test(tests, names_the_verbs_that_there_are);
    tcase_add_loop_test(tests, becomes_json, 0, COUNT_OF(values));
    tcase_add_test(tests, unset_is_no_json);
    tcase_add_test(tests, walk_shows_all);
    tcase_add_test(tests, everything_is_described);
    suite_add_tcase(suite, tests);
    return suite;
}
