// SPDX-License-Identifier: Apache-2.0
// talk.c - talks to one process of an adapter under test, line by line
#include "protocol/talk.h"

#include "base/clock.h"
#include "base/proc.h"
#include "protocol/shape.h"
#include "run/actor_parts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum {
    ANSWER_MS = 10000,
    NEXT_LINE_MS = 500, // after a line that is no answer
    MOST_LINES = 100,   // that are no answers
    MOST_HANGS = 2,
    ANSWER_MAX_BYTES = 8 << 20 // as in run/actor_call.c
};

static const char *talk_operation(const struct talk_call *call) {
    return json_string_value(json_object_get(call->request, "op"));
}

double talk_deadline(const struct talk *talk) {
    return clock_ms() + ANSWER_MS * talk->subject->run->time_scale;
}

static void add(struct talk *talk, const char *operation, enum rule rule, const char *what,
                const char *detail) {
    findings_add(&talk->subject->findings, operation, rule, "%s%s", what, detail);
}

// ---- lines -------------------------------------------------------------------------------------

void talk_put(struct talk *talk, const char *data, size_t length) {
    double deadline_ms = talk_deadline(talk);
    struct pollfd poll_fd = {.fd = talk->actor.to, .events = POLLOUT};
    for (size_t done = 0; done < length && talk->actor.to >= 0;) {
        ssize_t put = write(talk->actor.to, data + done, length - done);
        done += put > 0 ? (size_t)put : 0;
        bool waits = put < 0 && (errno == EINTR || errno == EAGAIN);
        // if it has not read everything, its answer shows that
        if (put < 0 && (!waits || poll(&poll_fd, 1, clock_left_ms(deadline_ms)) == 0))
            return;
    }
}

static char *take_line(struct talk *talk) {
    struct text *received = &talk->received;
    char *end = received->data ? memchr(received->data, '\n', received->length) : NULL;
    if (!end)
        return NULL;
    size_t length = (size_t)(end - received->data), used = length + 1;
    char *line = xmalloc(used);
    memcpy(line, received->data, length);
    line[length] = '\0';
    received->length -= used;
    memmove(received->data, received->data + used, received->length + 1);
    if (strlen(line) < length)
        add(talk, TALK_PROGRAM, RULE_LINE, "a NUL byte in the line ", line);
    return line;
}

// Reads what there is: 1; 0 at the deadline; -1 at the end of file, or if there is too much.
static int receive(struct talk *talk, double deadline_ms) {
    char buffer[65536];
    struct pollfd poll_fd = {.fd = talk->actor.from, .events = POLLIN};
    if (talk->actor.from < 0 || talk->received.length > ANSWER_MAX_BYTES)
        return -1;
    if (poll(&poll_fd, 1, clock_left_ms(deadline_ms)) <= 0)
        return 0;
    ssize_t got = read(talk->actor.from, buffer, sizeof buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 1;
    if (got <= 0)
        return -1;
    text_append(&talk->received, buffer, (size_t)got);
    return 1;
}

char *talk_read(struct talk *talk, double deadline_ms) {
    char *line;
    while (!(line = take_line(talk)) && receive(talk, deadline_ms) > 0)
        ;
    if (!line && talk->received.length > ANSWER_MAX_BYTES) {
        findings_add(&talk->subject->findings, TALK_PROGRAM, RULE_LINE,
                     "a line without an end after %d MiB: %.200s", ANSWER_MAX_BYTES >> 20,
                     talk->received.data);
        talk->lost = true;
    }
    return line;
}

// What is there before a request was sent is no answer to it.
static void drain_early(struct talk *talk, const char *operation) {
    char *line;
    int lines = 0;
    while (lines++ < MOST_LINES && (line = talk_read(talk, 0))) {
        cleanup_free char *told = xprintf("before it was asked for '%s': %.300s", operation, line);
        add(talk, TALK_PROGRAM, RULE_TURN, "it wrote ", told);
        free(line);
    }
    if (lines > MOST_LINES)
        talk->lost = true;
}

// ---- an answer, or none ------------------------------------------------------------------------

char *talk_tell_end(struct talk *talk, int status) {
    char buffer[64];
    cleanup_free char *said = actor_said(&talk->actor);
    return xprintf("%s%s%s", proc_status_text(status, buffer, sizeof buffer),
                   said ? "; on standard error: " : "", said ? said : "");
}

static bool was_killed(int status) {
    return WIFSIGNALED(proc_status_of_shell(status)) || WIFSIGNALED(status);
}

static void note_silence(struct talk *talk, const char *operation, double deadline_ms) {
    int status = 0;
    talk->lost = true;
    enum rule late = strcmp(operation, "hello") == 0 ? RULE_START : RULE_TURN;
    struct err err = {0};
    if (actor_check_said(&talk->actor, &err) < 0)
        add(talk, TALK_PROGRAM, RULE_STANDARD_ERROR, err.what, "");
    if (container_ended(&talk->actor.container, clock_ms(), &status) ||
        (clock_ms() < deadline_ms &&
         container_ended(&talk->actor.container, clock_ms() + 5000, &status))) {
        cleanup_free char *end = talk_tell_end(talk, status);
        if (!talk->careless || !was_killed(status)) // a crash of the library is a result
            add(talk, operation, RULE_ENDS, "it ended instead of answering: ", end);
        return;
    }
    cleanup_free char *said = actor_said(&talk->actor);
    cleanup_free char *told =
        xprintf("%s%s", said ? "; on standard error: " : "", said ? said : "");
    if (!actor_holds_output(&talk->actor))
        add(talk, operation, RULE_TURN, "it has closed its output, but goes on", told);
    else
        add(talk, operation, late,
            late == RULE_START ? "no answer in time (is standard output flushed after each line?)"
                               : "no answer in time",
            told);
    talk->subject->hangs++;
}

// Returns the first line that is an answer; lines before it are findings.
static json_t *await_answer(struct talk *talk, const char *operation, double sent_ms,
                            double deadline_ms) {
    json_t *answer = NULL;
    char *line = NULL;
    int lines = 0;
    while (!answer && lines++ < MOST_LINES && !talk->lost &&
           (line = talk_read(talk, deadline_ms))) {
        answer = shape_read(&talk->subject->findings, operation, line, clock_ms() - sent_ms);
        deadline_ms = clock_ms() + NEXT_LINE_MS;
        free(line);
    }
    if (!answer && lines <= 1 && !talk->lost)
        note_silence(talk, operation, deadline_ms);
    talk->lost |= lines > MOST_LINES;
    return answer;
}

static void keep(struct talk *talk, const char *operation, const json_t *answer) {
    const json_t *thread = json_object_get(answer, "thread");
    talk->thread = json_is_integer(thread) ? json_integer_value(thread) : -1;
    const char *outcome = json_string_value(json_object_get(answer, "outcome"));
    if (strcmp(outcome, "ok") == 0)
        json_object_set_new(talk->subject->tried, operation, json_true());
}

struct talk_call talk_send(struct talk *talk, json_t *request) {
    struct talk_call call = {.request = request};
    const char *operation = talk_operation(&call);
    cleanup_free char *line = json_dumps(request, JSON_COMPACT);
    if (strcmp(operation, "hello") != 0 && !talk->lost)
        drain_early(talk, operation);
    if (talk->lost)
        return call;
    cleanup_free char *sent = xprintf("%s\n", line);
    call.sent_ms = clock_ms();
    talk_put(talk, sent, strlen(sent));
    return call;
}

json_t *talk_take(struct talk *talk, struct talk_call *call) {
    const char *operation = talk_operation(call);
    bool hello = strcmp(operation, "hello") == 0;
    double deadline_ms = hello ? call->sent_ms + START_DEADLINE_MS * talk->subject->run->time_scale
                               : talk_deadline(talk);
    json_t *answer = talk->lost ? NULL : await_answer(talk, operation, call->sent_ms, deadline_ms);
    if (answer)
        keep(talk, operation, answer);
    json_decref(call->request);
    return answer;
}

json_t *talk_ask(struct talk *talk, json_t *request) {
    struct talk_call call = talk_send(talk, request);
    return talk_take(talk, &call);
}

// ---- its process -------------------------------------------------------------------------------

bool talk_start(struct talk *talk, struct subject *subject) {
    *talk = (struct talk){.subject = subject, .thread = -1};
    if (subject->failed || subject->hangs >= MOST_HANGS)
        return false;
    talk->open = true;
    subject->failed = actor_start(&talk->actor, "app", subject->run->connector, subject->run->world,
                                  NULL, subject->err) < 0;
    return !subject->failed;
}

bool talk_open(struct talk *talk, struct subject *subject) {
    if (!talk_start(talk, subject))
        return false;
    json_t *answer = talk_ask(talk, json_pack("{s:s, s:i}", "op", "hello", "protocol", 1));
    bool ok = answer && strcmp(json_string_value(json_object_get(answer, "outcome")), "ok") == 0;
    if (!subject->hello && ok)
        subject->hello = json_incref(answer);
    json_decref(answer);
    return ok;
}

void talk_end_input(struct talk *talk) {
    if (talk->actor.to >= 0)
        close(talk->actor.to);
    talk->actor.to = -1;
}

bool talk_ends(struct talk *talk, double deadline_ms, int *ret_status) {
    char *line;
    for (int lines = 0; lines < MOST_LINES && (line = talk_read(talk, deadline_ms)); lines++) {
        add(talk, TALK_PROGRAM, RULE_TURN, "it wrote after its last answer: ", line);
        free(line);
    }
    return container_ended(&talk->actor.container, deadline_ms, ret_status);
}

void talk_close(struct talk *talk) {
    if (talk->open)
        actor_close(&talk->actor);
    text_release(&talk->received);
    *talk = (struct talk){0};
}
