// SPDX-License-Identifier: Apache-2.0
// comparison.h - what differs between what two files recorded: a pure function
//
// Cases are matched by id, their steps by id, connectors and servers by compare/pairs.h. A step
// differs if the new file shows something that the old one never showed.
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
    TRAIT_CONNECTOR, ///< by its old name; the server likewise
    TRAIT_SERVER,
    TRAIT_COUNT
};
/** "transport", "step" .. */
extern const char *const trait_names[TRAIT_COUNT];

/** A case in a pair of connectors and a pair of servers. */
struct compared {
    const char *id;
    size_t connector, server; ///< indices of pairs
};

/** A step that differs. */
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
    /** What all of them have in common, unless everything compared has it; NULL: nothing. */
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

/** A step on which the repetitions disagree. */
struct unstable {
    struct compared where;
    bool after; ///< in the new file; else in the old one
    const char *step, *text;
};

/** The whole result. Its texts belong to the files, which must outlive it. */
struct comparison {
    const struct seen *before, *after;
    struct arena *arena;
    struct pairs connectors, servers;
    size_t compared;       ///< cases that ran in both files
    size_t compared_steps; ///< their steps that are in both files
    size_t changed;        ///< cases with a change
    size_t change_count, group_count, unstable_count;
    struct change *changes;
    struct change_group *groups; ///< the one with the most cases first
    struct lones only_before, only_after;
    struct unstable *unstable;
    size_t idle[SEEN_STATES][SEEN_STATES]; ///< cases in both, by their state before and after
    const char *spread[TRAIT_COUNT];       ///< the value that everything compared shares; "": there
                                           ///< are several
};

/** Compares two files. `connectors` and `servers` are option values as for pairs_make(). A usage
 * error if nothing can be paired; call comparison_release() then too. */
int comparison_make(struct comparison *comparison, const struct seen *before,
                    const struct seen *after, const char *connectors, const char *servers,
                    struct err *err);
void comparison_release(struct comparison *comparison);

#endif
