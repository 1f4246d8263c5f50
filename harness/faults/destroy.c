// SPDX-License-Identifier: Apache-2.0
// destroy.c - the kernel of one host forgets the connection
#include "faults/faults.h"

#include "base/clock.h"

struct destroy_args {
    const char *socket_of;
    int side;
};

static const struct type type_destroy = {
    .name = "destroy",
    .kind = TYPE_RECORD,
    .size = sizeof(struct destroy_args),
    .fields = (const struct field[]){
        FIELD(struct destroy_args, socket_of, "socket-of", &type_actor, FIELD_REQUIRED,
              "whose connection"),
        FIELD(struct destroy_args, side, "side", &type_side, FIELD_REQUIRED,
              "which end of it; the other end learns of it by a RST, if that gets through"),
        END}};

static const char *app_of(const struct choice *act) {
    return ((const struct destroy_args *)act->args)->socket_of;
}

static int find_end(struct case_run *run, const struct destroy_args *args, struct sock_info *ret,
                    struct err *err) {
    const struct actor *actor = case_actor(run, args->socket_of);
    return args->side == SIDE_APP ? actor_app_end(actor, run->world, false, ret, err)
                                  : actor_server_end(actor, run->world, false, ret, err);
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct destroy_args *args = fault->step->act.args;
    const struct netns *netns =
        args->side == SIDE_APP ? &run->world->app : &run->world->server.netns;
    struct sock_info info;
    int found = find_end(run, args, &info, err);
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, "the connection to destroy is gone already");
    if (sockdiag_destroy_tcp(netns, &info, err) < 0)
        return -1;
    while ((found = find_end(run, args, &info, err)) > 0 && clock_ms() < deadline_ms)
        clock_wait(1, -1);
    fault->fired = found == 0;
    return found < 0 ? -1 : 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.until = "app-socket: {of: {app}, is: gone}",
                                              .words = "the app's socket is gone",
                                              .cause = "half-open",
                                              .promise = PROMISE_ERROR_OR_NEW};
    (void)act;
    return &effect;
}

const struct fault_kind fault_destroy = {
    .word = {"destroy", 0, &type_destroy, VERB_NEEDS_TCP,
             "the kernel of one host forgets the connection (SOCK_DESTROY)"},
    .tale = "the host of {@side} forgets the connection of {@socket-of}",
    .effect = effect_of,
    .mechanism = "sock_diag",
    .app = app_of,
    .arm = arm,
};
