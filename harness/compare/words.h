// SPDX-License-Identifier: Apache-2.0
// words.h - the reports of `goneaway compare`, and what the human-readable ones share
#ifndef GONEAWAY_COMPARE_WORDS_H
#define GONEAWAY_COMPARE_WORDS_H

#include "compare/comparison.h"
#include "report/report.h"

/** The formats, for reports_add_of(); each writes a `struct comparison`. */
extern const struct report_format *const compare_formats[];
extern const struct report_format compare_human, compare_markdown, compare_json, compare_html;

/** A line for the cases of a group that differ only in transport and server. */
struct case_line {
    const struct compared *first;
    size_t server_count, last_server;
    struct text transports, steps, servers;
};
struct case_lines {
    size_t count;
    struct case_line *items;
};
/** Folds the cases of a group. */
void case_lines_make(struct case_lines *lines, const struct comparison *comparison,
                     const struct change_group *group);
void case_lines_release(struct case_lines *lines);
#define cleanup_case_lines __attribute__((cleanup(case_lines_release)))
/** Appends "kill-idle@[socket, tcp]", and "first, second on mysql-9.7 with mariadb-c": whatever the
 * group's heading leaves open. */
void case_line_name(struct text *out, const struct case_line *line);
void case_line_rest(struct text *out, const struct case_line *line,
                    const struct comparison *comparison, const struct change_group *group);

/** Appends "all over tls, in step first"; nothing for a single case. */
void compare_common(struct text *out, const struct change_group *group);
/** Appends "libmysqlclient 9.7.4, mariadb-c 3.3.14": the paired places of one file. */
void compare_places(struct text *out, const struct pairs *pairs, const struct seen_places *places,
                    bool after);
/** Appends the names of places without a partner. */
void compare_unpaired(struct text *out, const struct pairs *pairs, const struct seen_places *places,
                      bool after);
/** Appends "20 skipped in both, 2 broken in NEW"; nothing if all cases were compared. */
void compare_idle(struct text *out, const struct comparison *comparison);
/** Appends distinct ids, as many as there is room for: "a@tcp, b@tcp and 12 more". */
void compare_lones(struct text *out, const struct lones *lones, bool steps, size_t most);
/** Appends "a@tcp first on mysql-9.7 with mariadb-c"; server and connector only if there are
 * several. */
void compare_where(struct text *out, const struct comparison *comparison,
                   const struct compared *where, const char *step);
/** "case" or "cases" */
const char *compare_cases(size_t count);

#endif
