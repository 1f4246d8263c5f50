// SPDX-License-Identifier: Apache-2.0
// line.h - a case on one line: its words, and the steps they stand for
//
// 'connect; kill; query SELECT 2; query' has four statements. Each is a word, mostly one of the
// language, followed by its value as YAML; statements are separated by `;` or line ends outside of
// quotes. This part knows words and steps, and nothing about runs.
#ifndef GONEAWAY_TRY_LINE_H
#define GONEAWAY_TRY_LINE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct program_moment;

/** Longest line, in bytes. */
enum { TRY_MAX_BYTES = 64 << 10 };

/** A step of the scenario made from a line. */
struct try_step {
    size_t at;         ///< where its statement starts in the line, in bytes from 0
    const char *said;  ///< for people: "kill app", "query SELECT 1"
    const char *key;   ///< the step's key: an app's name, "fault" ..
    const char *verb;  ///< the key below that; NULL: only `value`
    const char *value; ///< the verb's argument as YAML on one line; NULL: none
    const char *id;    ///< its id in the scenario; NULL: it is not judged
    const char *name;  ///< of a fault, if its kind is ambiguous; NULL: the kind will do
    const char *as;    ///< name of a background call; NULL: it is awaited
    bool is_app;       ///< an app's call, or an await
    bool quiet;        ///< does nothing to an app: `set`, `admin`
    bool hidden;       ///< part of the step before, and not shown
    bool call_is_sql;  ///< the outcome depends on the statement typed
    const struct program_moment *moment; ///< the moment of a program that the step stands for;
                                         ///< NULL: none
};

/** A line as read. `arena` owns all of it. */
struct try_line {
    struct arena *arena;
    const char *text; ///< as typed
    size_t count;
    struct try_step *steps;
    size_t app_count;
    const char *apps[16];
    const char *options; ///< the server's, as YAML: "max_connections: 20"; NULL: none
    bool nat;            ///< the wire has a NAT, which a step may make forget
    bool for_program;    ///< its app is a user's own program, which makes its own calls
};

/** Reads a line. A usage error shows the place and suggests the word that was probably meant. A
 * line for a program must then be passed to try_program_take(). */
int try_read(struct try_line *line, const char *text, bool for_program, struct err *err);
/** Accepts a zeroed line. */
void try_release(struct try_line *line);
/** A usage error at a position of the line, which is printed with a mark below. Returns -1. */
int try_error(const struct try_line *line, size_t at, struct err *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Appends a text as YAML that is valid inside a list or mapping on one line. */
void try_quote(struct text *out, const char *text);
/** Appends a file with quotes around what readers of YAML 1.1 would take for something else, such
 * as an app that is called `on`. */
void try_spell_alike(struct text *out, const char *text);

/** Prints the words and their meaning: `goneaway explain try`. */
void try_explain(FILE *out);

#endif
