// SPDX-License-Identifier: Apache-2.0
// pattern.h - regular expressions from untrusted sources: Perl's syntax, bounded matching
//
// A pattern comes from a scenario, and the text from a server or an adapter; neither is trusted. So
// patterns are short, compile to little, and match within a bounded number of steps. A match that
// would take more is an error, neither found nor missing.
#ifndef GONEAWAY_BASE_PATTERN_H
#define GONEAWAY_BASE_PATTERN_H

#include "base/err.h"

#include <stddef.h>

/** Longest pattern, bytes, and deepest nesting of its brackets. */
enum { PATTERN_MAX_BYTES = 1000, PATTERN_MAX_NESTING = 50 };

struct pattern;

/** Compiles a pattern. `.` matches any character, line ends too; `^` and `$` match only at the very
 * beginning and the very end of the text. NULL on error: a usage error, which says where in the
 * pattern, or one of the machine if there is no memory. */
struct pattern *pattern_open(const char *text, struct err *err);
/** NULL is allowed. */
void pattern_close(struct pattern *pattern);

/** Whether the pattern is found in a text, whose bytes need not be UTF-8: 1, 0, or -1 if that
 * cannot be decided within the bounds. `steps` (NULL: not counted) is the rest of a bound that
 * several matches share; each match deducts what it used. */
int pattern_matches(const struct pattern *pattern, const char *text, size_t length, size_t *steps,
                    struct err *err);
/** The same, for each line of the text by itself, without its line end; an empty text has no
 * lines. */
int pattern_finds_line(const struct pattern *pattern, const char *text, size_t length,
                       struct err *err);

static inline void pattern_cleanup_(struct pattern **pattern) {
    pattern_close(*pattern);
}
#define cleanup_pattern __attribute__((cleanup(pattern_cleanup_)))

#endif
