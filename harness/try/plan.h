// SPDX-License-Identifier: Apache-2.0
// plan.h - turns a case on one line into a scenario, with waits and a promise
#ifndef GONEAWAY_TRY_PLAN_H
#define GONEAWAY_TRY_PLAN_H

#include "plan/kind.h"
#include "try/line.h"

/** A step of the scenario: one from the line, or the wait for its effect. */
struct try_part {
    const struct try_step *step;      ///< for a wait: the one before it
    const struct kind_effect *effect; ///< the step's; NULL: unknown
    const char *until;                ///< for a wait: the state, as YAML; NULL: it is no wait
};

/** A call's promise, as YAML. */
struct try_promise {
    const char *id, *text;
};

/** Everything belongs to the line's arena, except for the scenario. */
struct try_plan {
    const struct try_line *line;
    struct scenario *scenario; ///< its steps correspond to the parts, in order
    size_t part_count, promise_count;
    struct try_part *parts;
    struct try_promise *promises;
    const char *cause;      ///< the likely cause of what happens
    const char *transports; ///< as YAML: "tcp, tls"
};

/** What a scenario's text has besides the plan. */
struct try_script {
    const char *title, *source;
    const char *head;            ///< comments at the top; NULL: none
    const char *outcomes;        ///< the rows, one per line; NULL: one that applies to nobody
    const bool *set_up;          ///< for each part: whether it is not judged; NULL: every call is
    const char *const *fires;    ///< for each part: how often the fault fires; NULL: at least once
    const char *const *promises; ///< replace the plan's promises; NULL: do not
};

/** Makes a scenario of a line. `transports` is a list such as "tcp,tls"; NULL: tcp. An error of the
 * language is reported at its position in the line. */
int try_plan_make(struct try_plan *plan, const struct try_line *line, const char *transports,
                  struct err *err);
void try_plan_release(struct try_plan *plan);
/** Appends the scenario as a file. */
void try_plan_write(struct text *out, const struct try_plan *plan, const struct try_script *script);

/** Walks the steps of `bare`, the scenario of the line alone, adds the waits, and guesses the
 * promises. */
void try_guess(struct try_plan *plan, const struct plan_case *bare);

#endif
