// SPDX-License-Identifier: Apache-2.0
// line.h - a case on one line: its words, and the steps that they stand for
//
// 'connect; kill; query SELECT 2; query' is four statements. Each is a word, mostly one of the
// language, with its value as YAML behind it; statements are parted by `;` or line ends outside of
// quotes. This part knows words and steps, and nothing of runs.
#ifndef GONEAWAY_TRY_LINE_H
#define GONEAWAY_TRY_LINE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct program_moment;

/** A line may be so long, in bytes. */
enum { TRY_MAX_BYTES = 64 << 10 };

/** A step of the scenario that a line becomes. */
struct try_step {
    size_t at;         ///< where its statement begins in the line, in bytes from 0
    const char *said;  ///< for people: "kill app", "query SELECT 1"
    const char *key;   ///< of the step: an app's name, "fault" ..
    const char *verb;  ///< what stands under it; NULL: only `value`
    const char *value; ///< the verb's argument as YAML on one line; NULL: none
    const char *id;    ///< in the scenario; NULL: it is not judged
    const char *name;  ///< of a fault, where its kind would not do; NULL: the kind does
    const char *as;    ///< of a call in the background: its name; NULL: it is waited for
    bool is_app;       ///< an app's call, or the wait for one
    bool quiet;        ///< nothing happens to an app by it: `set`, `admin`
    bool hidden;       ///< it belongs to the step before, and is not shown
    bool call_is_sql;  ///< its outcome depends on the statement that was typed
    const struct program_moment *moment; ///< of a program, which the step stands for; NULL: none
};

/** A line that has been read. All of it lies in `arena`. */
struct try_line {
    struct arena *arena;
    const char *text; ///< as it was given
    size_t count;
    struct try_step *steps;
    size_t app_count;
    const char *apps[16];
    const char *options; ///< of the server, as YAML: "max_connections: 20"; NULL: none
    bool nat;            ///< the wire has a NAT, which something may make forget
    bool for_program;    ///< its app is somebody's own program, which makes its calls itself
};

/** Reads a line. A usage error shows the place and, where one is near, the word that was meant.
 * What is read for a program is then for try_program_take(). */
int try_read(struct try_line *line, const char *text, bool for_program, struct err *err);
/** Zeroed lines are allowed. */
void try_release(struct try_line *line);
/** A usage error at a place of the line, with the line and a mark under it. Returns -1. */
int try_error(const struct try_line *line, size_t at, struct err *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Appends a text as YAML that can stand in a list or mapping on one line. */
void try_quote(struct text *out, const char *text);
/** Appends a file with quotes around what readers of YAML 1.1 would take for something else, such
 * as an app that is called `on`. */
void try_spell_alike(struct text *out, const char *text);

/** Prints the words and what they stand for: `goneaway explain try`. */
void try_explain(FILE *out);

#endif
