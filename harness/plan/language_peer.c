// SPDX-License-Identifier: Apache-2.0
// language_peer.c - bytes of one's own: the stub in the server's place, and raw steps to a server
#include "plan/language_tables.h"

// ---- bytes -------------------------------------------------------------------------------------

#define BYTES(record)                                                                              \
    FIELD(record, bytes.hex, "hex", &type_text, 0,                                                 \
          "bytes as pairs of hexadecimal digits; blanks between them do not count"),               \
        FIELD(record, bytes.text, "text", &type_text, 0, "then the bytes of a text"),              \
        FIELD(record, bytes.fill_bytes, "fill", SIZE(0, 64 * MIB), 0, "then this many bytes `x`")

static const struct type type_send = {.name = "bytes",
                                      .kind = TYPE_RECORD,
                                      .size = sizeof(struct send_args),
                                      .shorthand = "text",
                                      .fields =
                                          (const struct field[]){BYTES(struct send_args), END}};
static const struct type type_packet = {
    .name = "packet",
    .kind = TYPE_RECORD,
    .size = sizeof(struct packet_args),
    .shorthand = "text",
    .fields = (const struct field[]){
        BYTES(struct packet_args),
        FIELD(struct packet_args, sequence, "sequence", COUNT(0, 255), 0,
              "the packet's number, 0 to 255 (default: in a stub the next one; in a raw step 0, as "
              "of a command)"),
        FIELD(struct packet_args, length, "length", COUNT(0, 0xffffff), 0,
              "the length that its header tells (default: the true one; what is longer than a "
              "packet can be is split)"),
        END}};

// ---- what a peer does --------------------------------------------------------------------------

static const struct type type_greet = {
    .name = "greet",
    .kind = TYPE_RECORD,
    .size = sizeof(struct greet_args),
    .fields = (const struct field[]){
        FIELD(struct greet_args, protocol, "protocol", COUNT(0, 255), 0,
              "version of the protocol (default: 10)"),
        FIELD(struct greet_args, version, "version", &type_text, 0,
              "version of the server (default: 8.0.0-stub)"),
        FIELD(struct greet_args, plugin, "plugin", &type_text, 0,
              "authentication plugin (default: mysql_native_password)"),
        FIELD(struct greet_args, tls, "tls", &type_flag, 0,
              "it offers TLS (default: false). An app that uses it sends a short packet next, "
              "which `read` takes, and then its side of TLS, which nobody answers"),
        END}};
static const struct type type_error_packet = {
    .name = "error",
    .kind = TYPE_RECORD,
    .size = sizeof(struct error_args),
    .shorthand = "code",
    .fields = (const struct field[]){
        FIELD(struct error_args, code, "code", COUNT(0, 65535), FIELD_REQUIRED, "its number"),
        FIELD(struct error_args, sqlstate, "sqlstate", &type_text, 0,
              "five characters (default: none, as before the login)"),
        FIELD(struct error_args, message, "message", &type_text, 0, "its text"),
        FIELD(struct error_args, sequence, "sequence", COUNT(0, 255), 0,
              "the packet's number, 0 to 255 (default: the next one)"),
        END}};
static const struct type type_login = {
    .name = "login",
    .kind = TYPE_RECORD,
    .size = sizeof(struct login_args),
    .shorthand = "user",
    .fields = (const struct field[]){FIELD(struct login_args, user, "user", &type_text,
                                           FIELD_REQUIRED, "an account without a password"),
                                     END}};

#define BOTH                                                                                       \
    VERB("send", PEER_SEND, &type_send, 0, "sends bytes as they are"),                             \
        VERB("packet", PEER_PACKET, &type_packet, 0, "sends a packet: header and bytes"),          \
        VERB("close", PEER_CLOSE, NULL, 0,                                                         \
             "closes the connection: a FIN, or a RST if something is unread"),                     \
        VERB("reset", PEER_RESET, NULL, VERB_NEEDS_TCP, "ends the connection by a RST")

static const struct verb *const stub_verbs[] = {
    VERB("greet", PEER_GREET, &type_greet, 0, "sends a healthy greeting"),
    VERB("read", PEER_READ, NULL, 0,
         "reads a packet (SELECT CONNECTION_ID(), which an adapter may ask by itself, is answered "
         "and not counted)"),
    VERB("ok", PEER_OK, NULL, 0, "sends an OK packet"),
    VERB("ok_until", PEER_OK_UNTIL, &type_text, 0,
         "reads packets and answers each with an OK packet, until one contains this text; that one "
         "is left to the next action"),
    VERB("error", PEER_ERROR, &type_error_packet, 0, "sends an error packet"),
    VERB("columns", PEER_COLUMNS, NULL, 0, "sends the head of a result with one column of text"),
    VERB("row", PEER_ROW, &type_text, 0, "sends a row of that result"),
    VERB("silent", PEER_SILENT, NULL, 0, "does nothing, until the app closes the connection"),
    VERB("wait", PEER_WAIT, DURATION(0, 10 * MINUTE), 0,
         "lets time pass, only where time is the fault"),
    VERB(
        "pace", PEER_PACE, DURATION(0, MINUTE), 0,
        "from here on sends byte by byte, and waits this long before each (0s: all at once again)"),
    VERB("fired", PEER_FIRED, NULL, 0,
         "counts the connection as one on which the fault has fired (without it, the last action "
         "does)"),
    BOTH,
    NULL,
};
static const struct type type_stub_action = {
    .name = "action of a stub", .kind = TYPE_CHOICE, .verbs = stub_verbs};
const struct type type_script = {
    .name = "script", .kind = TYPE_LIST, .item = &type_stub_action, .most = LIST_MAX_ITEMS};

static const struct type type_raw_choice = {
    .name = "verb of raw",
    .kind = TYPE_CHOICE,
    .verbs = (const struct verb *const[]){
        VERB("connect", PEER_CONNECT, NULL, 0, "opens a connection, from the app's host"),
        VERB("login", PEER_LOGIN, &type_login, 0, "sends a healthy login packet"),
        VERB("read", PEER_READ, NULL, 0,
             "reads a packet. An error packet is the step's outcome; that the server closes "
             "instead is 2013 with errno 0, that it resets is 2013 with errno 104"),
        BOTH, NULL}};
const struct type type_raw = {
    .name = "a raw step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct raw_act),
    .fields = (const struct field[]){
        FIELD(struct raw_act, op, "op", &type_raw_choice, FIELD_SPREAD | FIELD_REQUIRED, "verb"),
        END}};
