// SPDX-License-Identifier: Apache-2.0
// program_moment.c - the moments in the life of a program at which a fault can strike
#include "program/program.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NTH = 1000000, MOST_TEXT = 200 };

static int moment_usage(const char *text, struct err *err) {
    err_usage(err, "--at: there is no moment '%s'", text);
    return err_remedy(err, "connected, idle, running, running=TEXT of the statement, or "
                           "statement=N");
}

static int read_nth(const char *text, const char *number, struct program_moment *ret,
                    struct err *err) {
    char *end;
    ret->at = AT_STATEMENT;
    ret->nth = strtol(number, &end, 10);
    return *end || end == number || ret->nth < 1 || ret->nth > MOST_NTH ? moment_usage(text, err)
                                                                        : 0;
}

int program_moment_read(const char *text, struct program_moment *ret, struct err *err) {
    *ret = (struct program_moment){0};
    if (text_starts(text, "statement="))
        return read_nth(text, text + strlen("statement="), ret, err);
    if (text_starts(text, "running=")) {
        ret->text = text + strlen("running=");
        if (!*ret->text || strlen(ret->text) > MOST_TEXT)
            return moment_usage(text, err);
    }
    ret->at = strcmp(text, "connected") == 0              ? AT_CONNECTED
              : strcmp(text, "idle") == 0                 ? AT_IDLE
              : strcmp(text, "running") == 0 || ret->text ? AT_RUNNING
                                                          : AT_START;
    return ret->at == AT_START ? moment_usage(text, err) : 0;
}

const char *program_moment_word(const struct program_moment *moment) {
    static const char *const words[AT_COUNT] = {
        [AT_START] = "start",     [AT_CONNECTED] = "connected", [AT_IDLE] = "idle",
        [AT_RUNNING] = "running", [AT_STATEMENT] = "statement", [AT_FORKED] = "forked",
        [AT_END] = "end",
    };
    return words[moment->at];
}

char *program_moment_text(const struct program_moment *moment) {
    static const char *const texts[AT_COUNT] = {
        [AT_START] = "it was started",
        [AT_CONNECTED] = "it had a session",
        [AT_IDLE] = "it had done a statement and its session was idle",
        [AT_RUNNING] = "a statement of it was running",
        [AT_STATEMENT] = "its statement had begun",
        [AT_FORKED] = "a process that it has forked held its connection too",
        [AT_END] = "it had ended",
    };
    if (moment->at == AT_STATEMENT)
        return xprintf("its statement number %lld had begun", (long long)moment->nth);
    if (moment->text)
        return xprintf("a statement of it with '%s' was running", moment->text);
    return xstrdup(texts[moment->at]);
}
