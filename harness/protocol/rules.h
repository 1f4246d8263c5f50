// SPDX-License-Identifier: Apache-2.0
// rules.h - the rules of fixtures/connectors/PROTOCOL.md that are checked, and the findings about
// them
#ifndef GONEAWAY_PROTOCOL_RULES_H
#define GONEAWAY_PROTOCOL_RULES_H

#include <jansson.h>
#include <stddef.h>

enum rule {
    RULE_START,
    RULE_LINE,
    RULE_ONCE,
    RULE_TURN,
    RULE_ENDS,
    RULE_END_OF_INPUT,
    RULE_NO_REQUEST,
    RULE_SIGPIPE,
    RULE_STANDARD_ERROR,
    RULE_UNKNOWN_OPERATION,
    RULE_ARGUMENT,
    RULE_IGNORED,
    RULE_BLOB,
    RULE_BAD_BLOB,
    RULE_ROWS_OF_SQL,
    RULE_OUTCOME,
    RULE_US,
    RULE_MESSAGE,
    RULE_ERRNO,
    RULE_SQLSTATE,
    RULE_NATIVE,
    RULE_EVENTS,
    RULE_THREAD,
    RULE_ROWS,
    RULE_NROWS,
    RULE_AFFECTED,
    RULE_WARNINGS,
    RULE_CELL,
    RULE_CUT,
    RULE_BYTES,
    RULE_NUMBERS,
    RULE_KEPT,
    RULE_MUST_EXIST,
    RULE_PROTOCOL,
    RULE_VERSION,
    RULE_ARGUMENTS,
    RULE_ONE_PLACE,
    RULE_LOGIN,
    RULE_TLS,
    RULE_TIMEOUTS,
    RULE_COMPRESS,
    RULE_INTERACTIVE,
    RULE_INFILE,
    RULE_MULTI,
    RULE_INIT_COMMAND,
    RULE_SESSION,
    RULE_AUTOCOMMIT,
    RULE_SECOND_CONNECT,
    RULE_RESULTS,
    RULE_FETCH,
    RULE_NO_STREAM,
    RULE_EXECUTE,
    RULE_BOUND,
    RULE_LONG_DATA,
    RULE_NO_STATEMENT,
    RULE_COMMANDS,
    RULE_CANCEL,
    RULE_CANCEL_FIRST,
    RULE_CANCEL_NOTHING,
    RULE_CLOSE,
    RULE_FORK,
    RULE_EXIT,
    RULE_RELEASE,
    RULE_ACQUIRE,
    RULE_CALL,
    RULE_CALLS,
    RULE_CALL_FIRST,
    RULE_CALL_UNKNOWN,
    RULE_STMT_FETCH,
    RULE_STMT_STORE,
    RULE_STMT_METADATA,
    RULE_COUNT
};

/** For each rule, words that occur on exactly one line of PROTOCOL.md. */
extern const char *const rules[RULE_COUNT];

/** Findings, by operation ("adapter": about the program itself). */
struct findings {
    json_t *list; ///< of objects: operation, rule (its words), saw
};

/** Notes that a rule was broken; only the first finding for each operation and rule is kept. It may
 * contain text from an adapter. */
void findings_add(struct findings *findings, const char *operation, enum rule rule,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
/** An operation that does not exist; findings about it are about the program. */
#define NO_OPERATION "levitate"
/** How many findings there are about an operation. */
size_t findings_count(const json_t *list, const char *operation);
/** A value as text, shortened, to be freed. */
char *findings_show(const json_t *value);

#endif
