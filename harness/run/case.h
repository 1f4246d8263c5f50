// SPDX-License-Identifier: Apache-2.0
// case.h - carries out a case in a world: steps in, record out
#ifndef GONEAWAY_RUN_CASE_H
#define GONEAWAY_RUN_CASE_H

#include "plan/plan.h"
#include "run/actor.h"
#include "run/connection.h"
#include "run/peer.h"
#include "traffic/traffic.h"
#include "world/world.h"

/** A fault that was armed. */
struct case_fault {
    const struct plan_step *step;
    bool armed;            ///< not lifted yet
    int64_t fired;         ///< as far as known; some counts are read only when it is lifted
    const char *mechanism; ///< how it was carried out, if not in the usual way of its kind
    char *waits;           ///< what it waits for, if it can tell when lifted; or NULL
    void *state;           ///< the kind's own, zeroed before arming; NULL: it has none
};

struct case_run;
/** Called when a step has ended. `seen` is NULL for a call that continues in the background, and
 * for a step that failed. Called without a step when a program may have written something. */
typedef void case_watcher(void *context, struct case_run *run, const struct plan_step *step,
                          const struct record_step *seen);

/** The size of the server's error log at some time. */
struct log_look {
    long size;
    double at_ms; ///< since the start of the first step
};

/** Counters of what a program in the place of an app does. */
struct program_marks {
    int64_t statements; ///< counted by the server when the program started, without the admin's
    int64_t refused;    ///< failed connects of its host
    int starts;         ///< of the server; after another start, statements are no longer counted
};

/** The state of a case that is running. */
struct case_run {
    const struct plan_case *plan;
    struct world *world;
    const struct connector_recipe *connector;
    const struct proxy_recipe *proxy; ///< for the plan's wire, or NULL
    struct record *record;
    double time_scale; ///< >= 1; stretches deadlines
    bool served;       ///< the world has the server that the case needs
    struct err err;    ///< why the case is broken
    size_t actor_count, fault_count;
    struct actor *actors; ///< in the order of the plan's apps, then forked children
    struct case_fault *faults;
    struct peer raw;        ///< the server's counters when the case began
    struct admin_mark mark; ///< the server when the case began
    pid_t server_pid;       ///< its process at that time
    pid_t expected_pid;     ///< its process after the steps so far; 0: none
    size_t begun;           ///< how many of the plan's steps have begun
    int64_t stub_connects;  ///< how often apps have been told to connect to a stub
    int server_starts;      ///< how often the steps so far have started it again
    int64_t oom_kills;      ///< of this machine when the case began
    bool strangers;         ///< accounts other than the apps' may have had a session
    bool privileged;        ///< maybe even one with all privileges
    int64_t *baselines;     ///< for each step: what its state noted when the case began
    long log_offset;        ///< end of the error log when the case began
    size_t look_count;
    struct log_look *looks; ///< when it was seen to have grown
    json_t *globals;        ///< the global variables' values before the case set them; may be NULL
    bool nat_open;          ///< the wire has its NAT
    double began_ms;        ///< when the first step began
    double step_began_ms;   ///< when the current one began
    struct traffic traffic; ///< what was captured, if the job asks for it
    bool overheard;         ///< it does
    bool exhibited;         ///< the job asks for exhibits
    struct transcript transcript;
    case_watcher *watcher;      ///< called for each step that has ended; NULL: nobody watches
    void *watching;             ///< its context
    struct program_marks marks; ///< in a plan for a program
};

/** A key for the server that a case needs: cases with equal keys can share one. To be freed. */
char *case_server_key(const struct plan_case *plan, const struct server_recipe *server);
/** Starts the server for a later case in advance. `leaves`: the present one will not be available
 * to it. */
void case_expect(struct world *world, const struct plan_case *plan,
                 const struct server_recipe *server, bool leaves);

/** A case to be carried out, and where. */
struct case_job {
    const struct plan_case *plan;
    struct world *world;
    const struct server_recipe *server;
    const struct connector_recipe *connector;
    const struct proxy_recipe *proxy; ///< for the plan's wire, or NULL
    double time_scale;
    bool overheard;        ///< record what passes the network
    bool exhibited;        ///< record what a bundle needs in addition
    struct record *record; ///< filled with what is seen
    case_watcher *watcher; ///< NULL: nobody watches
    void *watching;
};
/** Begins a case: gives the world the server that it needs. If that fails, case_carry_out() records
 * it. */
void case_begin(struct case_run *run, const struct case_job *job);
/** Carries it out. Whatever goes wrong is in the record (`broken`). The world stays as it is until
 * case_close(). */
void case_carry_out(struct case_run *run);
/** Ends the apps and lifts what is still armed. */
void case_close(struct case_run *run);
/** The same for a case whose steps come from outside: whoever acts in it stays, in the apps' host.
 * Then begins `job` there, as case_begin() does. */
void case_begin_anew(struct case_run *run, const struct case_job *job);

// ---- parts, each in a file of its own ----------------------------------------------------------

/** An actor by name, or NULL. */
struct actor *case_actor(struct case_run *run, const char *name);
/** The process of an app or of `server`, whichever a step names; 0 if it has none, such as a child
 * whose fork failed. */
pid_t case_process(struct case_run *run, const char *name);
/** The deadline of a step that begins now, as of clock_ms(). */
double case_deadline(const struct case_run *run, const struct plan_step *step);
/** Whether the app reaches the server over the Unix socket. */
bool case_on_socket(const struct case_run *run);

/** Starts capturing at both hosts, if that was asked for; called once they exist. */
void overhear_begin(struct case_run *run);
/** Waits until the capture cannot miss anything. */
void overhear_wait(struct case_run *run);
/** Puts the capture into the record. */
void overhear_end(struct case_run *run);

/** Records the server's variables and counters before the apps start, if exhibits were asked
 * for. */
void exhibits_begin(struct case_run *run);
/** Starts recording the conversation with the apps. */
void exhibits_listen(struct case_run *run);
/** Records the server's counters once more. */
void exhibits_end(struct case_run *run);
/** Asks for the packets to be kept once captured, and fetches them. */
void exhibits_keep_packets(struct case_run *run);
void exhibits_take_packets(struct case_run *run);
/** Fetches that conversation. */
void exhibits_take_transcript(struct case_run *run);

/** Sets up what must be there before the first step: hosts, wire and apps. */
int case_set_up(struct case_run *run, struct err *err);

/** Does what the plan's faults need before any app starts. */
int faults_prepare(struct case_run *run, struct err *err);
/** Arms a fault and, if it takes effect at once, waits for the proof. */
int fault_arm(struct case_run *run, const struct plan_step *step, double deadline_ms,
              struct err *err);
/** Lifts a fault, after which its count of firings is final. */
int fault_lift(struct case_run *run, const char *id, double deadline_ms, struct err *err);
/** Lets a stopped server continue, so that it can be asked for evidence. */
int faults_release_server(struct case_run *run, struct err *err);
/** Lifts everything that is still armed, and puts every fault into the record. */
int faults_finish(struct case_run *run, struct err *err);
/** How often an armed or lifted fault has fired so far. */
int fault_count(struct case_run *run, const char *id, int64_t *ret_count, struct err *err);

/** Sets up the NAT of the plan's wire, if it has one. */
int nat_open(struct case_run *run, struct err *err);
/** How many packets of no known flow it has caught so far. */
int nat_count(struct case_run *run, int64_t *ret_count, struct err *err);
/** Takes it down and puts it into the record, as a fault. */
int nat_close(struct case_run *run, struct err *err);

/** Lets the states that steps will wait for note the state of affairs when the case begins. */
int until_begin(struct case_run *run, struct err *err);
/** Waits for a state. Missing the deadline is an error that says what was seen last; for an
 * optional state the result is 1. */
int until_wait(struct case_run *run, const struct plan_step *step, double deadline_ms,
               struct err *err);

/** Sets global variables, and remembers their values. */
int globals_set(struct case_run *run, json_t *values, struct err *err);
/** Sets those variables back. */
int globals_restore(struct case_run *run, struct err *err);

/** Whether one of the plan's first `begun` steps may end the server by a signal (0: in another
 * way), apart from `server: stop` and `restart`, which are tracked. */
bool death_is_planned(const struct plan_case *plan, size_t begun, int signal);
/** Whether the server has ended for a reason other than the steps so far and the faults. */
bool death_of_server(struct case_run *run);
/** The first step whose app was killed by SIGKILL although no fault of the plan does that; NULL:
 * none. */
const struct record_step *death_find_killed(const struct plan_case *plan,
                                            const struct record *record);
/** How many processes on this machine the kernel has killed for want of memory so far. */
int64_t death_oom_kills(void);
/** An error if a server or an app ended by itself; else `ret`, the result of the steps. */
int death_check(struct case_run *run, int ret, struct err *err);

/** Notes how long the server's error log is by now; asks nobody, and cannot fail. */
void evidence_look_at_log(struct case_run *run);
/** Collects evidence from the server's side, once what it counts and logs is final. */
int evidence_collect(struct case_run *run, struct err *err);

#endif
