// SPDX-License-Identifier: Apache-2.0
// parts.h - the parts of reading a case on one line: words, YAML, errors
#ifndef GONEAWAY_TRY_PARTS_H
#define GONEAWAY_TRY_PARTS_H

#include "base/text.h"
#include "try/line.h"
#include "yaml/yaml.h"

/** What stands behind a word. */
enum try_behind {
    BEHIND_NOTHING,
    BEHIND_YAML, // a value
    BEHIND_SQL,  // a statement as it is; also a value in quotes, or a mapping
    BEHIND_PAIR, // NAME=VALUE
};

/** A word that only a line has, or one of the language whose value may be left out. */
struct try_word {
    const char *word;
    const char *key;   // of the step; NULL: the app's name
    const char *verb;  // under it; NULL: the value stands there itself
    const char *usual; // value where none is given; NULL: there is none, or none is needed
    enum try_behind behind;
    bool needed; // its value is
    const char *doc;
};

/** A word that has a row of its own, or NULL. */
const struct try_word *try_find_word(const char *word);
/** A moment of a program's, which is written as that app's connect; NULL: the word is none.
 * `rest`: what stands behind it. */
const struct try_word *try_find_moment(const char *word, const char *rest);
/** Where there is no program. */
#define TRY_MOMENT_REMEDY                                                                          \
    "it is for a program of your own: goneaway try --program 'php x.php' 'idle; kill'"
/** A verb of apps or a kind of fault that needs none; false: it is neither. */
bool try_make_word(const char *word, struct try_word *ret);
/** A usage error at what is no word, with the one that may be meant. */
int try_unknown(const struct try_line *line, size_t at, const char *word, const char *rest,
                struct err *err);

/** Reads a value that stands at a place of the line. */
const struct node *try_parse(struct try_line *line, size_t at, const char *text, struct err *err);
/** Appends "delay=1s towards=app" as a mapping; false: the text is nothing of this kind. */
bool try_add_pairs(struct text *out, const char *text);
/** Appends a value as YAML on one line. */
void try_add_node(struct text *out, const struct node *node);

/** Refuses "query SELECT SLEEP(5) & kill", which is how a shell would have it. */
int try_check_background(const struct try_line *line, size_t at, size_t end, struct err *err);

#endif
