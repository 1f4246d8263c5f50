// SPDX-License-Identifier: Apache-2.0
// language.c - the tables of the scenario language
#include "plan/language.h"

#define FIELD(record, member, key, kind, flag, text)                                               \
    {                                                                                              \
        .name = (key), .type = (kind), .offset = offsetof(record, member), .flags = (flag),        \
        .doc = (text)                                                                              \
    }
#define END                                                                                        \
    { 0 }

static const struct type type_values = {
    .name = "a mapping from names to values", .kind = TYPE_DICT, .item = &type_node};
static const struct type type_nodes = {.name = "a list", .kind = TYPE_LIST, .item = &type_node};

// ---- apps --------------------------------------------------------------------------------------

const struct word transport_words[] = {
    {"tcp", "TCP, TLS switched off explicitly"},
    {"socket", "the server's Unix socket"},
    {"tls", "TCP with TLS required"},
    END,
};
static const struct type type_transport = {
    .name = "transport", .kind = TYPE_WORD, .words = transport_words};
static const struct type type_transports = {
    .name = "transports", .kind = TYPE_LIST, .item = &type_transport};

static const struct type type_host_word = {
    .name = "host",
    .kind = TYPE_WORD,
    .words = (const struct word[]){{"address", "the server's IP address"},
                                   {"name", "the server's name, looked up by the client"},
                                   END}};

static const struct type type_connect = {
    .name = "connect",
    .kind = TYPE_RECORD,
    .size = sizeof(struct connect_args),
    .fields = (const struct field[]){
        FIELD(struct connect_args, host, "host", &type_host_word, 0,
              "how the app names the server (default: address)"),
        FIELD(struct connect_args, connect_timeout_ms, "connect_timeout", &type_duration, 0,
              "MYSQL_OPT_CONNECT_TIMEOUT; C libraries round up to whole seconds"),
        FIELD(struct connect_args, read_timeout_ms, "read_timeout", &type_duration, 0,
              "MYSQL_OPT_READ_TIMEOUT, of each receive; whole seconds as above"),
        FIELD(struct connect_args, write_timeout_ms, "write_timeout", &type_duration, 0,
              "MYSQL_OPT_WRITE_TIMEOUT, of each send; whole seconds as above"),
        FIELD(struct connect_args, max_allowed_packet, "max_allowed_packet", &type_size, 0,
              "the client's own limit of a packet"),
        FIELD(struct connect_args, reconnect, "reconnect", &type_flag, 0, "MYSQL_OPT_RECONNECT"),
        FIELD(struct connect_args, compress, "compress", &type_flag, 0, "compressed protocol"),
        FIELD(struct connect_args, interactive, "interactive", &type_flag, 0,
              "CLIENT_INTERACTIVE: interactive_timeout governs the session"),
        FIELD(struct connect_args, multi_statements, "multi_statements", &type_flag, 0,
              "CLIENT_MULTI_STATEMENTS"),
        FIELD(struct connect_args, local_infile, "local_infile", &type_flag, 0,
              "MYSQL_OPT_LOCAL_INFILE"),
        FIELD(struct connect_args, user, "user", &type_text, 0, "account (default: app)"),
        FIELD(struct connect_args, password, "password", &type_text, 0, "its password"),
        FIELD(struct connect_args, database, "database", &type_text, 0,
              "default database (default: goneaway)"),
        FIELD(struct connect_args, init_command, "init_command", &type_text, 0,
              "MYSQL_INIT_COMMAND"),
        FIELD(struct connect_args, session, "session", &type_values, 0,
              "session variables, set right after the connect"),
        END}};

struct sql_args {
    const char *sql;
};
static const struct type type_sql = {
    .name = "a statement",
    .kind = TYPE_RECORD,
    .size = sizeof(struct sql_args),
    .shorthand = "sql",
    .fields = (const struct field[]){FIELD(struct sql_args, sql, "sql", &type_text, FIELD_REQUIRED,
                                           "the statement; $blob(17MiB) in it becomes a payload"),
                                     END}};
static const struct type type_fetch = {
    .name = "fetch",
    .kind = TYPE_RECORD,
    .size = sizeof(struct fetch_args),
    .shorthand = "rows",
    .fields = (const struct field[]){FIELD(struct fetch_args, rows, "rows", &type_node,
                                           FIELD_REQUIRED, "how many rows, or `rest`"),
                                     END}};
struct execute_args {
    struct list params;
};
static const struct type type_execute = {
    .name = "execute",
    .kind = TYPE_RECORD,
    .size = sizeof(struct execute_args),
    .fields = (const struct field[]){FIELD(struct execute_args, params, "params", &type_nodes, 0,
                                           "values of the parameters, in order"),
                                     END}};
struct long_data_args {
    int64_t param;
    const char *data;
};
static const struct type type_long_data = {
    .name = "long_data",
    .kind = TYPE_RECORD,
    .size = sizeof(struct long_data_args),
    .fields = (const struct field[]){
        FIELD(struct long_data_args, param, "param", &type_count, FIELD_REQUIRED,
              "which parameter, from 0"),
        FIELD(struct long_data_args, data, "data", &type_text, FIELD_REQUIRED, "what is sent"),
        END}};
struct account_args {
    const char *user, *password, *database;
};
static const struct type type_account = {
    .name = "change_user",
    .kind = TYPE_RECORD,
    .size = sizeof(struct account_args),
    .fields = (const struct field[]){
        FIELD(struct account_args, user, "user", &type_text, 0, "account (default: app)"),
        FIELD(struct account_args, password, "password", &type_text, 0, "its password"),
        FIELD(struct account_args, database, "database", &type_text, 0, "default database"), END}};
static const struct type type_fork = {
    .name = "fork",
    .kind = TYPE_RECORD,
    .size = sizeof(struct fork_args),
    .shorthand = "child",
    .fields = (const struct field[]){FIELD(struct fork_args, child, "child", &type_name,
                                           FIELD_REQUIRED, "name of the actor that the child is"),
                                     END}};
struct exit_args {
    int64_t status;
};
static const struct type type_exit = {
    .name = "exit",
    .kind = TYPE_RECORD,
    .size = sizeof(struct exit_args),
    .shorthand = "status",
    .fields = (const struct field[]){
        FIELD(struct exit_args, status, "status", &type_count, 0, "exit status (default: 0)"),
        END}};

const struct verb app_verbs[] = {
    {"connect", APP_CONNECT, &type_connect, 0, "opens a connection (closing an earlier one)"},
    {"query", APP_OTHER, &type_sql, 0, "runs a statement and fetches all rows"},
    {"stream", APP_OTHER, &type_sql, 0, "runs a statement; its rows are left on the wire"},
    {"fetch", APP_FETCH, &type_fetch, 0, "fetches rows of a stream"},
    {"prepare", APP_OTHER, &type_sql, 0, "prepares a statement"},
    {"execute", APP_OTHER, &type_execute, 0, "executes the prepared statement"},
    {"long_data", APP_OTHER, &type_long_data, 0, "sends a parameter in pieces"},
    {"stmt_close", APP_OTHER, NULL, 0, "closes the prepared statement"},
    {"ping", APP_OTHER, NULL, 0, "mysql_ping()"},
    {"reset", APP_OTHER, NULL, 0, "mysql_reset_connection()"},
    {"change_user", APP_OTHER, &type_account, 0, "mysql_change_user()"},
    {"close", APP_OTHER, NULL, 0, "mysql_close()"},
    {"fork", APP_FORK, &type_fork, 0, "forks; the child is an actor with the same connection"},
    {"exit", APP_ENDS, &type_exit, 0, "closes the connection and ends with exit()"},
    {"_exit", APP_ENDS, &type_exit, 0, "ends with _exit(), closing nothing"},
    END,
};
static const struct type type_app_choice = {
    .name = "verb of an app", .kind = TYPE_CHOICE, .verbs = app_verbs};
const struct type type_app = {
    .name = "an app's step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct app_act),
    .fields = (const struct field[]){
        FIELD(struct app_act, op, "op", &type_app_choice, FIELD_SPREAD | FIELD_REQUIRED, "verb"),
        FIELD(struct app_act, as, "as", &type_name, 0,
              "runs the call in the background under this name, for a later `await:`"),
        END}};

// ---- admin and server --------------------------------------------------------------------------

static const struct type type_admin_choice = {
    .name = "verb of the admin",
    .kind = TYPE_CHOICE,
    .verbs = (const struct verb[]){
        {"query", ADMIN_QUERY, &type_sql, 0, "runs a statement over the server's Unix socket"},
        {"set_global", ADMIN_SET_GLOBAL, &type_values, VERB_DIRTIES, "SET GLOBAL name = value"},
        END}};
const struct type type_admin = {
    .name = "an admin's step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct admin_act),
    .fields = (const struct field[]){FIELD(struct admin_act, op, "op", &type_admin_choice,
                                           FIELD_SPREAD | FIELD_REQUIRED, "verb"),
                                     END}};

static const struct type type_signal = {
    .name = "signal",
    .kind = TYPE_WORD,
    .words = (const struct word[]){
        {"TERM", "an orderly shutdown"}, {"KILL", "a crash: no clean-up of any kind"}, END}};
static const struct type type_restart = {
    .name = "restart",
    .kind = TYPE_RECORD,
    .size = sizeof(struct restart_args),
    .shorthand = "signal",
    .fields = (const struct field[]){FIELD(struct restart_args, signal, "signal", &type_signal,
                                           FIELD_REQUIRED, "what ends the running server"),
                                     END}};
static const struct type type_server_choice = {
    .name = "verb of the server",
    .kind = TYPE_CHOICE,
    .verbs = (const struct verb[]){
        {"restart", SERVER_RESTART, &type_restart, VERB_DIRTIES,
         "ends the server by a signal and starts it again: same address, same data"},
        END}};
struct server_act {
    struct choice op;
};
const struct type type_server_act = {
    .name = "a server's step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct server_act),
    .fields = (const struct field[]){FIELD(struct server_act, op, "op", &type_server_choice,
                                           FIELD_SPREAD | FIELD_REQUIRED, "verb"),
                                     END}};

// ---- faults ------------------------------------------------------------------------------------

static const struct type type_side = {
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
    {"names", FAULT_NAMES, &type_names_word, VERB_NEEDS_TCP, "the name server misbehaves"},
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

// ---- until -------------------------------------------------------------------------------------

static const struct word socket_words[] = {
    {"established", "open on this side"},
    {"closed-by-peer", "the other side has closed it, by FIN or by RST"},
    {"gone", "the kernel has forgotten it (after a RST)"},
    {"quiet", "all that was sent is acknowledged and nothing waits to be read"},
    {"unread", "data has come that its owner has not read yet"},
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
        FIELD(struct status_args, at_least, "at_least", &type_count, FIELD_REQUIRED,
              "since the case began it has grown by this much or more"),
        END}};
static const struct type type_fired = {
    .name = "fault",
    .kind = TYPE_RECORD,
    .size = sizeof(struct fired_args),
    .shorthand = "id",
    .fields = (const struct field[]){
        FIELD(struct fired_args, id, "id", &type_name, FIELD_REQUIRED, "which fault"),
        FIELD(struct fired_args, times, "fired", &type_count, 0, "how often (default: once)"),
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
static const struct type type_until_choice = {
    .name = "thing to wait for",
    .kind = TYPE_CHOICE,
    .verbs = (const struct verb[]){
        {"app-socket", UNTIL_APP_SOCKET, &type_socket, VERB_REFERS_APP,
         "the app's end of the connection (INET_DIAG, UNIX_DIAG)"},
        {"server-socket", UNTIL_SERVER_SOCKET, &type_socket, VERB_REFERS_APP,
         "the server's end of the connection (INET_DIAG, UNIX_DIAG)"},
        {"session", UNTIL_SESSION, &type_session, VERB_REFERS_APP,
         "the app's session in the server's process list"},
        {"server", UNTIL_SERVER, &type_server_state, 0, "the server's process"},
        {"log", UNTIL_LOG, &type_text, 0,
         "a line of the server's error log, written since the case began, that matches this "
         "extended regular expression"},
        {"status", UNTIL_STATUS, &type_status, 0, "a status counter of the server"},
        {"fault", UNTIL_FAULT, &type_fired, 0, "a fault has fired"},
        {"conntrack", UNTIL_CONNTRACK, &type_conntrack, VERB_NEEDS_TCP | VERB_REFERS_APP,
         "the flow in the wire's connection tracking"},
        END}};
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
        FIELD(struct idle_args, for_ms, "for", &type_duration, FIELD_REQUIRED,
              "how long nothing happens; never stretched by --time-scale"),
        FIELD(struct idle_args, app_pings_every_ms, "app_pings_every", &type_duration, 0,
              "meanwhile every app pings at this interval"),
        END}};
const struct verb step_verbs[] = {
    {"admin", STEP_ADMIN, &type_admin, 0, "the harness's own connection, which no fault touches"},
    {"server", STEP_SERVER, &type_server_act, 0, "the server's process"},
    {"fault", STEP_FAULT, &type_fault, 0, "arms a fault"},
    {"lift", STEP_LIFT, &type_name, 0, "takes a fault away, by its id"},
    {"until", STEP_UNTIL, &type_until, 0,
     "waits for a state, with a deadline; in a control, states that the remedy prevents are not "
     "waited for"},
    {"idle", STEP_IDLE, &type_idle, 0, "lets time pass, only where time is the fault"},
    {"await", STEP_AWAIT, &type_name, 0, "takes the answer of a call that runs in the background"},
    END,
};
const struct type type_step_common = {
    .name = "a step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct step_common),
    .fields = (const struct field[]){
        FIELD(struct step_common, id, "id", &type_name, 0,
              "names the step in `outcomes`; a step without one is set-up and must succeed"),
        FIELD(struct step_common, variants, "variants", &type_names, 0, "only in these variants"),
        FIELD(struct step_common, transport, "transport", &type_transports, 0,
              "only over these transports"),
        FIELD(struct step_common, deadline_ms, "deadline", &type_duration, 0,
              "after which the step counts as hanging (default: 10s)"),
        END}};

// ---- outcomes ----------------------------------------------------------------------------------

static const struct type type_bounds = {
    .name = "within",
    .kind = TYPE_RECORD,
    .size = sizeof(struct bounds),
    .fields = (const struct field[]){
        FIELD(struct bounds, min_ms, "min", &type_duration, 0, "the call takes at least this long"),
        FIELD(struct bounds, max_ms, "max", &type_duration, 0,
              "the call takes at most this long; stretched by --time-scale"),
        END}};
const struct type type_cell = {
    .name = "an outcome",
    .kind = TYPE_RECORD,
    .size = sizeof(struct cell_args),
    .fields = (const struct field[]){
        FIELD(struct cell_args, ok, "ok", &type_flag, 0, "the call succeeds"),
        FIELD(struct cell_args, error, "error", &type_node, 0,
              "the call fails with this code, a number or a symbol such as CR_SERVER_LOST"),
        FIELD(struct cell_args, hang, "hang", &type_flag, 0, "the call passes its deadline"),
        FIELD(struct cell_args, crash, "crash", &type_text, 0,
              "the app dies of this signal, for example SIGSEGV"),
        FIELD(struct cell_args, unsupported, "unsupported", &type_flag, 0,
              "the connector cannot do it"),
        FIELD(struct cell_args, rows, "rows", &type_node, 0,
              "the rows themselves, their number, or {min, max} of it"),
        FIELD(struct cell_args, affected, "affected", &type_count, 0, "affected rows"),
        FIELD(struct cell_args, warnings, "warnings", &type_count, 0, "number of warnings"),
        FIELD(struct cell_args, session, "session",
              (&(const struct type){
                  .name = "identity of a session",
                  .kind = TYPE_WORD,
                  .words = (const struct word[]){{"same", "the session of the latest connect"},
                                                 {"new", "another session than before"},
                                                 END}}),
              0, "whether it is still the same session of the server"),
        FIELD(struct cell_args, within, "within", &type_bounds, 0, "how long the call takes"),
        FIELD(struct cell_args, sqlstate, "sqlstate", &type_text, 0, "the SQLSTATE"),
        FIELD(struct cell_args, message, "message", &type_text, 0,
              "an extended regular expression that the message matches"),
        FIELD(struct cell_args, stage, "stage", &type_text, 0,
              "the stage in an extended 2013: Lost connection ... at 'STAGE'"),
        FIELD(struct cell_args, system_errno, "errno", &type_count, 0,
              "the system error in an extended 2013"),
        FIELD(struct cell_args, or_else, "or", &type_nodes, 0,
              "other outcomes that a real race allows"),
        FIELD(struct cell_args, why, "why", &type_text, 0, "why the race is real; goes with `or`"),
        END}};
const struct type type_condition = {
    .name = "if",
    .kind = TYPE_RECORD,
    .size = sizeof(struct condition_args),
    .fields = (const struct field[]){
        FIELD(struct condition_args, variant, "variant", &type_names, 0, "one of these variants"),
        FIELD(struct condition_args, server, "server", &type_texts, 0,
              "a vendor or a server's name, with an optional comparison: \"mysql >= 8.0.24\""),
        FIELD(struct condition_args, connector, "connector", &type_texts, 0,
              "a connector's name, with an optional comparison: \"mariadb-c >= 3.3\""),
        FIELD(struct condition_args, transport, "transport", &type_transports, 0,
              "one of these transports"),
        END}};
const struct type type_evidence = {
    .name = "evidence",
    .kind = TYPE_RECORD,
    .size = sizeof(struct evidence_args),
    .fields = (const struct field[]){
        FIELD(struct evidence_args, aborted_clients, "Aborted_clients", &type_count, 0,
              "by how much the counter has grown"),
        FIELD(struct evidence_args, aborted_connects, "Aborted_connects", &type_count, 0,
              "by how much the counter has grown"),
        FIELD(struct evidence_args, uptime_reset, "uptime_reset", &type_flag, 0,
              "whether the server was started anew"),
        FIELD(struct evidence_args, log, "log", &type_text, 0,
              "an extended regular expression that a new line of the error log matches"),
        END}};

// ---- the file ----------------------------------------------------------------------------------

static const struct type type_variant = {
    .name = "a variant",
    .kind = TYPE_RECORD,
    .size = sizeof(struct variant_args),
    .fields = (const struct field[]){
        FIELD(struct variant_args, control, "control", &type_flag, 0,
              "the remedy is applied, and the failure does not come"),
        FIELD(struct variant_args, remedy, "remedy", &type_text, 0, "what the remedy is"),
        FIELD(struct variant_args, with, "with", &type_values, 0,
              "the variant's parameters; $name stands for one"),
        FIELD(struct variant_args, transport, "transport", &type_transports, 0,
              "only over these of the scenario's transports"),
        END}};
static const struct type type_variants = {
    .name = "variants", .kind = TYPE_DICT, .item = &type_variant};
const struct type type_server = {
    .name = "server",
    .kind = TYPE_RECORD,
    .size = sizeof(struct server_args),
    .fields = (const struct field[]){
        FIELD(struct server_args, options, "options", &type_values, 0,
              "options of the server's command line; a server of its own follows from them"),
        END}};
static const struct type type_nat = {
    .name = "nat",
    .kind = TYPE_RECORD,
    .size = sizeof(struct nat_args),
    .fields = (const struct field[]){
        FIELD(struct nat_args, id, "id", &type_name, 0, "its name as a fault (default: nat)"),
        FIELD(struct nat_args, idle_timeout_ms, "idle_timeout", &type_duration, 0,
              "after which an idle flow is forgotten (default: the kernel's five days)"),
        FIELD(
            struct nat_args, then, "then",
            (&(const struct type){.name = "answer of a NAT",
                                  .kind = TYPE_WORD,
                                  .words = (const struct word[]){{"drop", "the packet is dropped"},
                                                                 {"reset", "the sender gets a RST"},
                                                                 END}}),
            0, "what happens to a packet of a forgotten flow (default: drop)"),
        FIELD(struct nat_args, fires, "fires", &type_node, 0,
              "as of a fault (default: at least once, in a control: any number)"),
        END}};
const struct type type_wire = {
    .name = "wire",
    .kind = TYPE_RECORD,
    .size = sizeof(struct wire_args),
    .fields = (const struct field[]){
        FIELD(struct wire_args, nat, "nat", &type_nat, 0, "source NAT of the app's address"), END}};
static const struct type type_resolver = {
    .name = "resolver",
    .kind = TYPE_RECORD,
    .size = sizeof(struct resolver_args),
    .fields =
        (const struct field[]){FIELD(struct resolver_args, timeout_ms, "timeout", &type_duration, 0,
                                     "of one question, whole seconds (resolv.conf's timeout)"),
                               FIELD(struct resolver_args, attempts, "attempts", &type_count, 0,
                                     "number of rounds (resolv.conf's attempts)"),
                               END}};
static const struct type type_duration_or_off = {.name = "a duration such as 1s, or off",
                                                 .kind = TYPE_DURATION,
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
        FIELD(struct host_side_args, tcp_keepalive_probes, "tcp_keepalive_probes", &type_count, 0,
              "unanswered probes until the connection is given up"),
        FIELD(struct host_side_args, tcp_retries2, "tcp_retries2", &type_count, 0,
              "retransmissions of data until the connection is given up"),
        FIELD(struct host_side_args, tcp_syn_retries, "tcp_syn_retries", &type_count, 0,
              "retransmissions of a SYN until connect gives up"),
        END}};
const struct type type_host = {
    .name = "host",
    .kind = TYPE_RECORD,
    .size = sizeof(struct host_args),
    .fields = (const struct field[]){
        FIELD(struct host_args, app, "app", &type_host_side, 0, "of the app's host"),
        FIELD(struct host_args, server, "server", &type_host_side, 0, "of the server's host"),
        END}};

// What a variant's parameters may stand in is decoded once for each variant, after they are put in;
// `item` tells the schema and the reference what it will be then.
static const struct type type_later_server = {
    .name = "server", .kind = TYPE_NODE, .item = &type_server};
static const struct type type_later_wire = {.name = "wire", .kind = TYPE_NODE, .item = &type_wire};
static const struct type type_later_host = {.name = "host", .kind = TYPE_NODE, .item = &type_host};
static const struct type type_later_steps = {
    .name = "steps", .kind = TYPE_NODE, .item = &type_step_common};
static const struct type type_later_outcomes = {
    .name = "outcomes", .kind = TYPE_NODE, .item = &type_cell};

const struct type type_scenario = {
    .name = "a scenario",
    .kind = TYPE_RECORD,
    .size = sizeof(struct scenario_args),
    .fields = (const struct field[]){
        FIELD(struct scenario_args, goneaway, "goneaway", &type_count, FIELD_REQUIRED,
              "the version of the language: 1"),
        FIELD(struct scenario_args, title, "title", &type_text, FIELD_REQUIRED,
              "the failure in one sentence"),
        FIELD(struct scenario_args, cause, "cause", &type_name, FIELD_REQUIRED,
              "the row of the causes table that it belongs to"),
        FIELD(struct scenario_args, source, "source", &type_texts, FIELD_REQUIRED,
              "where the cause is described, and why the codes are what they are"),
        FIELD(struct scenario_args, tags, "tags", &type_names, 0, "for selecting scenarios"),
        FIELD(struct scenario_args, transport, "transport", &type_transports, FIELD_REQUIRED,
              "how the app reaches the server; a case for each"),
        FIELD(struct scenario_args, apps, "apps", &type_names, 0,
              "names of the apps (default: app)"),
        FIELD(struct scenario_args, variants, "variants", &type_variants, 0,
              "ways in which the scenario runs; a case for each"),
        FIELD(struct scenario_args, server, "server", &type_later_server, 0,
              "what is special of the server"),
        FIELD(struct scenario_args, wire, "wire", &type_later_wire, 0,
              "what is in the wire from the start"),
        FIELD(struct scenario_args, host, "host", &type_later_host, 0,
              "settings of the hosts' kernels"),
        FIELD(struct scenario_args, steps, "steps", &type_later_steps, FIELD_REQUIRED,
              "what happens"),
        FIELD(struct scenario_args, outcomes, "outcomes", &type_later_outcomes, FIELD_REQUIRED,
              "what the app must see"),
        END}};
