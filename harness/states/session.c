// SPDX-License-Identifier: Apache-2.0
// session.c - the app's session in the server's process list
#include "states/states.h"

#include "run/sessions.h"

#include <stdio.h>
#include <string.h>

enum session_state { SESSION_GONE, SESSION_RUNNING, SESSION_IDLE, SESSION_STATES };
struct session_args {
    const char *of;
    int is;
    const char *state; ///< text of the process list's STATE column; NULL: any
};

static const struct word session_words[] = {
    [SESSION_GONE] = {"gone",
                      "not in the process list any more; of an app that has connected anew without "
                      "being asked: the session that it had before"},
    [SESSION_RUNNING] = {"running", "executes a statement"},
    [SESSION_IDLE] = {"idle", "waits for a command"},
    END,
};
ONE_WORD_EACH(session_words, SESSION_STATES);

static const struct type type_session = {
    .name = "session",
    .kind = TYPE_RECORD,
    .size = sizeof(struct session_args),
    .fields = (const struct field[]){
        FIELD(struct session_args, of, "of", &type_actor, FIELD_REQUIRED, "whose session"),
        FIELD(struct session_args, is, "is", WORD("state of a session", session_words), 0,
              "the state"),
        FIELD(struct session_args, state, "state", &type_text, 0,
              "text of the process list's State, for example User sleep"),
        END}};

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct session_args *args = step->act.args;
    (void)plan;
    return args->is >= 0 || args->state
               ? 0
               : node_error(step->act.node, err, "session needs `is` or `state`");
}

static const char *app_of(const struct choice *what) {
    return ((const struct session_args *)what->args)->of;
}

static bool is_damage(const struct choice *what) {
    return ((const struct session_args *)what->args)->is == SESSION_GONE;
}

// Accepts today's name, or that of older servers: until MySQL 8.0.17, and in MariaDB, a session
// that computes rows is reported as sending them.
static bool has_state(const char *wanted, const char *seen) {
    return strcmp(wanted, seen) == 0 ||
           (strcmp(wanted, "executing") == 0 && strcmp(seen, "Sending data") == 0);
}

// A client whose connect failed has no session to wait for, and may not know its number.
static bool has_failed_to_connect(const struct case_run *run, const char *name) {
    for (size_t i = run->record->step_count; i-- > 0;) {
        const struct record_step *step = &run->record->steps[i];
        const struct app_verb *verb = app_verb_named(step->verb);
        if (verb && verb->connects && step->actor && strcmp(step->actor, name) == 0)
            return step->outcome == OUTCOME_ERROR;
    }
    return false;
}

static int look(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err) {
    const struct session_args *args = what->args;
    const struct actor *actor = case_actor(run, args->of);
    // If the client has already replaced the session that the case ended, the old one is awaited.
    bool before = args->is == SESSION_GONE && actor->replaced >= 0;
    int64_t thread = before ? actor->replaced : actor->thread;
    struct admin_session session;
    if (actor->thread < 0 && args->is == SESSION_GONE && has_failed_to_connect(run, args->of))
        return 1;
    if (actor->thread < 0)
        return err_set(err, "app '%s' has no session", args->of);
    if (sessions_look(run, thread, &session, err) < 0)
        return -1;
    session.there &= actor->start == run->server_starts; // otherwise the number belongs to another
                                                         // session
    snprintf(look->seen, sizeof look->seen,
             session.there ? "session %lld: %s, %s" : "session %lld: gone", (long long)thread,
             session.command, session.state);
    bool idle = strcmp(session.command, "Sleep") == 0;
    if (args->state && !(session.there && has_state(args->state, session.state)))
        return 0;
    switch (args->is) {
    case SESSION_GONE:
        return !session.there;
    case SESSION_RUNNING:
        // if the statement has already ended, perhaps with an error, it is not the one awaited
        if (actor->pending && actor_has_answer(actor))
            return err_set(err, "the call '%s' of app '%s' has come back already", actor->pending,
                           args->of);
        return session.there &&
               (strcmp(session.command, "Query") == 0 || strcmp(session.command, "Execute") == 0);
    case SESSION_IDLE:
        return session.there && idle;
    default:
        return 1;
    }
}

const struct state_kind state_session = {
    .word = {"session", 0, &type_session, 0, "the app's session in the server's process list"},
    .tale = "the session of {@of}[ is {is}][ shows the state `{state}`]",
    .check = check,
    .app = app_of,
    .is_damage = is_damage,
    .look = look,
};
