// SPDX-License-Identifier: Apache-2.0
// program.c - a user's own program in the place of an app: starting, awaiting and ending it
//
// It finds the server by environment variables, those that MySQL's own clients read and a URL.
// Nothing else is done to it, and nothing is known about it except for what the kernel and the
// server show: its processes, its sockets, its sessions, which are those of the account, and its
// end.
#include "run/program.h"

#include "base/clock.h"
#include "base/proc.h"
#include "run/request.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { ENDED_LINES = 20 };

// ---- its environment ---------------------------------------------------------------------------

static void add_encoded(struct text *url, const char *part) {
    for (; *part; part++)
        text_printf(url, isalnum((unsigned char)*part) || strchr("-._~", *part) ? "%c" : "%%%02X",
                    (unsigned char)*part);
}

static const char *text_of(const json_t *request, const char *key) {
    const char *text = json_string_value(json_object_get(request, key));
    return text ? text : "";
}

char *program_url(const json_t *request, const char *host, int64_t port) {
    struct text url = {0};
    text_add(&url, "mysql://");
    add_encoded(&url, text_of(request, "user"));
    text_add(&url, ":");
    add_encoded(&url, text_of(request, "password"));
    text_printf(&url, strchr(host, ':') ? "@[%s]" : "@%s", host);
    if (port > 0)
        text_printf(&url, ":%lld", (long long)port);
    text_add(&url, "/");
    add_encoded(&url, text_of(request, "database"));
    if (*text_of(request, "socket"))
        text_printf(&url, "?unix_socket=%s", text_of(request, "socket"));
    return url.data;
}

enum { VARIABLES = 8 };

// `env` gets strings to be freed, terminated by NULL.
static void make_environment(const json_t *request, char *env[VARIABLES + 1]) {
    const char *socket = text_of(request, "socket");
    const char *host = *socket ? "localhost" : text_of(request, "host");
    int64_t port = json_integer_value(json_object_get(request, "port"));
    cleanup_free char *url = program_url(request, host, port);
    size_t count = 0;
    env[count++] = xprintf("MYSQL_HOST=%s", host);
    env[count++] = *socket ? xprintf("MYSQL_UNIX_PORT=%s", socket)
                           : xprintf("MYSQL_TCP_PORT=%lld", (long long)port);
    env[count++] = xprintf("MYSQL_USER=%s", text_of(request, "user"));
    env[count++] = xprintf("MYSQL_PWD=%s", text_of(request, "password"));
    env[count++] = xprintf("MYSQL_DATABASE=%s", text_of(request, "database"));
    env[count++] = xprintf("DATABASE_URL=%s", url);
    env[count++] = xprintf("MYSQL_URL=%s", url);
    // buffered output would be lost if it is killed
    env[count++] = xstrdup("PYTHONUNBUFFERED=1");
    env[count] = NULL;
}

// ---- its start ---------------------------------------------------------------------------------

// Session variables that the scenario's app would set are set globally, so that every new session
// has them.
static int set_session(struct case_run *run, const json_t *request, struct err *err) {
    json_t *session = json_object_get(request, "session");
    return json_object_size(session) > 0 ? globals_set(run, session, err) : 0;
}

static int start(struct case_run *run, struct actor *actor, struct err *err) {
    const struct plan_case *plan = run->plan;
    json_auto_t *request = request_of(run, plan->program->connect);
    char *env[VARIABLES + 1];
    request_note_user(run, request);
    const struct connect_args *connect = plan->program->connect->act.args;
    run->stub_connects += connect->to == TO_STUB;
    if (set_session(run, request, err) < 0 ||
        (run->world->server.admin && program_mark(run, &run->marks, err) < 0))
        return -1;
    make_environment(request, env);
    int ret =
        actor_open_program(actor, run->connector, run->world, plan->host ? plan->host->app : NULL,
                           (const char *const *)env, err);
    for (char **variable = env; *variable; variable++)
        free(*variable);
    return ret;
}

// ---- its end -----------------------------------------------------------------------------------

// The actual wait status, unless a shell in between reports a kill in its own way.
static int exact_status(const struct case_run *run, int status) {
    const char *command = ((const char **)run->connector->command.items)[2];
    return text_starts(command, "exec ") ? status : proc_status_of_shell(status);
}

// "; its output ends:" and the last lines, to be freed.
static char *show_output(const struct actor *actor) {
    cleanup_free char *output = actor_output(actor);
    return output ? xprintf("; its output ends:\n%.2000s", text_tail(output, ENDED_LINES))
                  : xstrdup("; it has written nothing");
}

static int check_output(const struct actor *actor, struct err *err) {
    if (!actor_has_filled_output(actor))
        return 0;
    cleanup_free char *output = show_output(actor);
    return err_set(err, "the program has written %d MiB, the most that is kept%s",
                   SAID_MAX_BYTES >> 20, output);
}

void program_tell_output(struct case_run *run, const struct plan_step *failed) {
    if (run->watcher && run->plan->program)
        run->watcher(run->watching, run, failed, NULL);
}

int program_goes_on(struct case_run *run, const char *what, struct err *err) {
    struct actor *actor = &run->actors[0];
    char how[64];
    int status;
    program_tell_output(run, NULL);
    if (check_output(actor, err) < 0)
        return -1;
    if (!actor->folder || actor->ended != OUTCOME_OK ||
        !container_ended(&actor->container, clock_ms(), &status))
        return 1;
    if (actor->thread >= 0 && run->plan->program->proof == PROOF_LOG)
        return 0;
    cleanup_free char *output = show_output(actor);
    proc_status_text(exact_status(run, status), how, sizeof how);
    return err_set(err, "the program ended before %s, with %s%s", what, how, output);
}

static void note_status(struct record_step *seen, int status) {
    if (WIFSIGNALED(status)) {
        seen->outcome = OUTCOME_CRASH;
        seen->signal = WTERMSIG(status);
        seen->message = xprintf("the program died of SIG%s", sigabbrev_np(seen->signal));
        return;
    }
    seen->outcome = WEXITSTATUS(status) ? OUTCOME_ERROR : OUTCOME_OK;
    seen->native = xprintf("exit status %d", WEXITSTATUS(status));
}

// Whether it ends by the deadline; reports its output meanwhile.
static bool await_end(struct case_run *run, struct actor *actor, double deadline_ms, int *status) {
    enum { LOOK_MS = 100 };
    for (double now; (now = clock_ms()) + LOOK_MS < deadline_ms && run->watcher;) {
        if (container_ended(&actor->container, now + LOOK_MS, status))
            return true;
        program_tell_output(run, NULL);
    }
    return container_ended(&actor->container, deadline_ms, status);
}

static int end(struct case_run *run, struct actor *actor, double deadline_ms,
               struct record_step *seen, struct err *err) {
    int status;
    double began = clock_ms();
    if (await_end(run, actor, deadline_ms, &status)) {
        note_status(seen, exact_status(run, status));
    } else {
        seen->outcome = OUTCOME_HANG;
        seen->message = xprintf("the program has not ended within %.1f s of what was done to it",
                                (clock_ms() - began) / 1e3);
    }
    seen->thread = actor->thread;
    actor->ended = seen->outcome == OUTCOME_HANG ? OUTCOME_HANG : OUTCOME_CRASH;
    actor->left = true;
    container_close(&actor->container); // with everything it left behind
    return check_output(actor, err);
}

// ---- proof -------------------------------------------------------------------------------------

// Whether the server's log has a line about the failure: 1, 0 or -1.
static int has_logged(const struct case_run *run, struct err *err) {
    const struct program_plan *program = run->plan->program;
    int found = 0;
    for (size_t i = 0; i < program->log_count && found == 0; i++)
        found = record_log_has(run->record, program->logs[i], NULL, err);
    return found;
}

int program_check_proof(struct case_run *run, struct err *err) {
    const struct program_plan *program = run->plan->program;
    int64_t refused = 0;
    int logged = 0;
    switch (program->proof) {
    case PROOF_OF_FAULT:
        return 0;
    case PROOF_LOG:
        if ((logged = has_logged(run, err)) != 0)
            return logged < 0 ? -1 : 0;
        err_set(err,
                "the program has not met the failure: no line of the server's error log matches "
                "'%s'%s",
                program->logs[0], program->log_count > 1 ? ", nor what other servers write" : "");
        break;
    case PROOF_ABORTED:
        if (run->record->aborted_connects > 0)
            return 0;
        err_set(err, "the program has not met the failure: the server has counted no connect that "
                     "failed");
        break;
    case PROOF_REFUSED:
        if (program_count_refused(run, &refused, err) < 0)
            return -1;
        if (refused > 0)
            return 0;
        err_set(err, "the program has not tried to connect to the server over TCP");
        break;
    }
    return err_remedy(err, "`goneaway explain %s` shows what makes it happen",
                      run->plan->scenario->name);
}

// ---- steps -------------------------------------------------------------------------------------

int program_step(struct case_run *run, const struct plan_step *step, struct record_step *seen,
                 struct err *err) {
    struct actor *actor = &run->actors[0];
    const struct program_moment *moment = step->act.args;
    double began = clock_ms(), deadline = case_deadline(run, step);
    int ret = 0;
    seen->verb = xstrdup(moment ? program_moment_word(moment) : step->act.verb->name);
    seen->outcome = OUTCOME_OK;
    switch ((enum program_act)step->act.verb->id) {
    case PROGRAM_STARTS:
        ret = start(run, actor, err);
        break;
    case PROGRAM_COMES:
        ret = program_await_moment(run, moment, deadline, seen, err);
        break;
    case PROGRAM_ENDS:
        ret = end(run, actor, deadline, seen, err);
        break;
    }
    seen->ms = clock_ms() - began;
    return ret;
}
