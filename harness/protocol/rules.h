// SPDX-License-Identifier: Apache-2.0
// rules.h - what fixtures/connectors/PROTOCOL.md asks of an adapter, rule by rule, and what breaks
// it
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

/** Words of PROTOCOL.md that stand on one line of it, and nowhere else. */
extern const char *const rules[RULE_COUNT];

/** What was found, of each operation ("adapter": of the program itself). */
struct findings {
    json_t *list; ///< of objects: operation, rule (words of it), saw
};

/** Notes that a rule is broken; of an operation and a rule the first sight is kept. What came from
 * an adapter may stand in it. */
void findings_add(struct findings *findings, const char *operation, enum rule rule,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
/** An operation that there is not; what is found of it is the program's. */
#define NO_OPERATION "levitate"
/** How many there are of an operation. */
size_t findings_count(const json_t *list, const char *operation);
/** A value as text, not too long, to be freed. */
char *findings_show(const json_t *value);

#endif
