// SPDX-License-Identifier: Apache-2.0
// others.c - the kinds of faults that have no file of their own yet
#include "faults/faults.h"
#include "plan/language_tables.h"
#include "plan/parts.h"
#include "run/fault.h"
#include "world/firewall.h"

#include <ctype.h>
#include <signal.h>

#include <string.h>

static const struct type type_filter_place = {
    .name = "place of a firewall",
    .kind = TYPE_WORD,
    .words = (const struct word[]){{"wire", "between the hosts (the default)"},
                                   {"app", "the app's own host"},
                                   {"server", "the server's own host"},
                                   END}};
const struct word flow_state_words[] = {
    {"new", "the first packet of a connection, and its repetitions until it is answered"},
    {"established", "after the first packet the other way"},
    {"related", "an ICMP error of a known connection"},
    {"invalid", "belongs to no connection that the firewall knows"},
    END,
};
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
enum { MOST_ATTEMPTS = 200 }; // xt_recent remembers at most 255
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
// What `drop` and `reject` have in common; all conditions of one fault must hold.
#define FILTER_FIELDS                                                                              \
    FIELD(struct filter_args, at, "at", &type_filter_place, 0, "where the firewall stands"),       \
        FIELD(struct filter_args, state, "state", &type_flow_state, 0,                             \
              "only packets in this state of their connection"),                                   \
        FIELD(struct filter_args, after, "after", &type_filter_after, 0,                           \
              "only what comes after the beginning of a connection"),                              \
        FIELD(struct filter_args, when, "when", &type_filter_when, 0,                              \
              "only packets with this content (a text, or `bytes:`)"),                             \
        FIELD(struct filter_args, beyond, "beyond", &type_filter_beyond, 0,                        \
              "only new connections, and only those beyond a limit")

static const struct type type_drop = {
    .name = "drop",
    .kind = TYPE_RECORD,
    .size = sizeof(struct filter_args),
    .fields = (const struct field[]){FIELD(struct filter_args, from, "from", &type_side,
                                           FIELD_REQUIRED, "whose packets are affected"),
                                     FILTER_FIELDS, END}};
const struct word reject_words[] = {
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
bool reject_is_icmp6(int reject_with) {
    return reject_with >= 0 && strncmp(reject_words[reject_with].name, "icmp6-", 6) == 0;
}
bool reject_is_icmp4(int reject_with) {
    return reject_with >= 0 && strncmp(reject_words[reject_with].name, "icmp-", 5) == 0;
}
static const struct type type_reject_word = {
    .name = "answer", .kind = TYPE_WORD, .words = reject_words};
static const struct type type_reject = {
    .name = "reject",
    .kind = TYPE_RECORD,
    .size = sizeof(struct filter_args),
    .fields =
        (const struct field[]){FIELD(struct filter_args, from, "from", &type_side, FIELD_REQUIRED,
                                     "whose packets are answered so"),
                               FIELD(struct filter_args, reject_with, "with", &type_reject_word, 0,
                                     "the firewall's answer (default: tcp-reset)"),
                               FILTER_FIELDS, END}};
static const struct type type_names_word = {
    .name = "behaviour of the name server",
    .kind = TYPE_WORD,
    .words = (const struct word[]){{"silent", "takes the question and never answers"},
                                   {"nxdomain", "there is no such name"},
                                   {"servfail", "the name server failed"},
                                   {"refused", "the name server refuses to answer"},
                                   {"empty", "the name has no address"},
                                   {"slow", "answers late, see `late`"},
                                   {"closed", "nobody listens at its port: ICMP type 3 code 3"},
                                   {"wrong", "gives the address of a host where no server listens; "
                                             "an address's name leads to another address"},
                                   END}};
static const struct type type_names_fault = {
    .name = "names",
    .kind = TYPE_RECORD,
    .size = sizeof(struct names_args),
    .shorthand = "is",
    .fields = (const struct field[]){
        FIELD(struct names_args, is, "is", &type_names_word, FIELD_REQUIRED, "what it does"),
        FIELD(struct names_args, asked_by, "for", &type_side, 0,
              "whose look-ups meet it: the app's, of the server's name, or the server's, of the "
              "app's address (default: both)"),
        FIELD(struct names_args, late_ms, "late", DURATION(0, 10 * MINUTE), 0,
              "how late a slow name server answers (default: 1.5s)"),
        END}};

static int check_after(const struct node *node, const struct filter_after *after, struct err *err) {
    if (!after || (after->packets < 0) != (after->bytes < 0))
        return 0;
    return node_error(node_get(node, "after"), err, "after needs either `packets` or `bytes`");
}

// Digits in pairs, which spaces may separate.
static bool is_hexadecimal(const char *text) {
    for (; *text; text += 2) {
        text += strspn(text, " ");
        if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
            return false;
    }
    return true;
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
    if (when->bytes && !is_hexadecimal(when->bytes))
        return node_error(at, err, "'%s' is not made of bytes in hexadecimal, such as \"16 03 01\"",
                          when->bytes);
    return 0;
}

static int check_beyond(const struct node *node, const struct filter_args *args, struct err *err) {
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

static int filter_check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct filter_args *args = step->act.args;
    const struct node *node = step->act.node;
    (void)plan;
    return check_after(node, args->after, err) < 0 || check_when(node, args->when, err) < 0 ||
                   check_beyond(node, args, err) < 0
               ? -1
               : 0;
}

static unsigned filter_needs(const struct choice *act) {
    const struct filter_args *args = act->args;
    return NEED_BIT(NEED_FIREWALL) |
           (firewall_needs_tracking(args) ? NEED_BIT(NEED_CONNTRACK) : 0) |
           (args->after ? NEED_BIT(NEED_CONNBYTES) : 0) | (args->when ? NEED_BIT(NEED_STRING) : 0) |
           (args->beyond && args->beyond->open >= 0 ? NEED_BIT(NEED_CONNLIMIT) : 0) |
           (args->beyond && args->beyond->attempts >= 0 ? NEED_BIT(NEED_RECENT) : 0) |
           (reject_is_icmp6(args->reject_with) ? NEED_BIT(NEED_IPV6) : 0);
}

// ---- names

static int names_check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct names_args *args = step->act.args;
    plan->looks_up_names = true;
    if (args->late_ms < 0 || (args->is == NAMES_SLOW && args->late_ms > 0))
        return 0;
    return node_error(node_get(step->act.node, "late"), err,
                      args->is == NAMES_SLOW ? "`late` must be longer than nothing"
                                             : "`late` is of `is: slow` only");
}

// ---- netem

// What a setting of netem cannot do without: the kernel would take it and do nothing.
static int check_settings(const struct choice *act, struct err *err) {
    const struct netem_args *args = act->args;
    const struct {
        const char *name, *base;
        bool unfounded;
    } rules[] = {
        {"jitter", "delay", args->jitter_ms > 0 && args->delay_ms < 0},
        {"delay_correlation", "jitter", args->delay_correlation_ppm > 0 && args->jitter_ms < 0},
        {"loss_correlation", "loss", args->loss_correlation_ppm > 0 && args->loss_ppm < 0},
        {"duplicate_correlation", "duplicate",
         args->duplicate_correlation_ppm > 0 && args->duplicate_ppm < 0},
        {"corrupt_correlation", "corrupt",
         args->corrupt_correlation_ppm > 0 && args->corrupt_ppm < 0},
        {"reorder", "delay", args->reorder_ppm > 0 && args->delay_ms < 0},
        {"reorder_correlation", "reorder",
         args->reorder_correlation_ppm > 0 && args->reorder_ppm < 0},
        {"gap", "reorder", args->gap > 0 && args->reorder_ppm < 0},
    };
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (rules[i].unfounded)
            return node_error(node_get(act->node, rules[i].name), err, "%s does nothing without %s",
                              rules[i].name, rules[i].base);
    if (args->delay_ms <= 0 && args->loss_ppm <= 0 && args->duplicate_ppm <= 0 &&
        args->corrupt_ppm <= 0 && args->rate_bits <= 0)
        return node_error(act->node, err,
                          "netem needs something to do: delay, loss, duplicate, corrupt or rate");
    return 0;
}

// There is one place for a netem at each link's way out.
static int netem_check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct netem_args *args = step->act.args;
    const struct fault_kind *kind = fault_kind_of(step);
    const struct plan_step *other = NULL;
    if (check_settings(&step->act, err) < 0)
        return -1;
    while ((other = plan_next_in_force(plan, kind, other)))
        if (((const struct netem_args *)other->act.args)->towards == args->towards)
            return node_error(step->node, err,
                              "the netem '%s' is in force towards the same host; `lift: %s` comes "
                              "first, or put both into one",
                              other->name, other->name);
    plan->netem |= 1U << args->towards;
    return 0;
}

const struct fault_kind fault_drop = {
    .word = {"drop", FAULT_DROP, &type_drop, VERB_NEEDS_TCP, "a firewall drops packets"},
    .mechanism = "iptables",
    .check = filter_check,
    .needs_of = filter_needs,
    .silent = true,
    .arm = fault_arm_filter,
    .lift = fault_lift_filter,
    .count = fault_count_filter,
};
const struct fault_kind fault_reject = {
    .word = {"reject", FAULT_REJECT, &type_reject, VERB_NEEDS_TCP,
             "a firewall answers packets with a refusal"},
    .mechanism = "iptables",
    .check = filter_check,
    .needs_of = filter_needs,
    .arm = fault_arm_filter,
    .lift = fault_lift_filter,
    .count = fault_count_filter,
};
const struct fault_kind fault_names = {
    .word = {"names", FAULT_NAMES, &type_names_fault, VERB_NEEDS_TCP, "the name server misbehaves"},
    .mechanism = "dnsmasq",
    .check = names_check,
    .arm = fault_arm_names,
    .lift = fault_lift_names,
    .count = fault_count_names,
};
const struct fault_kind fault_netem = {
    .word =
        {"netem", FAULT_NETEM, &type_netem, VERB_NEEDS_TCP,
         "the network towards one host is slow, or loses, repeats, damages or reorders packets"},
    .mechanism = "netem",
    .check = netem_check,
    .needs = NEED_BIT(NEED_NETEM),
    .arm = fault_arm_netem,
    .lift = fault_lift_netem,
    .count = fault_count_netem,
};
