// SPDX-License-Identifier: Apache-2.0
// parts.h - what script.c and script_fault.c share
#ifndef GONEAWAY_EXPORT_PARTS_H
#define GONEAWAY_EXPORT_PARTS_H

#include "export/script.h"

/** A script while it is made. */
struct making {
    struct script *script;
    const struct plan_row *row;
    size_t at;       // the step
    bool is_stopped; // the server
    bool is_child;   // the next step says how a forked child ends
};

/** Adds a move for a step, with what was measured for it. */
struct move *making_add(struct making *making, const struct plan_step *step, enum move_kind kind);
/** Refuses the case, for the reason given. Always returns -1. */
int making_refuse(const struct making *making, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** The variable that holds an actor's connection. */
const char *making_connection(const struct making *making, const char *actor);
/** An argument of a step by its key, or, for a NULL key, its only one; NULL: not given. */
const char *step_argument(const struct plan_step *step, const char *key);

/** Steps that are no app's. */
int add_fault_step(struct making *making, const struct plan_step *step, struct err *err);

#endif
