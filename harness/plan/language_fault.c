// SPDX-License-Identifier: Apache-2.0
// language_fault.c - the kinds of faults
#include "plan/language_tables.h"

const struct type type_side = {
    .name = "side",
    .kind = TYPE_WORD,
    .words =
        (const struct word[]){{"app", "the app's host"}, {"server", "the server's host"}, END}};

static const struct type type_kill = {
    .name = "kill",
    .kind = TYPE_RECORD,
    .size = sizeof(struct kill_args),
    .shorthand = "of",
    .fields = (const struct field[]){
        FIELD(struct kill_args, of, "of", &type_name, FIELD_REQUIRED, "whose session"),
        FIELD(struct kill_args, what, "what",
              (&(const struct type){
                  .name = "kind of kill",
                  .kind = TYPE_WORD,
                  .words = (const struct word[]){{"connection", "KILL CONNECTION (the default)"},
                                                 {"query", "KILL QUERY"},
                                                 END}}),
              0, "the connection, or only its statement"),
        FIELD(struct kill_args, via, "via",
              (&(const struct type){
                  .name = "way to kill",
                  .kind = TYPE_WORD,
                  .words = (const struct word[]){{"sql", "the statement KILL (the default)"},
                                                 {"mysqladmin", "the program `mysqladmin kill`"},
                                                 END}}),
              0, "by a statement or by mysqladmin"),
        END}};

static const struct type type_drop = {
    .name = "drop",
    .kind = TYPE_RECORD,
    .size = sizeof(struct filter_args),
    .fields = (const struct field[]){FIELD(struct filter_args, from, "from", &type_side,
                                           FIELD_REQUIRED, "whose packets are affected"),
                                     END}};
const struct word reject_words[] = {
    {"tcp-reset", "a TCP RST"},
    {"icmp-port-unreachable", "ICMP type 3 code 3"},
    {"icmp-host-unreachable", "ICMP type 3 code 1"},
    {"icmp-net-unreachable", "ICMP type 3 code 0"},
    {"icmp-host-prohibited", "ICMP type 3 code 10"},
    {"icmp-net-prohibited", "ICMP type 3 code 9"},
    {"icmp-admin-prohibited", "ICMP type 3 code 13"},
    END,
};
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
                               END}};
static const struct type type_destroy = {
    .name = "destroy",
    .kind = TYPE_RECORD,
    .size = sizeof(struct destroy_args),
    .fields = (const struct field[]){
        FIELD(struct destroy_args, socket_of, "socket-of", &type_name, FIELD_REQUIRED,
              "whose connection"),
        FIELD(struct destroy_args, side, "side", &type_side, FIELD_REQUIRED,
              "which end of it; the other end is told by a RST, if that gets through"),
        END}};
static const struct type type_signal_fault = {
    .name = "signal",
    .kind = TYPE_RECORD,
    .size = sizeof(struct signal_args),
    .fields = (const struct field[]){
        FIELD(struct signal_args, to, "to", &type_name, FIELD_REQUIRED, "an app, or `server`"),
        FIELD(struct signal_args, name, "name", &type_name, FIELD_REQUIRED,
              "the signal, with or without SIG: SEGV"),
        END}};
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
        FIELD(struct names_args, late_ms, "late", &type_duration, 0,
              "how late a slow name server answers (default: 1.5s)"),
        END}};

const struct verb fault_verbs[] = {
    {"kill", FAULT_KILL, &type_kill, VERB_REFERS_APP, "KILL of a session of the server"},
    {"drop", FAULT_DROP, &type_drop, VERB_NEEDS_TCP, "a firewall between the hosts drops packets"},
    {"reject", FAULT_REJECT, &type_reject, VERB_NEEDS_TCP,
     "a firewall between the hosts answers packets with a refusal"},
    {"destroy", FAULT_DESTROY, &type_destroy, VERB_NEEDS_TCP | VERB_REFERS_APP,
     "the kernel of one host forgets the connection (SOCK_DESTROY)"},
    {"pause", FAULT_PAUSE, &type_name, VERB_REFERS_APP,
     "an app or the server is stopped (SIGSTOP)"},
    {"names", FAULT_NAMES, &type_names_fault, VERB_NEEDS_TCP, "the name server misbehaves"},
    {"signal", FAULT_SIGNAL, &type_signal_fault, VERB_REFERS_APP,
     "an app or the server gets a signal"},
    END,
};
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
