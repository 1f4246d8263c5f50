// SPDX-License-Identifier: Apache-2.0
// symptoms.h - scenarios by the question that people ask
#ifndef GONEAWAY_EXPLAIN_SYMPTOMS_H
#define GONEAWAY_EXPLAIN_SYMPTOMS_H

/** A scenario that may be behind a symptom. */
struct suspect {
    const char *scenario; ///< its name; NULL ends a list
    const char *sign;     ///< what distinguishes it from the others in the list
};
/** What somebody sees, in their words. */
struct symptom {
    const char *question; ///< NULL ends the table
    const char *first;    ///< what to look at first, a sentence
    const struct suspect *suspects;
};
extern const struct symptom symptoms[];

#endif
