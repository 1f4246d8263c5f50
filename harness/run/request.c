// SPDX-License-Identifier: Apache-2.0
// request.c - what apps are asked to do, and what their connector lacks
#include "run/request.h"

#include "base/utf8.h"
#include "plan/kind.h"

#include <errmsg.h>
#include <stdlib.h>
#include <string.h>

// ---- requests of apps --------------------------------------------------------------------------

static void set_default(json_t *request, const char *key, const char *value) {
    if (!json_object_get(request, key))
        json_object_set_new(request, key, json_string(value));
}

static void add_address(const struct case_run *run, const struct connect_args *args,
                        json_t *request) {
    bool stub = args->to == TO_STUB;
    json_object_del(request, "host");
    json_object_del(request, "to");
    if (case_on_socket(run)) {
        const char *file = stub ? SERVER_SOCKET_DIR "/" STUB_SOCKET_FILE : SERVER_SOCKET;
        json_object_set_new(request, "socket", json_string(file));
        json_object_set_new(request, "tls", json_string("off"));
        return;
    }
    bool proxied = run->proxy && !stub;
    const char *address = proxied ? APP_GATEWAY : SERVER_ADDRESS;
    const char *address6 = proxied ? APP_GATEWAY6 : SERVER_ADDRESS6;
    const char *host = args->host == HOST_NAME       ? SERVER_NAME
                       : args->host == HOST_ADDRESS6 ? address6
                                                     : address;
    json_object_set_new(request, "host", json_string(host));
    json_object_set_new(request, "port", json_integer(stub ? STUB_PORT : SERVER_PORT));
    bool tls = run->plan->transport == TRANSPORT_TLS;
    json_object_set_new(request, "tls", json_string(tls ? "required" : "off"));
}

static const char *const authorities[] = {
    [CA_OWN] = ALL_CERTIFICATES_DIR "/ca.pem",
    [CA_OTHER] = ALL_CERTIFICATES_DIR "/other-ca.pem",
    [CA_NAMED] = ALL_CERTIFICATES_DIR "/named-ca.pem",
};

// Adds the parameters of TLS only where there is TLS.
static void add_tls(const struct case_run *run, const struct connect_args *args, json_t *request) {
    json_object_del(request, "ca");
    if (run->plan->transport != TRANSPORT_TLS) {
        json_object_del(request, "verify_name");
        json_object_del(request, "tls_version");
        json_object_del(request, "tls_resume");
        return;
    }
    if (args->ca >= 0)
        json_object_set_new(request, "ca", json_string(authorities[args->ca]));
}

// Replaces words for files in the app's container by their paths.
static void add_files(const struct connect_args *args, json_t *request) {
    json_object_del(request, "plugins");
    if (args->plugins == PLUGINS_NONE)
        json_object_set_new(request, "plugin_dir", json_string("/tmp"));
}

// The arguments of a verb as decoded; NULL: it has none. New reference.
static json_t *args_of(const struct choice *act) {
    const struct type *type = act->verb ? act->verb->args : NULL;
    const void *args = act->args;
    return type ? table_to_json(type, type->kind == TYPE_RECORD ? (const void *)&args : args)
                : NULL;
}

json_t *request_of(const struct case_run *run, const struct plan_step *step) {
    const struct verb *verb = step->act.verb;
    json_t *request = args_of(&step->act);
    request = request ? request : json_object();
    json_object_set_new(request, "op", json_string(verb->name));
    if (app_verb_of(step)->logs_in) {
        set_default(request, "user", APP_USER);
        set_default(request, "password", APP_PASSWORD);
        set_default(request, "database", APP_DATABASE);
    }
    if (app_verb_of(step)->addressed) {
        add_address(run, step->act.args, request);
        add_tls(run, step->act.args, request);
        add_files(step->act.args, request);
    }
    return request;
}

// ---- the same for the record -------------------------------------------------------------------

// The step that began a call which another one awaits.
static const struct plan_step *begin_of(const struct plan_case *plan,
                                        const struct plan_step *step) {
    for (size_t i = 0; step->kind == STEP_AWAIT && step->name && i < plan->step_count; i++)
        if (plan->steps[i].as && strcmp(plan->steps[i].as, step->name) == 0)
            return &plan->steps[i];
    return step;
}

static void cut_long_texts(json_t *asked) {
    enum { MOST = 1000 };
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(asked, next, key, value) {
        if (json_string_length(value) <= MOST)
            continue;
        cleanup_free char *cut = xprintf("%.*s..", MOST, json_string_value(value));
        json_object_set_new(asked, key, utf8_json(cut));
    }
}

// What a step asks for, whole; NULL: nothing.
static json_t *asked_by(const struct case_run *run, const struct plan_step *step) {
    if (step->kind == STEP_IDLE)
        return json_pack("{s:I}", "for_ms", (json_int_t)step->idle.for_ms);
    json_t *asked = step->kind == STEP_APP ? request_of(run, step) : args_of(&step->act);
    // a single value has no name of its own
    return asked && !json_is_object(asked) ? json_pack("{s:o}", step->act.verb->name, asked)
                                           : asked;
}

json_t *request_told(const struct case_run *run, const struct plan_step *step) {
    enum { MOST_BYTES = 8192 };
    json_t *asked = asked_by(run, begin_of(run->plan, step));
    json_object_del(asked, "op");
    json_object_del(asked, "password");
    cut_long_texts(asked);
    if (json_object_size(asked) > 0 && json_dumpb(asked, NULL, 0, JSON_COMPACT) <= MOST_BYTES)
        return asked;
    json_decref(asked);
    return NULL;
}

void request_note_user(struct case_run *run, const json_t *request) {
    const char *user = json_string_value(json_object_get(request, "user"));
    // the call may change the user
    bool call = strcmp(json_string_value(json_object_get(request, "op")), "call") == 0;
    run->strangers |= call || (user && strcmp(user, APP_USER) != 0);
    run->privileged |= call || (user && strcmp(user, "root") == 0);
}

// ---- what a connector lacks --------------------------------------------------------------------

// Notes that the case cannot run with this connector; frees `what`.
static void note_lack(struct case_run *run, char *what) {
    if (what && !run->record->lacks)
        run->record->lacks = xprintf("%s lacks %s", run->record->connector, what);
    free(what);
}

// Whether some row expects this outcome of a step, with this code if it has one.
static bool may_be(const struct plan_case *plan, const char *id, enum outcome_kind kind, int code) {
    for (size_t i = 0; i < plan->row_count; i++)
        for (const struct expectation *one = plan_find_expectation(&plan->rows[i], id); one;
             one = one->or_else)
            if (one->kind == kind && (kind != OUTCOME_ERROR || one->code == code))
                return true;
    return false;
}

// Whether the connector may lack the operation.
static bool may_be_unsupported(const struct plan_case *plan, const char *id) {
    return may_be(plan, id, OUTCOME_UNSUPPORTED, 0);
}

void lacks_find(struct case_run *run) {
    for (size_t i = 0; i < run->plan->step_count && !run->record->lacks; i++) {
        const struct plan_step *step = &run->plan->steps[i];
        bool pings = step->kind == STEP_IDLE && step->idle.app_pings_every_ms > 0;
        if ((step->kind != STEP_APP && !pings) || may_be_unsupported(run->plan, step->id))
            continue;
        bool forks = !pings && app_verb_of(step)->child;
        json_t *request = pings   ? json_pack("{s:s}", "op", "ping")
                          : forks ? json_pack("{s:s, s:s}", "op", "fork", "socket", "")
                                  : request_of(run, step);
        note_lack(run, actor_lacks(&run->actors[0], request));
        json_decref(request);
    }
}

// Whether a connect failed only because the client is too old for the server's TLS, in a case that
// is about something else.
static bool refuses_tls(const struct case_run *run, const struct record_step *seen) {
    return run->world->server.recipe->old_tls && run->plan->transport == TRANSPORT_TLS &&
           seen->outcome == OUTCOME_ERROR && strcmp(seen->verb, "connect") == 0 &&
           !may_be(run->plan, seen->id, OUTCOME_ERROR, CR_SSL_CONNECTION_ERROR);
}

// Whether the server asked for a login method that the client does not know, such as
// caching_sha2_password for an older one; no other failure would show.
static bool knows_no_login(const struct case_run *run, const struct record_step *seen) {
    enum { ER_NOT_SUPPORTED_AUTH_MODE = 1251 };
    return seen->outcome == OUTCOME_ERROR && seen->error == ER_NOT_SUPPORTED_AUTH_MODE &&
           strcmp(seen->verb, "connect") == 0 &&
           !may_be(run->plan, seen->id, OUTCOME_ERROR, ER_NOT_SUPPORTED_AUTH_MODE);
}

void lacks_note(struct case_run *run, const struct record_step *seen) {
    const struct server_recipe *server = run->world->server.recipe;
    if (knows_no_login(run, seen))
        note_lack(run, xprintf("a way to log in to %s: %s", server->name,
                               seen->message ? seen->message : "it does not say why"));
    if (refuses_tls(run, seen))
        note_lack(run, xprintf("the TLS of %s (%s): %s", server->name, server->old_tls,
                               seen->message ? seen->message : "it does not say why"));
    if (seen->outcome != OUTCOME_UNSUPPORTED || may_be_unsupported(run->plan, seen->id))
        return;
    const char *message = seen->message ? seen->message : "it does not say what";
    note_lack(run, xprintf("what step %d (%s: %s) asks for: %s", seen->number, seen->actor,
                           seen->verb, message));
}
