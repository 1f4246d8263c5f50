// SPDX-License-Identifier: Apache-2.0
// schema.c - the published JSON Schema: complete, and consistent with the parser
#include "plan/plan.h"
#include "test/lib/suites.h"
#include "test/lib/validator.h"

#include <string.h>

#define HEAD "goneaway: 1\ntitle: It breaks\nsource: a manual\n"

static const char half_open[] = HEAD "cause: half-open\n"
                                     "transport: [tcp, tls]\n"
                                     "steps:\n"
                                     "  - app: {connect: {read_timeout: 2s}}\n"
                                     "  - fault: {id: mute, drop: {from: server}}\n"
                                     "  - fault: {destroy: {socket-of: app, side: server}}\n"
                                     "  - until: {session: {of: app, is: gone}}\n"
                                     "  - lift: mute\n"
                                     "  - {id: ping, app: ping}\n"
                                     "  - {id: again, app: ping}\n"
                                     "outcomes:\n"
                                     "  - {if: {connector: mariadb-c}, ping: 2013, again: 2006}\n"
                                     "  - {ping: CR_SERVER_LOST, again: {error: 2006}}\n";
static const char fork_shares[] = HEAD "cause: fork\n"
                                       "transport: [tcp, socket, tls]\n"
                                       "steps:\n"
                                       "  - app: connect\n"
                                       "  - app: {fork: child}\n"
                                       "  - app: {query: \"SELECT SLEEP(1), 'parent'\", as: p}\n"
                                       "  - until: {session: {of: app, is: running}}\n"
                                       "  - fault: {pause: app}\n"
                                       "  - child: {query: \"SELECT 1, 'child'\", as: c}\n"
                                       "  - {id: c, await: c}\n"
                                       "  - lift: pause\n"
                                       "  - {id: p, await: p, deadline: 3s}\n"
                                       "outcomes:\n"
                                       "  - {if: {transport: tls}, c: 2013, p: 2013}\n"
                                       "  - {c: {ok: true, rows: [[0, parent]]}, p: hang}\n";
static const char restart[] =
    HEAD "cause: restart\n"
         "transport: [tcp, socket, tls]\n"
         "variants: {term: {with: {signal: TERM}}, kill: {with: {signal: KILL}}}\n"
         "steps:\n"
         "  - app: connect\n"
         "  - app: {stream: \"SELECT n, REPEAT('x', 65536) FROM rows\"}\n"
         "  - app: {fetch: 1}\n"
         "  - until: {server-socket: {of: app, send-queue: full}}\n"
         "  - server: {restart: $signal}\n"
         "  - {id: rest, app: {fetch: rest}}\n"
         "  - {id: next, app: {query: SELECT 1}}\n"
         "outcomes:\n"
         "  - rest: {error: 2013, rows: {min: 1, max: 9998}, or: [2006], why: a race}\n"
         "    next: 2006\n"
         "    evidence: {uptime_reset: true}\n";
static const char nat[] =
    HEAD "cause: nat-idle\n"
         "transport: [tcp, tls]\n"
         "wire: {nat: {id: nat, idle_timeout: 3s, then: drop}}\n"
         "server: {options: {max_connections: 20}}\n"
         "variants:\n"
         "  bare:      {with: {keepalive: off}}\n"
         "  keepalive: {control: true, remedy: TCP keepalive, with: {keepalive: 1s}}\n"
         "hosts: {app: {tcp_keepalive_time: $keepalive, resolver: {timeout: 1s, attempts: 1}}}\n"
         "steps:\n"
         "  - app: {connect: {read_timeout: 3s}}\n"
         "  - idle: {for: 5s}\n"
         "  - {id: q, app: {query: SELECT 1}}\n"
         "outcomes:\n"
         "  - {if: {variant: keepalive}, q: ok}\n"
         "  - {q: {error: 2013, within: {min: 2.9s}}}\n";

static const struct {
    const char *file, *from, *to; ///< the first `from` is replaced by `to`; NULL: unchanged
} tries[] = {
    {half_open, NULL, NULL},
    {fork_shares, NULL, NULL},
    {restart, NULL, NULL},
    {nat, NULL, NULL},
    {half_open, "title", "titel"},
    {half_open, "goneaway: 1", "goneaway: 2"},
    {half_open, "cause: half-open\n", ""},
    {half_open, "[tcp, tls]", "[tcp, udp]"},
    {half_open, "read_timeout", "read_timout"},
    {half_open, "2s", "2"},
    {half_open, "drop:", "dorp:"},
    {half_open, "from: server", "form: server"},
    {half_open, "side: server", "side: wire"},
    {half_open, "until:", "untill:"},
    {half_open, "{session:", "{sesion:"},
    {half_open, "is: gone", "is: lost"},
    {half_open, "lift: mute", "lifft: mute"},
    {half_open, "id: ping, app: ping", "idd: ping, app: ping"},
    {half_open, "app: ping", "app: pign"},
    {half_open, "id: ping, app: ping", "id: ping"},
    {half_open, "id: ping, app: ping", "id: ping, app: ping, lift: mute"},
    {half_open, "connector:", "conector:"},
    {half_open, "{if:", "{iff:"},
    {half_open, "CR_SERVER_LOST", "CR_SERVER_LOSS"},
    {half_open, "{error: 2006}", "{eror: 2006}"},
    {fork_shares, "fork: child", "fork: [child]"},
    {fork_shares, "as: p", "sa: p"},
    {fork_shares, "await: c", "awiat: c"},
    {fork_shares, "deadline", "dedline"},
    {fork_shares, "p: hang", "p: hangs"},
    {restart, "variants", "variant"},
    {restart, "with: {signal: TERM}", "whit: {signal: TERM}"},
    {restart, "fetch: rest", "fetch: {row: rest}"},
    {restart, "send-queue: full", "send-queue: empty"},
    {restart, "restart:", "reboot:"},
    {restart, "min: 1", "least: 1"},
    {restart, "uptime_reset", "uptime"},
    {nat, "idle_timeout", "idle_time"},
    {nat, "options", "option"},
    {nat, "resolver", "resolvers"},
    {nat, "for: 5s", "for: 5"},
    {nat, "attempts: 1", "attempts: 6"},
    {nat, "idle_timeout: 3s", "idle_timeout: 0"},
    {nat, "within: {min", "within: {minimum"},
};

static void make_file(int i, struct text *file) {
    const char *from = tries[i].from ? strstr(tries[i].file, tries[i].from) : NULL;
    ck_assert(!tries[i].from == !from);
    size_t before = from ? (size_t)(from - tries[i].file) : strlen(tries[i].file);
    text_append(file, tries[i].file, before);
    if (from)
        text_printf(file, "%s%s", tries[i].to, from + strlen(tries[i].from));
}

START_TEST(parser_agrees) {
    cleanup_text struct text file = {0};
    struct err err = {0};
    make_file(_i, &file);
    struct scenario *scenario = scenario_parse("f.yml", text_get(&file), file.length, &err);
    bool accepted = scenario != NULL;
    scenario_free(scenario);
    ck_assert_msg(accepted == !tries[_i].from, "%s\n%s", text_get(&file), err.what);
}
END_TEST

static json_t *instance(int i) {
    cleanup_text struct text file = {0};
    struct err err = {0};
    make_file(i, &file);
    struct arena *arena = arena_new();
    const struct node *node = yaml_parse(arena, "f.yml", text_get(&file), file.length, &err);
    ck_assert_msg(node != NULL, "%s", err.what);
    json_t *json = table_to_json(&type_node, &node);
    arena_free(arena);
    return json;
}

START_TEST(validator_agrees) {
    cleanup_text struct text answers = {0};
    json_auto_t *schema = scenario_schema(), *questions = json_array();
    for (size_t i = 0; i < COUNT_OF(tries); i++)
        json_array_append_new(
            questions, json_pack("{s:O, s:o}", "schema", schema, "instance", instance((int)i)));
    validator_ask(questions, &answers);
    const char *line = text_get(&answers);
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        ck_assert_msg(text_starts(line, "valid") == !tries[i].from, "%s -> %s: %.*s", tries[i].from,
                      tries[i].to, (int)strcspn(line, "\n"), line);
        line += strcspn(line, "\n") + 1;
    }
}
END_TEST

static void check_references(const json_t *json, const json_t *definitions) {
    const char *key;
    json_t *value;
    size_t i;
    json_array_foreach((json_t *)json, i, value) {
        check_references(value, definitions);
    }
    json_object_foreach((json_t *)json, key, value) {
        check_references(value, definitions);
        if (strcmp(key, "$ref") != 0)
            continue;
        const char *name = json_string_value(value);
        ck_assert(text_starts(name, "#/$defs/"));
        ck_assert_msg(json_object_get(definitions, name + 8) != NULL, "%s", name);
    }
}

START_TEST(references_hold) {
    json_t *schema = scenario_schema();
    ck_assert_ptr_nonnull(schema);
    json_t *definitions = json_object_get(schema, "$defs");
    ck_assert_uint_gt(json_object_size(definitions), 30);
    check_references(schema, definitions);
    json_decref(schema);
}
END_TEST

Suite *suite_schema(void) {
    Suite *suite = suite_create("schema");
    TCase *tests = tcase_create("schema");
    tcase_set_timeout(tests, 120); // a Python validator, on a busy machine
    tcase_add_test(tests, references_hold);
    tcase_add_loop_test(tests, parser_agrees, 0, COUNT_OF(tries));
    tcase_add_test(tests, validator_agrees);
    suite_add_tcase(suite, tests);
    return suite;
}
