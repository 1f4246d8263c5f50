// SPDX-License-Identifier: Apache-2.0
// plan.h - a case on one line as a scenario: with what is waited for, and a promise
#ifndef GONEAWAY_TRY_PLAN_H
#define GONEAWAY_TRY_PLAN_H

#include "plan/kind.h"
#include "try/line.h"

/** A step of the scenario: one of the line, or the wait for its effect. */
struct try_part {
    const struct try_step *step;      ///< of a wait: the one before it
    const struct kind_effect *effect; ///< of the step; NULL: none is known
    const char *until;                ///< of a wait: the state, as YAML; NULL: it is no wait
};

/** A call's promise, as YAML. */
struct try_promise {
    const char *id, *text;
};

/** All of it lies in the line's arena, but for the scenario. */
struct try_plan {
    const struct try_line *line;
    struct scenario *scenario; ///< its steps are the parts, in order
    size_t part_count, promise_count;
    struct try_part *parts;
    struct try_promise *promises;
    const char *cause;      ///< what mostly stands behind what happens
    const char *transports; ///< as YAML: "tcp, tls"
};

/** What stands in a scenario's text beside the plan. */
struct try_script {
    const char *title, *source;
    const char *head;            ///< comments at its top; NULL: none
    const char *outcomes;        ///< the rows, each a line; NULL: one that is for nobody
    const bool *set_up;          ///< for each part: it is not judged; NULL: every call is
    const char *const *fires;    ///< for each part: how often that fault fires; NULL: at least once
    const char *const *promises; ///< other texts for the plan's promises; NULL: its own
};

/** Makes a scenario of a line. `transports` is a list such as "tcp,tls"; NULL: tcp. What the
 * language refuses is an error at its place in the line. */
int try_plan_make(struct try_plan *plan, const struct try_line *line, const char *transports,
                  struct err *err);
void try_plan_release(struct try_plan *plan);
/** Appends the scenario as a file. */
void try_plan_write(struct text *out, const struct try_plan *plan, const struct try_script *script);

/** Walks the steps of a scenario that the bare line is, adds the waits, and guesses the promises.
 */
void try_guess(struct try_plan *plan, const struct plan_case *bare);

#endif
