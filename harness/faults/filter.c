// SPDX-License-Identifier: Apache-2.0
// filter.c - drop and reject: a firewall in the wire or at a host
//
// The rules, with the answers that they send (RST, ICMP), are made in world/firewall.c. An RST can
// also come from a stub or a raw step (run/peer.c), from `destroy`, and from NAT.
#include "faults/faults.h"

#include "base/hex.h"
#include "plan/parts.h"

#include <string.h>

// ---- how they are written ----------------------------------------------------------------------

/** Shared by `drop` and `reject`. */
struct reject_args {
    struct firewall_match filter;
    int reject_with; ///< index into reject_words; only for `reject`; -1: tcp-reset
};

static const struct word place_words[] = {
    [FILTER_AT_WIRE] = {"wire", "between the hosts (the default)"},
    [FILTER_AT_APP] = {"app", "the app's own host"},
    [FILTER_AT_SERVER] = {"server", "the server's own host"},
    END,
};
ONE_WORD_EACH(place_words, FILTER_PLACE_COUNT);
static const struct type type_filter_place = {
    .name = "place of a firewall", .kind = TYPE_WORD, .words = place_words};
static const struct word flow_state_words[] = {
    [FLOW_NEW] = {"new",
                  "the first packet of a connection, and its repetitions until it is answered"},
    [FLOW_ESTABLISHED] = {"established", "after the first packet the other way"},
    [FLOW_RELATED] = {"related", "an ICMP error of a known connection"},
    [FLOW_INVALID] = {"invalid", "belongs to no connection that the firewall knows"},
    END,
};
ONE_WORD_EACH(flow_state_words, FLOW_STATE_COUNT);
static const struct type type_flow_state = {
    .name = "state of a connection", .kind = TYPE_WORD, .words = flow_state_words};
static const struct type type_filter_after = {
    .name = "after",
    .kind = TYPE_RECORD,
    .size = sizeof(struct filter_after),
    .fields = (const struct field[]){
        FIELD(struct filter_after, packets, "packets", COUNT(0, 1000000), 0,
              "so many packets of this side have passed, the SYN counted"),
        FIELD(struct filter_after, bytes, "bytes", SIZE(0, GIB), 0,
              "so many bytes of this side have passed, IP and TCP headers counted"),
        END}};
static const struct type type_filter_when = {
    .name = "when",
    .kind = TYPE_RECORD,
    .size = sizeof(struct filter_when),
    .shorthand = "text",
    .fields = (const struct field[]){
        FIELD(struct filter_when, text, "text", &type_text, 0, "the packet contains this text"),
        FIELD(struct filter_when, bytes, "bytes", &type_text, 0,
              "the packet contains these bytes, in hexadecimal: \"16 03 01\""),
        END}};
enum { MOST_ATTEMPTS = 200 }; // the most that xt_recent remembers
static const struct type type_filter_beyond = {
    .name = "beyond",
    .kind = TYPE_RECORD,
    .size = sizeof(struct filter_beyond),
    .fields = (const struct field[]){
        FIELD(struct filter_beyond, open, "open", COUNT(0, 10000), 0,
              "so many connections of the host that are open at a time"),
        FIELD(struct filter_beyond, attempts, "attempts", COUNT(1, MOST_ATTEMPTS), 0,
              "so many attempts to connect .."),
        FIELD(struct filter_beyond, within_ms, "within", DURATION(SECOND, HOUR), 0,
              ".. within this time, whole seconds"),
        END}};
// Fields that both have.
#define FILTER_FIELDS                                                                              \
    FIELD(struct reject_args, filter.at, "at", &type_filter_place, 0,                              \
          "where the firewall stands"),                                                            \
        FIELD(struct reject_args, filter.state, "state", &type_flow_state, 0,                      \
              "only packets in this state of their connection"),                                   \
        FIELD(struct reject_args, filter.after, "after", &type_filter_after, 0,                    \
              "only what comes after the beginning of a connection"),                              \
        FIELD(struct reject_args, filter.when, "when", &type_filter_when, 0,                       \
              "only packets with this content (a text, or `bytes:`)"),                             \
        FIELD(struct reject_args, filter.beyond, "beyond", &type_filter_beyond, 0,                 \
              "only new connections, and only those beyond a limit")

static const struct type type_drop = {
    .name = "drop",
    .kind = TYPE_RECORD,
    .size = sizeof(struct reject_args),
    .fields = (const struct field[]){FIELD(struct reject_args, filter.from, "from", &type_side,
                                           FIELD_REQUIRED, "whose packets are affected"),
                                     FILTER_FIELDS, END}};
static const struct word reject_words[] = {
    {"tcp-reset", "a TCP RST"},
    {"icmp-port-unreachable", "ICMP type 3 code 3"},
    {"icmp-host-unreachable", "ICMP type 3 code 1"},
    {"icmp-net-unreachable", "ICMP type 3 code 0"},
    {"icmp-host-prohibited", "ICMP type 3 code 10"},
    {"icmp-net-prohibited", "ICMP type 3 code 9"},
    {"icmp-admin-prohibited", "ICMP type 3 code 13"},
    {"icmp6-no-route", "ICMPv6 type 1 code 0"},
    {"icmp6-adm-prohibited", "ICMPv6 type 1 code 1"},
    {"icmp6-addr-unreachable", "ICMPv6 type 1 code 3"},
    {"icmp6-port-unreachable", "ICMPv6 type 1 code 4"},
    {"icmp6-policy-fail", "ICMPv6 type 1 code 5"},
    {"icmp6-reject-route", "ICMPv6 type 1 code 6"},
    END,
};
static bool reject_is_icmp6(int reject_with) {
    return reject_with >= 0 && strncmp(reject_words[reject_with].name, "icmp6-", 6) == 0;
}
static bool reject_is_icmp4(int reject_with) {
    return reject_with >= 0 && strncmp(reject_words[reject_with].name, "icmp-", 5) == 0;
}
static const struct type type_reject_word = {
    .name = "answer", .kind = TYPE_WORD, .words = reject_words};
static const struct type type_reject = {
    .name = "reject",
    .kind = TYPE_RECORD,
    .size = sizeof(struct reject_args),
    .fields =
        (const struct field[]){FIELD(struct reject_args, filter.from, "from", &type_side,
                                     FIELD_REQUIRED, "whose packets are answered so"),
                               FIELD(struct reject_args, reject_with, "with", &type_reject_word, 0,
                                     "the firewall's answer (default: tcp-reset)"),
                               FILTER_FIELDS, END}};

static int check_after(const struct node *node, const struct filter_after *after, struct err *err) {
    if (!after || (after->packets < 0) != (after->bytes < 0))
        return 0;
    return node_error(node_get(node, "after"), err, "after needs either `packets` or `bytes`");
}

static int check_when(const struct node *node, const struct filter_when *when, struct err *err) {
    enum { MOST_CHARACTERS = 128 }; // XT_STRING_MAX_PATTERN_SIZE
    if (!when)
        return 0;
    const struct node *at = node_get(node, "when");
    const char *wanted = when->text ? when->text : when->bytes;
    if (!when->text == !when->bytes)
        return node_error(at, err, "when needs either `text` or `bytes`");
    if (!*wanted || strlen(wanted) > MOST_CHARACTERS)
        return node_error(at, err, "a firewall looks for 1 to %d characters, not %zu",
                          MOST_CHARACTERS, strlen(wanted));
    if (when->bytes && hex_read(when->bytes, NULL) != HEX_FINE)
        return node_error(at, err, "'%s' is not made of bytes in hexadecimal, such as \"16 03 01\"",
                          when->bytes);
    return 0;
}

static int check_beyond(const struct node *node, const struct firewall_match *args,
                        struct err *err) {
    const struct filter_beyond *beyond = args->beyond;
    if (!beyond)
        return 0;
    const struct node *at = node_get(node, "beyond");
    if ((beyond->open < 0) == (beyond->attempts < 0) ||
        (beyond->attempts < 0) != (beyond->within_ms < 0))
        return node_error(at, err, "beyond needs either `open`, or `attempts` and `within`");
    if (args->from != SIDE_APP)
        return node_error(at, err, "only the app makes connections; write `from: app`");
    return 0;
}

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct reject_args *reject = step->act.args;
    const struct firewall_match *args = &reject->filter;
    const struct node *node = step->act.node;
    (void)plan;
    return check_after(node, args->after, err) < 0 || check_when(node, args->when, err) < 0 ||
                   check_beyond(node, args, err) < 0
               ? -1
               : 0;
}

static unsigned needs_of(const struct choice *act) {
    const struct reject_args *reject = act->args;
    const struct firewall_match *args = &reject->filter;
    return NEED_BIT(NEED_FIREWALL) |
           (firewall_needs_tracking(args) ? NEED_BIT(NEED_CONNTRACK) : 0) |
           (args->after ? NEED_BIT(NEED_CONNBYTES) : 0) | (args->when ? NEED_BIT(NEED_STRING) : 0) |
           (args->beyond && args->beyond->open >= 0 ? NEED_BIT(NEED_CONNLIMIT) : 0) |
           (args->beyond && args->beyond->attempts >= 0 ? NEED_BIT(NEED_RECENT) : 0) |
           (reject_is_icmp6(reject->reject_with) ? NEED_BIT(NEED_IPV6) : 0);
}

// ---- how they are carried out ------------------------------------------------------------------

static const char *answer_of(const struct case_fault *fault) {
    const struct reject_args *args = fault->step->act.args;
    if (fault_kind_of(fault->step) == &fault_drop)
        return NULL;
    return reject_words[args->reject_with < 0 ? 0 : args->reject_with].name;
}

static enum filter_place place_of(const struct firewall_match *args) {
    return args->at < 0 ? FILTER_AT_WIRE : (enum filter_place)args->at;
}

static struct firewall_rule rule_of(const struct case_run *run, const struct case_fault *fault,
                                    bool ipv6) {
    const struct firewall_match *args =
        &((const struct reject_args *)fault->step->act.args)->filter;
    return (struct firewall_rule){.id = fault->step->name,
                                  .netns = world_place(run->world, place_of(args)),
                                  .filter = args,
                                  .answer = answer_of(fault),
                                  .ipv6 = ipv6};
}

// An ICMP answer belongs to its own protocol; other rules act on whatever the case uses.
static bool acts_on(const struct case_run *run, const struct reject_args *args, bool ipv6) {
    if (reject_is_icmp6(args->reject_with))
        return ipv6;
    return !ipv6 || (run->plan->ipv6 && !reject_is_icmp4(args->reject_with));
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    (void)deadline_ms;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct firewall_rule rule = rule_of(run, fault, ipv6);
        if (acts_on(run, fault->step->act.args, ipv6) && world_add_rule(run->world, &rule, err) < 0)
            return -1;
    }
    return 0;
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    (void)deadline_ms;
    fault->fired = 0;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct firewall_rule rule = rule_of(run, fault, ipv6);
        int64_t packets = 0;
        if (acts_on(run, fault->step->act.args, ipv6) && firewall_remove(&rule, &packets, err) < 0)
            return -1;
        fault->fired += packets;
    }
    return 0;
}

static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    fault->fired = 0;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct firewall_rule rule = rule_of(run, fault, ipv6);
        int64_t packets = 0;
        if (acts_on(run, fault->step->act.args, ipv6) && firewall_count(&rule, &packets, err) < 0)
            return -1;
        fault->fired += packets;
    }
    return 0;
}

// Runs before any app connects: the firewall must see connections from their start.
static int prepare(struct case_run *run, const struct plan_step *step, struct err *err) {
    const struct firewall_match *args = &((const struct reject_args *)step->act.args)->filter;
    if (firewall_needs_tracking(args) &&
        world_follow_connections(run->world, place_of(args), run->plan->ipv6, err) < 0)
        return -1;
    return args->after ? world_send_segments(run->world, err) : 0;
}

// If no app has connected before, the cause is `firewall-connect`.
static const struct kind_effect *effect_of_drop(const struct choice *act) {
    static const struct kind_effect effect = {.words = "the firewall drops from now on",
                                              .cause = "firewall-established",
                                              .promise = PROMISE_UNBOUNDED,
                                              .lasts = true};
    (void)act;
    return &effect;
}

static const struct kind_effect *effect_of_reject(const struct choice *act) {
    static const struct kind_effect effect = {.words = "the firewall refuses from now on",
                                              .cause = "firewall-established",
                                              .promise = PROMISE_UNBOUNDED,
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_drop = {
    .word = {"drop", 0, &type_drop, VERB_NEEDS_TCP, "a firewall drops packets"},
    .tale = "a firewall[ at {@at}] drops what {@from} sends[, only packets that are {state}][, "
            "after {after}][, if they contain {when}][, beyond {beyond}]",
    .effect = effect_of_drop,
    .mechanism = "iptables",
    .check = check,
    .needs_of = needs_of,
    .silent = true,
    .prepare = prepare,
    .arm = arm,
    .lift = lift,
    .count = count,
};

const struct fault_kind fault_reject = {
    .word = {"reject", 0, &type_reject, VERB_NEEDS_TCP,
             "a firewall answers packets with a refusal"},
    .tale = "a firewall[ at {@at}] refuses what {@from} sends[, by {with}][, only packets that are "
            "{state}][, after {after}][, if they contain {when}][, beyond {beyond}]",
    .effect = effect_of_reject,
    .mechanism = "iptables",
    .check = check,
    .needs_of = needs_of,
    .prepare = prepare,
    .arm = arm,
    .lift = lift,
    .count = count,
};
