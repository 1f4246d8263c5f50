// SPDX-License-Identifier: Apache-2.0
// socket.c - an end of the app's connection, as the kernel sees it
#include "states/states.h"

#include "base/proc.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

// ---- how they are written ----------------------------------------------------------------------

enum socket_state {
    SOCKET_ESTABLISHED,
    SOCKET_CLOSED_BY_PEER,
    SOCKET_GONE,
    SOCKET_QUIET,
    SOCKET_UNREAD,
    SOCKET_UNACKED,
    SOCKET_STATES,
};
struct socket_args {
    const char *of; ///< NULL: app
    int is;         ///< enum socket_state, -1: any
    int send_queue; ///< 0: full, -1: any
};

static const struct word socket_words[] = {
    [SOCKET_ESTABLISHED] = {"established", "open on this side"},
    [SOCKET_CLOSED_BY_PEER] = {"closed-by-peer",
                               "the other side has closed it, by FIN or by RST, and over TCP the "
                               "app has not done so before"},
    [SOCKET_GONE] = {"gone", "the kernel has forgotten it (after a RST)"},
    [SOCKET_QUIET] = {"quiet", "all that was sent is acknowledged and nothing waits to be read"},
    [SOCKET_UNREAD] = {"unread", "data has come that its owner has not read yet"},
    [SOCKET_UNACKED] = {"unacked",
                        "something that was sent is not acknowledged; over `socket`, not read"},
    END,
};
ONE_WORD_EACH(socket_words, SOCKET_STATES);
static const struct word queue_words[] = {
    {"full", "the sender cannot go on: both windows are closed"},
    END,
};
static const struct type type_socket = {
    .name = "socket",
    .kind = TYPE_RECORD,
    .size = sizeof(struct socket_args),
    .shorthand = "is",
    .fields = (const struct field[]){
        FIELD(struct socket_args, of, "of", &type_actor, 0, "whose connection (default: app)"),
        FIELD(struct socket_args, is, "is", WORD("state of a socket", socket_words), 0,
              "the state"),
        FIELD(struct socket_args, send_queue, "send-queue", WORD("state of a queue", queue_words),
              0, "the state of its send queue"),
        END}};

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct socket_args *args = step->act.args;
    (void)plan;
    return args->is >= 0 || args->send_queue >= 0
               ? 0
               : node_error(step->act.node, err, "%s needs `is` or `send-queue`",
                            step->act.verb->name);
}

static const char *app_of(const struct choice *what) {
    const struct socket_args *args = what->args;
    return args->of ? args->of : "app";
}

static bool is_damage(const struct choice *what) {
    const struct socket_args *args = what->args;
    return args->is == SOCKET_CLOSED_BY_PEER || args->is == SOCKET_GONE;
}

// ---- how they are looked at --------------------------------------------------------------------

// A full send queue, over several looks.
struct queue_seen {
    uint32_t queued; // bytes in it
    int unchanged;   // number of consecutive looks that found it full with exactly these
};

static bool is_app_end(const struct choice *what) {
    return what->verb == &state_app_socket.word;
}

static const char *tcp_state_name(int state) {
    static const char *const names[] = {[TCP_ESTABLISHED] = "ESTABLISHED",
                                        [TCP_SYN_SENT] = "SYN-SENT",
                                        [TCP_SYN_RECV] = "SYN-RECV",
                                        [TCP_FIN_WAIT1] = "FIN-WAIT-1",
                                        [TCP_FIN_WAIT2] = "FIN-WAIT-2",
                                        [TCP_TIME_WAIT] = "TIME-WAIT",
                                        [TCP_CLOSE] = "CLOSED",
                                        [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
                                        [TCP_LAST_ACK] = "LAST-ACK",
                                        [TCP_LISTEN] = "LISTEN",
                                        [TCP_CLOSING] = "CLOSING"};
    return state > 0 && state < (int)COUNT_OF(names) && names[state] ? names[state] : "?";
}

static bool socket_is(enum socket_state wanted, int found, const struct sock_info *info) {
    switch (wanted) {
    case SOCKET_ESTABLISHED:
        return found && info->state == TCP_ESTABLISHED && !info->closed_by_peer;
    case SOCKET_CLOSED_BY_PEER:
        return !found || info->closed_by_peer;
    case SOCKET_GONE:
        return !found;
    case SOCKET_QUIET:
        return found && info->receive_bytes == 0 && info->send_bytes == 0;
    case SOCKET_UNREAD:
        return found && info->receive_bytes > 0;
    case SOCKET_UNACKED:
        return found && info->send_bytes > 0;
    case SOCKET_STATES:
        break;
    }
    return false;
}

static bool is_connecting(const struct actor *actor) {
    const struct app_verb *verb = actor->pending ? app_verb_named(actor->pending) : NULL;
    return verb && verb->addressed;
}

// During a connect its socket may not exist yet. 1: it does; 0: not yet; -1: error.
static int find_connecting(struct case_run *run, struct actor *actor, struct err *err) {
    if (actor->inode || !is_connecting(actor))
        return 1;
    if (actor_find_connection(actor, run->world, case_on_socket(run), err) < 0)
        return -1;
    return actor->inode != 0;
}

// The sender is stuck if the full queue does not change and none of its threads runs. One look is
// not enough: on a busy machine a thread may briefly wait for something else, with room left for an
// error packet.
static bool stays_full(struct queue_seen *seen, const struct sock_info *info, pid_t sender) {
    enum { FULL_LOOKS = 15 };
    if (!info || !info->send_full || proc_any_thread_running(sender)) {
        seen->unchanged = 0;
        return false;
    }
    seen->unchanged = info->send_bytes == seen->queued ? seen->unchanged + 1 : 0;
    seen->queued = info->send_bytes;
    return seen->unchanged >= FULL_LOOKS;
}

// A client that notices the peer's close may close its own socket before anybody looks. One that
// closed first was not closed by the peer.
static int closed_by_itself(struct case_run *run, const struct choice *what, struct err *err) {
    const struct socket_args *args = what->args;
    if (args->is != SOCKET_CLOSED_BY_PEER || !is_app_end(what) || case_on_socket(run))
        return 0;
    return actor_closed_first(case_actor(run, app_of(what)), run->world, err);
}

// 1: as wanted; 0: not yet; -1: error
static int look(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err) {
    const struct socket_args *args = what->args;
    struct actor *actor = case_actor(run, app_of(what));
    bool unix_socket = case_on_socket(run);
    struct sock_info info = {0};
    int there = find_connecting(run, actor, err);
    if (there <= 0)
        return there;
    int found = is_app_end(what) ? actor_app_end(actor, run->world, unix_socket, &info, err)
                                 : actor_server_end(actor, run->world, unix_socket, &info, err);
    if (found < 0)
        return -1;
    snprintf(look->seen, sizeof look->seen, found ? "%s%s, %u bytes to send, %u to read" : "gone",
             unix_socket ? "connected" : tcp_state_name(info.state),
             info.closed_by_peer ? ", closed by the peer" : "", info.send_bytes,
             info.receive_bytes);
    int itself = found ? 0 : closed_by_itself(run, what, err);
    if (itself > 0)
        snprintf(look->seen, sizeof look->seen, "closed by the app itself");
    if (itself != 0)
        return itself < 0 ? -1 : 0;
    // an app that is still returning from connect() does not know yet that it is connected
    if (is_app_end(what) && is_connecting(actor) && proc_any_thread_running(actor_process(actor)))
        return 0;
    pid_t sender = is_app_end(what) ? actor_process(actor) : server_pid(&run->world->server);
    if (args->send_queue >= 0 && !stays_full(look->state, found ? &info : NULL, sender))
        return 0;
    return args->is < 0 || socket_is((enum socket_state)args->is, found, &info);
}

const struct state_kind state_app_socket = {
    .word = {"app-socket", 0, &type_socket, 0,
             "the app's end of the connection (INET_DIAG, UNIX_DIAG)"},
    .tale = "the app's end of the connection[ of {@of}][ is {is}][ has a {send-queue} send queue]",
    .check = check,
    .app = app_of,
    .of_socket = true,
    .is_damage = is_damage,
    .look = look,
    .state_bytes = sizeof(struct queue_seen),
};

const struct state_kind state_server_socket = {
    .word = {"server-socket", 0, &type_socket, 0,
             "the server's end of the connection (INET_DIAG, UNIX_DIAG)"},
    .tale =
        "the server's end of the connection[ of {@of}][ is {is}][ has a {send-queue} send queue]",
    .check = check,
    .app = app_of,
    .of_socket = true,
    .is_damage = is_damage,
    .look = look,
    .state_bytes = sizeof(struct queue_seen),
};
