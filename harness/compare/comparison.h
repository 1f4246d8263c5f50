// SPDX-License-Identifier: Apache-2.0
// comparison.h - what differs between what two files say was seen: a pure function
//
// Cases go together by id, their steps by id, connectors and servers as main/pairs.h pairs them.
// It is a difference if the new file shows what the old one never showed.
#ifndef GONEAWAY_COMPARE_COMPARISON_H
#define GONEAWAY_COMPARE_COMPARISON_H

#include "compare/pairs.h"
#include "compare/sight.h"

/** What changes may have in common. */
enum trait {
    TRAIT_TRANSPORT,
    TRAIT_STEP,
    TRAIT_VERB,
    TRAIT_SCENARIO,
    TRAIT_CAUSE,
    TRAIT_FAULT,
    TRAIT_CONNECTOR, ///< by its old name, and the server too
    TRAIT_SERVER,
    TRAIT_COUNT
};
/** "transport", "step" .. */
extern const char *const trait_names[TRAIT_COUNT];

/** A case in one pair of connectors and servers. */
struct compared {
    const char *id;
    size_t connector, server; ///< indices of pairs
};

/** A step that is not as it was. */
struct change {
    struct compared where;
    struct sights before, after;
    const char *before_text, *after_text;
    const char *traits[TRAIT_COUNT]; ///< NULL: unknown
};

/** Equal changes. */
struct change_group {
    const struct change *changes; ///< sorted by connector, scenario and variant, server, transport
    size_t count, case_count;
    /** What all of them have in common, and not all that was compared; NULL: nothing. */
    const char *common[TRAIT_COUNT];
};

/** A case, or a step of one, that only one file has. */
struct lone {
    struct compared where;
    const char *step; ///< NULL: the whole case
};
struct lones {
    size_t count, case_count;
    struct lone *items;
};

/** A step that repetitions did not show alike. */
struct unstable {
    struct compared where;
    bool after; ///< in the new file; else in the old one
    const char *step, *text;
};

/** All of it. Its texts are those of the files, which must stay. */
struct comparison {
    const struct seen *before, *after;
    struct arena *arena;
    struct pairs connectors, servers;
    size_t compared;       ///< cases that ran in both
    size_t compared_steps; ///< steps of theirs that are in both
    size_t changed;        ///< cases with a change
    size_t change_count, group_count, unstable_count;
    struct change *changes;
    struct change_group *groups; ///< the one of most cases first
    struct lones only_before, only_after;
    struct unstable *unstable;
    size_t idle[SEEN_STATES][SEEN_STATES]; ///< cases in both, by their state before and after
    const char *spread[TRAIT_COUNT];       ///< of all that was compared; "": there are several
};

/** Compares. `connectors` and `servers` are options as of pairs_make(). A usage error if nothing
 * goes together; comparison_release() also then. */
int comparison_make(struct comparison *comparison, const struct seen *before,
                    const struct seen *after, const char *connectors, const char *servers,
                    struct err *err);
void comparison_release(struct comparison *comparison);

#endif
