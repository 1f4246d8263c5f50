// SPDX-License-Identifier: Apache-2.0
// checks.h - what an adapter is asked for, one group of operations after the other
#ifndef GONEAWAY_PROTOCOL_CHECKS_H
#define GONEAWAY_PROTOCOL_CHECKS_H

#include "protocol/talk.h"

// ---- what the checks have in common ------------------------------------------------------------

/** Whether hello names an operation; also of a connect's argument, as far as hello says. */
bool claims(const struct subject *subject, const char *operation);
bool takes(const struct subject *subject, const char *operation, const char *argument);

/** A request; the rest as of json_pack(), an object, or NULL. */
json_t *request_for(const char *operation, const char *format, ...);
/** A call of the `i`th name that hello has under `calls`, without arguments. */
json_t *call_request(const struct subject *subject, size_t i);
/** A plain connect over TCP, to which arguments may be added. */
json_t *connect_request(void);
/** Connects plainly, after a start of the program if that is needed; false if it cannot be. */
bool is_connected(struct talk *talk);

/** The outcome of an answer; "" if there is none. */
const char *outcome_of(const json_t *answer);
/** Whether the outcome (of an answer, which may be NULL) is as wanted; if there is another, notes
 * that `what` was answered so. */
bool expect(struct talk *talk, const char *operation, const json_t *answer, const char *wanted,
            enum rule rule, const char *what);
/** Asks, wants that outcome, and releases the answer; whether it was so. */
bool ask_for(struct talk *talk, json_t *request, const char *wanted, enum rule rule,
             const char *what);
/** Whether the rows of an answer are as wanted, a list of lists in JSON; NULL: not asked. */
bool expect_rows(struct talk *talk, const char *operation, const json_t *answer, enum rule rule,
                 const char *rows, const char *what);
/** Asks for a statement, and wants these rows. */
bool query_rows(struct talk *talk, const char *sql, enum rule rule, const char *rows);
/** Notes a number of an answer that is not as wanted. */
void expect_number(struct talk *talk, const char *operation, const json_t *answer, const char *key,
                   json_int_t wanted, enum rule rule, const char *what);

/** Whether the server has that session; `deadline_ms`: waits until it has not. */
bool session_is_there(struct subject *subject, int64_t thread);
bool session_goes(struct subject *subject, int64_t thread, double deadline_ms);
/** The server's count of sessions that were not closed in an orderly way. */
int64_t count_aborted(struct subject *subject);
/** Whether that count grows, which takes a moment after the session's end. */
bool aborted_grows(struct subject *subject, int64_t before);
/** Ends a session that may still be busy, so that its end is not counted while another is looked
 * at. */
void end_session(struct subject *subject, int64_t thread);
/** A statement of root's. */
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
void pool_check(struct talk *talk);
void arguments_check(struct talk *talk);
void close_check(struct talk *talk);
void fork_check(struct talk *talk);
void end_of_input_check(struct talk *talk);
/** Each of these starts programs of its own. */
void exits_check(struct subject *subject);
void no_requests_check(struct subject *subject);
void closed_output_check(struct subject *subject);

#endif
