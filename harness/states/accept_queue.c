// SPDX-License-Identifier: Apache-2.0
// accept_queue.c - connections that the server has not accepted yet
#include "states/states.h"

#include <stdio.h>

struct queue_args {
    int64_t at_least;
};

static const struct type type_queue = {
    .name = "queue",
    .kind = TYPE_RECORD,
    .size = sizeof(struct queue_args),
    .shorthand = "at_least",
    .fields = (const struct field[]){FIELD(struct queue_args, at_least, "at_least", COUNT(0, 65535),
                                           FIELD_REQUIRED, "this many wait, or more"),
                                     END}};

static int look(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err) {
    const struct queue_args *args = what->args;
    const struct netns *netns = &run->world->server.netns;
    struct sock_query query = {.listening = true};
    struct sock_info info = {0};
    if (!case_on_socket(run))
        query.local_port = SERVER_PORT;
    int found = case_on_socket(run) ? sockdiag_find_unix(netns, &query, &info, err)
                                    : sockdiag_find_tcp(netns, &query, &info, err);
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, "the server does not listen");
    snprintf(look->seen, sizeof look->seen, "%u wait", info.receive_bytes);
    return info.receive_bytes >= args->at_least;
}

const struct state_kind state_accept_queue = {
    .word = {"accept-queue", 0, &type_queue, 0,
             "connections that the server's kernel has made and the server has not accepted yet"},
    .tale = "{at_least} connections wait to be accepted",
    .look = look,
};
