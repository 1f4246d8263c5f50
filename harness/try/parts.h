// SPDX-License-Identifier: Apache-2.0
// parts.h - the parts of reading a case on one line: words, YAML, errors
#ifndef GONEAWAY_TRY_PARTS_H
#define GONEAWAY_TRY_PARTS_H

#include "base/text.h"
#include "try/line.h"
#include "yaml/yaml.h"

/** What may follow a word. */
enum try_behind {
    BEHIND_NOTHING,
    BEHIND_YAML, // a value
    BEHIND_SQL,  // a statement as is; also a quoted value, or a mapping
    BEHIND_PAIR, // NAME=VALUE
};

/** A word that exists only in lines, or one of the language with an optional value. */
struct try_word {
    const char *word;
    const char *key;   // the step's key; NULL: the app's name
    const char *verb;  // the key below it; NULL: the value is there itself
    const char *usual; // default value; NULL: none, or none needed
    enum try_behind behind;
    bool needed; // the value is required
    const char *doc;
};

/** A word with its own row, or NULL. */
const struct try_word *try_find_word(const char *word);
/** A program's moment, which is written like that app's connect; NULL: it is none. `rest`: what
 * follows the word. */
const struct try_word *try_find_moment(const char *word, const char *rest);
/** When there is no program. */
#define TRY_MOMENT_REMEDY                                                                          \
    "it is for a program of your own: goneaway try --program 'php x.php' 'idle; kill'"
/** Makes a word for a verb of apps or a kind of fault, which need no row; false: it is neither. */
bool try_make_word(const char *word, struct try_word *ret);
/** A usage error for an unknown word, suggesting the one that may be meant. */
int try_unknown(const struct try_line *line, size_t at, const char *word, const char *rest,
                struct err *err);

/** Reads a value at a position of the line. */
const struct node *try_parse(struct try_line *line, size_t at, const char *text, struct err *err);
/** Appends "delay=1s towards=app" as a mapping; false: the text is not like that. */
bool try_add_pairs(struct text *out, const char *text);
/** The name before a `=`, to be freed; NULL: none. */
char *try_name_of_pair(const char *text);
/** Appends a value as YAML on one line. */
void try_add_node(struct text *out, const struct node *node);

/** Refuses "query SELECT SLEEP(5) & kill", which would be a shell's syntax. */
int try_check_background(const struct try_line *line, size_t at, size_t end, struct err *err);

#endif
