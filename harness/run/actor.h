// SPDX-License-Identifier: Apache-2.0
// actor.h - an app: a connector's adapter in its container, which speaks JSON lines
//
// The protocol is described in fixtures/connectors/PROTOCOL.md. Only one call is in progress at a
// time, but for what is asked beside it, `cancel`. A child that an app has forked is an actor too; it speaks over a Unix socket instead of
// pipes.
#ifndef GONEAWAY_RUN_ACTOR_H
#define GONEAWAY_RUN_ACTOR_H

#include "base/text.h"
#include "record/record.h"
#include "sandbox/container.h"
#include "world/world.h"

/** What the apps of a case were asked, and what they answered, as lines of text. */
struct transcript {
    struct text text;
    double began_ms; ///< its times count from here, as of clock_ms()
    bool full;       ///< nothing more is recorded
};

struct actor {
    const char *name;           ///< as in the plan
    char *folder;               ///< its files, inside the sandbox; NULL: a forked child
    char *sockets;              ///< within it, the folder with its children's sockets
    int said;                   ///< its standard error, a file
    off_t told_bytes;           ///< how far actor_take_output() has read it
    struct container container; ///< of the app; a child is in its parent's
    pid_t program;              ///< what was started, which may in turn have started the app
    pid_t pid;                  ///< the app: the process that holds, or last held, the connection
    int pidfd;                  ///< of `pid`, if that differs from `program`; 0: none
    bool left;                  ///< it was asked to end, and has
    size_t forked_count;        ///< how many actors it has forked
    pid_t *forked;
    int to, from;
    struct text received;    ///< bytes of answers not processed yet
    const char *pending;     ///< verb of the call in progress, or NULL
    const char *in_flight;   ///< verb of the call that `pending` is asked beside, or NULL
    double sent_ms;          ///< when `pending` was sent
    enum outcome_kind ended; ///< OUTCOME_OK while alive; else how it was lost
    int signal;              ///< for OUTCOME_CRASH
    int64_t thread;          ///< the latest session it reported; -1: none
    int64_t replaced;        ///< the session before, if it changed since the last fault without a
                             ///< connect; -1
    int start;               ///< during which of the server's starts that session began
    int asked_in;            ///< during which of them the app was last asked for something
    double asked_ms;         ///< when that was, as of clock_ms()
    uint64_t inode;          ///< of its connection's socket; 0: none
    uint16_t port;           ///< local port of a TCP connection
    uint16_t peer_port;      ///< the port at the other end
    char *version;           ///< the client library's version, from `hello`
    json_t *hello;           ///< the whole answer to `hello`
    struct transcript *transcript; ///< records the conversation from now on; NULL: nobody wants it
};

/** Starts an app and says hello to it; `deadline_ms` as of clock_ms(). */
int actor_open(struct actor *actor, const char *name, const struct connector_recipe *connector,
               const struct world *world, const struct host_side_args *host, double deadline_ms,
               struct err *err);
/** Makes an actor for a user's own program, which is started later and never asked anything. */
void actor_await_program(struct actor *actor, const char *name);
/** Starts that program, with further variables ("NAME=VALUE", terminated by NULL). Its standard
 * output and standard error are kept together. */
int actor_open_program(struct actor *actor, const struct connector_recipe *connector,
                       const struct world *world, const struct host_side_args *host,
                       const char *const *env, struct err *err);
/** How much an app may write in one case, so that it cannot fill the memory, and how much of the
 * end of a program's output is shown. */
enum { SAID_MAX_BYTES = 16 << 20, ACTOR_OUTPUT_BYTES = 64 << 10 };
/** The end of what a program wrote, to be freed; NULL: nothing. */
char *actor_output(const struct actor *actor);
/** The lines that it wrote since the last call, or the end of them, to be freed; NULL: none. `all`:
 * includes an unfinished last line. */
char *actor_take_output(struct actor *actor, bool all);
/** Whether an app has written as much as it may. */
bool actor_has_filled_output(const struct actor *actor);
/** What a request asks for that the app lacks, by its hello: "the operation 'fork'"; NULL if
 * nothing, as far as it reported. To be freed. */
char *actor_lacks(const struct actor *actor, const json_t *request);
/** The last lines that an app wrote to standard error, to be freed; NULL: none. */
char *actor_said(const struct actor *actor);
/** How long an app may take to start, in milliseconds. The first start from a cold image on a busy
 * machine takes seconds; a hang must still be reported. */
enum { START_DEADLINE_MS = 30000 };
/** Kills it with its children. Accepts a zeroed actor. */
void actor_close(struct actor *actor);

/** An error if an answer arrived before its request, `verb`; NULL: no further request will
 * follow. */
int actor_check_silence(struct actor *actor, const char *verb, struct err *err);
/** Sends a request (stolen); actor_take() gets the answer. If the app is gone, or does not read a
 * long request in time, that shows there too. An answer that is there already is an error. */
int actor_send(struct actor *actor, json_t *request, const char *verb, double deadline_ms,
               struct err *err);
/** Takes the answer of the call in progress into `step`. A hang or a crash is an answer too, and
 * ends the actor. -1 only if the adapter violates the protocol. */
int actor_take(struct actor *actor, double deadline_ms, struct record_step *step, struct err *err);
/** Asks for something while a call is in progress, which stays so, and takes the answer into `step`
 * as actor_take() does. An error if the call has returned already. */
int actor_ask_beside(struct actor *actor, json_t *request, const char *verb, double deadline_ms,
                     struct record_step *step, struct err *err);
/** Whether the call in progress has returned, or the app has ended. */
bool actor_has_answer(const struct actor *actor);
/** Waits until an app that answered `exit` or `_exit` is really gone. */
int actor_wait_end(struct actor *actor, double deadline_ms, struct err *err);
/** Forks: `child` becomes a separate actor, or one that has ended if the fork failed. The answer
 * goes to `step`. */
int actor_fork(struct actor *actor, struct actor *child, const char *name, double deadline_ms,
               struct record_step *step, struct err *err);

#endif
