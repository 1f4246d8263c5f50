// SPDX-License-Identifier: Apache-2.0
// seen.h - what a file recorded: the judged steps of its cases, without any verdict
//
// The file is a stranger's, so what is read from it is bounded, and its texts are escaped when
// printed.
#ifndef GONEAWAY_COMPARE_SEEN_H
#define GONEAWAY_COMPARE_SEEN_H

#include "base/arena.h"
#include "plan/plan.h"

/** How a judged step ended. Whatever the file does not say is -1 or NULL. */
struct seen_step {
    const char *id;
    const char *verb; ///< "query" ..
    enum outcome_kind outcome;
    int error, signal; ///< 0: none
    const char *native, *sqlstate;
    int session; ///< enum session_identity; unknown for a step that connects
    int64_t row_count;
    const char *values; ///< the rows, as JSON
};

/** Whether a case was carried out. */
enum seen_state { SEEN_RAN, SEEN_BROKEN, SEEN_SKIPPED, SEEN_STATES };

/** A case as seen once; with --repeat several have the same id. */
struct seen_case {
    const char *id;
    const char *scenario, *transport; ///< parts of the id
    const char *cause, *fault;        ///< the cause, and the kind of the first fault
    size_t connector, server;         ///< indices into `struct seen`
    enum seen_state state;
    size_t step_count;
    struct seen_step *steps;
};

/** A connector or a server. */
struct seen_place {
    const char *name;
    const char *version; ///< "": unknown
    const char *family;  ///< of a connector; its name if the file has no family
};
struct seen_places {
    size_t count;
    struct seen_place *items;
};

/** Everything in a file. Initialise with `= {0}`. */
struct seen {
    const char *path;
    struct arena *arena; ///< owns all texts
    struct seen_places connectors, servers;
    size_t case_count, case_room;
    struct seen_case *cases;
    const char *incomplete; ///< what is missing from it; NULL: nothing
};

/** Reads a json report, a baseline, or a folder of baselines. A usage error if it is none of these;
 * call seen_release() then too. */
int seen_read(struct seen *seen, const char *path, struct err *err);
/** The same, for a baseline, or for a folder of them: of each connector and server the file of the
 * newest version of the server. */
int seen_read_baselines(struct seen *seen, const char *path, struct err *err);
void seen_release(struct seen *seen);
#define cleanup_seen __attribute__((cleanup(seen_release)))

/** Adds an empty case. The pointer is valid until the next one is added. */
struct seen_case *seen_add_case(struct seen *seen, const char *id);
/** Sets a case's id, and what follows from it. */
void seen_name_case(struct seen *seen, struct seen_case *one, const char *id);
/** The index of the place of this name, added if it is new; -1: there are too many. */
int seen_add_place(struct seen *seen, struct seen_places *places, const struct seen_place *place,
                   size_t *ret_index, struct err *err);

#endif
