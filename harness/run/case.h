// SPDX-License-Identifier: Apache-2.0
// case.h - one case carried out in a world: steps in, record out
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
    int64_t fired;         ///< as far as it is known; a rule's count is read when it is lifted
    const char *mechanism; ///< by what it was carried out, if it was not as for all of its kind
    char *waits;           ///< what it waits for, where it can say that when it is lifted; or NULL
    void *state;           ///< its kind's own, zeroed when it was armed; NULL: it has none
};

struct case_run;
/** Is told that a step has ended, and what was seen of it; NULL: a call that goes on in the
 * background, or a step that has failed. Without a step: a program may have written something. */
typedef void case_watcher(void *context, struct case_run *run, const struct plan_step *step,
                          const struct record_step *seen);

/** What is counted of the doings of a program in the place of an app. */
struct program_marks {
    int64_t statements; ///< the server's, as the program started, without the admin's
    int64_t refused;    ///< connects of its host that failed
    int starts;         ///< of the server; after a further one statements are not counted
};

/** What there is while a case runs. */
struct case_run {
    const struct plan_case *plan;
    struct world *world;
    const struct connector_recipe *connector;
    const struct proxy_recipe *proxy; ///< of the plan's wire, or NULL
    struct record *record;
    double time_scale; ///< >= 1; stretches deadlines
    bool served;       ///< the world has the server that the case wants
    struct err err;    ///< why the case is broken
    size_t actor_count, fault_count;
    struct actor *actors; ///< in the order of the plan's apps, then forked children
    struct case_fault *faults;
    struct peer raw;        ///< the connection of raw steps
    struct admin_mark mark; ///< the server when the case began
    pid_t server_pid;       ///< its process then
    pid_t expected_pid;     ///< and as the steps so far have left it; 0: none
    size_t begun;           ///< how many of the plan's steps have been begun
    int64_t stub_connects;  ///< how often an app has been asked to connect to a stub
    int server_starts;      ///< how often the steps have started it anew so far
    int64_t oom_kills;      ///< of the machine when the case began
    bool strangers;         ///< others than the apps' account may have had a session
    bool privileged;        ///< or even one that may do as it likes
    int64_t *baselines;     ///< for each step: what its state noted then
    long log_offset;        ///< end of the error log when the case began
    json_t *globals;        ///< what global variables were before the case set them; may be NULL
    bool nat_open;          ///< the wire has its NAT
    double began_ms;        ///< when the first step began
    double step_began_ms;   ///< and the present one
    struct traffic traffic; ///< what is captured of it, if the job asks for that
    bool overheard;         ///< it does
    bool exhibited;         ///< so does it for exhibits
    struct transcript transcript;
    case_watcher *watcher;      ///< is told of each step that has ended; NULL: nobody is
    void *watching;             ///< its context
    struct program_marks marks; ///< of a plan for a program
};

/** What server a case wants: cases of equal keys can share one. To be freed. */
char *case_server_key(const struct plan_case *plan, const struct server_recipe *server);
/** Starts the server of a later case ahead; `leaves`: the present one will not be there for it. */
void case_expect(struct world *world, const struct plan_case *plan,
                 const struct server_recipe *server, bool leaves);

/** A case to be carried out, and where. */
struct case_job {
    const struct plan_case *plan;
    struct world *world;
    const struct server_recipe *server;
    const struct connector_recipe *connector;
    const struct proxy_recipe *proxy; ///< of the plan's wire, or NULL
    double time_scale;
    bool overheard;        ///< what passes the network is to be in the record
    bool exhibited;        ///< and what a bundle has beside it
    struct record *record; ///< gets what is seen
    case_watcher *watcher; ///< NULL: nobody watches
    void *watching;
};
/** Begins a case: gives the world the server that it wants. If that fails, case_carry_out() says so
 * in the record. */
void case_begin(struct case_run *run, const struct case_job *job);
/** Carries it out. Whatever goes wrong is in the record (`broken`). The world stays as it is for
 * case_close(). */
void case_carry_out(struct case_run *run);
/** Ends apps and lifts what is still armed. */
void case_close(struct case_run *run);

// ---- parts, each in a file of its own ----------------------------------------------------------

/** An actor by name, or NULL. */
struct actor *case_actor(struct case_run *run, const char *name);
/** The process of what a step names, an app or `server`; 0: it has none, as a child whose fork has
 * failed. */
pid_t case_process(struct case_run *run, const char *name);
/** The moment at which a step that begins now passes its deadline, as of clock_ms(). */
double case_deadline(const struct case_run *run, const struct plan_step *step);
/** Whether the app reaches the server over the Unix socket. */
bool case_on_socket(const struct case_run *run);

/** Begins to capture what passes at both hosts, if that was asked for, from when they stand. */
void overhear_begin(struct case_run *run);
/** Waits until nothing that passes is missed. */
void overhear_wait(struct case_run *run);
/** Puts it into the record. */
void overhear_end(struct case_run *run);

/** Asks the server how things stand before the apps begin, if exhibits were asked for. */
void exhibits_begin(struct case_run *run);
/** Has what is said to the apps from the first step on written down. */
void exhibits_listen(struct case_run *run);
/** Asks the server once more. */
void exhibits_end(struct case_run *run);
/** Has the packets kept when they are read, and takes them. */
void exhibits_keep_packets(struct case_run *run);
void exhibits_take_packets(struct case_run *run);
/** Takes what was said. */
void exhibits_take_transcript(struct case_run *run);

/** Makes what stands before the first step: hosts, wire and apps. */
int case_set_up(struct case_run *run, struct err *err);

/** Does what the plan's faults need to have been done before any app begins. */
int faults_prepare(struct case_run *run, struct err *err);
/** Arms a fault and, where it takes effect at once, waits for the proof. */
int fault_arm(struct case_run *run, const struct plan_step *step, double deadline_ms,
              struct err *err);
/** Lifts a fault; its count of firings is final then. */
int fault_lift(struct case_run *run, const char *id, double deadline_ms, struct err *err);
/** Lets a stopped server go on, so that it can be asked for evidence. */
int faults_release_server(struct case_run *run, struct err *err);
/** Lifts all that is still armed, and puts every fault into the record. */
int faults_finish(struct case_run *run, struct err *err);
/** How often an armed or lifted fault has fired so far. */
int fault_count(struct case_run *run, const char *id, int64_t *ret_count, struct err *err);

/** Sets up the NAT of the plan's wire, if it has one. */
int nat_open(struct case_run *run, struct err *err);
/** How many packets of no known flow it has caught so far. */
int nat_count(struct case_run *run, int64_t *ret_count, struct err *err);
/** Takes it down and puts it into the record, as a fault. */
int nat_close(struct case_run *run, struct err *err);

/** Has the states that steps will wait for note how things stand when the case begins. */
int until_begin(struct case_run *run, struct err *err);
/** Waits for a state. That the deadline passes is an error which says what was seen last; of an
 * optional state it is 1. */
int until_wait(struct case_run *run, const struct plan_step *step, double deadline_ms,
               struct err *err);

/** Sets global variables, and keeps what they were. */
int globals_set(struct case_run *run, json_t *values, struct err *err);
/** Sets those that were kept to what they were. */
int globals_restore(struct case_run *run, struct err *err);

/** Whether one of the plan's first `begun` steps may end the server by a signal (0: in another way)
 * otherwise than `server: stop` and `restart` do, which are followed. */
bool death_is_planned(const struct plan_case *plan, size_t begun, int signal);
/** Whether the server has ended by something that no step so far and no fault has done. */
bool death_of_server(struct case_run *run);
/** The first step that saw its app killed by SIGKILL although no fault of the plan does that; NULL:
 * none. */
const struct record_step *death_find_killed(const struct plan_case *plan,
                                            const struct record *record);
/** How many processes of the machine the kernel has killed for want of memory so far. */
int64_t death_oom_kills(void);
/** Makes an error of a server or an app that ended by itself; else returns `ret`, what became of
 * the steps. */
int death_check(struct case_run *run, int ret, struct err *err);

/** Collects the evidence from the server's side, waiting for what the plan's row expects of it. */
int evidence_collect(struct case_run *run, struct err *err);

#endif
