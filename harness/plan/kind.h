// SPDX-License-Identifier: Apache-2.0
// kind.h - what a kind of fault, of state or of verb is: all that the language and a run know of it
//
// Each fault and each state is a file of its own, in harness/faults/ or harness/states/, and a line
// in the list that stands there. It says how it is written (its word and arguments), what no table
// can check, what it implies for a case, and how it is carried out. The language, the check, a run
// and its needs of the machine know the kinds only by what is declared here, none by its name.
#ifndef GONEAWAY_PLAN_KIND_H
#define GONEAWAY_PLAN_KIND_H

#include "plan/need.h"
#include "plan/plan.h"

struct case_run;
struct case_fault;

/** Refuses what no table can refuse, and notes in the plan what the step implies for the whole
 * case. The plan's steps are those before this one. */
typedef int kind_check(struct plan_case *plan, const struct plan_step *step, struct err *err);
/** The app that an argument names; NULL: none, so the server is meant. */
typedef const char *kind_app(const struct choice *act);
/** How long a step may take, as far as its arguments tell; to begin long cases early. */
typedef int64_t kind_guess(const struct choice *act);
/** For these, of an argument that names an app or `server`. */
const char *kind_app_or_server(const char *name);

/** A kind's part in the story of `goneaway explain SCENARIO`: "another session kills
 * {@of}".
 * `{of}` is the argument of that name as it is written, `{}` the only one; `{@of}` one that names
 * an actor or a host; `{*}` all that the tale does not name. What stands in [brackets] is left out
 * where an argument in it is not given. */
typedef const char *kind_tale;

/** Arms or lifts a fault until `deadline_ms`, as of clock_ms(). */
typedef int fault_change(struct case_run *run, struct case_fault *fault, double deadline_ms,
                         struct err *err);
/** Brings `fault->fired` up to date. */
typedef int fault_counter(struct case_run *run, struct case_fault *fault, struct err *err);

/** What usually follows when something has taken effect. It is what `goneaway try` waits for, and
 * proposes for a scenario. */
struct kind_effect {
    const char *until; ///< the state of an app with a connection that shows it, as `until` has it,
                       ///< with `{app}` for the app; NULL: none does
    const char *words; ///< the same in words, "the server closed the app's socket"; NULL: none
    const char *cause; ///< the row of the table of causes that mostly stands behind it
    enum promise_word promise; ///< of the calls that meet it
    const char *because;       ///< for `error` and `any`
    bool lasts;                ///< a connect meets it too, until it is taken away
};
/** The effect of a step with such arguments; never NULL. */
typedef const struct kind_effect *kind_effect_of(const struct choice *act);

/** A kind of fault; what is not set is not so. */
struct fault_kind {
    struct verb word;      ///< how it is written; its `id` means nothing
    const char *mechanism; ///< by what it is carried out, for the report
    kind_tale tale;        ///< a whole sentence
    kind_effect_of *effect;

    // -- what it asks for and implies
    kind_check *check;
    kind_app *app;                                  ///< NULL: it concerns no app
    unsigned needs;                                 ///< of the machine, by NEED_BIT
    unsigned (*needs_of)(const struct choice *act); ///< and of one with such arguments
    kind_guess *guess_ms;
    bool silent;          ///< a connect that meets it lasts until its own timeout
    bool stands;          ///< it is there whether somebody meets it or not, and cannot tell
    bool replaces_server; ///< it is what `connect: {to: stub}` leads to
    /** Whether the admin may get no answer while it is in force. */
    bool (*hampers_admin)(const struct choice *act);
    /** Whether it may end a process, that of the server (`server`) or of an app, by this signal; 0:
     * the process has ended in some other way. */
    bool (*may_end)(const struct choice *act, const char *whom, int signal);

    // -- how it is carried out
    /** Before any app begins; NULL: there is nothing to prepare. */
    int (*prepare)(struct case_run *run, const struct plan_step *step, struct err *err);
    /** Makes it so, and leaves in `fault->fired` how often it took effect. */
    fault_change *arm;
    /** Takes it away again; NULL: nothing is left to take away. */
    fault_change *lift;
    /** Of an effect that grows by itself, such as a rule that counts packets; NULL: `fired` is
     * current. */
    fault_counter *count;
    size_t state_bytes; ///< size of `fault->state`, which is zeroed when it is armed
};

/** All kinds of faults, see faults/faults.h; NULL ends them. */
extern const struct verb *const fault_verbs[];

/** A verb of an app. Most are only passed on, and are no more than their row. */
struct app_verb {
    struct verb word; ///< how it is written; its `id` means nothing
    kind_tale tale;   ///< what the app does: "connects"
    kind_check *check;
    kind_guess *guess_ms;
    const char *(*child)(const struct choice *act); ///< the actor that it makes; NULL: none
    bool addressed;      ///< it gets the server's address; its arguments are struct connect_args
    bool logs_in;        ///< by the apps' account, unless it says another
    bool connects;       ///< once it has succeeded the app has another connection
    bool reaches_server; ///< it succeeds only when the server that runs now has answered
    bool ends;           ///< the app ends by it
};

/** The verb of a step STEP_APP, and the one of that name; NULL for another, or for NULL. */
const struct app_verb *app_verb_of(const struct plan_step *step);
const struct app_verb *app_verb_named(const char *name);

/** A verb of the server's process. */
struct server_verb {
    struct verb word;       ///< how it is written; its `id` means nothing
    kind_tale tale;         ///< what the server does: "starts again"
    kind_effect_of *effect; ///< NULL: it does nothing to a session
    kind_guess *guess_ms;
    bool ends;     ///< it ends the process; its arguments are struct restart_args
    bool begins;   ///< then it starts one
    bool installs; ///< it puts a loadable function into the server
};

/** The verb of a step STEP_SERVER. */
const struct server_verb *server_verb_of(const struct plan_step *step);

/** What looks at a state have found so far. */
struct state_look {
    char seen[256]; ///< the latest one, for the message if the deadline passes
    int64_t before; ///< what was noted when the case began
    void *state;    ///< the kind's own, zeroed before the first look
};

/** A kind of state that can be waited for; what is not set is not so. */
struct state_kind {
    struct verb word; ///< how it is written; its `id` means nothing
    kind_tale tale;   ///< what is waited for: "the server is {}"

    // -- what it asks for and implies
    kind_check *check;
    kind_app *app;  ///< NULL: it concerns no app
    unsigned needs; ///< of the machine, by NEED_BIT
    bool of_socket; ///< it is one of a connection, whatever goes over that
    /** Whether a remedy that works prevents it: a control does not wait for it then. */
    bool (*is_damage)(const struct choice *what);
    /** Whether who waits for it expects that the server may end. */
    bool (*may_end_server)(const struct choice *what);

    // -- how it is looked at
    /** Notes how things stand when the case begins. */
    int (*begin)(struct case_run *run, const struct choice *what, int64_t *ret_before,
                 struct err *err);
    /** 1 it is so, 0 not yet, -1 error. */
    int (*look)(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err);
    size_t state_bytes; ///< size of `look->state`
};

/** All kinds of states, see states/states.h; NULL ends them. */
extern const struct verb *const state_verbs[];

/** The kind of a step STEP_UNTIL. */
const struct state_kind *state_kind_of(const struct plan_step *step);
/** The kind of a step STEP_FAULT. */
const struct fault_kind *fault_kind_of(const struct plan_step *step);
/** The first step after `after` (NULL: of all) that has armed a fault of a kind which no step has
 * lifted yet; NULL: there is none. */
const struct plan_step *plan_next_in_force(const struct plan_case *plan,
                                           const struct fault_kind *kind,
                                           const struct plan_step *after);

#endif
