// SPDX-License-Identifier: Apache-2.0
// pattern.h - regular expressions of strangers: Perl's syntax, matched with bounds
//
// A pattern comes from a scenario, what it is held against comes from a server or an adapter, and
// neither is trusted. So a pattern is short, what it compiles to is small, and matching it ends
// after a bounded number of steps; a pattern that would take more is neither found nor missing,
// but an error.
#ifndef GONEAWAY_BASE_PATTERN_H
#define GONEAWAY_BASE_PATTERN_H

#include "base/err.h"

#include <stddef.h>

/** Longest pattern, bytes, and how deep its brackets may nest. */
enum { PATTERN_MAX_BYTES = 1000, PATTERN_MAX_NESTING = 50 };

struct pattern;

/** Compiles a pattern. `.` matches any character, line ends too; `^` and `$` are the very beginning
 * and the very end of what is matched. NULL on error, which says where in the pattern. */
struct pattern *pattern_open(const char *text, struct err *err);
/** NULL is allowed. */
void pattern_close(struct pattern *pattern);

/** Whether the pattern is found in a text, whose bytes need not be UTF-8: 1, 0, or -1 when that
 * cannot be decided within the bounds. `steps` (NULL: no matter) is what may be taken of a bound
 * that several matches share, and is lowered by what this one took. */
int pattern_matches(const struct pattern *pattern, const char *text, size_t length, size_t *steps,
                    struct err *err);
/** The same for any of the text's lines, each taken alone and without its end; an empty text has
 * none. */
int pattern_finds_line(const struct pattern *pattern, const char *text, size_t length,
                       struct err *err);

static inline void pattern_cleanup_(struct pattern **pattern) {
    pattern_close(*pattern);
}
#define cleanup_pattern __attribute__((cleanup(pattern_cleanup_)))

#endif
