// SPDX-License-Identifier: Apache-2.0
// actor.h - an app: a connector's adapter in its container, spoken to in JSON lines
//
// The protocol is described in fixtures/connectors/PROTOCOL.md. One call is under way at a time. A
// child that an app has forked is an actor too; it speaks over a Unix socket instead of pipes.
#ifndef GONEAWAY_RUN_ACTOR_H
#define GONEAWAY_RUN_ACTOR_H

#include "base/text.h"
#include "record/record.h"
#include "sandbox/container.h"
#include "world/world.h"

/** What the apps of a case were asked, and answered: lines of text. */
struct transcript {
    struct text text;
    double began_ms; ///< its times count from then, as of clock_ms()
    bool full;       ///< no more is taken
};

struct actor {
    const char *name;           ///< as in the plan
    char *folder;               ///< its files in the sandbox; NULL: a forked child
    char *sockets;              ///< of these, the folder with the sockets of its children
    int said;                   ///< its standard error, a file
    off_t told_bytes;           ///< of that, as far as actor_take_output() has gone
    struct container container; ///< of the app itself; a child lives in its parent's
    pid_t program;              ///< what was started; it may have started the app itself
    pid_t pid;                  ///< the app: the process that holds, or last held, its connection
    int pidfd;                  ///< of `pid`, if that is not `program`; 0: none
    bool left;                  ///< it has ended as it was asked to
    size_t forked_count;        ///< the children that it has forked as actors of their own
    pid_t *forked;
    int to, from;
    struct text received;    ///< bytes of answers not yet taken
    const char *pending;     ///< verb of the call that is under way, or NULL
    double sent_ms;          ///< when it was sent
    enum outcome_kind ended; ///< OUTCOME_OK while alive; else how it was lost
    int signal;              ///< of OUTCOME_CRASH
    int64_t thread;          ///< the latest session it reported; -1 none
    int64_t replaced;   ///< the one before, if no connect asked for it since the last fault; -1
    int start;          ///< which of the server's starts that session is of
    int asked_in;       ///< in which of them it was last asked for something
    double asked_ms;    ///< and when, as of clock_ms()
    uint64_t inode;     ///< of its connection's socket, 0 none
    uint16_t port;      ///< local port of a TCP connection
    uint16_t peer_port; ///< and the port it leads to
    char *version;      ///< the client library's version, by `hello`
    json_t *hello;      ///< what it answered to that
    struct transcript *transcript; ///< gets what is said from now on; NULL: nobody wants it
};

/** Starts an app and says hello; `deadline_ms` as of clock_ms(). */
int actor_open(struct actor *actor, const char *name, const struct connector_recipe *connector,
               const struct world *world, const struct host_side_args *host, double deadline_ms,
               struct err *err);
/** An app that is a program of somebody's own, and not started yet: it is asked for nothing. */
void actor_await_program(struct actor *actor, const char *name);
/** Starts it, with further variables in its environment ("NAME=VALUE", ended by NULL). What it
 * writes to standard output and standard error is kept alike. */
int actor_open_program(struct actor *actor, const struct connector_recipe *connector,
                       const struct world *world, const struct host_side_args *host,
                       const char *const *env, struct err *err);
/** What an app may write in one case, so that it does not fill the memory, and how much of the end
 * of it is taken of a program. */
enum { SAID_MAX_BYTES = 16 << 20, ACTOR_OUTPUT_BYTES = 64 << 10 };
/** The end of what a program has written, to be freed; NULL: nothing. */
char *actor_output(const struct actor *actor);
/** The lines that it has written since this was last asked, or the end of them, to be freed; NULL:
 * none. `all`: what has no line end yet is one, too. */
char *actor_take_output(struct actor *actor, bool all);
/** Whether an app has written all that it may. */
bool actor_has_filled_output(const struct actor *actor);
/** What the app cannot do of a request, by its hello: "the operation 'fork'"; NULL if it can all,
 * as far as it has reported. To be freed. */
char *actor_lacks(const struct actor *actor, const json_t *request);
/** The last lines that an app has written to standard error, to be freed; NULL: none. */
char *actor_said(const struct actor *actor);
/** How long an app may take to start, in milliseconds: the first one of a cold image on a busy
 * machine takes seconds, a hang of its start is reported all the same. */
enum { START_DEADLINE_MS = 30000 };
/** Kills it with its children; a zeroed actor is allowed. */
void actor_close(struct actor *actor);

/** An error if an answer has come before its request, `verb`; NULL: none will come any more. */
int actor_check_silence(struct actor *actor, const char *verb, struct err *err);
/** Sends a request (stolen). The answer is for actor_take(); also that the app is lost, or does not
 * take all of a long request before the deadline, shows there. An answer to it that is there
 * already is an error. */
int actor_send(struct actor *actor, json_t *request, const char *verb, double deadline_ms,
               struct err *err);
/** Takes the answer of the call under way into `step`. A hang or a crash is an answer too, and ends
 * the actor. -1 only when the adapter does not keep to the protocol. */
int actor_take(struct actor *actor, double deadline_ms, struct record_step *step, struct err *err);
/** Whether the call under way has come back, or the app has ended. */
bool actor_has_answer(const struct actor *actor);
/** Waits until an app that answered `exit` or `_exit` has really ended. */
int actor_wait_end(struct actor *actor, double deadline_ms, struct err *err);
/** Forks: `child` becomes an actor of its own; one that has ended if the fork failed. The answer
 * goes to `step`. */
int actor_fork(struct actor *actor, struct actor *child, const char *name, double deadline_ms,
               struct record_step *step, struct err *err);

#endif
