// SPDX-License-Identifier: Apache-2.0
// kind.h - what a kind of fault or of state is: all that the language and a run know of it
//
// Each kind is a file of its own, in harness/faults/ or harness/states/, and a line in the list
// that stands there. It says how it is written (its word and arguments), what no table can check,
// what it implies for a case, and how it is carried out. The language, the check, a run and its
// needs of the machine know the kinds only by what is declared here, none by its name.
#ifndef GONEAWAY_PLAN_KIND_H
#define GONEAWAY_PLAN_KIND_H

#include "plan/plan.h"

struct case_run;
struct case_fault;

/** Arms or lifts a fault until `deadline_ms`, as of clock_ms(). */
typedef int fault_change(struct case_run *run, struct case_fault *fault, double deadline_ms,
                         struct err *err);
/** Brings `fault->fired` up to date. */
typedef int fault_counter(struct case_run *run, struct case_fault *fault, struct err *err);

/** A kind of fault; what is not said of it is not so. */
struct fault_kind {
    struct verb word;      ///< how it is written; its `id` means nothing
    const char *mechanism; ///< by what it is carried out, for the report
    /** Makes it so, and leaves in `fault->fired` how often it took effect. */
    fault_change *arm;
    /** Takes it away again; NULL: nothing is left to take away. */
    fault_change *lift;
    /** Of an effect that grows by itself, such as a rule that counts packets; NULL: `fired` is
     * current. */
    fault_counter *count;
};

/** All kinds of faults, see faults/faults.c; NULL ends them. */
extern const struct verb *const fault_verbs[];

/** The kind of a step STEP_FAULT. */
const struct fault_kind *fault_kind_of(const struct plan_step *step);

#endif
