// SPDX-License-Identifier: Apache-2.0
// connection.c - an app's connection: which process in its container holds it, and its two ends
#include "run/connection.h"

#include "base/proc.h"
#include "plan/kind.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

// Anything beyond these is not looked at.
enum { MOST_SOCKETS = 64, MOST_PROCESSES = 200 };

// Lists the processes in the app's container, without children that are actors; to be freed.
static size_t list_processes(const struct actor *actor, pid_t **ret_pids) {
    pid_t top = actor->folder ? actor->container.init : actor->pid;
    if (top <= 0) // it has ended; process 0 is everybody's ancestor
        return 0;
    size_t count = proc_descendants(top, actor->forked, actor->forked_count, ret_pids);
    return count < MOST_PROCESSES ? count : MOST_PROCESSES;
}

// Whether a Unix socket leads to the server: it may lead to another process of the adapter, as its
// standard input can.
static int leads_to_server(const struct world *world, const struct sock_info *info,
                           struct err *err) {
    struct sock_query query = {.inode = info->peer_inode};
    struct sock_info peer;
    if (!info->unix_socket || !info->peer_inode)
        return !info->loopback;
    int found = sockdiag_find_unix(&world->app, &query, &peer, err);
    if (found <= 0)
        return found;
    const char *file = strrchr(peer.path, '/'); // a stub's path is as seen outside of the container
    return strcmp(peer.path, SERVER_SOCKET) == 0 ||
           (file && strcmp(file + 1, STUB_SOCKET_FILE) == 0);
}

static int find_by_inode(const struct world *world, uint64_t inode, bool unix_socket,
                         struct sock_info *ret, struct err *err) {
    struct sock_query query = {.inode = inode};
    if (unix_socket)
        return sockdiag_find_unix(&world->app, &query, ret, err);
    return sockdiag_find_tcp(&world->app, &query, ret, err);
}

static void set_process(struct actor *actor, pid_t pid) {
    if (pid == actor->pid)
        return;
    if (actor->pidfd > 0)
        close(actor->pidfd);
    actor->pid = pid;
    actor->pidfd = pid > 0 && pid != actor->program ? proc_pidfd(pid) : 0;
}

// Finds the connection among this process's sockets. A pool has several; a new one is preferred to
// the previous one.
static int look_into(struct actor *actor, pid_t pid, uint64_t before, const struct world *world,
                     bool unix_socket, struct err *err) {
    uint64_t inodes[MOST_SOCKETS];
    int count = sockdiag_inodes_of(pid, inodes, MOST_SOCKETS, err);
    for (int i = 0; i < count; i++) {
        struct sock_info info;
        int found = find_by_inode(world, inodes[i], unix_socket, &info, err);
        if (found > 0)
            found = leads_to_server(world, &info, err);
        if (found < 0)
            return -1;
        bool better =
            info.inode != before && info.inode != actor->inode && info.local_port >= actor->port;
        if (found && (actor->inode == 0 || actor->inode == before || better)) {
            actor->inode = info.inode;
            actor->port = info.local_port;
            actor->peer_port = info.peer_port;
            set_process(actor, pid);
        }
    }
    return count < 0 ? -1 : 0;
}

// Usually the process is the same as before, so the others are checked only if it is not.
static int look_into_all(struct actor *actor, uint64_t before, const struct world *world,
                         bool unix_socket, struct err *err) {
    pid_t first = actor->pid;
    if (look_into(actor, first, before, world, unix_socket, err) < 0)
        return -1;
    if (actor->inode && actor->inode != before)
        return 0;
    cleanup_free pid_t *pids = NULL;
    size_t count = list_processes(actor, &pids);
    for (size_t i = 0; i < count; i++)
        if (pids[i] != first && look_into(actor, pids[i], before, world, unix_socket, err) < 0)
            return -1;
    return 0;
}

int actor_find_connection(struct actor *actor, const struct world *world, bool unix_socket,
                          struct err *err) {
    uint64_t before = actor->inode;
    actor->inode = 0;
    actor->port = 0;
    if (look_into_all(actor, before, world, unix_socket, err) < 0)
        return -1;
    if (actor->port == 0 || actor->inode == before)
        return 0;
    // A server that does not know yet that its connection ended would answer a SYN from the same
    // port as part of that connection, and learn of its end by the RST in return.
    return netns_retire_port(&world->app, actor->port, err);
}

static bool is_alive(pid_t pid) {
    char state = pid > 0 ? proc_state(pid) : 0;
    return state != 0 && state != 'Z' && state != 'X';
}

// The process that reads requests is a descendant of any that merely started it and shares its
// standard input.
static pid_t last_reader(const struct actor *actor) {
    cleanup_free char *own = xprintf("/proc/self/fd/%d", actor->to);
    cleanup_free pid_t *pids = NULL;
    char wanted[64] = "", target[64];
    size_t count = list_processes(actor, &pids);
    pid_t last = count > 0 ? pids[0] : 0;
    if (readlink(own, wanted, sizeof wanted - 1) < 0)
        return last;
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *input = xprintf("/proc/%d/fd/0", pids[i]);
        ssize_t length = readlink(input, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        if (strcmp(target, wanted) == 0)
            last = pids[i];
    }
    return last;
}

pid_t actor_process(struct actor *actor) {
    if (actor->folder && (!actor->inode || !is_alive(actor->pid)))
        set_process(actor, last_reader(actor));
    return actor->pid;
}

int actor_app_end(const struct actor *actor, const struct world *world, bool unix_socket,
                  struct sock_info *ret, struct err *err) {
    if (!actor->inode)
        return err_set(err, "app '%s' has no connection", actor->name);
    return find_by_inode(world, actor->inode, unix_socket, ret, err);
}

static int holds_socket(pid_t pid, uint64_t inode, struct err *err) {
    uint64_t inodes[MOST_SOCKETS];
    int count = sockdiag_inodes_of(pid, inodes, MOST_SOCKETS, err);
    for (int i = 0; i < count; i++)
        if (inodes[i] == inode)
            return 1;
    return count < 0 ? -1 : 0;
}

int actor_choose_connection(struct actor *actor, const struct world *world, uint16_t port,
                            struct err *err) {
    const struct sock_query query = {.local_port = port, .peer_port = actor->peer_port};
    struct sock_info info;
    cleanup_free pid_t *pids = NULL;
    int found = sockdiag_find_tcp(&world->app, &query, &info, err);
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, "the app has no connection from port %u", port);
    actor->inode = info.inode;
    actor->port = port;
    size_t count = list_processes(actor, &pids);
    for (size_t i = 0; i < count; i++) {
        int held = holds_socket(pids[i], info.inode, err);
        if (held != 0) {
            set_process(actor, pids[i]);
            return held < 0 ? -1 : netns_retire_port(&world->app, port, err);
        }
    }
    return err_set(err, "no process of the app holds its connection from port %u", port);
}

int actor_closed_first(const struct actor *actor, const struct world *world, struct err *err) {
    const struct sock_query query = {.local_port = actor->port, .peer_port = actor->peer_port};
    struct sock_info info;
    int found = actor->port ? sockdiag_find_tcp(&world->app, &query, &info, err) : 0;
    if (found <= 0)
        return found;
    // an end whose FIN is the second one never enters these states
    if (info.state != TCP_FIN_WAIT1 && info.state != TCP_FIN_WAIT2 && info.state != TCP_TIME_WAIT)
        return 0;
    int held = holds_socket(actor->pid, actor->inode, err);
    return held < 0 ? -1 : !held;
}

int actor_server_end(const struct actor *actor, const struct world *world, bool unix_socket,
                     struct sock_info *ret, struct err *err) {
    if (!actor->inode)
        return err_set(err, "app '%s' has no connection", actor->name);
    struct sock_query query = {0};
    if (unix_socket) {
        // both ends of a Unix connection are in the network namespace of the one who connected
        query.peer_inode = actor->inode;
        return sockdiag_find_unix(&world->app, &query, ret, err);
    }
    // a proxy has one connection of its own to the server
    query.local_port = actor->peer_port;
    query.peer_port = world->proxy.folder ? 0 : actor->port;
    return sockdiag_find_tcp(&world->server.netns, &query, ret, err);
}

// Whether a call succeeded that needs an answer from the server.
static bool has_reached_server(const struct record_step *step) {
    if (step->outcome != OUTCOME_OK)
        return false;
    const struct app_verb *verb = app_verb_named(step->verb);
    return verb && verb->reaches_server;
}

static int process_has_connection(pid_t pid, const struct world *world, bool unix_socket,
                                  struct err *err) {
    uint64_t inodes[MOST_SOCKETS];
    int count = sockdiag_inodes_of(pid, inodes, MOST_SOCKETS, err), found = 0;
    for (int i = 0; i < count && found == 0; i++) {
        struct sock_info info;
        found = find_by_inode(world, inodes[i], unix_socket, &info, err);
        if (found > 0)
            found = leads_to_server(world, &info, err);
    }
    return count < 0 ? -1 : found;
}

static int has_connection(const struct actor *actor, const struct world *world, bool unix_socket,
                          struct err *err) {
    cleanup_free pid_t *pids = NULL;
    size_t count = list_processes(actor, &pids);
    int found = 0;
    for (size_t i = 0; i < count && found == 0; i++)
        found = process_has_connection(pids[i], world, unix_socket, err);
    return found;
}

// Whether the answer came over the connection that the app already had. A server that was asked
// before its restart may have answered as its last act, and closed the connection then. A client
// that keeps listening may have closed its end too; one that asked again would have a new
// connection.
static int has_kept_connection(const struct actor *actor, const struct world *world, int starts,
                               bool unix_socket, struct err *err) {
    struct sock_info info;
    bool asked_before = actor->asked_in < starts;
    int found = actor->inode ? find_by_inode(world, actor->inode, unix_socket, &info, err) : 0;
    if (found > 0)
        return asked_before || !info.closed_by_peer;
    if (found < 0 || !asked_before)
        return found;
    int another = has_connection(actor, world, unix_socket, err);
    return another < 0 ? -1 : !another;
}

// Whether the app still holds its connection; a pool that replaced it has closed it.
static int holds_connection(const struct actor *actor, struct err *err) {
    cleanup_free pid_t *pids = NULL;
    size_t count = list_processes(actor, &pids);
    int held = 0;
    for (size_t i = 0; i < count && held == 0; i++)
        held = holds_socket(pids[i], actor->inode, err);
    return held;
}

// Whether a call that reports the same session number as before means the same session.
static int is_same_session(const struct actor *actor, const struct world *world, int starts,
                           bool unix_socket, const struct record_step *step, struct err *err) {
    const struct app_verb *verb = app_verb_named(step->verb);
    if (has_reached_server(step))
        return has_kept_connection(actor, world, starts, unix_socket, err);
    bool acquired = verb && verb->connects && step->outcome == OUTCOME_OK;
    return acquired && actor->inode ? holds_connection(actor, err) : 1;
}

// Numbers start again each time a server does, so an unchanged number may be another session. A
// call that fails may still report the session that was lost. A connection, with its session,
// outlives the server only behind a proxy that has sessions of its own.
int actor_note_session(struct actor *actor, const struct world *world, int starts, bool unix_socket,
                       struct record_step *step, struct err *err) {
    bool another = step->thread != step->thread_before;
    const struct app_verb *verb = app_verb_named(step->verb);
    if (step->thread >= 0 && ((verb && verb->connects) || another))
        actor->replaced = verb && verb->connects ? -1 : step->thread_before;
    step->start_before = step->start = actor->start;
    if (step->thread < 0 || actor->start == starts)
        return 0;
    int same = another ? 0 : is_same_session(actor, world, starts, unix_socket, step, err);
    if (same < 0)
        return -1;
    another = !same;
    if (another)
        step->start = actor->start = starts;
    return 0;
}
