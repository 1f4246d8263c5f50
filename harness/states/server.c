// SPDX-License-Identifier: Apache-2.0
// server.c - the server's process
#include "states/states.h"

#include "base/proc.h"

#include <stdio.h>

enum server_state { SERVER_UP, SERVER_GONE, SERVER_STOPPED, SERVER_STATES };

static const struct word server_words[] = {
    [SERVER_UP] = {"up", "answers its admin"},
    [SERVER_GONE] = {"gone", "its process has ended"},
    [SERVER_STOPPED] = {"stopped", "every thread is stopped"},
    END,
};
ONE_WORD_EACH(server_words, SERVER_STATES);
static const struct type type_server_state = {
    .name = "state of the server", .kind = TYPE_WORD, .words = server_words};

static bool is_damage(const struct choice *what) {
    return *(const int *)what->args != SERVER_UP;
}

static bool may_end_server(const struct choice *what) {
    return *(const int *)what->args == SERVER_GONE;
}

static int look(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err) {
    struct server *server = &run->world->server;
    (void)err;
    pid_t pid = server_pid(server);
    snprintf(look->seen, sizeof look->seen,
             pid > 0 ? "its process is %d, in state %c" : "it has ended", pid,
             pid > 0 ? proc_state(pid) : '-');
    switch (*(const int *)what->args) {
    case SERVER_UP:
        return pid > 0 && server->admin != NULL;
    case SERVER_GONE:
        return pid == 0;
    default:
        return pid > 0 && proc_all_threads_stopped(pid);
    }
}

const struct state_kind state_server = {
    .word = {"server", 0, &type_server_state, 0, "the server's process"},
    .tale = "the server is {}",
    .is_damage = is_damage,
    .may_end_server = may_end_server,
    .look = look,
};
