// SPDX-License-Identifier: Apache-2.0
// language_outcome.c - outcomes, their conditions, and evidence
#include "plan/language_tables.h"

static const struct type type_bounds = {
    .name = "within",
    .kind = TYPE_RECORD,
    .size = sizeof(struct bounds),
    .fields = (const struct field[]){
        FIELD(struct bounds, min_ms, "min", DURATION(0, HOUR), 0,
              "the call takes at least this long, but for a tick of the kernel (10 ms)"),
        FIELD(struct bounds, max_ms, "max", DURATION(0, HOUR), 0,
              "the call takes at most this long; stretched by --time-scale"),
        END}};
static const struct word identity_words[] = {
    [SESSION_SAME] = {"same", "the session of the latest connect"},
    [SESSION_NEW] = {"new", "another session than before"},
    END,
};
ONE_WORD_EACH(identity_words, SESSION_IDENTITIES);
static const struct type type_identity = {
    .name = "identity of a session", .kind = TYPE_WORD, .words = identity_words};
const struct type type_cell = {
    .name = "an outcome",
    .kind = TYPE_RECORD,
    .size = sizeof(struct cell_args),
    .fields = (const struct field[]){
        FIELD(struct cell_args, ok, "ok", &type_flag, 0, "the call succeeds"),
        FIELD(struct cell_args, error, "error", &type_node, 0,
              "the call fails with this code, a number or a symbol such as CR_SERVER_LOST; 0, with "
              "`native`, `sqlstate` or `message`: the library gives none"),
        FIELD(struct cell_args, hang, "hang", &type_flag, 0, "the call passes its deadline"),
        FIELD(struct cell_args, crash, "crash", &type_text, 0,
              "the app dies of this signal, for example SIGSEGV"),
        FIELD(struct cell_args, unsupported, "unsupported", &type_flag, 0,
              "the connector cannot do it"),
        FIELD(struct cell_args, rows, "rows", &type_node, 0,
              "the rows themselves, their number, or {min, max} of it"),
        FIELD(struct cell_args, affected, "affected", COUNT(0, MOST_COUNTED), 0, "affected rows"),
        FIELD(struct cell_args, warnings, "warnings", COUNT(0, MOST_COUNTED), 0,
              "number of warnings"),
        FIELD(
            struct cell_args, error_number, "error_number", COUNT(0, 65535), 0,
            "beside `ok`: the error number that the connector has set although the call succeeds; "
            "0: none"),
        FIELD(struct cell_args, events, "events", &type_text, 0,
              "a regular expression (PCRE2) that matches what the connector has reported unasked "
              "since the call before, such as the name of an event"),
        FIELD(struct cell_args, session, "session", &type_identity, 0,
              "whether it is still the same session of the server"),
        FIELD(struct cell_args, within, "within", &type_bounds, 0, "how long the call takes"),
        FIELD(struct cell_args, sqlstate, "sqlstate", &type_text, 0, "the SQLSTATE"),
        FIELD(struct cell_args, native, "native", &type_text, 0,
              "what the connector itself calls the error: the class of the exception and its code, "
              "as the adapter tells it"),
        FIELD(struct cell_args, message, "message", &type_text, 0,
              "a regular expression (PCRE2) that the message matches"),
        FIELD(struct cell_args, stage, "stage", &type_text, 0,
              "the stage in an extended 2013: Lost connection ... at 'STAGE'"),
        FIELD(struct cell_args, system_errno, "system_errno", COUNT(0, 4095), 0,
              "the system error in an extended 2013"),
        FIELD(struct cell_args, or_else, "or",
              (&(const struct type){.name = "a list",
                                    .kind = TYPE_LIST,
                                    .item = &type_node,
                                    .most = MOST_ALTERNATIVES}),
              0, "other outcomes that a real race allows"),
        FIELD(struct cell_args, why, "why", &type_line, 0, "why the race is real; goes with `or`"),
        END}};
const struct type type_promise = {
    .name = "a promise",
    .kind = TYPE_RECORD,
    .size = sizeof(struct promise_args),
    .fields = (const struct field[]){
        FIELD(
            struct promise_args, ok, "ok", &type_text, 0,
            "the call succeeds, in whatever session; {ok: true, rows: [[1]]}: with these rows, and "
            "so on as in `outcomes`"),
        FIELD(
            struct promise_args, error, "error", &type_text, 0,
            "any error; success would be a lie. As a mapping: why, as in {error: a transaction was "
            "open}"),
        FIELD(struct promise_args, unless, "unless", &type_node, 0,
              "beside `error` and its reason: the one success that is no lie, as in {error: rows "
              "were lost, unless: {ok: true, rows: 9}}"),
        FIELD(struct promise_args, error_or_new, "error-or-new", &type_text, 0,
              "the session is gone and held nothing: any error, or success in a new session"),
        FIELD(struct promise_args, unbounded, "unbounded", &type_text, 0,
              "nothing bounds the call: it may also hang"),
        FIELD(struct promise_args, any, "any", &type_text, 0,
              "success and any error are sound, a hang or a crash is not; only as a mapping, with "
              "the reason"),
        END}};
const struct type type_condition = {
    .name = "if",
    .kind = TYPE_RECORD,
    .size = sizeof(struct condition_args),
    .fields = (const struct field[]){
        FIELD(struct condition_args, variant, "variant", &type_selection, 0,
              "one of these variants"),
        FIELD(struct condition_args, server, "server", &type_texts, 0,
              "a vendor or a server's name, with an optional comparison: \"mysql >= 8.0.24\""),
        FIELD(struct condition_args, connector, "connector", &type_texts, 0,
              "a connector's name or family, with an optional comparison: \"mariadb-c >= 3.3\"; a "
              "row with the name goes before one with the family"),
        FIELD(struct condition_args, transport, "transport", &type_transports, 0,
              "one of these transports"),
        END}};
static const struct type type_amount = {
    .name = "a number or its bounds",
    .kind = TYPE_RECORD,
    .size = sizeof(struct amount_args),
    .shorthand = "exactly",
    .fields = (const struct field[]){
        FIELD(struct amount_args, exactly, "exactly", COUNT(0, MOST_COUNTED), 0,
              "this many; `2` alone is the same as {exactly: 2}"),
        FIELD(struct amount_args, min, "min", COUNT(0, MOST_COUNTED), 0, "at least this many"),
        FIELD(struct amount_args, max, "max", COUNT(0, MOST_COUNTED), 0, "at most this many"),
        END}};
static const struct word closer_words[] = {
    [CLOSER_APP] = {"app", "the app's host"},
    [CLOSER_SERVER] = {"server", "the server's host"},
    [CLOSER_NETWORK] = {"network", "what is between them: a firewall, a proxy"},
    [CLOSER_NEITHER] = {"neither", "nobody"},
    END,
};
ONE_WORD_EACH(closer_words, CLOSERS);
static const struct word sender_words[] = {
    [CLOSER_APP] = {"app", "the app's host"},
    [CLOSER_SERVER] = {"server", "the server's host"},
    [CLOSER_NETWORK] = {"network", "what is between them: a firewall, a proxy"},
    END,
};
ONE_WORD_EACH(sender_words, CLOSER_NEITHER);
static const struct type type_packet_evidence = {
    .name = "a packet on the wire",
    .kind = TYPE_RECORD,
    .size = sizeof(struct packet_evidence),
    .shorthand = "says",
    .fields = (const struct field[]){
        FIELD(struct packet_evidence, says, "says", &type_text, 0,
              "a regular expression (PCRE2) that its words in a timeline match, such as COM_QUIT, "
              "FIN or ^ERR 1317; `COM_QUIT` alone is the same as {says: COM_QUIT}"),
        FIELD(struct packet_evidence, from, "from", WORD("sender", sender_words), 0, "who sent it"),
        FIELD(struct packet_evidence, lost, "lost", &type_flag, 0, "whether it did not arrive"),
        END}};
static const struct type type_packets = {.name = "a list of packets",
                                         .kind = TYPE_LIST,
                                         .item = &type_packet_evidence,
                                         .most = MOST_PACKETS};
const struct type type_wire_evidence = {
    .name = "evidence on the wire",
    .kind = TYPE_RECORD,
    .size = sizeof(struct wire_evidence),
    .fields = (const struct field[]){
        FIELD(struct wire_evidence, first_close, "first_close", WORD("closer", closer_words), 0,
              "who sent the first FIN, RST or COM_QUIT, whether it arrived or not; over TLS `app` "
              "is not judged, since COM_QUIT cannot be read"),
        FIELD(struct wire_evidence, resets, "resets", &type_amount, 0, "how many RSTs were sent"),
        FIELD(struct wire_evidence, retransmissions, "retransmissions", &type_amount, 0,
              "how many segments were sent again"),
        FIELD(struct wire_evidence, error_packet, "error_packet", &type_node, 0,
              "the code of an ERR packet that the server sent, whether the app shows it or not, as "
              "a number or a symbol; or `none`"),
        FIELD(struct wire_evidence, packets, "packets", &type_packets, 0,
              "packets that passed in this order, whatever passed between them"),
        FIELD(struct wire_evidence, no_packets, "no_packets", &type_packets, 0,
              "packets none of which passed"),
        END}};
const struct type type_evidence = {
    .name = "evidence",
    .kind = TYPE_RECORD,
    .size = sizeof(struct evidence_args),
    .fields = (const struct field[]){
        FIELD(struct evidence_args, aborted_clients, "Aborted_clients", COUNT(0, MOST_COUNTED), 0,
              "by how much the counter has grown"),
        FIELD(struct evidence_args, aborted_connects, "Aborted_connects", COUNT(0, MOST_COUNTED), 0,
              "by how much the counter has grown"),
        FIELD(struct evidence_args, uptime_reset, "uptime_reset", &type_flag, 0,
              "whether the server was started anew"),
        FIELD(struct evidence_args, log, "log", &type_text, 0,
              "a regular expression (PCRE2) that a new line of the error log matches"),
        FIELD(struct evidence_args, no_log, "no_log", &type_text, 0,
              "one that no new line of the error log matches"),
        FIELD(struct evidence_args, wire, "wire", &type_wire_evidence, 0,
              "what passed between the hosts, as `run --timeline` shows it. It is not judged over "
              "a Unix socket, where there are no packets; of TLS, where they cannot be read, only "
              "`first_close`, `resets` and `retransmissions` are"),
        END}};
