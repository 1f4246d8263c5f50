// SPDX-License-Identifier: Apache-2.0
// raw.c - raw steps: bytes of one's own to the real server, from the app's host
//
// The result of a step is recorded like that of an app's call: an error packet by its code, a
// connection that has ended by 2013, whose message ends with the system's error as an extended 2013
// does. No connector is involved.
#include "run/raw.h"

#include "base/clock.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { CR_SERVER_LOST = 2013 };

int raw_find_address(const struct server *server, bool unix_socket, const char *file, uint16_t port,
                     struct raw_address *ret, struct err *err) {
    *ret = (struct raw_address){.length = sizeof ret->in};
    if (!unix_socket) {
        ret->in.sin_family = AF_INET;
        ret->in.sin_port = htons(port);
        inet_pton(AF_INET, SERVER_ADDRESS, &ret->in.sin_addr);
        return 0;
    }
    cleanup_free char *path = xprintf("%s/%s", server->sockets, file);
    if (strlen(path) >= sizeof ret->un.sun_path)
        return err_set(err, "path too long for a socket: %s", path);
    ret->un.sun_family = AF_UNIX;
    strcpy(ret->un.sun_path, path);
    ret->length = sizeof ret->un;
    return 0;
}

// A server, or what runs in it, may replace its socket by a link.
static int dial_file(int fd, const struct raw_address *to) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cleanup_close int file = file_open_socket(to->un.sun_path);
    if (file < 0)
        return errno;
    cleanup_free char *path = file_socket_path(file);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
}

int raw_dial(const struct netns *from, const struct raw_address *to, double deadline_ms,
             int *ret_errno, struct err *err) {
    int fd = netns_socket(from, to->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, err);
    if (fd < 0)
        return -1;
    int failed = to->any.sa_family == AF_UNIX            ? dial_file(fd, to)
                 : connect(fd, &to->any, to->length) < 0 ? errno
                                                         : 0;
    if (failed == EINPROGRESS) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
        socklen_t size = sizeof failed;
        failed = ETIMEDOUT;
        if (poll(&poll_fd, 1, clock_left_ms(deadline_ms)) > 0)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
    }
    *ret_errno = failed;
    return fd;
}

static int step_connect(struct case_run *run, double deadline_ms, struct err *err) {
    struct raw_address to;
    int failed;
    struct peer *raw = &run->raw;
    if (raw_find_address(&run->world->server, case_on_socket(run), SERVER_SOCKET_FILE, SERVER_PORT,
                         &to, err) < 0)
        return -1;
    raw_close(run);
    run->strangers = run->privileged = true; // the packets may log in as anybody
    *raw = (struct peer){.client = true, .fd = -1};
    int fd = raw_dial(&run->world->app, &to, deadline_ms, &failed, err);
    if (fd < 0)
        return -1;
    raw->fd = fd;
    errno = failed;
    return failed ? err_errno(err, "connect to the server") : 0;
}

static void note_lost(struct record_step *seen, bool reads, int system_errno) {
    seen->outcome = OUTCOME_ERROR;
    seen->error = CR_SERVER_LOST;
    seen->message = xprintf("Lost connection to server at '%s', system error: %d",
                            reads ? "reading" : "writing", system_errno);
}

static void note_packet(struct record_step *seen, const struct peer_seen *answer) {
    char sqlstate[6];
    if (packet_read_error(&answer->packet, &seen->error, sqlstate, &seen->message)) {
        seen->outcome = OUTCOME_ERROR;
        seen->sqlstate = xstrdup(sqlstate);
        return;
    }
    seen->message = xprintf("packet %d of %zu bytes", answer->sequence, answer->packet.length);
}

static void note_end(struct record_step *seen, enum peer_end end, bool reads,
                     const struct peer_seen *answer) {
    seen->outcome = OUTCOME_OK;
    if (end == PEER_LATE) {
        seen->outcome = OUTCOME_HANG;
        seen->message = xstrdup("the server neither answers nor closes");
    } else if (end == PEER_LOST) {
        note_lost(seen, reads, answer->system_errno);
    } else if (reads) {
        note_packet(seen, answer);
    }
}

int raw_step(struct case_run *run, const struct plan_step *step, struct record_step *seen,
             struct err *err) {
    double began = clock_ms(), deadline_ms = case_deadline(run, step);
    struct peer_seen answer = {.sequence = 0};
    int id = step->act.verb->id, ret = 0;
    enum peer_end end = PEER_DONE;
    seen->verb = xstrdup(step->act.verb->name);
    if (id == PEER_CONNECT)
        ret = step_connect(run, deadline_ms, err);
    else if (run->raw.fd < 0)
        ret = err_set(err, "there is no raw connection");
    else
        end = peer_act(&run->raw, &step->act, deadline_ms, &answer);
    note_end(seen, end, id == PEER_READ, &answer);
    seen->ms = clock_ms() - began;
    text_release(&answer.packet);
    return ret;
}

void raw_close(struct case_run *run) {
    if (run->raw.fd >= 0)
        close(run->raw.fd);
    run->raw.fd = -1;
}
