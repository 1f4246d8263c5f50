// SPDX-License-Identifier: Apache-2.0
// until.c - waiting for a state that can be observed
#include "run/case.h"

#include "base/clock.h"
#include "base/pattern.h"
#include "base/proc.h"
#include "world/conntrack.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

/** What a look saw, for the message if the deadline passes. */
struct look {
    char seen[256];
    uint32_t queued; // bytes in a full send queue
    int unchanged;   // looks in a row that found the queue full with just these
};

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
    }
    return false;
}

static bool is_connecting(const struct actor *actor) {
    return actor->pending && strcmp(actor->pending, "connect") == 0;
}

// While a connect is under way, its socket may not be there yet. 1 there, 0 not yet, -1 error.
static int find_connecting(struct case_run *run, struct actor *actor, struct err *err) {
    if (actor->inode || !is_connecting(actor))
        return 1;
    if (actor_find_connection(actor, run->world, case_on_socket(run), err) < 0)
        return -1;
    return actor->inode != 0;
}

// The sender cannot go on when the full queue stays as it is and none of its threads runs; one look
// is not enough, as on a busy machine a thread may wait for something else for a moment, with room
// left for an error packet.
static bool stays_full(struct look *look, const struct sock_info *info, pid_t sender) {
    enum { FULL_LOOKS = 15 };
    if (!info || !info->send_full || proc_any_thread_running(sender)) {
        look->unchanged = 0;
        return false;
    }
    look->unchanged = info->send_bytes == look->queued ? look->unchanged + 1 : 0;
    look->queued = info->send_bytes;
    return look->unchanged >= FULL_LOOKS;
}

// 1 as wanted, 0 not yet, -1 error
static int look_at_socket(struct case_run *run, const struct choice *what, struct look *look,
                          struct err *err) {
    const struct socket_args *args = what->args;
    struct actor *actor = case_actor(run, args->of ? args->of : "app");
    bool unix_socket = case_on_socket(run);
    struct sock_info info = {0};
    int there = find_connecting(run, actor, err);
    if (there <= 0)
        return there;
    int found = what->verb->id == UNTIL_APP_SOCKET
                    ? actor_app_end(actor, run->world, unix_socket, &info, err)
                    : actor_server_end(actor, run->world, unix_socket, &info, err);
    if (found < 0)
        return -1;
    snprintf(look->seen, sizeof look->seen, found ? "%s%s, %u bytes to send, %u to read" : "gone",
             unix_socket ? "connected" : tcp_state_name(info.state),
             info.closed_by_peer ? ", closed by the peer" : "", info.send_bytes,
             info.receive_bytes);
    // an app that is still on its way out of connect() has not noticed yet that it is connected
    if (what->verb->id == UNTIL_APP_SOCKET && is_connecting(actor) &&
        proc_any_thread_running(actor_process(actor)))
        return 0;
    pid_t sender =
        what->verb->id == UNTIL_APP_SOCKET ? actor_process(actor) : server_pid(&run->world->server);
    if (args->send_queue >= 0 && !stays_full(look, found ? &info : NULL, sender))
        return 0;
    return args->is < 0 || socket_is((enum socket_state)args->is, found, &info);
}

static int look_at_session(struct case_run *run, const struct choice *what, struct look *look,
                           struct err *err) {
    const struct session_args *args = what->args;
    const struct actor *actor = case_actor(run, args->of);
    struct admin_session session;
    if (actor->thread < 0)
        return err_set(err, "app '%s' has no session", args->of);
    if (admin_session(run->world->server.admin, actor->thread, &session, err) < 0)
        return -1;
    snprintf(look->seen, sizeof look->seen,
             session.there ? "session %lld: %s, %s" : "session %lld: gone",
             (long long)actor->thread, session.command, session.state);
    bool idle = strcmp(session.command, "Sleep") == 0;
    if (args->state && !(session.there && strcmp(args->state, session.state) == 0))
        return 0;
    switch (args->is) {
    case SESSION_GONE:
        return !session.there;
    case SESSION_RUNNING:
        // a statement that has ended at once, perhaps with an error, was not what is waited for
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

static int look_at_server(struct case_run *run, const struct choice *what, struct look *look) {
    struct server *server = &run->world->server;
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

static int look_at_log(struct case_run *run, const struct choice *what, struct look *look,
                       struct err *err) {
    cleanup_text struct text log = {0};
    if (what->verb->id == UNTIL_PROXY_LOG
            ? proxy_log_read(&run->world->proxy, &log, err) < 0
            : server_log_read(&run->world->server, run->log_offset, &log, err) < 0)
        return -1;
    cleanup_pattern struct pattern *pattern = pattern_open(choice_text(what), err);
    if (!pattern)
        return -1;
    int found = pattern_finds_line(pattern, text_get(&log), log.length, err);
    snprintf(look->seen, sizeof look->seen, "the log's last line is: %.200s",
             text_tail(text_get(&log), 1));
    return found;
}

// Where the counter of a step stood when the case began.
static int64_t *status_baseline(struct case_run *run, const struct status_args *args) {
    size_t index = 0;
    while (run->plan->steps[index].act.args != args)
        index++;
    return &run->baselines[index];
}

int until_take_baselines(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->plan->step_count; i++) {
        const struct plan_step *step = &run->plan->steps[i];
        if (step->kind != STEP_UNTIL || step->act.verb->id != UNTIL_STATUS)
            continue;
        const struct status_args *args = step->act.args;
        if (admin_status(run->world->server.admin, args->name, status_baseline(run, args), err) < 0)
            return -1;
    }
    return 0;
}

static int look_at_status(struct case_run *run, const struct choice *what, struct look *look,
                          struct err *err) {
    const struct status_args *args = what->args;
    int64_t now;
    if (admin_status(run->world->server.admin, args->name, &now, err) < 0)
        return -1;
    int64_t before = *status_baseline(run, args);
    snprintf(look->seen, sizeof look->seen, "%s has grown by %lld to %lld", args->name,
             (long long)(now - before), (long long)now);
    return (args->at_least < 0 || now - before >= args->at_least) &&
           (args->at_most < 0 || now <= args->at_most);
}

static int look_at_fault(struct case_run *run, const struct choice *what, struct look *look,
                         struct err *err) {
    const struct fired_args *args = what->args;
    int64_t count;
    if (fault_count(run, args->id, &count, err) < 0)
        return -1;
    snprintf(look->seen, sizeof look->seen, "it has fired %lld times", (long long)count);
    return count >= (args->times < 0 ? 1 : args->times);
}

static int look_at_conntrack(struct case_run *run, const struct choice *what, struct look *look,
                             struct err *err) {
    const struct conntrack_args *args = what->args;
    const struct actor *actor = case_actor(run, args->of);
    struct conntrack_flow flow = {0};
    if (!actor->port)
        return err_set(err, "app '%s' has no connection", args->of);
    if (!world_follows_connections(run->world, FILTER_AT_WIRE)) {
        err_set(err, "the wire follows no connections");
        return err_remedy(err, "add `wire: {nat: {}}`, or a firewall that asks for a `state:`");
    }
    int found = conntrack_find(&run->world->wire, actor->port, &flow, err);
    if (found < 0)
        return -1;
    snprintf(look->seen, sizeof look->seen,
             found ? "the flow is known for another %lld s" : "the flow is not known",
             (long long)flow.timeout_s);
    return (args->is == PRESENT) == found;
}

static int look_at_accept_queue(struct case_run *run, const struct choice *what, struct look *look,
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

static int look_once(struct case_run *run, const struct choice *what, struct look *look,
                     struct err *err) {
    switch ((enum until_kind)what->verb->id) {
    case UNTIL_APP_SOCKET:
    case UNTIL_SERVER_SOCKET:
        return look_at_socket(run, what, look, err);
    case UNTIL_SESSION:
        return look_at_session(run, what, look, err);
    case UNTIL_SERVER:
        return look_at_server(run, what, look);
    case UNTIL_LOG:
    case UNTIL_PROXY_LOG:
        return look_at_log(run, what, look, err);
    case UNTIL_STATUS:
        return look_at_status(run, what, look, err);
    case UNTIL_FAULT:
        return look_at_fault(run, what, look, err);
    case UNTIL_CONNTRACK:
        return look_at_conntrack(run, what, look, err);
    case UNTIL_ACCEPT_QUEUE:
        return look_at_accept_queue(run, what, look, err);
    }
    return -1;
}

int until_wait(struct case_run *run, const struct plan_step *step, double deadline_ms,
               struct err *err) {
    struct look look = {0};
    double began = clock_ms();
    for (;;) {
        int ret = look_once(run, &step->act, &look, err);
        if (ret != 0)
            return ret < 0 ? err_context(err, "until %s", step->act.verb->name) : 0;
        if (clock_ms() >= deadline_ms)
            return err_set(err, "until %s: not so within the deadline; seen last: %s",
                           step->act.verb->name, look.seen);
        clock_look_again(began);
    }
}
