// SPDX-License-Identifier: Apache-2.0
// baseline.h - a baseline: the outcomes of one connector on one server, in a file
//
//     goneaway-outcomes: 1
//     connector: pymysql 1.1.1
//     server: mysql-9.7 9.7.4
//     like: ../pymysql-1.0.2/mysql-9.7.4.yml
//     cases:
//       kill-idle@[socket, tcp]: {first: 2013, second: 2006}
//
// Scenarios hold the outcomes that somebody has explained. All others that were measured are in
// files like this one, written by the machine: below fixtures/measured, or in anybody's repository.
// A file may be a stranger's, so everything in it is bounded, and a mistake is refused with its
// position.
//
// One word for each thing, here and elsewhere:
//
//     outcome      what a step ends with: in a row of a scenario, or in a cell of a baseline
//     baseline     a file of outcomes, whoever wrote it; what --baseline names is the user's `own`
//     measured     the baselines that goneaway brings, in fixtures/measured (batch/measured.h)
//     shelf        where baselines lie, and are found by place (shelf.h)
//     precedent    a baseline that goes before a scenario's rows (verdict/verdict.h)
//     recording    what --update-baseline has seen so far, and where it goes (batch/recording.h)
//     rewrite      a baseline's text, made anew from what was seen (rewrite.h)
#ifndef GONEAWAY_BASELINE_BASELINE_H
#define GONEAWAY_BASELINE_BASELINE_H

#include "plan/plan.h"

/** Longest chain of files that build on each other by `like`. */
enum { BASELINE_MOST_LIKES = 8 };
/** Most cases in a file, each transport counted. */
enum { BASELINE_MOST_CASES = 20000 };
/** Most bytes read from one folder, counting a file each time another builds on it: some
 * seconds. */
enum { BASELINE_MOST_BYTES = 64 << 20 };

/** What was measured for a case over one transport. */
struct baseline_case {
    const char *id;       ///< "kill-idle@tcp"
    bool unstable;        ///< repetitions differed; the alternatives of a cell are what was seen
    struct plan_row *row; ///< a cell for each judged step; its node is the position in the file
    const struct node *key, *value;
};

/** An accepted deviation. */
struct baseline_known {
    const char *id;      ///< of the case
    const char *because; ///< the reason
    const char *link;    ///< NULL: there is none
    const struct node *node;
};

struct baseline {
    const char *path;
    const char *connector, *connector_version; ///< a name or a family, and "" if unknown
    const char *server, *server_version;
    size_t bytes;          ///< of its text and of the files that it builds on
    const char *catalogue; ///< the version of goneaway that wrote it; NULL: not given
    struct list only;      ///< const char *: what was run, as on the command line; empty: all
    bool like_rows;        ///< cases that are not listed are as in the scenarios' outcomes
    struct baseline *like; ///< cases that are not listed are as in this one; NULL: there is none
    size_t case_count, known_count;
    struct baseline_case *cases; ///< sorted by id
    struct baseline_known *known;
    const struct node *root;
    struct arena *arena;
};

/** Reads a file and those that it builds on. NULL and a usage error if any of them is refused. */
struct baseline *baseline_read(const char *path, struct err *err);
/** Like baseline_read(), from memory. `path` names it in messages, and `like` is relative to it. */
struct baseline *baseline_parse(const char *path, const char *data, size_t length, struct err *err);
void baseline_free(struct baseline *baseline);
static inline void baseline_cleanup_(struct baseline **baseline) {
    baseline_free(*baseline);
}
#define cleanup_baseline __attribute__((cleanup(baseline_cleanup_)))

/** A case of this file alone by its id; NULL if it is not listed. */
const struct baseline_case *baseline_own_case(const struct baseline *baseline, const char *id);
/** The same, searching the files that it builds on too. */
const struct baseline_case *baseline_case(const struct baseline *baseline, const char *id);
/** Whether cases listed in none of the files fall back to the scenarios' outcomes. */
bool baseline_ends_in_rows(const struct baseline *baseline);
/** The accepted deviation of a case, or NULL; from this file alone. */
const struct baseline_known *baseline_known(const struct baseline *baseline, const char *id);

/** Whether an id in a baseline, which may be older than the scenario, refers to a case. */
bool baseline_means(const char *id, const struct plan_case *plan);
/** Finds a case by its present or a former name, in this file alone, or in those that it builds on
 * too; NULL if it is not listed. */
const struct baseline_case *baseline_find_own(const struct baseline *baseline,
                                              const struct plan_case *plan);
const struct baseline_case *baseline_find(const struct baseline *baseline,
                                          const struct plan_case *plan);

/** Splits "kill-idle@[socket, tcp]" into the ids of its cases, ended by NULL; a single id yields
 * itself. NULL if the brackets hold anything but transports. */
const char **baseline_split_id(struct arena *arena, const char *text);

#endif
