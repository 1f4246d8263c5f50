// SPDX-License-Identifier: Apache-2.0
// record.h - what was seen while a case ran: facts, no judgement
//
// A worker fills it in and sends it to the main process as one line of JSON, where it is judged and
// reported. The same JSON, saved to a file, is the input of the verdict's unit tests.
#ifndef GONEAWAY_RECORD_RECORD_H
#define GONEAWAY_RECORD_RECORD_H

#include "plan/plan.h"

/** One observed call. Texts are owned by the record. */
struct record_step {
    int number;              ///< plan_step.number
    char *id, *actor, *verb; ///< id may be NULL
    json_t *asked; ///< an object: statement, options and other arguments, as the scenario resolves
                   ///< to; without passwords; or NULL
    enum outcome_kind outcome;
    int error;  ///< client error number, 0 if none; may be set although outcome is OK
    int signal; ///< OUTCOME_CRASH: the signal
    char *sqlstate, *message;
    char *native;          ///< which function of the connector reported it, with its return value
    char *events;          ///< what the connector reported by itself since the previous call; or
                           ///< NULL
    char *stuck;           ///< OUTCOME_HANG: where the app's threads were, a line for each; or NULL
    int64_t thread;        ///< session id as the client sees it; -1: unknown
    int64_t thread_before; ///< the same before the call; -1: unknown
    int start, start_before; ///< how often the case had restarted the server when these sessions
                             ///< began, since session numbers then start again
    int64_t row_count, affected, warnings; ///< -1 unknown
    json_t *rows;                          ///< list of lists, or NULL
    double ms; ///< duration of the call as the adapter measured it, else as the harness did
    double at_ms, end_ms; ///< begin and end, since the start of the first step; 0 also means
                          ///< unknown
};

struct record_fault {
    char *id, *kind;
    char *mechanism; ///< "sql", "iptables", "sock_diag", "signal" ...
    int64_t fired;   ///< how often it took effect
    char *waits;     ///< for a fault that never took effect: what it waits for, if known; or NULL
};

/** Something that passed between the hosts, in words. */
struct record_event {
    double at_ms;            ///< when it was sent, since the start of the first step
    char *from, *to, *words; ///< "app", "network", "proxy" or "server"
    int connection;          ///< which one, from 1; a proxy has one with each end; 0: unknown
    int lost;                ///< 1: it did not arrive
    int fin, rst, quit;      ///< 1: it ends the connection, in this way; `quit`: by COM_QUIT
    int again;               ///< 1: it was sent before
    int error;               ///< code of an ERR packet in it; 0: none
};

/** A session in the server's process list, when it was seen to have changed. */
struct record_session {
    double at_ms; ///< since the start of the first step
    int64_t thread;
    char *words; ///< its command and state, or "gone"
};

/** What an app wrote to standard error. */
struct record_said {
    char *actor, *text; ///< the last lines
};

struct record {
    char *case_id;
    char *server, *vendor, *server_version;
    json_t *server_options; ///< an object: those of the case, by name; or NULL
    char *proxy;            ///< between app and server; NULL: none
    char *server_package;   ///< and its version, as a distribution has it; NULL or "": unknown
    char *measured_package; ///< the version that outcomes were measured with, if it was another
    char *connector, *family, *connector_version; ///< NULL: not known
    size_t step_count, fault_count, said_count, log_count, event_count, session_count;
    struct record_step *steps;
    struct record_fault *faults;
    struct record_said *said;
    struct record_event *events;     ///< none unless requested
    struct record_session *sessions; ///< as far as somebody looked; none unless requested
    json_t *exhibits;    ///< an object, what a bundle has in addition; NULL: not requested
    int events_left_out; ///< how many more there were
    char *blind;         ///< why nothing was captured although it was requested, or NULL
    int64_t aborted_clients, aborted_connects; ///< growth of the counters; -1: unknown
    int uptime_reset; ///< 1: the server was restarted; 0: not; -1: unknown, for example because it
                      ///< has ended
    char **log;       ///< all lines of the server's error log that the case caused
    double
        *log_by_ms; ///< when each was known to be there, since the start of the first step; NULL:
                    ///< unknown
    int log_lines;  ///< how many there were before record_shorten_log() removed some
    char *broken;   ///< why the case could not be carried out, or NULL
    char *skip;     ///< which need is missing and how to get it, or NULL
    char *findings; ///< of an adapter under test, JSON as protocol/protocol.h has it; or NULL
    char *lacks;    ///< what the connector cannot do, so that the case was not carried out, or NULL
    double began_at_ms; ///< when the first step began, since 1970 (UTC); 0: unknown
    double ms;          ///< duration of the whole case
    double boot_ms;     ///< waiting for a server to boot, part of `ms`
};

struct record *record_new(const char *case_id);
/** Makes the record prove nothing, whatever it showed; an earlier reason is kept after the new
 * one. */
void record_break(struct record *record, const char *why);
void record_free(struct record *record);
static inline void record_cleanup_(struct record **record) {
    record_free(*record);
}
#define cleanup_record __attribute__((cleanup(record_cleanup_)))

/** Where it was made: of a text that the record lacks "" (of the family NULL). */
struct place record_place(const struct record *record);
/** Adds a step with everything unknown. The pointer is valid until the next one is added. */
struct record_step *record_add_step(struct record *record);
struct record_fault *record_add_fault(struct record *record, const char *id, const char *kind,
                                      const char *mechanism);
/** Whether an earlier call of the same actor never returned, so that this one was not made. */
bool record_follows_hang(const struct record *record, size_t index);
void record_add_said(struct record *record, const char *actor, const char *text);
/** Adds an event with its words, "" if unknown. */
struct record_event *record_add_event(struct record *record, const char *from, const char *to,
                                      const char *words);
void record_add_session(struct record *record, double at_ms, int64_t thread, const char *words);
/** Removes all events, the reason for having none, and what else only a timeline shows. */
void record_forget_events(struct record *record);
void record_add_log(struct record *record, const char *line);
/** Sets the log to these lines; NULs become blanks. */
void record_set_log(struct record *record, const char *text, size_t length);
/** Reduces the log to what a report shows. Afterwards its content must not be examined. */
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
