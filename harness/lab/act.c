// SPDX-License-Identifier: Apache-2.0
// act.c - what the control of a lab is asked for, carried out
#include "lab/act.h"

#include "base/clock.h"
#include "cli/options.h"
#include "lab/contract.h"
#include "run/step.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

/** A request on its way through a handler. */
struct act {
    struct inside *inside;
    const char *rest; ///< what stands in the path for `*`
    const struct text *body;
    struct reply *reply;
    struct wait **wait;
};

// ---- answers -----------------------------------------------------------------------------------

static void answer(struct act *act, unsigned status, json_t *body) {
    act->reply->status = status;
    act->reply->body = body;
}

void act_refuse(struct reply *reply, unsigned status, const struct err *err) {
    reply->status = status;
    reply->body =
        json_pack("{s:s, s:s*}", "error", err->what, "remedy", err->remedy[0] ? err->remedy : NULL);
}

// Wrong words are the request's fault (400); what cannot be done now is not (409).
static void refuse(struct act *act, const struct err *err) {
    act_refuse(act->reply, err->kind == ERR_USAGE ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_CONFLICT, err);
}

// ---- steps -------------------------------------------------------------------------------------

static const struct plan_step *read_step(struct act *act, const char *key, struct err *err) {
    struct inside *inside = act->inside;
    const struct plan_step *step =
        outside_add(inside->scenario, key, text_get(act->body), act->body->length, err);
    inside->run->begun = inside->run->plan->step_count;
    inside->run->step_began_ms = clock_ms();
    return step;
}

static void forget_step(struct inside *inside) {
    outside_drop(inside->scenario);
    inside->run->begun = inside->run->plan->step_count;
}

// A step that leaves nothing behind to be lifted: carried out, and its rows.
static void carry_out(struct act *act, const char *key) {
    struct case_run *run = act->inside->run;
    struct err err = {0};
    const struct plan_step *step = read_step(act, key, &err);
    double began = clock_ms();
    int ret = step ? step_carry_out(run, step, &err) : -1;
    if (step)
        forget_step(act->inside);
    if (ret < 0) {
        refuse(act, &err);
        return;
    }
    struct record_step *seen = &run->record->steps[run->record->step_count - 1];
    answer(act, MHD_HTTP_OK,
           json_pack("{s:f, s:O*}", "ms", clock_ms() - began, "rows", seen->rows));
    json_decref(seen->rows); // sent, and nobody asks the record
    seen->rows = NULL;
}

static void do_server(struct act *act) {
    carry_out(act, "server");
}

static void do_admin(struct act *act) {
    carry_out(act, "admin");
}

// ---- faults ------------------------------------------------------------------------------------

static json_t *describe(struct case_run *run, const struct case_fault *fault) {
    const struct plan_step *step = fault->step;
    int64_t fired = fault->fired;
    struct err uncounted = {0};
    int counted = fault_count(run, step->name, &fired, &uncounted);
    const char *mechanism = fault->mechanism ? fault->mechanism : fault_kind_of(step)->mechanism;
    return json_pack("{s:s, s:s, s:s*, s:b, s:I, s:s*, s:s*}", "id", step->name, "kind",
                     step->act.verb->name, "mechanism", mechanism, "armed", fault->armed, "fired",
                     (json_int_t)fired, "waits", fault->waits, "error",
                     counted < 0 ? uncounted.what : NULL);
}

static struct case_fault *find_fault(struct case_run *run, const char *id) {
    for (size_t i = 0; i < run->fault_count; i++)
        if (strcmp(run->faults[i].step->name, id) == 0)
            return &run->faults[i];
    return NULL;
}

// An error unless the session that a fault is about is there.
static int find_session(struct case_run *run, kind_app *app, const struct choice *act, bool gone,
                        struct err *err) {
    const char *id = app ? app(act) : NULL;
    return id ? act_find_session(run, id, gone, err) : 0;
}

static int arm(struct case_run *run, const struct plan_step *step, struct err *err) {
    const struct fault_kind *kind = fault_kind_of(step);
    if (find_session(run, kind->app, &step->act, false, err) < 0 ||
        (kind->prepare && kind->prepare(run, step, err) < 0))
        return -1;
    return fault_arm(run, step, case_deadline(run, step), err);
}

// What a fault left that was armed in part goes with the next reset.
static void take_back(struct inside *inside, size_t faults) {
    struct case_run *run = inside->run;
    if (run->fault_count > faults) {
        world_retire_server(run->world, "a fault could not be armed");
        free(run->faults[faults].state);
        run->fault_count = faults;
    }
    forget_step(inside);
}

static void add_fault(struct act *act) {
    struct case_run *run = act->inside->run;
    struct err err = {0};
    size_t faults = run->fault_count;
    const struct plan_step *step = read_step(act, "fault", &err);
    int ret = step ? arm(run, step, &err) : -1;
    if (ret < 0 && step)
        take_back(act->inside, faults);
    if (ret < 0)
        refuse(act, &err);
    else
        answer(act, MHD_HTTP_CREATED, describe(run, &run->faults[faults]));
}

static void list_faults(struct act *act) {
    struct case_run *run = act->inside->run;
    json_t *list = json_array();
    for (size_t i = 0; i < run->fault_count; i++)
        json_array_append_new(list, describe(run, &run->faults[i]));
    answer(act, MHD_HTTP_OK, json_pack("{s:o}", "faults", list));
}

static struct case_fault *named_fault(struct act *act) {
    struct case_fault *fault = find_fault(act->inside->run, act->rest);
    struct err err = {0};
    if (fault)
        return fault;
    err_set(&err, "there is no fault '%.100s' since the last reset", act->rest);
    err_remedy(&err, "GET /v1/faults lists them");
    act_refuse(act->reply, MHD_HTTP_NOT_FOUND, &err);
    return NULL;
}

static void show_fault(struct act *act) {
    const struct case_fault *fault = named_fault(act);
    if (fault)
        answer(act, MHD_HTTP_OK, describe(act->inside->run, fault));
}

// The lift is a step, too: faults that come later ask what is in force.
static void lift_fault(struct act *act) {
    struct inside *inside = act->inside;
    struct case_run *run = inside->run;
    const struct case_fault *fault = named_fault(act);
    struct err err = {0};
    if (!fault)
        return;
    const struct plan_step *step = fault->armed
                                       ? outside_add(inside->scenario, "lift", fault->step->name,
                                                     strlen(fault->step->name), &err)
                                       : fault->step;
    if (!step || fault_lift(run, fault->step->name, clock_ms() + STEP_DEADLINE_MS, &err) < 0)
        refuse(act, &err);
    else
        answer(act, MHD_HTTP_OK, describe(run, fault));
}

// ---- states ------------------------------------------------------------------------------------

static struct wait *begin_wait(struct act *act, const struct plan_step *step, struct err *err) {
    struct case_run *run = act->inside->run;
    const struct state_kind *kind = state_kind_of(step);
    struct wait *wait = xcalloc(1, sizeof *wait);
    *wait = (struct wait){.step = *step,
                          .look = {.state = xcalloc(1, kind->state_bytes + 1)},
                          .began_ms = clock_ms(),
                          .deadline_ms = case_deadline(run, step),
                          .round = act->inside->rounds};
    if (find_session(run, kind->app, &step->act, true, err) == 0 &&
        (!kind->begin || kind->begin(run, &step->act, &wait->look.before, err) == 0))
        return wait;
    act_forget(wait);
    return NULL;
}

static void wait_until(struct act *act) {
    struct err err = {0};
    const struct plan_step *step = read_step(act, "until", &err);
    struct wait *wait = step ? begin_wait(act, step, &err) : NULL;
    if (step)
        forget_step(act->inside); // the wait has a copy
    if (!wait)
        refuse(act, &err);
    else if (act_look(act->inside, wait, act->reply))
        act_forget(wait);
    else
        *act->wait = wait;
}

bool act_look(struct inside *inside, struct wait *wait, struct reply *reply) {
    struct case_run *run = inside->run;
    const char *name = wait->step.act.verb->name;
    struct err err = {0};
    double now = clock_ms();
    if (wait->round != inside->rounds) {
        err_set(&err, "until %s: the lab was reset meanwhile", name);
        act_refuse(reply, MHD_HTTP_CONFLICT, &err);
        return true;
    }
    int ret = state_kind_of(&wait->step)->look(run, &wait->step.act, &wait->look, &err);
    if (ret == 0 && now < wait->deadline_ms)
        return false;
    if (ret > 0) {
        reply->status = MHD_HTTP_OK;
        reply->body = json_pack("{s:b, s:f, s:s}", "reached", true, "ms", now - wait->began_ms,
                                "seen", wait->look.seen);
        return true;
    }
    if (ret == 0)
        err_set(&err, "not so within the deadline; seen last: %s", wait->look.seen);
    err_context(&err, "until %s", name);
    act_refuse(reply, MHD_HTTP_CONFLICT, &err);
    return true;
}

void act_forget(struct wait *wait) {
    if (wait)
        free(wait->look.state);
    free(wait);
}

// ---- the world ---------------------------------------------------------------------------------

static void tell_world(struct act *act) {
    const struct inside *inside = act->inside;
    const struct server_recipe *server = inside->server;
    cleanup_free char *socket = xprintf("%s/" LAB_SOCKET, inside->lab->folder.sockets);
    answer(act, MHD_HTTP_OK,
           json_pack("{s:s, s:{s:s, s:s, s:s}, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:i}",
                     "version", goneaway_version, "server", "name", server->name, "vendor",
                     server->vendor, "version", server->version, "host", SERVER_ADDRESS, "name",
                     SERVER_NAME, "port", SERVER_PORT, "socket", socket, "user", APP_USER,
                     "password", APP_PASSWORD, "database", APP_DATABASE, "transport",
                     transport_words[inside->lab->transport].name, "resets", inside->rounds));
}

static void reset(struct act *act) {
    bool fresh;
    struct err err = {0};
    double began = clock_ms();
    if (inside_reset(act->inside, &fresh, &err) < 0)
        act_refuse(act->reply, MHD_HTTP_INTERNAL_SERVER_ERROR, &err);
    else
        answer(act, MHD_HTTP_OK, json_pack("{s:b, s:f}", "fresh", fresh, "ms", clock_ms() - began));
}

static void tell_contract(struct act *act) {
    answer(act, MHD_HTTP_OK, lab_contract());
}

// ---- which is which ----------------------------------------------------------------------------

static const struct route {
    struct act_request is;
    void (*handle)(struct act *act);
} routes[] = {
    {{"GET", "/v1/", "world", "the server and the account", NULL, "World", MHD_HTTP_OK},
     tell_world},
    {{"GET", "/v1/openapi.json", "contract", "this document", NULL, NULL, MHD_HTTP_OK},
     tell_contract},
    {{"GET", "/v1/faults", "faults", "the faults since the last reset", NULL, "Faults",
      MHD_HTTP_OK},
     list_faults},
    {{"POST", "/v1/faults", "arm", "the fault has taken effect", "fault", "Fault",
      MHD_HTTP_CREATED},
     add_fault},
    {{"GET", "/v1/faults/*", "fault", "the fault, and how often it has fired", NULL, "Fault",
      MHD_HTTP_OK},
     show_fault},
    {{"DELETE", "/v1/faults/*", "lift", "the fault is lifted, and its count final", NULL, "Fault",
      MHD_HTTP_OK},
     lift_fault},
    {{"POST", "/v1/until", "until", "the state has come about", "until", "Reached", MHD_HTTP_OK},
     wait_until},
    {{"POST", "/v1/server", "server", "the server is stopped, started or both", "server", "Done",
      MHD_HTTP_OK},
     do_server},
    {{"POST", "/v1/admin", "admin", "the statement's rows, or the variables are set", "admin",
      "Done", MHD_HTTP_OK},
     do_admin},
    {{"POST", "/v1/reset", "reset", "the world is as new", NULL, "Reset", MHD_HTTP_OK}, reset},
};

const struct act_request *act_request(size_t n) {
    return n < COUNT_OF(routes) ? &routes[n].is : NULL;
}

// The rest of a path behind the route's, or NULL.
static const char *match(const char *pattern, const char *path) {
    size_t length = strcspn(pattern, "*");
    if (pattern[length] == '\0')
        return strcmp(pattern, path) == 0 ? "" : NULL;
    const char *rest = strncmp(pattern, path, length) == 0 ? path + length : NULL;
    return rest && *rest && !strchr(rest, '/') ? rest : NULL;
}

static void refuse_path(struct reply *reply, const char *method, const char *path) {
    cleanup_text struct text methods = {0}, paths = {0};
    struct err err = {0};
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        text_printf(&paths, "%s%s %s", i ? ", " : "", routes[i].is.method, routes[i].is.path);
        if (match(routes[i].is.path, path))
            text_printf(&methods, "%s%s", methods.length ? ", " : "", routes[i].is.method);
    }
    if (methods.length)
        err_set(&err, "%s is not for %.200s, which has %s", method, path, text_get(&methods));
    else
        err_set(&err, "there is no %.200s; choose from %s", path, text_get(&paths));
    act_refuse(reply, methods.length ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_FOUND, &err);
}

void act(struct inside *inside, const char *method, const char *path, const struct text *body,
         struct reply *reply, struct wait **ret_wait) {
    struct err err = {0};
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        const char *rest = match(routes[i].is.path, path);
        struct act request = {inside, rest, body, reply, ret_wait};
        if (!rest || strcmp(routes[i].is.method, method) != 0)
            continue;
        if (!inside->run->served && routes[i].handle != reset) {
            err_set(&err, "there is no server, since a reset has failed");
            act_refuse(reply, MHD_HTTP_CONFLICT, &err);
            return;
        }
        routes[i].handle(&request);
        inside_expect(inside);
        return;
    }
    refuse_path(reply, method, path);
}
