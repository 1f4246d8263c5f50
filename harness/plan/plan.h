// SPDX-License-Identifier: Apache-2.0
// plan.h - what a scenario file asks for, checked and resolved; const from then on
//
// A scenario becomes one `struct plan_case` per variant and transport, with the variant's
// parameters substituted, every name resolved, and the `if` of every outcome row decided as far as
// variant and transport allow. The rest (server, connector) depends on where a case runs.
#ifndef GONEAWAY_PLAN_PLAN_H
#define GONEAWAY_PLAN_PLAN_H

#include "plan/language.h"

/** Default of a step's deadline, milliseconds. */
enum { STEP_DEADLINE_MS = 10000 };
/** Largest scenario file, and the most memory it may take once expanded, bytes. */
enum { SCENARIO_MAX_BYTES = 256 << 10, SCENARIO_MAX_MEMORY = 128 << 20 };

/** Parts of a file that are valid but could be better; only the first of very many. */
struct warnings {
    size_t count;
    const char *texts[50]; ///< "file:line:column: warning: .."
};

/** What a fault's proof must show. */
struct fires {
    enum { FIRES_ONCE_OR_MORE, FIRES_EXACTLY, FIRES_ANY } rule;
    int64_t times; ///< for FIRES_EXACTLY
};

struct plan_step {
    int number;     ///< from 1, in the order of the file
    const char *id; ///< NULL: set-up
    enum step_kind kind;
    const char *actor;  ///< STEP_APP: the app's name; else the step's key
    struct choice act;  ///< STEP_APP, _ADMIN, _SERVER, _UNTIL: the verb; STEP_FAULT: its kind
    const char *as;     ///< STEP_APP: background name, or NULL
    const char *name;   ///< STEP_LIFT: the fault's id; STEP_AWAIT: the call's; STEP_FAULT: own id
    struct fires fires; ///< STEP_FAULT
    struct idle_args idle; ///< STEP_IDLE
    bool skipped;  ///< in steps for all variants: a state that this control's remedy prevents
    bool optional; ///< STEP_UNTIL: after the deadline the case continues without it
    int64_t deadline_ms;
    int64_t guess_ms;         ///< how long it may take, judging by its verb
    const struct node *node;  ///< its key, for messages
    const struct node *value; ///< the key's value
};

enum outcome_kind {
    OUTCOME_OK,
    OUTCOME_ERROR,
    OUTCOME_HANG,
    OUTCOME_CRASH,
    OUTCOME_UNSUPPORTED,
    OUTCOME_COUNT,
};
/** The words for outcome kinds. */
extern const char *const outcome_names[OUTCOME_COUNT];

/** What a cell of the outcomes table demands of a step. Unset demands are -1 or NULL. */
struct expectation {
    enum outcome_kind kind;
    int code;   ///< OUTCOME_ERROR: the client's error number
    int signal; ///< OUTCOME_CRASH: 0 means any
    const struct node *rows;
    int64_t affected, warnings, error_number, system_errno;
    int session; ///< enum session_identity
    struct bounds within;
    const char *sqlstate, *native, *message, *stage, *events;
    const char *why;             ///< why there are alternatives
    struct expectation *or_else; ///< the next alternative, or NULL
    const char *text;            ///< as shown to people: "2013", "ok", "2013 or 2006"
    int64_t times; ///< in a baseline, how often repetitions showed this one; 0: not counted
};

/** What any correct client does at a step. */
enum promise_word {
    PROMISE_OK,           ///< it succeeds
    PROMISE_ERROR,        ///< an error, whatever its code: success would be a lie
    PROMISE_ERROR_OR_NEW, ///< an error, or success in a new session: the old one held nothing
    PROMISE_UNBOUNDED,    ///< nothing limits the call: an error, success, or a hang
    PROMISE_ANY,          ///< anything, for the reason given
    PROMISE_WORDS,
};
/** "ok", "error" .. */
extern const char *const promise_names[PROMISE_WORDS];

struct promise {
    enum promise_word word;
    const char *because;              ///< why: "a transaction was open"; NULL: not given
    const struct expectation *exact;  ///< the outcome required instead of the word; NULL: the word
    const struct expectation *unless; ///< PROMISE_ERROR: the only success that is not a lie, or
                                      ///< NULL
    const char *text;                 ///< as shown to people
};

struct promise_row {
    const struct condition_args *condition; ///< the server is still to be decided; or NULL
    size_t count;
    const char **ids; ///< step ids
    struct promise *promises;
    const struct node *node;
};

struct plan_row {
    const struct condition_args *condition; ///< server and connector are still to be decided; or
                                            ///< NULL
    size_t count;
    const char **ids;                     ///< step ids
    struct expectation **expectations;    ///< one for each id
    const struct evidence_args *evidence; ///< or NULL
    const char *violates;                 ///< why it violates the promise; NULL: it does not
    const char *because;                  ///< the reason, or NULL
    bool unstable; ///< of a baseline: repetitions differed, so that steps may be missing at the end
    size_t index;  ///< in the file
    const struct node *node;
};

struct program_plan;
struct plan_case {
    const struct scenario *scenario;
    const char *id;      ///< scenario/variant@transport, or scenario@transport without variants
    const char *variant; ///< "" without variants
    size_t former_count;
    const char **former; ///< identifiers that it had formerly
    bool control;
    const char *remedy; ///< for a control; else NULL
    enum transport transport;
    struct server_args *server; ///< NULL: nothing special
    struct wire_args *wire;     ///< NULL: nothing special
    const char *nat_id;         ///< the name of the wire's NAT as a fault; NULL: none
    struct fires nat_fires;     ///< what its proof must show
    struct host_args *host;     ///< NULL: nothing special
    size_t step_count, row_count;
    size_t fork_count; ///< how many children its apps fork
    struct plan_step *steps;
    struct evidence_args *evidence; ///< for every row without its own, or NULL
    struct plan_row *rows;          ///< those that fit variant and transport, in file order
    const struct node *promise;     ///< as written
    size_t promise_count;
    struct promise_row *promises; ///< those that fit variant and transport, in file order
    bool dirties_server;          ///< at least one step does
    bool fresh_server;            ///< at least one step needs a server that has served no other
                                  ///< case
    bool looks_up_names;          ///< by DNS: the wire has a name service
    unsigned needs;               ///< of the machine, beyond those of every case, by NEED_BIT
    unsigned netem;               ///< 1 << enum side for each host towards which it uses netem
    bool ipv6;                    ///< an app connects over IPv6
    int64_t imposed_ms; ///< waits that the faults themselves impose, as far as the plan shows
    const struct program_plan *program; ///< for a user's own program; NULL: for an adapter
    bool of_sessions; ///< it has no apps: its steps come from outside while it runs, and name
                      ///< sessions by their connection ids; see outside.h
};

/** What a variant shows about a remedy, or a claim about the cause. */
struct claim {
    const char *text, *variant;
    enum holds holds;
    bool remedy;
};

struct scenario {
    const char *name, *file, *title, *cause;
    const char *races; ///< why a client may show different codes; NULL: no reason is known
    struct list source, tags, apps, variants; ///< const char *
    struct dict groups;                       ///< struct list of const char *: variants
    struct list connectors; ///< const char *: runs only with these; empty: with client libraries
    struct list servers;    ///< const char *: conditions on servers, one must hold; empty: all
    size_t transport_count;
    const int *transports; ///< enum transport
    size_t case_count;
    struct plan_case *cases;
    int alternatives; ///< number of cells with `or:`
    struct warnings *warnings;
    size_t claim_count;
    struct claim *claims;
    const struct node *root; ///< the whole file, for messages
    size_t step_id_count;
    const char **step_ids;        ///< of all steps in all variants, sorted
    size_t *promise_work;         ///< remaining budget for checking promises, see parts.h
    struct pattern_set *patterns; ///< those checked already, see parts.h
    struct arena *arena;
};

/** Reads and checks one file; NULL and a usage error if it is refused. */
struct scenario *scenario_read(const char *path, struct err *err);
/** Like scenario_read(), from memory; the scenario is named after `file`. */
struct scenario *scenario_parse(const char *file, const char *data, size_t length, struct err *err);
void scenario_free(struct scenario *scenario);

/** Where a case runs, for the conditions of outcome rows. */
struct place {
    const char *server, *vendor, *server_version;
    const char *connector, *connector_version;
    const char *family; ///< of the connector; NULL: same as its name
};
/** Whether a scenario is for the server of a place. */
bool plan_is_for_server(const struct scenario *scenario, const struct place *place);
/** The first row that holds at a place, or NULL. A row that names the connector's family yields to
 * a later one that names the connector itself. */
const struct plan_row *plan_find_row(const struct plan_case *plan, const struct place *place);
/** The expectation of a step in a row, or NULL. */
const struct expectation *plan_find_expectation(const struct plan_row *row, const char *id);

/** The step with this number, or NULL. */
const struct plan_step *plan_find_step(const struct plan_case *plan, int number);

/** What is promised for a step at a place, of which only the server matters; NULL: nothing. */
const struct promise *plan_find_promise(const struct plan_case *plan, const struct place *place,
                                        const char *id);
/** The first step, in the order of the row, that violates its promise; NULL: none. */
const char *plan_find_violation(const struct plan_case *plan, const struct place *place,
                                const struct plan_row *row);
/** Whether an outcome keeps a promise. `renewed`: an earlier step has replaced the session, so an
 * unchanged session is still a new one. */
bool promise_allows(const struct promise *promise, const struct expectation *one, bool renewed);

/** Whether a step has this number or id, or arms the fault with this id. */
bool plan_step_is(const struct plan_step *step, const char *name);
/** Whether a server option is switched off: by `false`, and, for options whose parsing differs
 * between servers (MySQL reads --skip-name-resolve=0 as on), by `OFF` and `0` too. */
bool option_is_off(const char *name, const struct node *value);
/** Whether it is skip_name_resolve in any spelling. */
bool option_is_name_resolve(const char *name);

/** The JSON Schema of scenario files. New reference. */
json_t *scenario_schema(void);

#endif
