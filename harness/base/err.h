// SPDX-License-Identifier: Apache-2.0
// err.h - the error object: what failed, from the outside in, and what to do about it
//
// A function that can fail returns 0 or -1 (or a pointer or NULL) and takes `struct err *err` as
// its last argument. The place of the failure calls err_set() or err_errno(); each layer above adds
// one phrase with err_context(): "start server: run container: exec bwrap: No such file or
// directory". Only main prints errors.
#ifndef GONEAWAY_BASE_ERR_H
#define GONEAWAY_BASE_ERR_H

#include <stdbool.h>

/** Whose fault an error is; decides the exit status (see base/status.h). */
enum err_kind {
    ERR_MACHINE, ///< the machine or the harness failed
    ERR_USAGE,   ///< the command line or an input file is wrong
};

struct err {
    enum err_kind kind;
    bool exhausted;    ///< out of memory, processes or descriptors for now, or a disk failed
    bool unread;       ///< the reader of standard output is gone; nothing else is wrong
    char what[4096];   ///< the message, one line or several, without a final newline
    char remedy[1024]; ///< what the user can do; empty if there is nothing useful
};

/** Sets a message. Always returns -1, so that `return err_set(err, ..)` fails in one line. */
int err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Like err_set(), followed by ": " and the text of errno. */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Whether errno means that the machine is out of resources or failing, whatever was asked of
 * it. */
bool err_is_exhaustion(int number);
/** Like err_set(), for wrong usage or an invalid file. */
int err_usage(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Prints an error on standard error and exits (STATUS_MACHINE). For failures that a caller could
 * not tell from a valid answer, such as an unreadable /proc. */
void err_end(const struct err *err) __attribute__((noreturn));
/** Puts "phrase: " before the message. Always returns -1. */
int err_context(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Says what to do about the error. The first remedy, the one nearest to the cause, wins. Returns
 * -1. */
int err_remedy(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
