// SPDX-License-Identifier: Apache-2.0
// kind.h - the kinds of faults, states and verbs: all that the language and a run know about them
//
// Each fault and each state has its own file, in harness/faults/ or harness/states/, and a line in
// the list of that folder. The file says how the kind is written (its word and arguments), what no
// table can check, what it implies for a case, and how it is carried out. The language, `check`, a
// run and the needs of the machine know kinds only by the declarations here, and none by name.
#ifndef GONEAWAY_PLAN_KIND_H
#define GONEAWAY_PLAN_KIND_H

#include "plan/need.h"
#include "plan/plan.h"

struct case_run;
struct case_fault;

/** Refuses what no table can refuse, and notes in the plan what the step implies for the whole
 * case. The plan holds the steps before this one. */
typedef int kind_check(struct plan_case *plan, const struct plan_step *step, struct err *err);
/** The app that an argument names; NULL if it means the server. */
typedef const char *kind_app(const struct choice *act);
/** How long a step may take, judging by its arguments; used to start long cases early. */
typedef int64_t kind_guess(const struct choice *act);
/** The same, for an argument that is either an app or `server`. */
const char *kind_app_or_server(const char *name);

/** The template of a kind's sentence in `goneaway explain SCENARIO`: "another session kills {@of}".
 * `{of}` is the argument of that name as written, `{}` the only argument, `{@of}` an argument that
 * names an actor or a host, and `{*}` all others. Text in [brackets] is omitted if an argument in
 * it is not given. */
typedef const char *kind_tale;

/** Arms or lifts a fault until `deadline_ms`, as of clock_ms(). */
typedef int fault_change(struct case_run *run, struct case_fault *fault, double deadline_ms,
                         struct err *err);
/** Brings `fault->fired` up to date. */
typedef int fault_counter(struct case_run *run, struct case_fault *fault, struct err *err);

/** What usually follows once a step has taken effect: what `goneaway try` waits for, and proposes
 * for a scenario. */
struct kind_effect {
    const char *until; ///< the state of an app with a connection that shows the effect, as in
                       ///< `until`, with `{app}` for the app; NULL: none does
    const char *words; ///< the same in words, "the server closed the app's socket"; NULL: none
    const char *cause; ///< the usual cause, from the table of causes
    enum promise_word promise; ///< for calls that meet it
    const char *because;       ///< for `error` and `any`
    bool lasts;                ///< a connect meets it too, until it is lifted
};
/** The effect of a step with these arguments; never NULL. */
typedef const struct kind_effect *kind_effect_of(const struct choice *act);

/** A kind of fault. Members that are not set mean no. */
struct fault_kind {
    struct verb word;      ///< how it is written; its `id` is unused
    const char *mechanism; ///< how it is carried out, for the report
    kind_tale tale;        ///< a whole sentence
    kind_effect_of *effect;

    // -- what it requires and implies
    kind_check *check;
    kind_app *app;                                  ///< NULL: it concerns no app
    unsigned needs;                                 ///< of the machine, by NEED_BIT
    unsigned (*needs_of)(const struct choice *act); ///< further ones, depending on the arguments
    kind_guess *guess_ms;
    bool silent;          ///< a connect that meets it lasts until its own timeout
    bool stands;          ///< it is there whether or not anybody meets it, and cannot tell
    bool replaces_server; ///< `connect: {to: stub}` leads to it
    /** Whether the admin may get no answer while it is in force. */
    bool (*hampers_admin)(const struct choice *act);
    /** Whether it may end the process of the server (`server`) or of an app by this signal; 0: in
     * some other way than by a signal. */
    bool (*may_end)(const struct choice *act, const char *whom, int signal);

    // -- how it is carried out
    /** Runs before any app starts; NULL: nothing to prepare. */
    int (*prepare)(struct case_run *run, const struct plan_step *step, struct err *err);
    /** Makes it happen, and sets `fault->fired` to how often it took effect. */
    fault_change *arm;
    /** Undoes it; NULL: nothing to undo. */
    fault_change *lift;
    /** For an effect that grows by itself, such as a rule that counts packets; NULL: `fired` is up
     * to date. */
    fault_counter *count;
    size_t state_bytes; ///< size of `fault->state`, which is zeroed before arming
};

/** All kinds of faults, see faults/faults.h; terminated by NULL. */
extern const struct verb *const fault_verbs[];

/** A verb of an app. Most are only passed on to the adapter, and are just a row. */
struct app_verb {
    struct verb word; ///< how it is written; its `id` is unused
    kind_tale tale;   ///< what the app does: "connects"
    kind_check *check;
    kind_guess *guess_ms;
    const char *(*child)(const struct choice *act); ///< the actor that it creates; NULL: none
    bool addressed;      ///< it needs the server's address; its arguments are struct connect_args
    bool logs_in;        ///< with the apps' account, unless it names another
    bool connects;       ///< success gives the app a new connection
    bool reaches_server; ///< success proves that the server running now has answered
    bool ends;           ///< it ends the app
    bool beside;         ///< it acts on the app's call in flight, and is asked before that returns
};

/** The verb of a STEP_APP step, and the verb with this name; NULL if there is none, or for NULL. */
const struct app_verb *app_verb_of(const struct plan_step *step);
const struct app_verb *app_verb_named(const char *name);

/** A verb of the server's process. */
struct server_verb {
    struct verb word;       ///< how it is written; its `id` is unused
    kind_tale tale;         ///< what the server does: "starts again"
    kind_effect_of *effect; ///< NULL: it does not affect sessions
    kind_guess *guess_ms;
    bool ends;     ///< it ends the process; its arguments are struct restart_args
    bool begins;   ///< it then starts a new one
    bool installs; ///< it installs a loadable function in the server
};

/** The verb of a STEP_SERVER step. */
const struct server_verb *server_verb_of(const struct plan_step *step);

/** What polling for a state has found so far. */
struct state_look {
    char seen[256]; ///< the latest finding, for the message if the deadline passes
    int64_t before; ///< as noted when the case began
    void *state;    ///< the kind's own, zeroed before the first look
};

/** A kind of state that can be waited for. Members that are not set mean no. */
struct state_kind {
    struct verb word; ///< how it is written; its `id` is unused
    kind_tale tale;   ///< what is waited for: "the server is {}"

    // -- what it requires and implies
    kind_check *check;
    kind_app *app;  ///< NULL: it concerns no app
    unsigned needs; ///< of the machine, by NEED_BIT
    bool of_socket; ///< a state of a connection, whatever protocol runs over it
    /** Whether a remedy that works prevents it, so that a control does not wait for it. */
    bool (*is_damage)(const struct choice *what);
    /** Whether waiting for it implies that the server may end. */
    bool (*may_end_server)(const struct choice *what);

    // -- how it is observed
    /** Notes the state of affairs when the case begins. */
    int (*begin)(struct case_run *run, const struct choice *what, int64_t *ret_before,
                 struct err *err);
    /** 1 if reached, 0 if not yet, -1 on error. */
    int (*look)(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err);
    size_t state_bytes; ///< size of `look->state`
};

/** All kinds of states, see states/states.h; terminated by NULL. */
extern const struct verb *const state_verbs[];

/** The kind of a STEP_UNTIL step. */
const struct state_kind *state_kind_of(const struct plan_step *step);
/** The kind of a STEP_FAULT step. */
const struct fault_kind *fault_kind_of(const struct plan_step *step);
/** The next step after `after` (NULL: from the start) that armed a fault of a kind that no step has
 * lifted yet; NULL if there is none. */
const struct plan_step *plan_next_in_force(const struct plan_case *plan,
                                           const struct fault_kind *kind,
                                           const struct plan_step *after);

#endif
