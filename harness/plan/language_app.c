// SPDX-License-Identifier: Apache-2.0
// language_app.c - the verbs of an app
#include "plan/kind.h"
#include "plan/language_tables.h"
#include "plan/params.h"
#include "yaml/mistakes.h"

#include <string.h>

static const struct word host_words[] = {
    [HOST_ADDRESS] = {"address", "the server's IP address"},
    [HOST_NAME] = {"name", "the server's name, looked up by the client"},
    [HOST_ADDRESS6] = {"address6", "the server's IPv6 address"},
    END,
};
ONE_WORD_EACH(host_words, HOST_WORDS);
static const struct type type_host_word = {.name = "host", .kind = TYPE_WORD, .words = host_words};

static const struct word to_words[] = {
    [TO_SERVER] = {"server", "the server"},
    [TO_STUB] = {"stub", "what the fault `stub` puts in its place"},
    END,
};
ONE_WORD_EACH(to_words, TO_WORDS);
static const struct type type_to = {.name = "peer", .kind = TYPE_WORD, .words = to_words};

static const struct word ca_words[] = {
    [CA_OWN] = {"own", "the one that has signed the server's certificate"},
    [CA_OTHER] = {"other", "one that has signed only expired-cert.pem"},
    [CA_NAMED] = {"named", "one that has signed only named-cert.pem"},
    END,
};
ONE_WORD_EACH(ca_words, CA_WORDS);
static const struct type type_ca = {.name = "authority", .kind = TYPE_WORD, .words = ca_words};

static const struct word tls_version_words[] = {
    [TLS_VERSION_1_2] = {"TLSv1.2", "TLS 1.2 and no other"},
    [TLS_VERSION_1_3] = {"TLSv1.3", "TLS 1.3 and no other"},
    END,
};
ONE_WORD_EACH(tls_version_words, TLS_VERSION_WORDS);
static const struct type type_tls_version = {
    .name = "version of TLS", .kind = TYPE_WORD, .words = tls_version_words};

static const struct word plugins_words[] = {
    [PLUGINS_NONE] = {"none", "a folder with nothing in it"},
    END,
};
ONE_WORD_EACH(plugins_words, PLUGINS_WORDS);
static const struct type type_plugins = {
    .name = "plugins", .kind = TYPE_WORD, .words = plugins_words};

static const struct type type_connect = {
    .name = "connect",
    .kind = TYPE_RECORD,
    .size = sizeof(struct connect_args),
    .fields = (const struct field[]){
        FIELD(struct connect_args, host, "host", &type_host_word, 0,
              "how the app names the server (default: address)"),
        FIELD(struct connect_args, connect_timeout_ms, "connect_timeout", DURATION(0, HOUR), 0,
              "MYSQL_OPT_CONNECT_TIMEOUT; C libraries round up to whole seconds"),
        FIELD(struct connect_args, read_timeout_ms, "read_timeout", DURATION(0, HOUR), 0,
              "MYSQL_OPT_READ_TIMEOUT, of each receive; whole seconds as above"),
        FIELD(struct connect_args, write_timeout_ms, "write_timeout", DURATION(0, HOUR), 0,
              "MYSQL_OPT_WRITE_TIMEOUT, of each send; whole seconds as above"),
        FIELD(struct connect_args, max_allowed_packet, "max_allowed_packet", SIZE(0, GIB), 0,
              "the client's own limit of a packet"),
        FIELD(struct connect_args, reconnect, "reconnect", &type_flag, 0, "MYSQL_OPT_RECONNECT"),
        FIELD(struct connect_args, compress, "compress", &type_flag, 0, "compressed protocol"),
        FIELD(struct connect_args, interactive, "interactive", &type_flag, 0,
              "CLIENT_INTERACTIVE: interactive_timeout governs the session; a command line "
              "client runs on a terminal"),
        FIELD(struct connect_args, multi_statements, "multi_statements", &type_flag, 0,
              "CLIENT_MULTI_STATEMENTS"),
        FIELD(struct connect_args, local_infile, "local_infile", &type_flag, 0,
              "MYSQL_OPT_LOCAL_INFILE; a file's name is its size in bytes, its content made up"),
        FIELD(struct connect_args, user, "user", &type_text, 0, "account (default: app)"),
        FIELD(struct connect_args, password, "password", &type_text, 0, "its password"),
        FIELD(struct connect_args, database, "database", &type_text, 0,
              "default database (default: goneaway)"),
        FIELD(struct connect_args, init_command, "init_command", &type_text, 0,
              "MYSQL_INIT_COMMAND"),
        FIELD(struct connect_args, ca, "ca", &type_ca, 0,
              "MYSQL_OPT_SSL_CA: over tls, the authority that must have signed the certificate "
              "(default: nothing is verified)"),
        FIELD(struct connect_args, verify_name, "verify_name", &type_flag, 0,
              "over tls, with `ca`: the certificate must also be for the name or address by which "
              "the app reaches the server"),
        FIELD(struct connect_args, tls_version, "tls_version", &type_tls_version, 0,
              "MYSQL_OPT_TLS_VERSION: over tls, the version that the app speaks (default: the "
              "library's)"),
        FIELD(struct connect_args, tls_resume, "tls_resume", &type_flag, 0,
              "MYSQL_OPT_SSL_SESSION_DATA: over tls, the app offers the server the session of its "
              "connection before"),
        FIELD(struct connect_args, plugins, "plugins", &type_plugins, 0,
              "MYSQL_PLUGIN_DIR: where authentication plugins are looked for (default: the "
              "library's place)"),
        FIELD(struct connect_args, session, "session", &type_values, 0,
              "session variables, set right after the connect"),
        FIELD(struct connect_args, to, "to", &type_to, 0, "whom it connects to (default: server)"),
        END}};

// Whether a stub has taken the server's place at some point; it may have been lifted since.
static bool server_was_replaced(const struct plan_case *plan) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind == STEP_FAULT && fault_kind_of(&plan->steps[i])->replaces_server)
            return true;
    return false;
}

// Whether a firewall that drops packets is in place, so that a connect lasts until its timeout.
static bool drops_packets(const struct plan_case *plan) {
    for (size_t i = plan->step_count; i-- > 0;) {
        const struct plan_step *step = &plan->steps[i];
        if (step->kind == STEP_LIFT)
            return false;
        if (step->kind == STEP_FAULT && fault_kind_of(step)->silent)
            return true;
    }
    return false;
}

static int check_connect(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct connect_args *args = step->act.args;
    plan->looks_up_names |= args->host == HOST_NAME;
    plan->ipv6 |= args->host == HOST_ADDRESS6;
    if (args->connect_timeout_ms > 0 && drops_packets(plan))
        plan->imposed_ms += args->connect_timeout_ms;
    if (args->verify_name > 0 && args->ca < 0)
        return node_error(node_get(step->act.node, "verify_name"), err,
                          "without `ca` nothing of a certificate is verified");
    if (args->to != TO_STUB || server_was_replaced(plan))
        return 0;
    const struct node *to = node_get(step->act.node, "to");
    node_error(to, err, "there is no stub at this step; a step `fault: {stub: ..}` comes first");
    return mistakes_misses(to, "fault");
}

// A timeout that is set is expected to expire.
static int64_t guess_connect_ms(const struct choice *act) {
    const struct connect_args *args = act->args;
    return (args->read_timeout_ms > 0 ? args->read_timeout_ms : 0) +
           (args->write_timeout_ms > 0 ? args->write_timeout_ms : 0);
}

const struct type type_sql = {
    .name = "a statement",
    .kind = TYPE_RECORD,
    .size = sizeof(struct sql_args),
    .shorthand = "sql",
    .fields = (const struct field[]){FIELD(struct sql_args, sql, "sql", &type_text, FIELD_REQUIRED,
                                           "the statement; $blob(17MiB) in it becomes a payload, "
                                           "$rows(3) becomes (1,1),(2,2),(3,3)"),
                                     END}};
struct fetch_args {
    const struct node *rows; ///< a count or `rest`
};
static const struct type type_fetch = {
    .name = "fetch",
    .kind = TYPE_RECORD,
    .size = sizeof(struct fetch_args),
    .shorthand = "rows",
    .fields =
        (const struct field[]){FIELD(struct fetch_args, rows, "rows", &type_node, FIELD_REQUIRED,
                                     "how many rows, 0 to 10000000, or `rest`"),
                               END}};

static int check_fetch(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct node *rows = ((struct fetch_args *)step->act.args)->rows;
    struct err unused;
    (void)plan;
    int64_t number;
    if ((rows->kind == NODE_SCALAR && strcmp(rows->text, "rest") == 0) ||
        table_decode(COUNT(0, PAYLOAD_MAX_ROWS), rows, &number, NULL, &unused) == 0)
        return 0;
    char buffer[NODE_SHOWN_BYTES];
    return node_error(rows, err, "expected a number of rows, 0 to %lld, or rest; not %s",
                      (long long)PAYLOAD_MAX_ROWS, node_describe(rows, buffer, sizeof buffer));
}

struct execute_args {
    struct list params;
};
static const struct type type_execute = {
    .name = "execute",
    .kind = TYPE_RECORD,
    .size = sizeof(struct execute_args),
    .fields = (const struct field[]){FIELD(struct execute_args, params, "params", &type_value_list,
                                           0, "values of the parameters, in order"),
                                     END}};
struct stmt_execute_args {
    struct list params;
    int64_t cursor;
};
static const struct type type_stmt_execute = {
    .name = "stmt_execute",
    .kind = TYPE_RECORD,
    .size = sizeof(struct stmt_execute_args),
    .fields = (const struct field[]){
        FIELD(struct stmt_execute_args, params, "params", &type_value_list, 0,
              "values of the parameters, in order"),
        FIELD(struct stmt_execute_args, cursor, "cursor", COUNT(1, PAYLOAD_MAX_ROWS), 0,
              "the result stays at the server, which sends so many rows at a time (a read-only "
              "cursor)"),
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
        FIELD(struct long_data_args, param, "param", COUNT(0, 65534), FIELD_REQUIRED,
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
        FIELD(struct account_args, database, "database", &type_text, 0,
              "default database (default: goneaway)"),
        END}};
struct database_args {
    const char *database;
};
static const struct type type_database = {
    .name = "select_db",
    .kind = TYPE_RECORD,
    .size = sizeof(struct database_args),
    .shorthand = "database",
    .fields = (const struct field[]){FIELD(struct database_args, database, "database", &type_text,
                                           FIELD_REQUIRED, "the new default database"),
                                     END}};
struct fork_args {
    const char *child;
};
static const struct type type_fork = {
    .name = "fork",
    .kind = TYPE_RECORD,
    .size = sizeof(struct fork_args),
    .shorthand = "child",
    .fields = (const struct field[]){FIELD(struct fork_args, child, "child", &type_name,
                                           FIELD_REQUIRED, "name of the actor that the child is"),
                                     END}};

static const char *child_of(const struct choice *act) {
    return ((const struct fork_args *)act->args)->child;
}

struct exit_args {
    int64_t status;
};
static const struct type type_exit = {
    .name = "exit",
    .kind = TYPE_RECORD,
    .size = sizeof(struct exit_args),
    .shorthand = "status",
    .fields = (const struct field[]){
        FIELD(struct exit_args, status, "status", COUNT(0, 255), 0, "exit status (default: 0)"),
        END}};

struct acquire_args {
    int64_t recycle_ms;
    int validate, fresh;
    int64_t retries, back_off_ms;
};
static const struct type type_acquire = {
    .name = "acquire",
    .kind = TYPE_RECORD,
    .size = sizeof(struct acquire_args),
    .fields = (const struct field[]){
        FIELD(struct acquire_args, recycle_ms, "recycle", DURATION(0, HOUR), 0,
              "a connection that is older is replaced by a new one"),
        FIELD(struct acquire_args, validate, "validate", &type_flag, 0,
              "the connection is pinged, and replaced if that fails"),
        FIELD(struct acquire_args, fresh, "fresh", &type_flag, 0,
              "a new connection, whatever is in the pool"),
        FIELD(struct acquire_args, retries, "retries", COUNT(0, 1000), 0,
              "how often a new connection that fails is tried again "
              "(default: not at all)"),
        FIELD(struct acquire_args, back_off_ms, "back_off", DURATION(0, MINUTE), 0,
              "time before each of these (default: none)"),
        END}};

static int check_acquire(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct acquire_args *args = step->act.args;
    (void)plan;
    if (!args || args->back_off_ms < 0 || args->retries > 0)
        return 0;
    return node_error(node_get(step->act.node, "back_off"), err,
                      "back_off is the time between attempts; it needs retries");
}

struct release_args {
    int reset;
};
static const struct type type_release = {
    .name = "release",
    .kind = TYPE_RECORD,
    .size = sizeof(struct release_args),
    .fields = (const struct field[]){
        FIELD(struct release_args, reset, "reset", &type_flag, 0, "mysql_reset_connection() first"),
        END}};

// Each verb's row, followed by what the verb implies.
#define APP(...) (&(const struct app_verb){.word = __VA_ARGS__}.word)
const struct verb *const app_verbs[] = {
    APP({"connect", 0, &type_connect, 0, "opens a connection (closing an earlier one)"},
        .tale = "connects[ to a {to}][, whose host is given by its {host}][ ({*})]",
        .check = check_connect, .guess_ms = guess_connect_ms, .addressed = true, .logs_in = true,
        .connects = true, .reaches_server = true),
    APP({"query", 0, &type_sql, 0, "runs a statement and fetches all rows"}, .tale = "runs `{sql}`",
        .reaches_server = true),
    APP({"stream", 0, &type_sql, 0, "runs a statement; its rows are left on the wire"},
        .tale = "runs `{sql}` and leaves its rows on the wire", .reaches_server = true),
    APP({"fetch", 0, &type_fetch, 0, "fetches rows of a stream"},
        .tale = "fetches rows of the result: {rows}", .check = check_fetch),
    APP({"prepare", 0, &type_sql, 0, "prepares a statement"}, .tale = "prepares `{sql}`",
        .reaches_server = true),
    APP({"execute", 0, &type_execute, 0, "executes the prepared statement"},
        .tale = "executes what it has prepared[, with {params}]", .reaches_server = true),
    APP({"long_data", 0, &type_long_data, 0, "sends a parameter in pieces"},
        .tale = "sends parameter {param} in pieces"),
    APP({"stmt_close", 0, NULL, 0, "closes the prepared statement"},
        .tale = "closes the prepared statement"),
    APP({"stmt_execute", 0, &type_stmt_execute, 0,
         "mysql_stmt_execute() alone; the result is left on the wire"},
        .tale = "executes what it has prepared[ ({*})] and leaves the result on the wire",
        .reaches_server = true),
    APP({"stmt_store", 0, NULL, 0, "mysql_stmt_store_result(): reads the whole result"},
        .tale = "stores the statement's result"),
    APP({"stmt_fetch", 0, &type_fetch, 0, "mysql_stmt_fetch(), once for each row"},
        .tale = "fetches rows of the statement: {rows}", .check = check_fetch),
    APP({"stmt_metadata", 0, NULL, 0,
         "mysql_stmt_result_metadata(); the row shows the names of the columns"},
        .tale = "asks for the columns of the statement's result"),
    APP({"stmt_reset", 0, NULL, 0, "mysql_stmt_reset()"}, .tale = "resets the statement"),
    APP({"stmt_free", 0, NULL, 0, "mysql_stmt_free_result()"},
        .tale = "frees the statement's result"),
    APP({"ping", 0, NULL, 0, "mysql_ping()"}, .tale = "pings", .reaches_server = true),
    APP({"reset", 0, NULL, 0, "mysql_reset_connection()"}, .tale = "resets its connection",
        .reaches_server = true),
    APP({"change_user", 0, &type_account, 0, "mysql_change_user()"},
        .tale = "changes its user[ to {user}]", .logs_in = true, .reaches_server = true),
    APP({"select_db", 0, &type_database, 0, "mysql_select_db()"},
        .tale = "selects the database {database}", .reaches_server = true),
    APP({"cancel", 0, NULL, 0,
         "cancels the app's call in flight, which is one begun with `as:`, as the language of the "
         "connector does: the call's context in Go, its task in Python's asyncio, "
         "Statement.cancel() in Java. What the call shows is seen where it is awaited"},
        .tale = "cancels its call in flight", .beside = true),
    APP({"close", 0, NULL, 0, "mysql_close()"}, .tale = "closes its connection"),
    APP({"fork", 0, &type_fork, 0, "forks; the child is an actor with the same connection"},
        .tale = "forks; the child is {@child}", .child = child_of),
    APP({"exit", 0, &type_exit, 0, "closes the connection and ends with exit()"},
        .tale = "closes its connection and ends, by exit()", .ends = true),
    APP({"_exit", 0, &type_exit, 0, "ends with _exit(), closing nothing"},
        .tale = "ends by _exit(), closing nothing", .ends = true),
    APP({"acquire", 0, &type_acquire, 0,
         "takes a connection from the app's pool: the one that waited longest, a new one if there "
         "is none"},
        .tale = "takes a connection from its pool[ ({*})]", .check = check_acquire,
        .connects = true),
    APP({"release", 0, &type_release, 0, "gives the connection back to the app's pool"},
        .tale = "gives the connection back to its pool[ ({*})]"),
    APP({"call", 0, &type_call, 0,
         "calls a function of the library by its name, as in {call: mysql_refresh, args: [1]}; "
         "what it returns is shown as a row. Which there are the connector's adapter decides; one "
         "that does not know the name skips the case"},
        .tale = "calls {name}[ with {args}]", .check = call_check),
    NULL,
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
        FIELD(struct app_act, args, "args", &type_value_list, 0, "the arguments of a `call`"),
        END}};
