// SPDX-License-Identifier: Apache-2.0
// codes.c - the error codes by number and symbol
//
// Sources: MySQL's and MariaDB's errmsg.h (client, 2000 and 5000) and mysqld_error.h (server).
#include "plan/codes.h"

#include "base/nearest.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct code codes[] = {
    {1040, "ER_CON_COUNT_ERROR", "too many connections"},
    {1042, "ER_BAD_HOST_ERROR", "the server cannot tell the client's host name"},
    {1043, "ER_HANDSHAKE_ERROR", "bad handshake"},
    {1044, "ER_DBACCESS_DENIED_ERROR", "no access to the database"},
    {1045, "ER_ACCESS_DENIED_ERROR", "access denied"},
    {1047, "ER_UNKNOWN_COM_ERROR", "unknown command"},
    {1053, "ER_SERVER_SHUTDOWN", "the server is shutting down"},
    {1062, "ER_DUP_ENTRY", "a duplicate value for a key"},
    {1064, "ER_PARSE_ERROR", "syntax error"},
    {1077, "ER_NORMAL_SHUTDOWN", "normal shutdown"},
    {1080, "ER_FORCING_CLOSE", "the server forces a close"},
    {1094, "ER_NO_SUCH_THREAD", "no such session"},
    {1105, "ER_UNKNOWN_ERROR", "an error without a number of its own"},
    {1129, "ER_HOST_IS_BLOCKED", "the host is blocked after too many connection errors"},
    {1130, "ER_HOST_NOT_PRIVILEGED", "the host may not connect"},
    {1135, "ER_CANT_CREATE_THREAD", "the server gets no thread, or no memory for its stack"},
    {1146, "ER_NO_SUCH_TABLE", "there is no such table"},
    {1152, "ER_ABORTING_CONNECTION", "connection aborted"},
    {1153, "ER_NET_PACKET_TOO_LARGE", "packet bigger than max_allowed_packet"},
    {1154, "ER_NET_READ_ERROR_FROM_PIPE", "read error from the connection pipe"},
    {1156, "ER_NET_PACKETS_OUT_OF_ORDER", "packets out of order"},
    {1157, "ER_NET_UNCOMPRESS_ERROR", "cannot uncompress a packet"},
    {1158, "ER_NET_READ_ERROR", "error reading packets"},
    {1159, "ER_NET_READ_INTERRUPTED", "timeout reading packets"},
    {1160, "ER_NET_ERROR_ON_WRITE", "error writing packets"},
    {1161, "ER_NET_WRITE_INTERRUPTED", "timeout writing packets"},
    {1184, "ER_NEW_ABORTING_CONNECTION", "connection aborted"},
    {1203, "ER_TOO_MANY_USER_CONNECTIONS", "too many connections of this user"},
    {1205, "ER_LOCK_WAIT_TIMEOUT", "lock wait timeout"},
    {1220, "ER_ERROR_WHEN_EXECUTING_COMMAND", "an error in the middle of a command"},
    {1226, "ER_USER_LIMIT_REACHED", "a limit of the user is reached"},
    {1243, "ER_UNKNOWN_STMT_HANDLER", "no such prepared statement"},
    {1251, "ER_NOT_SUPPORTED_AUTH_MODE", "the client does not know the authentication protocol"},
    {1317, "ER_QUERY_INTERRUPTED", "the statement was interrupted"},
    {1621, "ER_VARIABLE_IS_READONLY", "the session's variable is read-only"},
    {1820, "ER_MUST_CHANGE_PASSWORD", "the password must be changed before any other statement"},
    {1835, "ER_MALFORMED_PACKET", "malformed communication packet"},
    {1862, "ER_MUST_CHANGE_PASSWORD_LOGIN", "the password has expired"},
    {1927, "ER_CONNECTION_KILLED", "MariaDB: the connection was killed"},
    {1969, "ER_STATEMENT_TIMEOUT", "MariaDB: max_statement_time exceeded"},
    {2000, "CR_UNKNOWN_ERROR", "unknown error"},
    {2001, "CR_SOCKET_CREATE_ERROR", "cannot create a Unix socket"},
    {2002, "CR_CONNECTION_ERROR", "cannot connect (Unix socket; Connector/C: TCP too)"},
    {2003, "CR_CONN_HOST_ERROR", "cannot connect over TCP"},
    {2004, "CR_IPSOCK_ERROR", "cannot create a TCP socket"},
    {2005, "CR_UNKNOWN_HOST", "unknown host"},
    {2006, "CR_SERVER_GONE_ERROR", "MySQL server has gone away"},
    {2007, "CR_VERSION_ERROR", "protocol mismatch"},
    {2008, "CR_OUT_OF_MEMORY", "the client ran out of memory"},
    {2009, "CR_WRONG_HOST_INFO", "wrong host info"},
    {2012, "CR_SERVER_HANDSHAKE_ERR", "error in the handshake"},
    {2013, "CR_SERVER_LOST", "lost connection to MySQL server during query"},
    {2014, "CR_COMMANDS_OUT_OF_SYNC", "commands out of sync"},
    {2020, "CR_NET_PACKET_TOO_LARGE", "packet bigger than the client's max_allowed_packet"},
    {2026, "CR_SSL_CONNECTION_ERROR", "TLS error"},
    {2027, "CR_MALFORMED_PACKET", "malformed packet"},
    {2030, "CR_NO_PREPARE_STMT", "the statement is not prepared"},
    {2048, "CR_INVALID_CONN_HANDLE", "invalid connection handle"},
    {2054, "CR_NOT_IMPLEMENTED", "not implemented"},
    {2055, "CR_SERVER_LOST_EXTENDED", "lost connection to MySQL server at a stage"},
    {2056, "CR_STMT_CLOSED", "the statement was closed by its connection's end"},
    {2058, "CR_ALREADY_CONNECTED", "the handle is connected already"},
    {2059, "CR_AUTH_PLUGIN_CANNOT_LOAD", "an authentication plugin cannot be loaded"},
    {2061, "CR_AUTH_PLUGIN_ERR", "an authentication plugin reported an error"},
    {3024, "ER_QUERY_TIMEOUT", "MySQL: max_execution_time exceeded"},
    {3032, "ER_SERVER_OFFLINE_MODE", "the server is in offline mode"},
    {3118, "ER_ACCOUNT_HAS_BEEN_LOCKED", "the account is locked"},
    {3159, "ER_SECURE_TRANSPORT_REQUIRED", "TLS is required"},
    {3169, "ER_SESSION_WAS_KILLED", "the session was killed"},
    {4031, "ER_CLIENT_INTERACTION_TIMEOUT", "the server closed an idle session (since 8.0.24)"},
    {5010, "CR_PLUGIN_NOT_ALLOWED", "Connector/C: an authentication plugin is not allowed"},
    {5014, "CR_CONNECTION_CLOSED", "Connector/C: the connection was closed"},
    {0, NULL, NULL},
};

// SQLSTATEs as MySQL 9.7 and MariaDB 11.8 send them, and as their lists of errors have them. Missing are errors before the handshake, whose
// packets have none or do not always have it (1040, 1043, 1129, 1130, 1135), and those for which the
// two differ (3159).
static const struct {
    int number;
    const char *state;
} states[] = {
    {1044, "42000"}, {1045, "28000"}, {1047, "08S01"}, {1053, "08S01"}, {1062, "23000"},
    {1064, "42000"}, {1146, "42S02"}, {1153, "08S01"}, {1156, "08S01"}, {1158, "08S01"},
    {1159, "08S01"}, {1161, "08S01"}, {1184, "08S01"}, {1203, "42000"}, {1205, "HY000"},
    {1226, "42000"}, {1243, "HY000"}, {1317, "70100"}, {1820, "HY000"}, {1835, "HY000"},
    {1862, "HY000"}, {1927, "70100"}, {1969, "70100"}, {3024, "HY000"}, {3032, "HY000"},
    {3118, "HY000"}, {4031, "HY000"}, {4151, "HY000"},
};

const struct code *code_by_number(int number) {
    for (const struct code *code = codes; code->number; code++)
        if (code->number == number)
            return code;
    return NULL;
}

const struct code *code_by_symbol(const char *symbol) {
    for (const struct code *code = codes; code->number; code++)
        if (strcmp(code->symbol, symbol) == 0)
            return code;
    return NULL;
}

const struct code *code_by_text(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text) ? code_by_number(atoi(text))
                                                               : code_by_symbol(text);
}

const char *code_nearest(const char *text) {
    enum { LEAST_PART = 6 };
    struct nearest nearest = {.wanted = text, .edits = NEAR_WORD};
    for (const struct code *code = codes; code->number; code++)
        nearest_try(&nearest, code->symbol);
    if (nearest_word(&nearest) || strlen(text) < LEAST_PART)
        return nearest_word(&nearest);
    for (const struct code *code = codes; code->number; code++)
        if (strcasestr(code->symbol, text))
            return code->symbol;
    return NULL;
}

const struct code *code_nearest_number(const char *text) {
    enum { MOST = 2 };
    char number[16];
    const struct code *found = NULL;
    int count = 0;
    for (const struct code *code = codes; code->number; code++) {
        struct nearest nearest = {.wanted = text, .edits = 1};
        snprintf(number, sizeof number, "%d", code->number);
        nearest_try(&nearest, number);
        if (nearest.count == 0)
            continue;
        found = found ? found : code;
        count++;
    }
    return count <= MOST ? found : NULL;
}

const char *code_sqlstate(int number) {
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (states[i].number == number)
            return states[i].state;
    return NULL;
}

// Sources: mysqld_error.h and errmsg.h of MySQL and MariaDB; below 1000 mysys and the storage
// engines (mysys_err.h, my_base.h); from 9001 on ProxySQL's own.
bool code_is_possible(int number) {
    static const int ranges[][2] = {{1, 1999}, {2000, 2099}, {3000, 6999}, {9000, 9100}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (number >= ranges[i][0] && number <= ranges[i][1])
            return true;
    return false;
}
