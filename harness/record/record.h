// SPDX-License-Identifier: Apache-2.0
// record.h - what was seen while a case ran: facts, no judgement
//
// A worker fills it, sends it to the main process as one line of JSON, and there it is judged and
// reported. The same JSON, saved, is the input of the verdict's unit tests.
#ifndef GONEAWAY_RECORD_RECORD_H
#define GONEAWAY_RECORD_RECORD_H

#include "plan/plan.h"

/** One observed call. Texts are owned by the record. */
struct record_step {
    int number;              ///< plan_step.number
    char *id, *actor, *verb; ///< id may be NULL
    enum outcome_kind outcome;
    int error;  ///< client error number, 0 if none; may be set although outcome is OK
    int signal; ///< OUTCOME_CRASH: the signal
    char *sqlstate, *message;
    char *native;            ///< which function of the connector reported it, with its return value
    char *events;            ///< what the connector reported unasked since the call before; or NULL
    int64_t thread;          ///< session id as the client believes; -1 unknown
    int64_t thread_before;   ///< the same before the call; -1 unknown
    int start, start_before; ///< how often the case had started the server anew when these sessions
                             ///< began: their numbers begin anew with it
    int64_t row_count, affected, warnings; ///< -1 unknown
    json_t *rows;                          ///< list of lists, or NULL
    double ms; ///< duration of the call as the adapter measured it; else as the harness did
    double at_ms, end_ms; ///< begin and end, since the first step was begun; 0 also: unknown
};

struct record_fault {
    char *id, *kind;
    char *mechanism; ///< "sql", "iptables", "sock_diag", "signal" ...
    int64_t fired;   ///< how often it took effect
    char *waits;     ///< of one that never did: what it waits for, as far as that is known; or NULL
};

/** What passed between the hosts, in words. */
struct record_event {
    double at_ms;            ///< when it was sent, since the first step was begun
    char *from, *to, *words; ///< "app", "network", "proxy" or "server"
    int lost;                ///< 1: it has not arrived
};

/** What an app wrote to standard error. */
struct record_said {
    char *actor, *text; ///< the last lines
};

struct record {
    char *case_id;
    char *server, *vendor, *server_version;
    char *server_package;   ///< and its version, as a distribution has it; NULL or "": unknown
    char *measured_package; ///< the version that outcomes were measured with, if it was another
    char *connector, *family, *connector_version; ///< NULL: not known
    size_t step_count, fault_count, said_count, log_count, event_count;
    struct record_step *steps;
    struct record_fault *faults;
    struct record_said *said;
    struct record_event *events; ///< none unless they were asked for
    json_t *exhibits;            ///< an object, what a bundle has beside; NULL: not asked for
    int events_left_out;         ///< how many there were beside these
    char *blind;                 ///< why nothing was captured though it was asked for, or NULL
    int64_t aborted_clients, aborted_connects; ///< growth of the counters; -1 unknown
    int uptime_reset; ///< 1 the server was started anew, 0 not; -1 unknown, as when it has ended
    char **log;       ///< lines of the server's error log that the case caused, all of them
    int log_lines;    ///< how many there were, if record_shorten_log() has taken some away
    char *broken;     ///< why the case could not be carried out, or NULL
    char *skip;       ///< which need is missing and how to get it, or NULL
    char *findings;   ///< of an adapter under test, JSON as protocol/protocol.h has it; or NULL
    char *lacks; ///< what the connector cannot do, so that the case was not carried out, or NULL
    double began_at_ms; ///< when the first step began, since 1970 (UTC); 0: unknown
    double ms;          ///< of the whole case
    double boot_ms;     ///< waiting for a server to boot, part of `ms`
};

struct record *record_new(const char *case_id);
/** Makes it one that proves nothing, whatever it was; a reason that it has had comes after. */
void record_break(struct record *record, const char *why);
void record_free(struct record *record);
static inline void record_cleanup_(struct record **record) {
    record_free(*record);
}
#define cleanup_record __attribute__((cleanup(record_cleanup_)))

/** Where it was made: of a text that the record lacks "" (of the family NULL). */
struct place record_place(const struct record *record);
/** Adds a step with everything unknown; the pointer is good until the next one is added. */
struct record_step *record_add_step(struct record *record);
struct record_fault *record_add_fault(struct record *record, const char *id, const char *kind,
                                      const char *mechanism);
/** Whether an earlier call of the same actor never came back, so that this one was not made. */
bool record_follows_hang(const struct record *record, size_t index);
void record_add_said(struct record *record, const char *actor, const char *text);
/** Adds an event with its words, "" if they are not known. */
struct record_event *record_add_event(struct record *record, const char *from, const char *to,
                                      const char *words);
/** Takes them out again, and that none could be had. */
void record_forget_events(struct record *record);
void record_add_log(struct record *record, const char *line);
/** Makes these lines the log; a NUL in there becomes a blank. */
void record_set_log(struct record *record, const char *text, size_t length);
/** Leaves of the log what a report shows. What follows must not ask what is in it. */
void record_shorten_log(struct record *record);
/** Whether a line of the log matches the pattern: 1, 0, or -1 if that cannot be decided. `steps` as
 * of pattern_matches(). */
int record_log_has(const struct record *record, const char *pattern, size_t *steps,
                   struct err *err);

/** The record as JSON. New reference. */
json_t *record_to_json(const struct record *record);
/** A record from its JSON; NULL if that is malformed. */
struct record *record_from_json(const json_t *json, struct err *err);

#endif
