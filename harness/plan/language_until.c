// SPDX-License-Identifier: Apache-2.0
// language_until.c - the states that can be waited for
#include "plan/language_tables.h"

static const struct word socket_words[] = {
    {"established", "open on this side"},
    {"closed-by-peer", "the other side has closed it, by FIN or by RST"},
    {"gone", "the kernel has forgotten it (after a RST)"},
    {"quiet", "all that was sent is acknowledged and nothing waits to be read"},
    {"unread", "data has come that its owner has not read yet"},
    {"unacked", "something that was sent is not acknowledged; over `socket`, not read"},
    END,
};
static const struct type type_socket = {
    .name = "socket",
    .kind = TYPE_RECORD,
    .size = sizeof(struct socket_args),
    .shorthand = "is",
    .fields = (const struct field[]){
        FIELD(struct socket_args, of, "of", &type_name, 0, "whose connection (default: app)"),
        FIELD(struct socket_args, is, "is",
              (&(const struct type){
                  .name = "state of a socket", .kind = TYPE_WORD, .words = socket_words}),
              0, "the state"),
        FIELD(
            struct socket_args, send_queue, "send-queue",
            (&(const struct type){
                .name = "state of a queue",
                .kind = TYPE_WORD,
                .words = (const struct word[]){{"full",
                                                "the sender cannot go on: both windows are closed"},
                                               END}}),
            0, "the state of its send queue"),
        END}};
static const struct type type_session = {
    .name = "session",
    .kind = TYPE_RECORD,
    .size = sizeof(struct session_args),
    .fields = (const struct field[]){
        FIELD(struct session_args, of, "of", &type_name, FIELD_REQUIRED, "whose session"),
        FIELD(struct session_args, is, "is",
              (&(const struct type){
                  .name = "state of a session",
                  .kind = TYPE_WORD,
                  .words = (const struct word[]){{"gone", "not in the process list any more"},
                                                 {"running", "executes a statement"},
                                                 {"idle", "waits for a command"},
                                                 END}}),
              0, "the state"),
        FIELD(struct session_args, state, "state", &type_text, 0,
              "text of the process list's State, for example User sleep"),
        END}};
static const struct type type_server_state = {
    .name = "state of the server",
    .kind = TYPE_WORD,
    .words = (const struct word[]){{"up", "answers its admin"},
                                   {"gone", "its process has ended"},
                                   {"stopped", "every thread is stopped"},
                                   END}};
static const struct type type_status = {
    .name = "status",
    .kind = TYPE_RECORD,
    .size = sizeof(struct status_args),
    .fields = (const struct field[]){
        FIELD(struct status_args, name, "name", &type_name, FIELD_REQUIRED,
              "a variable of SHOW GLOBAL STATUS"),
        FIELD(struct status_args, at_least, "at_least", COUNT(0, MOST_COUNTED), 0,
              "since the case began it has grown by this much or more"),
        FIELD(struct status_args, at_most, "at_most", COUNT(0, MOST_COUNTED), 0,
              "its value, not its growth, is this or less"),
        END}};
static const struct type type_fired = {
    .name = "fault",
    .kind = TYPE_RECORD,
    .size = sizeof(struct fired_args),
    .shorthand = "id",
    .fields = (const struct field[]){
        FIELD(struct fired_args, id, "id", &type_name, FIELD_REQUIRED, "which fault"),
        FIELD(struct fired_args, times, "fired", COUNT(0, 1000000), 0, "how often (default: once)"),
        END}};
static const struct type type_conntrack = {
    .name = "conntrack",
    .kind = TYPE_RECORD,
    .size = sizeof(struct conntrack_args),
    .fields = (const struct field[]){
        FIELD(struct conntrack_args, of, "of", &type_name, FIELD_REQUIRED, "whose connection"),
        FIELD(struct conntrack_args, is, "is",
              (&(const struct type){
                  .name = "presence",
                  .kind = TYPE_WORD,
                  .words = (const struct word[]){{"present", "the wire tracks the flow"},
                                                 {"absent", "the wire knows no such flow"},
                                                 END}}),
              FIELD_REQUIRED, "whether the wire knows it"),
        END}};
static const struct type type_queue = {
    .name = "queue",
    .kind = TYPE_RECORD,
    .size = sizeof(struct queue_args),
    .shorthand = "at_least",
    .fields = (const struct field[]){FIELD(struct queue_args, at_least, "at_least", COUNT(0, 65535),
                                           FIELD_REQUIRED, "this many wait, or more"),
                                     END}};
static const struct type type_until_choice = {
    .name = "thing to wait for",
    .kind = TYPE_CHOICE,
    .verbs = (const struct verb *const[]){
        VERB("app-socket", UNTIL_APP_SOCKET, &type_socket, 0,
             "the app's end of the connection (INET_DIAG, UNIX_DIAG)"),
        VERB("server-socket", UNTIL_SERVER_SOCKET, &type_socket, 0,
             "the server's end of the connection (INET_DIAG, UNIX_DIAG)"),
        VERB("session", UNTIL_SESSION, &type_session, 0,
             "the app's session in the server's process list"),
        VERB("server", UNTIL_SERVER, &type_server_state, 0, "the server's process"),
        VERB("log", UNTIL_LOG, &type_text, 0,
             "a line of the server's error log, written since the case began, that matches this "
             "regular expression (PCRE2)"),
        VERB("status", UNTIL_STATUS, &type_status, 0, "a status counter of the server"),
        VERB("fault", UNTIL_FAULT, &type_fired, 0, "a fault has fired"),
        VERB("conntrack", UNTIL_CONNTRACK, &type_conntrack, VERB_NEEDS_TCP,
             "the flow in the wire's connection tracking"),
        VERB("proxy-log", UNTIL_PROXY_LOG, &type_text, VERB_NEEDS_TCP,
             "a line of the proxy's log that matches this regular expression (PCRE2)"),
        VERB("accept-queue", UNTIL_ACCEPT_QUEUE, &type_queue, 0,
             "connections that the server's kernel has made and the server has not accepted yet"),
        NULL}};
const struct type type_until = {
    .name = "until",
    .kind = TYPE_RECORD,
    .size = sizeof(struct until_act),
    .fields = (const struct field[]){FIELD(struct until_act, what, "what", &type_until_choice,
                                           FIELD_SPREAD | FIELD_REQUIRED, "what"),
                                     END}};
