// SPDX-License-Identifier: Apache-2.0
// ask.c - asks the control of the lab that this process runs in
#include "lab/ask.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX_BYTES = 64 << 20 };

static int connect_to(const char *path, struct err *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || !*path) {
        err_usage(err, "this is not a lab: GONEAWAY_LAB is not set");
        return err_remedy(err, "`goneaway lab` starts your shell in one");
    }
    if (strlen(path) >= sizeof address.sun_path)
        return err_usage(err, "GONEAWAY_LAB is no path of a socket: %s", path);
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    err_errno(err, "the lab does not answer at %s", path);
    if (fd >= 0)
        close(fd);
    return err_remedy(err, "it may have ended; `goneaway lab` starts another");
}

static int send_all(int fd, const struct text *text, struct err *err) {
    for (size_t sent = 0; sent < text->length;) {
        ssize_t put = send(fd, text->data + sent, text->length - sent, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR)
            return err_errno(err, "ask the lab");
        sent += put > 0 ? (size_t)put : 0;
    }
    return 0;
}

// The control closes the connection behind its answer.
static int receive_all(int fd, struct text *text, struct err *err) {
    char buffer[4096];
    for (ssize_t got; (got = recv(fd, buffer, sizeof buffer, 0)) != 0;) {
        if (got < 0 && errno != EINTR)
            return err_errno(err, "hear the lab");
        text_append(text, buffer, got > 0 ? (size_t)got : 0);
        if (text->length > ANSWER_MAX_BYTES)
            return err_set(err, "the lab's answer is too long");
    }
    return 0;
}

// The status and the body of an answer; 0: it is none.
static int read_answer(const struct text *answer, json_t **ret_body) {
    int status = 0;
    const char *body = strstr(text_get(answer), "\r\n\r\n");
    *ret_body = body ? json_loads(body, 0, NULL) : NULL;
    return *ret_body && sscanf(text_get(answer), "HTTP/1.%*1[01] %d", &status) == 1 ? status : 0;
}

static int refuse(int status, const json_t *body, struct err *err) {
    const char *what = json_string_value(json_object_get(body, "error"));
    const char *remedy = json_string_value(json_object_get(body, "remedy"));
    err_set(err, "%s", what ? what : "the lab has not answered");
    if (remedy)
        err_remedy(err, "%s", remedy);
    if (status == 409)
        return 1;
    err->kind = status >= 400 && status < 500 ? ERR_USAGE : ERR_MACHINE;
    return -1;
}

int lab_ask(const char *method, const char *path, const char *body, json_t **ret_answer,
            struct err *err) {
    cleanup_text struct text request = {0}, answer = {0};
    json_auto_t *said = NULL;
    cleanup_close int fd = connect_to(getenv("GONEAWAY_LAB"), err);
    text_printf(&request, "%s %s HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n", method, path);
    text_printf(&request, "Content-Length: %zu\r\n\r\n%s", body ? strlen(body) : 0,
                body ? body : "");
    if (fd < 0 || send_all(fd, &request, err) < 0 || receive_all(fd, &answer, err) < 0)
        return -1;
    int status = read_answer(&answer, &said);
    if (status < 200 || status >= 300)
        return refuse(status, said, err);
    *ret_answer = json_incref(said);
    return 0;
}

char *lab_typed(const struct options *options) {
    struct text typed = {0};
    for (int i = 0; i < options->argument_count; i++)
        text_printf(&typed, "%s%s", i ? " " : "", options->arguments[i]);
    return typed.data ? typed.data : xstrdup("");
}
