// SPDX-License-Identifier: Apache-2.0
// control.c - the control of a lab: HTTP on a Unix socket, and on the loopback of the app's host
#include "lab/control.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    BODY_MAX_BYTES = SCENARIO_MAX_BYTES,
    MOST_CONNECTIONS = 64,
    IDLE_S = 60, // a connection that asks for nothing
    LOOK_MS = 5  // between two looks at what is waited for
};

struct request {
    struct control *control;
    struct MHD_Connection *connection;
    struct text body;
    bool too_long;
    struct reply reply;
    struct wait *wait; ///< while it is suspended
    struct request *next;
};

struct control {
    struct inside *inside;
    struct MHD_Daemon *daemon;
    int loopback, port;
    struct request *waiting;
};

// ---- requests ----------------------------------------------------------------------------------

static struct request *begin_request(struct control *control, struct MHD_Connection *connection) {
    struct request *request = xcalloc(1, sizeof *request);
    request->control = control;
    request->connection = connection;
    return request;
}

static void end_request(void *context, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode code) {
    struct request *request = *state;
    (void)context, (void)connection, (void)code;
    if (!request)
        return;
    text_release(&request->body);
    json_decref(request->reply.body);
    act_forget(request->wait);
    free(request);
    *state = NULL;
}

static void refuse_long(struct request *request) {
    struct err err = {0};
    err_set(&err, "the body is longer than %d bytes", BODY_MAX_BYTES);
    act_refuse(&request->reply, MHD_HTTP_CONTENT_TOO_LARGE, &err);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct reply *reply) {
    char *text = xgot(json_dumps(reply->body, JSON_COMPACT | JSON_PRESERVE_ORDER));
    cleanup_free char *line = xprintf("%s\n", text);
    free(text);
    struct MHD_Response *response =
        xgot(MHD_create_response_from_buffer(strlen(line), line, MHD_RESPMEM_MUST_COPY));
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    enum MHD_Result ret = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return ret;
}

static void take_body(struct request *request, const char *data, size_t *length) {
    if (request->body.length + *length > BODY_MAX_BYTES)
        request->too_long = true;
    else
        text_append(&request->body, data, *length);
    *length = 0;
}

// Called first with the headers, then with parts of the body, at its end, and once more when a
// suspended request goes on.
static enum MHD_Result take(void *context, struct MHD_Connection *connection, const char *path,
                            const char *method, const char *version, const char *data,
                            size_t *length, void **state) {
    struct control *control = context;
    struct request *request = *state;
    (void)version;
    if (!request) {
        *state = begin_request(control, connection);
        return MHD_YES;
    }
    if (*length > 0) {
        take_body(request, data, length);
        return MHD_YES;
    }
    if (request->too_long)
        refuse_long(request);
    else if (request->reply.status == 0)
        act(control->inside, method, path, &request->body, &request->reply, &request->wait);
    if (request->reply.status != 0)
        return send_reply(connection, &request->reply);
    request->next = control->waiting;
    control->waiting = request;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

// Looks at what is waited for, and lets those requests go on that have their answer.
static void look(struct control *control) {
    for (struct request **at = &control->waiting; *at;) {
        struct request *request = *at;
        if (!act_look(control->inside, request->wait, &request->reply)) {
            at = &request->next;
            continue;
        }
        *at = request->next;
        MHD_resume_connection(request->connection);
    }
}

// ---- sockets -----------------------------------------------------------------------------------

// In the app's host, for those who cannot speak HTTP over a Unix socket. No fault of the network
// reaches the loopback.
static int open_loopback(struct control *control, struct err *err) {
    enum { QUEUE = 64 };
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const struct netns *host = &control->inside->run->world->app;
    control->loopback = netns_socket(host, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, err);
    if (control->loopback < 0)
        return -1;
    if (bind(control->loopback, (struct sockaddr *)&address, length) < 0 ||
        listen(control->loopback, QUEUE) < 0 ||
        getsockname(control->loopback, (struct sockaddr *)&address, &length) < 0)
        return err_errno(err, "listen on the loopback of the app's host");
    control->port = ntohs(address.sin_port);
    return 0;
}

static void admit(struct control *control, int listener) {
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    int fd = accept4(listener, (struct sockaddr *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) // which closes it even if it refuses
        MHD_add_connection(control->daemon, fd, (struct sockaddr *)&from, length);
}

int control_open(struct control **ret, struct inside *inside, struct err *err) {
    struct control *control = *ret = xcalloc(1, sizeof *control);
    control->inside = inside;
    control->loopback = -1;
    if (open_loopback(control, err) < 0)
        return -1;
    control->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0,
                         NULL, NULL, take, control, MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
    return control->daemon ? 0 : err_set(err, "the control cannot be started");
}

int control_port(const struct control *control) {
    return control->port;
}

// How long nothing has to be done, for poll().
static int pause_ms(const struct control *control) {
    MHD_UNSIGNED_LONG_LONG timeout;
    int pause = control->waiting ? LOOK_MS : -1;
    if (MHD_get_timeout(control->daemon, &timeout) == MHD_YES &&
        (pause < 0 || timeout < (MHD_UNSIGNED_LONG_LONG)pause))
        pause = (int)timeout;
    return pause;
}

int control_serve(struct control *control, int stop_fd, struct err *err) {
    const union MHD_DaemonInfo *epoll =
        MHD_get_daemon_info(control->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd fds[] = {{.fd = stop_fd, .events = POLLIN},
                           {.fd = control->inside->lab->folder.listener, .events = POLLIN},
                           {.fd = control->loopback, .events = POLLIN},
                           {.fd = epoll ? epoll->epoll_fd : -1, .events = POLLIN}};
    for (;;) {
        int ready = poll(fds, COUNT_OF(fds), pause_ms(control));
        if (ready < 0 && errno != EINTR)
            return err_errno(err, "wait for requests");
        if (ready > 0 && fds[0].revents)
            return 0;
        for (int i = 1; ready > 0 && i <= 2; i++)
            if (fds[i].revents)
                admit(control, fds[i].fd);
        look(control);
        MHD_run(control->daemon);
    }
}

void control_close(struct control *control) {
    if (!control)
        return;
    for (struct request *request = control->waiting; request; request = request->next)
        MHD_resume_connection(request->connection); // a daemon with a suspended one cannot stop
    if (control->daemon)
        MHD_stop_daemon(control->daemon);
    if (control->loopback >= 0)
        close(control->loopback);
    free(control);
}
