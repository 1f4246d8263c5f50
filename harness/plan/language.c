// SPDX-License-Identifier: Apache-2.0
// language.c - the tables of the scenario language: the file, its steps, and the admin
#include "base/side.h"
#include "plan/causes.h"
#include "plan/kind.h"
#include "plan/language_tables.h"

const struct type type_values = {.name = "a mapping from names to values",
                                 .kind = TYPE_DICT,
                                 .item = &type_value,
                                 .most = LIST_MAX_ITEMS};
const struct type type_value_list = {
    .name = "a list", .kind = TYPE_LIST, .item = &type_value, .most = LIST_MAX_ITEMS};
static const struct type type_apps = {
    .name = "names", .kind = TYPE_LIST, .item = &type_name, .most = MOST_APPS};

const struct word transport_words[] = {
    [TRANSPORT_TCP] = {"tcp", "TCP, TLS switched off explicitly"},
    [TRANSPORT_SOCKET] = {"socket", "the server's Unix socket"},
    [TRANSPORT_TLS] = {"tls", "TCP with TLS required"},
    END,
};
ONE_WORD_EACH(transport_words, TRANSPORT_COUNT);
static const struct type type_transport = {
    .name = "transport", .kind = TYPE_WORD, .words = transport_words};
const struct type type_transports = {
    .name = "transports", .kind = TYPE_LIST, .item = &type_transport, .most = LIST_MAX_ITEMS};

static const struct word side_words[] = {
    [SIDE_APP] = {"app", "the app's host"},
    [SIDE_SERVER] = {"server", "the server's host"},
    END,
};
const struct type type_side = {.name = "side", .kind = TYPE_WORD, .words = side_words};

// ---- the admin --------------------------------------------------------------------------------

static const struct type type_admin_choice = {
    .name = "verb of the admin",
    .kind = TYPE_CHOICE,
    .verbs = (const struct verb *const[]){
        VERB("query", ADMIN_QUERY, &type_sql, 0, "runs a statement over the server's Unix socket"),
        VERB("set_global", ADMIN_SET_GLOBAL, &type_values, 0,
             "SET GLOBAL name = value; after the case the earlier value is set again"),
        NULL}};
const struct type type_admin = {
    .name = "an admin's step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct admin_act),
    .fields = (const struct field[]){FIELD(struct admin_act, op, "op", &type_admin_choice,
                                           FIELD_SPREAD | FIELD_REQUIRED, "verb"),
                                     END}};

// ---- faults ------------------------------------------------------------------------------------

static const struct type type_fault_choice = {
    .name = "kind of fault", .kind = TYPE_CHOICE, .verbs = fault_verbs};
const struct type type_fault = {
    .name = "a fault",
    .kind = TYPE_RECORD,
    .size = sizeof(struct fault_act),
    .fields = (const struct field[]){
        FIELD(struct fault_act, kind, "kind", &type_fault_choice, FIELD_SPREAD | FIELD_REQUIRED,
              "kind"),
        FIELD(struct fault_act, id, "id", &type_name, 0,
              "its name, for `lift:` and the report (default: the kind)"),
        FIELD(struct fault_act, fires, "fires", &type_node, 0,
              "how often it must fire: a count, `never`, or a mapping from variants to these "
              "(default: at least once)"),
        END}};

// ---- until -------------------------------------------------------------------------------------

static const struct type type_until_choice = {
    .name = "thing to wait for", .kind = TYPE_CHOICE, .verbs = state_verbs};
const struct type type_until = {
    .name = "until",
    .kind = TYPE_RECORD,
    .size = sizeof(struct until_act),
    .fields = (const struct field[]){FIELD(struct until_act, what, "what", &type_until_choice,
                                           FIELD_SPREAD | FIELD_REQUIRED, "what"),
                                     END}};

// ---- steps -------------------------------------------------------------------------------------

const struct type type_idle = {
    .name = "idle",
    .kind = TYPE_RECORD,
    .size = sizeof(struct idle_args),
    .shorthand = "for",
    .fields = (const struct field[]){
        FIELD(struct idle_args, for_ms, "for", DURATION(1, HOUR), FIELD_REQUIRED,
              "how long nothing happens; never stretched by --time-scale"),
        FIELD(struct idle_args, app_pings_every_ms, "app_pings_every", DURATION(10, HOUR), 0,
              "meanwhile every app pings at this interval"),
        END}};
const struct verb *const step_verbs[] = {
    VERB("admin", STEP_ADMIN, &type_admin, 0,
         "the harness's own connection, which no fault touches"),
    VERB("server", STEP_SERVER, &type_server_act, 0, "the server's process"),
    VERB("fault", STEP_FAULT, &type_fault, 0, "arms a fault"),
    VERB("lift", STEP_LIFT, &type_name, 0, "takes a fault away, by its id"),
    VERB(
        "until", STEP_UNTIL, &type_until, 0,
        "waits for a state, with a deadline; in a control, states that the remedy prevents are not "
        "waited for, unless the step names the variant"),
    VERB("idle", STEP_IDLE, &type_idle, 0, "lets time pass, only where time is the fault"),
    VERB("await", STEP_AWAIT, &type_name, 0,
         "takes the answer of a call that runs in the background"),
    VERB("proxy", STEP_PROXY, &type_proxy_act, 0, "the proxy of `wire: {proxy: ..}`"),
    VERB("raw", STEP_RAW, &type_raw, 0, "sends the server bytes of one's own, without a connector"),
    NULL,
};
static const struct type type_some_variants = {
    .name = "names", .kind = TYPE_LIST, .item = &type_name, .most = MOST_VARIANTS};
const struct type type_selection = {
    .name = "some variants",
    .kind = TYPE_RECORD,
    .size = sizeof(struct selection_args),
    .shorthand = "of",
    .fields = (const struct field[]){FIELD(struct selection_args, of, "of", &type_some_variants, 0,
                                           "these, by name or by the name of a group"),
                                     FIELD(struct selection_args, all_but, "all-but",
                                           &type_some_variants, 0, "all variants but these"),
                                     END}};
const struct type type_step_common = {
    .name = "a step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct step_common),
    .fields = (const struct field[]){
        FIELD(struct step_common, id, "id", &type_name, 0,
              "names the step in `outcomes`; a step without one is set-up and must succeed"),
        FIELD(struct step_common, variants, "variants", &type_selection, 0,
              "only in these variants"),
        FIELD(struct step_common, transport, "transport", &type_transports, 0,
              "only over these transports"),
        FIELD(struct step_common, deadline_ms, "deadline", DURATION(1, 10 * MINUTE), 0,
              "after which the step counts as hanging (default: 10s)"),
        FIELD(struct step_common, optional, "optional", &type_flag, 0,
              "of `until`: the case goes on where the state has not come by the deadline, because "
              "a careful connector does not bring it about"),
        END}};

// ---- the file ----------------------------------------------------------------------------------

static const struct type type_cause = {.name = "cause", .kind = TYPE_WORD, .words = cause_words};
static const struct word holds_words[] = {
    [HOLDS_YES] = {"true", "it is so"},
    [HOLDS_PARTLY] = {"partly", "it is so on some servers, connectors or transports"},
    [HOLDS_NO] = {"false", "it is not so"},
    END,
};
ONE_WORD_EACH(holds_words, HOLDS_WORDS);
static const struct type type_holds = {
    .name = "judgement of a claim", .kind = TYPE_WORD, .words = holds_words};
static const struct type type_params = {.name = "a mapping from names to values",
                                        .kind = TYPE_DICT,
                                        .item = &type_node,
                                        .most = MOST_PARAMS};
static const struct type type_variant = {
    .name = "a variant",
    .kind = TYPE_RECORD,
    .size = sizeof(struct variant_args),
    .fields = (const struct field[]){
        FIELD(struct variant_args, control, "control", &type_flag, 0,
              "the remedy is applied, and the failure does not come"),
        FIELD(struct variant_args, remedy, "remedy", &type_line, 0, "what the remedy is"),
        FIELD(struct variant_args, claim, "claim", &type_line, 0,
              "what people say of the cause; this variant puts it to the test"),
        FIELD(struct variant_args, holds, "holds", &type_holds, 0,
              "what the variant shows of its claim or remedy (default for a remedy: true)"),
        FIELD(struct variant_args, with, "with", &type_params, 0,
              "the variant's parameters; $name stands for one, \"$name?\" for one that some "
              "variants lack"),
        FIELD(struct variant_args, transport, "transport", &type_transports, 0,
              "only over these of the scenario's transports"),
        FIELD(struct variant_args, formerly, "formerly", &type_texts, 0,
              "what its cases were called before: `scenario/variant`, or a scenario's name"),
        END}};
static const struct type type_variants = {
    .name = "variants", .kind = TYPE_DICT, .item = &type_variant, .most = MOST_VARIANTS};
static const struct type type_groups = {
    .name = "groups", .kind = TYPE_DICT, .item = &type_some_variants, .most = MOST_VARIANTS};
const struct type type_server = {
    .name = "server",
    .kind = TYPE_RECORD,
    .size = sizeof(struct server_args),
    .fields = (const struct field[]){
        FIELD(struct server_args, options, "options", &type_values, 0,
              "options of the server's command line; a server of its own follows from them"),
        FIELD(struct server_args, starts, "starts", &type_flag, 0,
              "false: with these options it must refuse to start; nobody listens then"),
        END}};
static const struct word nat_words[] = {
    [NAT_DROP] = {"drop", "the packet is dropped"},
    [NAT_RESET] = {"reset", "the sender gets a RST"},
    END,
};
ONE_WORD_EACH(nat_words, NAT_WORDS);
static const struct type type_nat_answer = {
    .name = "answer of a NAT", .kind = TYPE_WORD, .words = nat_words};
static const struct type type_nat = {
    .name = "nat",
    .kind = TYPE_RECORD,
    .size = sizeof(struct nat_args),
    .fields = (const struct field[]){
        FIELD(struct nat_args, id, "id", &type_name, 0, "its name as a fault (default: nat)"),
        FIELD(struct nat_args, idle_timeout_ms, "idle_timeout", DURATION(SECOND, HOUR), 0,
              "after which an idle flow is forgotten (default: the kernel's five days)"),
        FIELD(struct nat_args, then, "then", &type_nat_answer, 0,
              "what happens to a packet of a forgotten flow (default: drop)"),
        FIELD(struct nat_args, fires, "fires", &type_node, 0,
              "as of a fault (default: at least once, in a control: any number)"),
        END}};
static const struct type type_proxy = {
    .name = "proxy",
    .kind = TYPE_RECORD,
    .size = sizeof(struct proxy_args),
    .shorthand = "kind",
    .fields = (const struct field[]){
        FIELD(struct proxy_args, kind, "kind", &type_name, FIELD_REQUIRED,
              "which, by the name of its folder in fixtures/proxies: haproxy, mysql-router, "
              "proxysql"),
        FIELD(struct proxy_args, client_timeout_ms, "client_timeout", DURATION(1, HOUR), 0,
              "its limit of the client's silence (default: an hour)"),
        FIELD(struct proxy_args, server_timeout_ms, "server_timeout", DURATION(1, HOUR), 0,
              "its limit of the server's silence (default: an hour)"),
        END}};
const struct type type_wire = {
    .name = "wire",
    .kind = TYPE_RECORD,
    .size = sizeof(struct wire_args),
    .fields = (const struct field[]){
        FIELD(struct wire_args, nat, "nat", &type_nat, 0, "source NAT of the app's address"),
        FIELD(struct wire_args, proxy, "proxy", &type_proxy, 0,
              "a proxy to which the apps connect instead of the server"),
        END}};
static const struct type type_resolver = {
    .name = "resolver",
    .kind = TYPE_RECORD,
    .size = sizeof(struct resolver_args),
    .fields = (const struct field[]){
        FIELD(struct resolver_args, timeout_ms, "timeout", DURATION(SECOND, 30 * SECOND), 0,
              "of one question, whole seconds (resolv.conf's timeout)"),
        FIELD(struct resolver_args, attempts, "attempts", COUNT(1, 5), 0,
              "number of rounds (resolv.conf's attempts)"),
        END}};
// The kernel's limit: TCP_KEEPIDLE is below 32768 s.
static const struct type type_duration_or_off = {.name = "a duration such as 1s, or off",
                                                 .kind = TYPE_DURATION,
                                                 .least = SECOND,
                                                 .most = 9 * HOUR,
                                                 .words =
                                                     (const struct word[]){{"off", "never"}, END}};
static const struct type type_host_side = {
    .name = "settings of a host",
    .kind = TYPE_RECORD,
    .size = sizeof(struct host_side_args),
    .fields = (const struct field[]){
        FIELD(struct host_side_args, resolver, "resolver", &type_resolver, 0,
              "how patient the resolver is"),
        FIELD(struct host_side_args, tcp_keepalive_time_ms, "tcp_keepalive_time",
              &type_duration_or_off, 0, "idle time before the first probe, whole seconds"),
        FIELD(struct host_side_args, tcp_keepalive_intvl_ms, "tcp_keepalive_intvl",
              &type_duration_or_off, 0, "time between probes, whole seconds"),
        FIELD(struct host_side_args, tcp_keepalive_probes, "tcp_keepalive_probes", COUNT(1, 127), 0,
              "unanswered probes until the connection is given up"),
        FIELD(struct host_side_args, tcp_retries2, "tcp_retries2", COUNT(0, 255), 0,
              "retransmissions of data until the connection is given up"),
        FIELD(struct host_side_args, tcp_syn_retries, "tcp_syn_retries", COUNT(1, 127), 0,
              "retransmissions of a SYN until connect gives up"),
        FIELD(
            struct host_side_args, tcp_orphan_retries, "tcp_orphan_retries", COUNT(1, 10), 0,
            "retransmissions of what a closed socket still has to send until the kernel forgets it "
            "(default: 2, which is 1.4s; 4: 6.2s; Linux's own is 8)"),
        FIELD(struct host_side_args, tcp_mtu_probing, "tcp_mtu_probing", COUNT(0, 2), 0,
              "whether TCP finds the path's MTU without ICMP: 1 after losses, 2 from the start"),
        END}};
const struct type type_host = {
    .name = "host",
    .kind = TYPE_RECORD,
    .size = sizeof(struct host_args),
    .fields = (const struct field[]){
        FIELD(struct host_args, app, "app", &type_host_side, 0, "of the app's host"),
        FIELD(struct host_args, server, "server", &type_host_side, 0, "of the server's host"),
        END}};

// Parts that may contain a variant's parameters are decoded once for each variant, after
// substitution; `item` tells the schema and the reference the type they will then have.
static const struct type type_later_server = {
    .name = "server", .kind = TYPE_NODE, .item = &type_server};
static const struct type type_later_wire = {.name = "wire", .kind = TYPE_NODE, .item = &type_wire};
static const struct type type_later_host = {.name = "host", .kind = TYPE_NODE, .item = &type_host};
static const struct type type_later_steps = {
    .name = "steps", .kind = TYPE_NODE, .item = &type_step_common, .most = MOST_STEPS};
static const struct type type_later_promise = {
    .name = "promise", .kind = TYPE_NODE, .item = &type_promise, .most = MOST_ROWS};
static const struct type type_later_evidence = {
    .name = "evidence", .kind = TYPE_NODE, .item = &type_evidence};
static const struct type type_later_outcomes = {
    .name = "outcomes", .kind = TYPE_NODE, .item = &type_cell, .most = MOST_ROWS};

const struct type type_scenario = {
    .name = "a scenario",
    .kind = TYPE_RECORD,
    .size = sizeof(struct scenario_args),
    .fields = (const struct field[]){
        FIELD(struct scenario_args, goneaway, "goneaway", COUNT(1, 1), FIELD_REQUIRED,
              "the version of the language: 1"),
        FIELD(struct scenario_args, title, "title", &type_line, FIELD_REQUIRED,
              "the failure in one sentence"),
        FIELD(struct scenario_args, cause, "cause", &type_cause, FIELD_REQUIRED,
              "the row of the causes table that it belongs to"),
        FIELD(struct scenario_args, source, "source", &type_lines, FIELD_REQUIRED,
              "where the cause is described, and why the codes are what they are"),
        FIELD(struct scenario_args, races, "races", &type_line, 0,
              "why a client may show one code or another there, such as a write that races with a "
              "close; --update-baseline repeats such cases ten times instead of three"),
        FIELD(struct scenario_args, tags, "tags", &type_names, 0, "for selecting scenarios"),
        FIELD(struct scenario_args, transport, "transport", &type_transports, FIELD_REQUIRED,
              "how the app reaches the server; a case for each"),
        FIELD(struct scenario_args, apps, "apps", &type_apps, 0,
              "names of the apps (default: app)"),
        FIELD(struct scenario_args, connectors, "connectors", &type_names, 0,
              "runs only with these, connectors or families (default: all that are client "
              "libraries)"),
        FIELD(
            struct scenario_args, servers, "servers", &type_texts, 0,
            "runs only with these: a vendor or a server's name, with an optional comparison as in "
            "`if` (default: all)"),
        FIELD(struct scenario_args, variants, "variants", &type_variants, 0,
              "ways in which the scenario runs; a case for each"),
        FIELD(struct scenario_args, groups, "groups", &type_groups, 0,
              "names for several variants, for `variants:` of steps and `if: {variant: ..}`"),
        FIELD(struct scenario_args, formerly, "formerly", &type_texts, 0,
              "the scenario's former names; without variants also `scenario/variant`. They go on "
              "working on the command line and in baselines"),
        FIELD(struct scenario_args, promise, "promise", &type_later_promise, 0,
              "what any correct client does at each judged step, whatever its codes: a mapping, or "
              "rows with `if` (variant, transport, server), the first that holds. A control is "
              "promised to succeed unless a row names it"),
        FIELD(struct scenario_args, server, "server", &type_later_server, 0,
              "special requirements of the server"),
        FIELD(struct scenario_args, wire, "wire", &type_later_wire, 0,
              "what is in the wire from the start"),
        FIELD(struct scenario_args, host, "hosts", &type_later_host, 0,
              "settings of the hosts' kernels"),
        FIELD(struct scenario_args, steps, "steps", &type_later_steps, FIELD_REQUIRED,
              "what happens"),
        FIELD(struct scenario_args, evidence, "evidence", &type_later_evidence, 0,
              "what the server's side must show in every row of `outcomes`; a row's own evidence "
              "goes before it, key by key"),
        FIELD(struct scenario_args, outcomes, "outcomes", &type_later_outcomes, FIELD_REQUIRED,
              "what the app must see"),
        END}};
