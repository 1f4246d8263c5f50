// SPDX-License-Identifier: Apache-2.0
// check_process.c - arguments, closing, forking, and how the program ends
#include "protocol/checks.h"

#include "base/clock.h"
#include "run/actor_parts.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { GONE_MS = 5000, END_MS = 10000 };

// ---- arguments ---------------------------------------------------------------------------------

static json_t *plain_request(const struct talk *talk, const char *operation) {
    if (strcmp(operation, "connect") == 0)
        return connect_request();
    if (strcmp(operation, "query") == 0 || strcmp(operation, "stream") == 0 ||
        strcmp(operation, "prepare") == 0)
        return request_for(operation, "{s:s}", "sql", "SELECT 1");
    if (strcmp(operation, "change_user") == 0)
        return request_for(operation, "{s:s, s:s}", "user", APP_USER, "password", APP_PASSWORD);
    if (strcmp(operation, "select_db") == 0)
        return request_for(operation, "{s:s}", "database", APP_DATABASE);
    if (strcmp(operation, "call") == 0)
        return call_request(talk->subject, 0);
    return request_for(operation, NULL);
}

static const struct {
    const char *operation, *argument, *wrong; ///< `wrong`: a value in JSON; NULL: the argument is
                                              ///< missing
} mistakes[] = {
    {"connect", "goneaway", "true"}, {"connect", "port", "\"x\""},
    {"connect", "tls", "\"x\""},     {"connect", "user", "5"},
    {"query", "goneaway", "true"},   {"query", "sql", "5"},
    {"query", "sql", NULL},          {"ping", "goneaway", "true"},
    {"reset", "goneaway", "true"},   {"stream", "goneaway", "true"},
    {"stream", "sql", NULL},         {"prepare", "goneaway", "true"},
    {"prepare", "sql", NULL},        {"select_db", "goneaway", "true"},
    {"select_db", "database", NULL}, {"change_user", "goneaway", "true"},
    {"change_user", "user", "5"},    {"release", "goneaway", "true"},
    {"acquire", "goneaway", "true"}, {"acquire", "recycle_ms", "\"x\""},
    {"cancel", "goneaway", "true"},  {"close", "goneaway", "true"},
    {"exit", "goneaway", "true"},    {"exit", "status", "\"x\""},
    {"_exit", "goneaway", "true"},   {"fork", "socket", NULL},
    {"call", "name", NULL},          {"call", "name", "5"},
    {"call", "args", "\"x\""},       {"call", "goneaway", "true"},
};

// If the operation is carried out anyway, it may have ended the session, or the program.
void arguments_check(struct talk *talk) {
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        const char *operation = mistakes[i].operation, *argument = mistakes[i].argument;
        if (!claims(talk->subject, operation) || !is_connected(talk))
            continue;
        json_t *request = plain_request(talk, operation);
        if (mistakes[i].wrong)
            json_object_set_new(request, argument,
                                json_loads(mistakes[i].wrong, JSON_DECODE_ANY, NULL));
        else
            json_object_del(request, argument);
        cleanup_free char *what =
            xprintf("%s %s `%s`%s%s", operation, mistakes[i].wrong ? "with" : "without", argument,
                    mistakes[i].wrong ? " of " : "", mistakes[i].wrong ? mistakes[i].wrong : "");
        bool unknown = strcmp(argument, "goneaway") == 0;
        ask_for(talk, request, "unsupported", unknown ? RULE_IGNORED : RULE_ARGUMENT, what);
        bool ends = strstr(operation, "exit") != NULL;
        talk->lost |= ends && json_object_get(talk->subject->tried, operation);
    }
}

// ---- close -------------------------------------------------------------------------------------

static void check_session_end(struct talk *talk, const char *operation, enum rule rule,
                              int64_t thread, int64_t aborted, bool orderly) {
    struct subject *subject = talk->subject;
    if (thread < 0 || subject->failed)
        return;
    bool gone = session_goes(subject, thread, clock_ms() + GONE_MS);
    if (!gone && !subject->failed)
        findings_add(&subject->findings, operation, rule, "session %lld is still there",
                     (long long)thread);
    else if ((orderly ? count_aborted(subject) != aborted : !aborted_grows(subject, aborted)) &&
             !subject->failed)
        findings_add(&subject->findings, operation, rule,
                     orderly ? "the session was not closed in an orderly way"
                             : "the session was closed in an orderly way");
}

void close_check(struct talk *talk) {
    struct subject *subject = talk->subject;
    if (!claims(subject, "close") || !is_connected(talk))
        return;
    int64_t thread = talk->thread, aborted = count_aborted(subject);
    if (!ask_for(talk, request_for("close", NULL), "ok", RULE_CLOSE, "a close"))
        return;
    check_session_end(talk, "close", RULE_CLOSE, thread, aborted, true);
    before_connect_check(talk); // a careless application would go on like this too
}

// ---- fork --------------------------------------------------------------------------------------

static int accept_child(int listener) {
    struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
    if (poll(&poll_fd, 1, END_MS) <= 0)
        return -1;
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// The child is reached by its socket, which replaces the parent's descriptors.
static void talk_to_child(struct talk *talk, int child) {
    struct actor parent = talk->actor;
    bool reads = claims(talk->subject, "query");
    talk->actor.to = talk->actor.from = child;
    ask_for(talk,
            reads ? request_for("query", "{s:s}", "sql", "SELECT 'child'")
                  : request_for(NO_OPERATION, NULL),
            reads ? "ok" : "unsupported", RULE_FORK, "what the forked child is asked for");
    talk->actor = parent;
}

void fork_check(struct talk *talk) {
    struct subject *subject = talk->subject;
    if (!claims(subject, "fork") || !is_connected(talk))
        return;
    cleanup_free char *path = xprintf("%s/child.sock", talk->actor.sockets);
    cleanup_close int listener = actor_listen_for_child(path, subject->err);
    subject->failed |= listener < 0;
    if (subject->failed)
        return;
    json_auto_t *answer =
        talk_ask(talk, request_for("fork", "{s:s}", "socket", "/run/actors/child.sock"));
    if (!expect(talk, "fork", answer, "ok", RULE_FORK, "a fork"))
        return;
    if (json_integer_value(json_object_get(answer, "pid")) <= 0)
        findings_add(&subject->findings, "fork", RULE_FORK, "no `pid` in the parent's answer");
    cleanup_close int child = accept_child(listener);
    if (child < 0)
        findings_add(&subject->findings, "fork", RULE_FORK,
                     "the child did not come to the socket that it was given");
    else
        talk_to_child(talk, child);
    ask_for(talk, request_for(NO_OPERATION, NULL), "unsupported", RULE_FORK,
            "what the parent is asked for after a fork");
}

// ---- ending ------------------------------------------------------------------------------------

static bool ended_with(struct talk *talk, const char *operation, enum rule rule, int wanted) {
    int status = 0;
    double deadline_ms = clock_ms() + END_MS * talk->subject->run->time_scale;
    if (!talk_ends(talk, deadline_ms, &status)) {
        findings_add(&talk->subject->findings, operation, rule, "the program does not end");
        return false;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == wanted)
        return true;
    cleanup_free char *end = talk_tell_end(talk, status);
    findings_add(&talk->subject->findings, operation, rule, "it ended with %s instead of status %d",
                 end, wanted);
    return false;
}

void end_of_input_check(struct talk *talk) {
    struct subject *subject = talk->subject;
    if (!is_connected(talk))
        return;
    int64_t thread = talk->thread, aborted = count_aborted(subject);
    talk_end_input(talk);
    if (ended_with(talk, TALK_PROGRAM, RULE_END_OF_INPUT, 0))
        check_session_end(talk, TALK_PROGRAM, RULE_END_OF_INPUT, thread, aborted, false);
}

static void check_exit(struct subject *subject, const char *operation, bool orderly) {
    enum { STATUS = 7 };
    struct talk talk = {0};
    if (claims(subject, operation) && talk_open(&talk, subject) && is_connected(&talk)) {
        int64_t thread = talk.thread, aborted = count_aborted(subject);
        json_t *request = request_for(operation, "{s:i}", "status", STATUS);
        if (ask_for(&talk, request, "ok", RULE_EXIT, operation) &&
            ended_with(&talk, operation, RULE_EXIT, STATUS))
            check_session_end(&talk, operation, RULE_EXIT, thread, aborted, orderly);
    }
    talk_close(&talk);
}

void exits_check(struct subject *subject) {
    check_exit(subject, "exit", true);
    check_exit(subject, "_exit", false);
}

static void check_no_request(struct subject *subject, const char *line) {
    struct talk talk = {0};
    int status = 0;
    cleanup_free char *sent = xprintf("%s\n", line);
    if (talk_start(&talk, subject)) {
        talk_put(&talk, sent, strlen(sent));
        double deadline_ms = clock_ms() + START_DEADLINE_MS * subject->run->time_scale;
        bool ended = talk_ends(&talk, deadline_ms, &status);
        cleanup_free char *said = actor_said(&talk.actor);
        cleanup_free char *end = talk_tell_end(&talk, status);
        if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) != 2)
            findings_add(&subject->findings, TALK_PROGRAM, RULE_NO_REQUEST,
                         "after the line '%s' it %s%s instead of ending with status 2", line,
                         ended ? "ended with " : "goes on", ended ? end : "");
        else if (!said)
            findings_add(&subject->findings, TALK_PROGRAM, RULE_NO_REQUEST,
                         "no message on standard error after the line '%s'", line);
    }
    talk_close(&talk);
}

void no_requests_check(struct subject *subject) {
    check_no_request(subject, "no JSON");
    check_no_request(subject, "{\"op\":5}");
}

// It may end in any way but by a signal; 141 is how a shell reports SIGPIPE.
void closed_output_check(struct subject *subject) {
    enum { SHELL_SIGPIPE = 128 + SIGPIPE };
    static const char request[] = "{\"op\":\"hello\",\"protocol\":1}\n";
    struct talk talk = {0};
    int status = 0;
    if (talk_start(&talk, subject)) {
        close(talk.actor.from);
        talk.actor.from = -1;
        talk_put(&talk, request, strlen(request));
        talk_end_input(&talk);
        double deadline_ms = clock_ms() + START_DEADLINE_MS * subject->run->time_scale;
        if (!container_ended(&talk.actor.container, deadline_ms, &status))
            findings_add(&subject->findings, TALK_PROGRAM, RULE_END_OF_INPUT,
                         "it does not end when its input does, and nobody reads its answers");
        else if (WIFSIGNALED(status) || WEXITSTATUS(status) == SHELL_SIGPIPE)
            findings_add(&subject->findings, TALK_PROGRAM, RULE_SIGPIPE,
                         "it died of a signal when nobody read its answer");
    }
    talk_close(&talk);
}
