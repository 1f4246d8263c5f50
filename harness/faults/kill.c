// SPDX-License-Identifier: Apache-2.0
// kill.c - another session kills the app's: KILL, or `mysqladmin kill`
#include "faults/faults.h"

#include "base/clock.h"
#include "base/proc.h"
#include "run/sessions.h"

#include <fcntl.h>
#include <string.h>

// ---- how it is written -------------------------------------------------------------------------

enum kill_what { KILL_CONNECTION, KILL_QUERY, KILL_WORDS };
enum kill_via { VIA_SQL, VIA_MYSQLADMIN, VIA_WORDS };
struct kill_args {
    const char *of;
    int what, via; ///< -1: the first
};

static const struct word kill_words[] = {
    [KILL_CONNECTION] = {"connection", "KILL CONNECTION (the default)"},
    [KILL_QUERY] = {"query", "KILL QUERY"},
    END,
};
ONE_WORD_EACH(kill_words, KILL_WORDS);
static const struct word via_words[] = {
    [VIA_SQL] = {"sql", "the statement KILL (the default)"},
    [VIA_MYSQLADMIN] = {"mysqladmin", "the program `mysqladmin kill`"},
    END,
};
ONE_WORD_EACH(via_words, VIA_WORDS);

static const struct type type_kill = {
    .name = "kill",
    .kind = TYPE_RECORD,
    .size = sizeof(struct kill_args),
    .shorthand = "of",
    .fields = (const struct field[]){
        FIELD(struct kill_args, of, "of", &type_actor, FIELD_REQUIRED, "whose session"),
        FIELD(struct kill_args, what, "what", WORD("kind of kill", kill_words), 0,
              "the connection, or only its statement"),
        FIELD(struct kill_args, via, "via", WORD("way to kill", via_words), 0,
              "by a statement or by mysqladmin"),
        END}};

static const char *app_of(const struct choice *act) {
    return ((const struct kill_args *)act->args)->of;
}

// ---- how it is carried out ---------------------------------------------------------------------

static int kill_by_sql(struct case_run *run, const struct kill_args *args, int64_t thread,
                       struct err *err) {
    cleanup_free char *sql = xprintf(
        "KILL %s %lld", args->what == KILL_QUERY ? "QUERY" : "CONNECTION", (long long)thread);
    return admin_query(run->world->server.admin, sql, NULL, err);
}

// Reads what mysqladmin printed, as far as a pipe holds it, as one line without the program's name.
static char *read_complaint(int pipe) {
    char said[512];
    ssize_t length = read(pipe, said, sizeof said - 1);
    said[length > 0 ? length : 0] = '\0';
    for (char *end = said; (end = strchr(end, '\n'));)
        *end = end[1] ? ' ' : '\0';
    const char *why = strstr(said, ": ");
    return xstrdup(why ? why + 2 : said);
}

static int tell_failure(const char *id, bool ended, int status, int pipe, struct err *err) {
    char how[80];
    cleanup_free char *why = read_complaint(pipe);
    if (!ended)
        return err_set(err, "mysqladmin kill %s did not end in time", id);
    return err_set(err, "mysqladmin kill %s failed: %s%s%s", id,
                   proc_status_text(status, how, sizeof how), *why ? ": " : "", why);
}

static int kill_by_mysqladmin(struct case_run *run, int64_t thread, double deadline_ms,
                              struct err *err) {
    const struct server *server = &run->world->server;
    cleanup_free char *id = xprintf("%lld", (long long)thread);
    // MariaDB's uses TLS by default, and may reject an old server's
    const char *argv[] = {"/usr/bin/mysqladmin",
                          "--no-defaults",
                          "--loose-skip-ssl",
                          "--user=root",
                          "--socket=" SERVER_SOCKET,
                          "kill",
                          id,
                          NULL};
    cleanup_free char *password = xprintf("MYSQL_PWD=%s", server->recipe->password);
    const char *const env[] = {password, NULL};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_errno(err, "make a pipe for mysqladmin");
    cleanup_close int heard = ends[0], said = ends[1];
    struct container_bind binds[] = {{server->sockets, SERVER_SOCKET_DIR, false}, {0}};
    struct container_spec spec = {.root = server->recipe->root,
                                  .binds = binds,
                                  .argv = argv,
                                  .env = env,
                                  .netns = server->netns.fd,
                                  .in = -1,
                                  .out = said,
                                  .err = said};
    struct container container;
    int status = 0;
    if (container_open(&container, &spec, err) < 0)
        return -1;
    bool ended = container_ended(&container, deadline_ms, &status);
    container_close(&container);
    return ended && status == 0 ? 0 : tell_failure(id, ended, status, heard, err);
}

/** What a KILL QUERY meets, and when it takes effect. */
enum statement {
    STATEMENT_NONE,    // never: a session without a statement goes on
    STATEMENT_SENDING, // at once: it waits for its client to read, and notices nothing until then
    STATEMENT_RUNNING, // once it no longer runs
};

static int find_statement(struct case_run *run, int64_t thread, enum statement *ret,
                          struct err *err) {
    struct admin_session session;
    if (sessions_look(run, thread, &session, err) < 0)
        return -1;
    bool sending = strcmp(session.state, "Sending to client") == 0 || // MySQL
                   strcmp(session.state, "Writing to net") == 0;      // MariaDB
    *ret = !session.there || strcmp(session.command, "Sleep") == 0 ? STATEMENT_NONE
           : sending                                               ? STATEMENT_SENDING
                                                                   : STATEMENT_RUNNING;
    return 0;
}

// A session counts as killed once it is not in the process list; a statement, once it does not run.
static int wait_killed(struct case_run *run, int64_t thread, bool query_only, double deadline_ms,
                       struct err *err) {
    for (;;) {
        struct admin_session session;
        if (sessions_look(run, thread, &session, err) < 0)
            return -1;
        if (!session.there || (query_only && strcmp(session.command, "Sleep") == 0))
            return 1;
        if (clock_ms() >= deadline_ms)
            return 0;
        clock_wait(1, -1);
    }
}

// For a moment a session may still seem to execute, or send, something that its app already has the
// answer to; for good, if it continues a statement that its app has given up.
static int find_settled(struct case_run *run, const struct actor *actor, double deadline_ms,
                        enum statement *ret, struct err *err) {
    enum { SENDING_LOOKS = 20, MOMENT_MS = 500 };
    int found, sending = 0;
    double moment_ms = clock_ms() + MOMENT_MS * run->time_scale;
    deadline_ms = moment_ms < deadline_ms ? moment_ms : deadline_ms;
    while ((found = find_statement(run, actor->thread, ret, err)) == 0 && !actor->pending &&
           *ret != STATEMENT_NONE && clock_ms() < deadline_ms) {
        sending = *ret == STATEMENT_SENDING ? sending + 1 : 0;
        if (sending == SENDING_LOOKS)
            break;
        clock_wait(1, -1);
    }
    return found;
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct kill_args *args = fault->step->act.args;
    const struct actor *actor = case_actor(run, args->of);
    int64_t thread = actor->thread;
    if (thread < 0)
        return err_set(err, "app '%s' has no session to kill", args->of);
    if (actor->start != run->server_starts)
        return err_set(err, "the session of app '%s' is of an earlier start of the server",
                       args->of);
    bool query_only = args->what == KILL_QUERY;
    enum statement statement = STATEMENT_RUNNING;
    if (query_only && find_settled(run, actor, deadline_ms, &statement, err) < 0)
        return -1;
    int ret = args->via == VIA_MYSQLADMIN ? kill_by_mysqladmin(run, thread, deadline_ms, err)
                                          : kill_by_sql(run, args, thread, err);
    if (ret < 0)
        return -1;
    int gone = statement == STATEMENT_RUNNING
                   ? wait_killed(run, thread, query_only, deadline_ms, err)
                   : statement == STATEMENT_SENDING;
    fault->fired = gone > 0;
    if (statement == STATEMENT_NONE)
        fault->waits = xstrdup("there was no statement to kill: run one in the background (`as:`), "
                               "and wait until its session is running");
    return gone < 0 ? -1 : 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect connection = {.until =
                                                      "app-socket: {of: {app}, is: closed-by-peer}",
                                                  .words = "the server closed the app's socket",
                                                  .cause = "killed",
                                                  .promise = PROMISE_ERROR_OR_NEW};
    static const struct kind_effect query = {
        .words = "the statement has ended",
        .cause = "killed",
        .promise = PROMISE_ANY,
        .because = "an idle session ignores a KILL QUERY, and some statements end with a value"};
    return ((const struct kill_args *)act->args)->what == KILL_QUERY ? &query : &connection;
}

const struct fault_kind fault_kill = {
    .word =
        {"kill", 0, &type_kill, 0,
         "KILL of a session of the server; fires when the session is gone, or runs its statement "
         "no longer. One that sends rows to its client notices a KILL QUERY only as it goes on, "
         "so that fires at once; one without a statement never"},
    .tale = "another session kills the session of {@of}[, or only its {what}][ (via {via})]",
    .effect = effect_of,
    .mechanism = "sql",
    .app = app_of,
    .arm = arm,
};
