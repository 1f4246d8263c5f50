// SPDX-License-Identifier: Apache-2.0
// rules.c - the rules of PROTOCOL.md that are checked, and the findings about them
#include "protocol/rules.h"

#include "base/text.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SAW_MAX_BYTES = 2000, SHOWN_MAX_BYTES = 300, MOST_FINDINGS = 200 };

const char *const rules[RULE_COUNT] = {
    [RULE_START] = "The answer to the first request, `hello`, must come within 30 s of the start",
    [RULE_LINE] = "A request and an answer are each one JSON object in UTF-8 on one line",
    [RULE_ONCE] = "appears twice, no text contains the character U+0000",
    [RULE_TURN] = "Strictly one after the other: the next request comes after the answer",
    [RULE_ENDS] = "One that ends by itself in the middle of",
    [RULE_END_OF_INPUT] = "End of input: the program ends with status 0, without closing its",
    [RULE_NO_REQUEST] = "A line that is not a JSON object with a text under `op`",
    [RULE_SIGPIPE] = "it must not kill the program by SIGPIPE",
    [RULE_STANDARD_ERROR] = "Standard error is free for messages, up to 16 MiB in one case",
    [RULE_UNKNOWN_OPERATION] = "An operation that the adapter does not know",
    [RULE_ARGUMENT] = "An unknown argument, a wrong type or a value that cannot be carried out",
    [RULE_IGNORED] = "Never ignore an argument",
    [RULE_BLOB] = "`$blob(BYTES)`, BYTES being decimal digits, may stand anywhere",
    [RULE_BAD_BLOB] = "`$blob(` followed by anything else is a bad argument",
    [RULE_ROWS_OF_SQL] = "`$rows(COUNT)` likewise becomes COUNT pairs of SQL",
    [RULE_OUTCOME] = "| `outcome` | text | always |",
    [RULE_US] = "| `us` | integer | always |",
    [RULE_MESSAGE] = "| `message` | text | `error`, `unsupported` |",
    [RULE_ERRNO] = "| `errno` | integer | `error` |",
    [RULE_SQLSTATE] = "| `sqlstate` | text | `error` |",
    [RULE_NATIVE] = "| `native` | text | `error` |",
    [RULE_EVENTS] = "| `events` | list of texts |",
    [RULE_THREAD] = "| `thread` | integer |",
    [RULE_ROWS] = "| `rows` | list of lists |",
    [RULE_NROWS] = "| `nrows` | integer |",
    [RULE_AFFECTED] = "| `affected` | integer |",
    [RULE_WARNINGS] = "| `warnings` | integer |",
    [RULE_CELL] = "A cell is `null` for NULL, an integer in a column of an integer type",
    [RULE_CUT] = "A text longer than 256 bytes is cut to 256",
    [RULE_BYTES] = "What is not valid UTF-8 or contains NUL has each such byte replaced",
    [RULE_NUMBERS] = "An error is the library's, or the server's passed on by it",
    [RULE_KEPT] = "After an error the connection object is kept",
    [RULE_MUST_EXIST] = "Only `hello` and `connect` must exist. `hello` says which do",
    [RULE_PROTOCOL] = "`protocol` is 1. The answer adds `protocol` (1)",
    [RULE_VERSION] = "`version` (of the library that is really loaded) and `capabilities`",
    [RULE_ARGUMENTS] = "add `arguments`: an object that lists",
    [RULE_ONE_PLACE] = "exactly one of `host` and `socket` is given",
    [RULE_LOGIN] = "| `user`, `password`, `database` |",
    [RULE_TLS] = "| `tls` | `\"off\"` |",
    [RULE_TIMEOUTS] = "| `connect_timeout_ms`, `read_timeout_ms`, `write_timeout_ms` |",
    [RULE_COMPRESS] = "| `compress` | false |",
    [RULE_INTERACTIVE] = "| `interactive` | false |",
    [RULE_INFILE] = "| `local_infile` | the library's |",
    [RULE_MULTI] = "| `multi_statements` | false |",
    [RULE_INIT_COMMAND] = "| `init_command` | - |",
    [RULE_SESSION] = "| `session` | - |",
    [RULE_AUTOCOMMIT] = "autocommit is on",
    [RULE_SECOND_CONNECT] = "A second `connect` first closes the old connection object",
    [RULE_RESULTS] = "stores the result: `rows`, `nrows`, `affected`, `warnings`",
    [RULE_FETCH] = "`fetch` reads `rows` more: a number, or `\"rest\"`",
    [RULE_NO_STREAM] = "`fetch` without a stream is a bad argument",
    [RULE_EXECUTE] = "`execute` binds `params`, a list of texts, integers",
    [RULE_BOUND] = "without `params` what was bound before stays bound",
    [RULE_LONG_DATA] = "`long_data` sends `data` as a piece of parameter number `param`",
    [RULE_NO_STATEMENT] = "`stmt_close` without a statement are bad arguments",
    [RULE_COMMANDS] = "The commands of those names: `reset` is COM_RESET_CONNECTION",
    [RULE_CANCEL] = "Cancels the call in flight, which is the request before it",
    [RULE_CANCEL_FIRST] = "Its answer comes first, with `cancel` under `op`",
    [RULE_CANCEL_NOTHING] = "Where no call is in flight, it is a bad argument",
    [RULE_CLOSE] = "Closes the connection in the library's orderly way",
    [RULE_FORK] = "The process forks. The parent answers `ok` with `pid`",
    [RULE_EXIT] = "End the program with `status` (default 0). Both answer `ok` first",
    [RULE_RELEASE] = "`release` puts the connection in use into the pool",
    [RULE_ACQUIRE] = "`acquire` closes the connection in use, if there is one",
    [RULE_STMT_FETCH] = "`stmt_fetch` reads `rows` rows of it as `fetch` does",
    [RULE_STMT_STORE] = "`stmt_store` reads all rows into the client",
    [RULE_STMT_METADATA] = "`stmt_metadata` shows the names of the result's columns",
    [RULE_CALL] = "What it returns is one row with one cell",
    [RULE_CALLS] = "`hello` lists under `calls` the names that it knows",
    [RULE_CALL_FIRST] = "the first of them takes no arguments and only shows something",
    [RULE_CALL_UNKNOWN] =
        "A name that is not among them, and arguments that are not the function's",
};

static bool is_of(const json_t *finding, const char *operation) {
    return strcmp(json_string_value(json_object_get(finding, "operation")), operation) == 0;
}

size_t findings_count(const json_t *list, const char *operation) {
    size_t i, count = 0;
    json_t *finding;
    json_array_foreach((json_t *)list, i, finding) count += is_of(finding, operation);
    return count;
}

static bool is_known(const struct findings *findings, const char *operation, const char *rule) {
    size_t i;
    json_t *one;
    json_array_foreach(findings->list, i, one) {
        if (is_of(one, operation) &&
            strcmp(json_string_value(json_object_get(one, "rule")), rule) == 0)
            return true;
    }
    return json_array_size(findings->list) >= MOST_FINDINGS;
}

void findings_add(struct findings *findings, const char *operation, enum rule rule,
                  const char *format, ...) {
    char saw[SAW_MAX_BYTES];
    va_list args;
    if (strcmp(operation, NO_OPERATION) == 0)
        operation = "adapter";
    if (!findings->list)
        findings->list = json_array();
    if (is_known(findings, operation, rules[rule]))
        return;
    va_start(args, format);
    vsnprintf(saw, sizeof saw, format, args);
    va_end(args);
    json_array_append_new(findings->list, json_pack("{s:s, s:s, s:o}", "operation", operation,
                                                    "rule", rules[rule], "saw", utf8_json(saw)));
}

char *findings_show(const json_t *value) {
    cleanup_free char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);
    if (!text || strlen(text) <= SHOWN_MAX_BYTES)
        return xstrdup(text ? text : "nothing");
    return xprintf("%.*s..", SHOWN_MAX_BYTES, text);
}
