// SPDX-License-Identifier: Apache-2.0
// checks.h - what an adapter is asked to do, one group of operations after the other
#ifndef GONEAWAY_PROTOCOL_CHECKS_H
#define GONEAWAY_PROTOCOL_CHECKS_H

#include "protocol/talk.h"

// ---- shared by the checks ----------------------------------------------------------------------

/** Whether hello names an operation; also for an argument of connect, if hello lists those. */
bool claims(const struct subject *subject, const char *operation);
bool takes(const struct subject *subject, const char *operation, const char *argument);

/** A request; the remaining arguments are an object as for json_pack(), or NULL. */
json_t *request_for(const char *operation, const char *format, ...);
/** A call of the `i`th name in hello's `calls`, without arguments. */
json_t *call_request(const struct subject *subject, size_t i);
/** A plain connect over TCP, to which arguments may be added. */
json_t *connect_request(void);
/** Makes sure of a plain connection, starting the program if needed; false if that is
 * impossible. */
bool is_connected(struct talk *talk);

/** The outcome of an answer; "" if there is none. */
const char *outcome_of(const json_t *answer);
/** Whether the outcome (of an answer, which may be NULL) is as wanted; if not, notes how `what` was
 * answered. */
bool expect(struct talk *talk, const char *operation, const json_t *answer, const char *wanted,
            enum rule rule, const char *what);
/** Asks, checks the outcome, and releases the answer. Returns whether it was as wanted. */
bool ask_for(struct talk *talk, json_t *request, const char *wanted, enum rule rule,
             const char *what);
/** Whether the rows of an answer are as wanted, a list of lists in JSON; NULL: any. */
bool expect_rows(struct talk *talk, const char *operation, const json_t *answer, enum rule rule,
                 const char *rows, const char *what);
/** Runs a statement, and checks its rows. */
bool query_rows(struct talk *talk, const char *sql, enum rule rule, const char *rows);
/** Notes a number in an answer that is not as wanted. */
void expect_number(struct talk *talk, const char *operation, const json_t *answer, const char *key,
                   json_int_t wanted, enum rule rule, const char *what);

/** Whether the server has that session; with `deadline_ms`, waits until it is gone. */
bool session_is_there(struct subject *subject, int64_t thread);
bool session_goes(struct subject *subject, int64_t thread, double deadline_ms);
/** Waits until it executes a statement; false if it does not in time. */
bool session_runs(struct subject *subject, int64_t thread, double deadline_ms);
/** The server's count of sessions that were not closed properly. */
int64_t count_aborted(struct subject *subject);
/** Whether that count grows, which takes a moment after a session's end. */
bool aborted_grows(struct subject *subject, int64_t before);
/** Ends a session that may be busy, so that its end is not counted while another one is
 * examined. */
void end_session(struct subject *subject, int64_t thread);
/** Executes a statement as root. */
bool admin_does(struct subject *subject, const char *sql);

// ---- the groups --------------------------------------------------------------------------------

void hello_check(struct talk *talk);
void before_connect_check(struct talk *talk);
void connect_check(struct talk *talk);
void connect_arguments_check(struct talk *talk);
void query_check(struct talk *talk);
void errors_check(struct talk *talk);
void stream_check(struct talk *talk);
void statement_check(struct talk *talk);
void commands_check(struct talk *talk);
void calls_check(struct talk *talk);
void cancel_check(struct talk *talk);
void pool_check(struct talk *talk);
void arguments_check(struct talk *talk);
void close_check(struct talk *talk);
void fork_check(struct talk *talk);
void end_of_input_check(struct talk *talk);
/** Each of these starts its own programs. */
void exits_check(struct subject *subject);
void no_requests_check(struct subject *subject);
void closed_output_check(struct subject *subject);

#endif
