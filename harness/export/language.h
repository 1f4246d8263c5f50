// SPDX-License-Identifier: Apache-2.0
// language.h - the languages in which programs are written: a file with tables of fragments each
//
// In a fragment @name stands for a value: what program.c says for every language (@id, @expected,
// @connection, @session, @sql, @words, @title ..), and what the dialect of a connector says.
#ifndef GONEAWAY_EXPORT_LANGUAGE_H
#define GONEAWAY_EXPORT_LANGUAGE_H

#include "base/text.h"
#include "export/script.h"

/** What a piece of a program is for, beside 1 << enum move_kind. */
enum piece_use {
    USED_ALWAYS = 0,
    USED_FOR_IDS = 1 << 20,   ///< some fault names a session
    USED_FOR_BLOBS = 1 << 21, ///< some statement has a payload
};
/** A part of a program before its moves: an import, a function. */
struct piece {
    unsigned uses; ///< it is there if one of these is; USED_ALWAYS: always
    const char *text;
};

/** Lines of a move, indented as in the program. */
struct fragment {
    const char *judged, *set_up; ///< NULL: there is none
};

/** A value of a fragment. */
struct slot {
    const char *name; ///< NULL: the end
    const char *value;
};
/** Adds a fragment with its values. A @name that none of the slots has stays as it is. */
void fragment_add(struct text *out, const char *fragment, const struct slot *slots);

enum { DIALECT_SLOTS = 6 };
/** A connector's way in its language. */
struct dialect {
    const char *connector; ///< name or family of its recipe
    const char *library;   ///< what it is called there
    const char *get;       ///< how it is got, with @version
    const char *check;     ///< a command of run.sh that fails if it is missing; NULL: none
    struct slot slots[DIALECT_SLOTS];
    const char *cannot[MOVE_KINDS]; ///< reasons; NULL: it can
};

struct language {
    const char *name;
    const char *file;               ///< "repro.py"
    const char *build, *run;        ///< lines of run.sh; `build`: NULL if there is nothing to build
    const char *comment;            ///< what begins a line of comment
    const struct dialect *dialects; ///< ended by one without connector
    const struct piece *pieces;     ///< ended by one without text
    struct fragment moves[MOVE_KINDS];
    const char *session; ///< remembers the id of a session, after a connect
    const char *again;   ///< before a connect with a connection of that name; NULL: nothing
    const char *first;   ///< @let: what a variable begins with where it is new; NULL: nothing
    const char *wrap[2]; ///< around the options of a connect, if there are any; NULL: nothing
    const char *connect_timeout, *read_timeout,
        *write_timeout;    ///< options, with @seconds, @ms or @duration
    const char *ending[3]; ///< of a forked child
    const char *end;       ///< after the last move
    const char *payload;   ///< between two strings, with @bytes
    /** Adds a string, quoted. */
    void (*add_text)(struct text *out, const char *value, size_t length);
    /** Adds the arguments of fault.sh; NULL: strings with commas between, and the session. */
    void (*add_words)(struct text *out, const struct move *move, const char *session);
    /** Adds declarations of these variables; NULL: the language needs none. */
    void (*declare)(struct text *out, const struct script *script);
};
/** NULL after the last. */
extern const struct language *const languages[];
extern const struct language language_python, language_c, language_javascript, language_php,
    language_pdo, language_java, language_go;

/** The dialect of a connector, by name or family, and its language; NULL: there is none. */
const struct dialect *dialect_find(const char *connector, const char *family,
                                   const struct language **ret_language);

/** Whether a move opens a connection that none before it has opened: that is where a language that
 * declares its variables has to have one. */
bool move_is_first_connect(const struct script *script, size_t at);
/** The variable that holds the id of a connection's session, to be freed. */
char *session_of(const char *connection);
/** Adds a string in double quotes, as C and many other languages write it. */
void add_quoted(struct text *out, const char *value, size_t length);
/** Adds a string as the language writes it; `$blob(SIZE)` in it is a payload. */
void add_string(struct text *out, const struct language *language, const char *value);

#endif
