// SPDX-License-Identifier: Apache-2.0
// err.c - the error object
#include "base/err.h"

#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void start(struct err *err, enum err_kind kind, const char *format, va_list args) {
    err->kind = kind;
    err->exhausted = err->unread = false;
    err->remedy[0] = '\0';
    vsnprintf(err->what, sizeof err->what, format, args);
}

int err_set(struct err *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    start(err, ERR_MACHINE, format, args);
    va_end(args);
    return -1;
}

bool err_is_exhaustion(int number) {
    return number == ENOMEM || number == EAGAIN || number == EMFILE || number == ENFILE ||
           number == ENOBUFS || number == EIO;
}

int err_errno(struct err *err, const char *format, ...) {
    int number = errno;
    va_list args;
    va_start(args, format);
    start(err, ERR_MACHINE, format, args);
    va_end(args);
    size_t used = strlen(err->what);
    err->exhausted = err_is_exhaustion(number);
    snprintf(err->what + used, sizeof err->what - used, ": %s", strerror(number));
    return -1;
}

void err_end(const struct err *err) {
    char line[sizeof err->what + 16];
    snprintf(line, sizeof line, "goneaway: %s\n", err->what);
    ssize_t told = write(STDERR_FILENO, line, strlen(line));
    (void)told;
    _exit(STATUS_MACHINE);
}

int err_usage(struct err *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    start(err, ERR_USAGE, format, args);
    va_end(args);
    return -1;
}

int err_context(struct err *err, const char *format, ...) {
    char inner[sizeof err->what];
    memcpy(inner, err->what, sizeof inner);
    va_list args;
    va_start(args, format);
    vsnprintf(err->what, sizeof err->what, format, args);
    va_end(args);
    size_t used = strlen(err->what);
    snprintf(err->what + used, sizeof err->what - used, ": %s", inner);
    return -1;
}

int err_remedy(struct err *err, const char *format, ...) {
    if (err->remedy[0])
        return -1;
    va_list args;
    va_start(args, format);
    vsnprintf(err->remedy, sizeof err->remedy, format, args);
    va_end(args);
    return -1;
}
