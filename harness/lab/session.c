// SPDX-License-Identifier: Apache-2.0
// session.c - sessions of the command, which run/ takes for those of apps
//
// An app of a case is asked what it does, and tells its session. Of a command only sessions are
// known: their connection ids, from the server, and the sockets that they came by, from the kernel.
#include "lab/act.h"

#include "base/clock.h"
#include "world/sockdiag.h"

#include <stdlib.h>
#include <string.h>

// The columns of SHOW FULL PROCESSLIST.
enum { COLUMN_ID, COLUMN_USER, COLUMN_HOST };

static const char *column(const json_t *row, size_t i) {
    const char *text = json_string_value(json_array_get(row, i));
    return text ? text : "";
}

// The client's port, from "192.0.2.10:41234" or, over the Unix socket, "localhost": 0. -1: there is
// no such session.
static int find_port(struct admin *admin, const char *id, int *ret_port, struct err *err) {
    enum { LOOK_MS = 5000 };
    json_t *rows;
    *ret_port = -1;
    admin_bound(admin, clock_ms() + LOOK_MS);
    int ret = admin_query(admin, "SHOW FULL PROCESSLIST", &rows, err);
    admin_bound(admin, 0);
    if (ret < 0)
        return -1;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *port = strrchr(column(row, COLUMN_HOST), ':');
        if (strcmp(column(row, COLUMN_ID), id) == 0 && atoll(id) != admin_thread(admin))
            *ret_port = port ? atoi(port + 1) : 0;
    }
    json_decref(rows);
    return 0;
}

static int find_socket(const struct case_run *run, struct actor *actor, int port, struct err *err) {
    const struct sock_query query = {.local_port = (uint16_t)port, .peer_port = SERVER_PORT};
    struct sock_info info;
    int found = port > 0 ? sockdiag_find_tcp(&run->world->app, &query, &info, err) : 0;
    if (found <= 0)
        return found;
    actor->inode = info.inode;
    actor->port = (uint16_t)port;
    actor->peer_port = SERVER_PORT;
    return 0;
}

static struct actor *add(struct case_run *run, const char *id, struct err *err) {
    if (run->actor_count == OUTSIDE_SESSIONS) {
        err_set(err, "there is room for %d sessions only", OUTSIDE_SESSIONS);
        err_remedy(err, "a reset forgets them");
        return NULL;
    }
    struct actor *actor = &run->actors[run->actor_count++];
    *actor = (struct actor){.name = id,
                            .to = -1,
                            .from = -1,
                            .said = -1,
                            .thread = atoll(id),
                            .replaced = -1,
                            .start = run->server_starts};
    return actor;
}

int act_find_session(struct case_run *run, const char *id, bool gone, struct err *err) {
    struct admin *admin = run->world->server.admin;
    struct actor *actor = case_actor(run, id);
    int port = -1;
    if (server_pid(&run->world->server) == 0 || !admin)
        return err_set(err, "the server has ended, and its sessions with it");
    if (find_port(admin, id, &port, err) < 0)
        return -1;
    if (port < 0 && !gone)
        return err_set(err, "the server has no session %s", id);
    if (!actor && !(actor = add(run, id, err)))
        return -1;
    if (port < 0) // what is known of it stays
        return 0;
    actor->start = run->server_starts;
    return find_socket(run, actor, port, err);
}
