// SPDX-License-Identifier: Apache-2.0
// admin.c - the harness's own connection to a server
#include "world/admin.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "image/image.h"
#include "image/session.h"

#include <math.h>
#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

struct admin {
    MYSQL handle;
    const char *user, *password;
    double deadline_ms; // for statements, see admin_bound(); 0: ADMIN_TIMEOUT_S for each
    int64_t statements; // sent so far
};

enum {
    ADMIN_TIMEOUT_S = SESSION_TIMEOUT_S,
    // The most that a statement may return: it may be a stranger's, and the worker must hold the
    // result.
    ADMIN_MOST_ROWS = 10000,
    ADMIN_MOST_BYTES = SESSION_MOST_BYTES,
    VALUE_BYTES = 64, // overhead of a value, besides its text
};

// ---- time --------------------------------------------------------------------------------------

// The libraries limit each receive, but not a whole statement. Shutting down the connection ends
// whatever they are waiting for.
static volatile sig_atomic_t watched_fd = -1, watch_struck;

static void strike(int number) {
    (void)number;
    watch_struck = 1;
    shutdown(watched_fd, SHUT_RDWR);
}

static void set_timer(double ms) {
    struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)(ms / 1e3), .tv_usec = (suseconds_t)(fmod(ms, 1e3) * 1e3)}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

// Returns how long the statement may take, milliseconds.
static double begin_watch(const struct admin *admin) {
    struct sigaction action = {.sa_handler = strike, .sa_flags = SA_RESTART};
    double left = admin->deadline_ms > 0 ? admin->deadline_ms - clock_ms() : ADMIN_TIMEOUT_S * 1e3;
    left = left < 1 ? 1 : left;
    watched_fd = (sig_atomic_t)admin->handle.net.fd;
    watch_struck = 0;
    sigaction(SIGALRM, &action, NULL);
    set_timer(left);
    return left;
}

static void end_watch(void) {
    set_timer(0);
    watched_fd = -1;
}

void admin_bound(struct admin *admin, double deadline_ms) {
    if (admin)
        admin->deadline_ms = deadline_ms;
}

// ---- connections -------------------------------------------------------------------------------

static int fail(struct admin *admin, struct err *err, const char *what) {
    return err_set(err, "%s: %s (%u)", what, mysql_error(&admin->handle),
                   mysql_errno(&admin->handle));
}

// Whoever can write to the socket's folder could put a link there, to the socket of another server.
struct admin *admin_open(const char *socket, const char *user, const char *password,
                         struct err *err) {
    cleanup_close int file = file_open_socket(socket);
    if (file < 0) {
        err_errno(err, "admin: connect to %s", socket);
        return NULL;
    }
    cleanup_free char *path = file_socket_path(file);
    struct admin *admin = xcalloc(1, sizeof *admin);
    admin->user = user;
    admin->password = password;
    if (!mysql_init(&admin->handle))
        out_of_memory();
    if (session_bound(&admin->handle) &&
        mysql_real_connect(&admin->handle, NULL, user, password, NULL, 0, path, 0))
        return admin;
    fail(admin, err, "admin: connect");
    admin_close(admin);
    return NULL;
}

pid_t admin_peer(const struct admin *admin) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    int fd = (int)admin->handle.net.fd;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

void admin_close(struct admin *admin) {
    if (!admin)
        return;
    mysql_close(&admin->handle);
    free(admin);
}

// Possible since MySQL 5.7.3 and MariaDB 10.2.4; for older servers it logs in again. Never over a
// lost connection: Connector/C (3.3) corrupts the heap if a change of user fails on one.
int admin_reset(struct admin *admin, struct err *err) {
    begin_watch(admin);
    bool done = mysql_reset_connection(&admin->handle) == 0;
    if (!done && mysql_errno(&admin->handle) == ER_UNKNOWN_COM_ERROR)
        done = mysql_change_user(&admin->handle, admin->user, admin->password, NULL) == 0;
    end_watch();
    return done ? 0 : fail(admin, err, "admin: reset the session");
}

// ---- statements --------------------------------------------------------------------------------

static json_t *read_row(MYSQL_RES *result, MYSQL_ROW row, size_t *bytes) {
    const unsigned long *lengths = mysql_fetch_lengths(result);
    json_t *list = json_array();
    for (unsigned i = 0; i < mysql_num_fields(result); i++) {
        json_t *value = row[i] ? json_stringn(row[i], lengths[i]) : json_null();
        json_array_append_new(list, value ? value : json_string("(not UTF-8)"));
        *bytes += lengths[i] + VALUE_BYTES;
    }
    return list;
}

// 1: there are more than allowed.
static int read_rows(MYSQL_RES *result, json_t *rows) {
    size_t bytes = 0;
    for (MYSQL_ROW row; (row = mysql_fetch_row(result));) {
        if (json_array_size(rows) == ADMIN_MOST_ROWS)
            return 1;
        json_array_append_new(rows, read_row(result, row, &bytes));
        if (bytes > ADMIN_MOST_BYTES)
            return 1;
    }
    return 0;
}

// The rest of a result that is too large is not read; its connection is given up.
static int run_statement(struct admin *admin, const char *sql, json_t *rows, struct err *err) {
    MYSQL *handle = &admin->handle;
    if (mysql_real_query(handle, sql, strlen(sql)) != 0)
        return fail(admin, err, "admin");
    MYSQL_RES *result = mysql_use_result(handle);
    int more = result ? read_rows(result, rows) : 0;
    unsigned error = mysql_errno(handle);
    if (error)
        fail(admin, err, "admin");
    if (more)
        shutdown((int)handle->net.fd, SHUT_RDWR);
    mysql_free_result(result);
    if (more)
        return err_set(err,
                       "admin: the result has more than %d rows or %d MiB, the most that is "
                       "taken",
                       ADMIN_MOST_ROWS, ADMIN_MOST_BYTES >> 20);
    return error ? -1 : 0;
}

int admin_query(struct admin *admin, const char *sql, json_t **ret_rows, struct err *err) {
    if (ret_rows)
        *ret_rows = NULL;
    if (!admin)
        return err_set(err, "admin: the server was stopped; `server: start` starts it again");
    json_t *rows = json_array();
    admin->statements++;
    double ms = begin_watch(admin);
    int ret = run_statement(admin, sql, rows, err);
    end_watch();
    if (ret < 0 && watch_struck)
        err_set(err, "admin: no answer within %.3g s", ms / 1e3);
    if (ret == 0 && ret_rows)
        *ret_rows = json_incref(rows);
    json_decref(rows);
    return ret;
}

int64_t admin_thread(const struct admin *admin) {
    return (int64_t)mysql_thread_id((MYSQL *)&admin->handle);
}

int admin_error(const struct admin *admin) {
    return (int)mysql_errno((MYSQL *)&admin->handle);
}

int64_t admin_statements(const struct admin *admin) {
    return admin->statements;
}

static const char *cell(const json_t *rows, size_t row, size_t column) {
    const char *text = json_string_value(json_array_get(json_array_get(rows, row), column));
    return text ? text : "";
}

int admin_status(struct admin *admin, const char *name, int64_t *ret_value, struct err *err) {
    cleanup_free char *sql = xprintf("SHOW GLOBAL STATUS LIKE '%s'", name);
    json_t *rows;
    if (admin_query(admin, sql, &rows, err) < 0)
        return -1;
    bool known = json_array_size(rows) == 1;
    *ret_value = atoll(cell(rows, 0, 1));
    json_decref(rows);
    return known ? 0 : err_usage(err, "the server has no status variable '%s'", name);
}

int admin_session(struct admin *admin, int64_t thread, struct admin_session *ret, struct err *err) {
    json_t *rows;
    *ret = (struct admin_session){0};
    if (admin_query(admin, "SHOW FULL PROCESSLIST", &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        if (atoll(cell(rows, i, 0)) != thread)
            continue;
        ret->there = true;
        snprintf(ret->command, sizeof ret->command, "%s", cell(rows, i, 4));
        snprintf(ret->state, sizeof ret->state, "%s", cell(rows, i, 6));
    }
    json_decref(rows);
    return 0;
}

static bool begins_with(const char *name, const char *const *prefixes) {
    for (; *prefixes; prefixes++)
        if (text_starts(name, *prefixes))
            return true;
    return false;
}

static bool is_write(const char *name) {
    static const char *const prefixes[] = {"Com_insert",  "Com_update", "Com_delete",
                                           "Com_replace", "Com_load",   NULL};
    return begins_with(name, prefixes);
}

// Commands that the server counts but that leave nothing behind once the session has ended, or
// whose effects others look after: rows, and SET.
static bool is_harmless(const char *name) {
    static const char *const prefixes[] = {
        "Com_select",    "Com_show",       "Com_explain",   "Com_begin",       "Com_commit",
        "Com_rollback",  "Com_savepoint",  "Com_release",   "Com_kill",        "Com_check",
        "Com_lock_t",    "Com_unlock_t",   "Com_change_db", "Com_do",          "Com_ha_",
        "Com_help",      "Com_stmt_",      "Com_admin_com", "Com_empty_query", "Com_signal",
        "Com_resignal",  "Com_get_diag",   "Com_xa_start",  "Com_xa_end",      "Com_xa_rollback",
        "Com_xa_commit", "Com_xa_recover", "Com_compound",  "Com_set_option",  NULL};
    return begins_with(name, prefixes);
}

int admin_take_mark(struct admin *admin, struct admin_mark *ret, struct err *err) {
    json_t *rows;
    *ret = (struct admin_mark){0};
    if (admin_query(admin,
                    "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Com\\_%' OR Variable_name IN "
                    "('Aborted_clients', 'Aborted_connects')",
                    &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *name = cell(rows, i, 0);
        int64_t value = atoll(cell(rows, i, 1));
        if (strcmp(name, "Com_flush") == 0)
            ret->flushes = value;
        if (strcmp(name, "Aborted_clients") == 0)
            ret->aborted_clients = value;
        else if (strcmp(name, "Aborted_connects") == 0)
            ret->aborted_connects = value;
        else if (strcmp(name, "Com_set_option") == 0)
            ret->sets = value;
        else if (is_write(name))
            ret->writes += value;
        else if (!is_harmless(name))
            ret->changes += value;
    }
    json_decref(rows);
    return 0;
}

// Before MySQL 5.7.6 the password is in the column Password, which later versions lack; there, the
// name refers to the empty text in the outer query.
int admin_take_inventory(struct admin *admin, int64_t *ret, struct err *err) {
    json_t *rows;
    if (admin_query(admin,
                    "SELECT (SELECT SUM(CRC32(CONCAT_WS('/', User, Host, plugin, "
                    "authentication_string, Password))) FROM mysql.user) + (SELECT SUM(CRC32("
                    "CONCAT_WS('/', table_schema, table_name))) FROM information_schema.tables) "
                    "FROM (SELECT '' AS Password) AS absent",
                    &rows, err) < 0)
        return -1;
    *ret = atoll(cell(rows, 0, 0));
    json_decref(rows);
    return 0;
}

// Excludes variables that change by themselves, or whose changes are undone in another way.
static bool is_steady(const char *name) {
    static const char *const others[] = {"gtid_", NULL};
    return !begins_with(name, others);
}

json_t *admin_variables(struct admin *admin, struct err *err) {
    json_t *rows, *variables = NULL;
    if (admin_query(admin, "SHOW GLOBAL VARIABLES", &rows, err) < 0)
        return NULL;
    variables = json_array();
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (is_steady(cell(rows, i, 0)))
            json_array_append(variables, json_array_get(rows, i));
    json_decref(rows);
    return variables;
}

int admin_reset_tables(struct admin *admin, struct err *err) {
    // 2 s: nobody should hold a lock, and one who does may hold it forever
    static const char *const statements[] = {
        "SET SESSION lock_wait_timeout = 2", "TRUNCATE TABLE " APP_DATABASE ".blobs",
        "TRUNCATE TABLE " APP_DATABASE ".t", "SET SESSION lock_wait_timeout = DEFAULT"};
    for (size_t i = 0; i < COUNT_OF(statements); i++)
        if (admin_query(admin, statements[i], NULL, err) < 0)
            return -1;
    json_t *rows;
    if (admin_query(admin, "SELECT COUNT(*), MIN(n), MAX(n) FROM " APP_DATABASE ".`rows`", &rows,
                    err) < 0)
        return -1;
    bool whole = atoll(cell(rows, 0, 0)) == APP_ROWS && atoll(cell(rows, 0, 1)) == 1 &&
                 atoll(cell(rows, 0, 2)) == APP_ROWS;
    json_decref(rows);
    return whole ? 0 : err_set(err, "the table `rows` has been written");
}
