// SPDX-License-Identifier: Apache-2.0
// admin.h - the harness's own connection to a server, over its Unix socket
//
// It uses whichever client library the host has (libmysqlclient or libmariadb). Which one does not
// matter, since nobody tests it and no network fault affects it.
#ifndef GONEAWAY_WORLD_ADMIN_H
#define GONEAWAY_WORLD_ADMIN_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct admin; // a MYSQL handle

/** Connects to a Unix socket, which must not be a link; NULL on error. The texts must stay
 * valid. */
struct admin *admin_open(const char *socket, const char *user, const char *password,
                         struct err *err);
void admin_close(struct admin *admin);
/** Restores its session to the initial state: no transaction, no lock, no variable set. */
int admin_reset(struct admin *admin, struct err *err);

/** Executes a statement. `ret_rows` (may be NULL) gets a list of lists of strings; new reference. A
 * statement that takes too long or returns too much is an error, and closes the connection. */
int admin_query(struct admin *admin, const char *sql, json_t **ret_rows, struct err *err);
/** From now on statements have until `deadline_ms` (as of clock_ms()); 0: a minute each. NULL is
 * allowed. */
void admin_bound(struct admin *admin, double deadline_ms);
/** The process that listens at the other end of the socket, 0 if it is not to be seen here. */
pid_t admin_peer(const struct admin *admin);
/** The id of its session. */
int64_t admin_thread(const struct admin *admin);
/** The error number of the latest failing statement. */
int admin_error(const struct admin *admin);
/** How many statements it has sent, including the current one. */
int64_t admin_statements(const struct admin *admin);
/** Reads a variable of SHOW GLOBAL STATUS. */
int admin_status(struct admin *admin, const char *name, int64_t *ret_value, struct err *err);

/** What the process list says about a session. */
struct admin_session {
    bool there;
    char command[32], state[128];
};
int admin_session(struct admin *admin, int64_t thread, struct admin_session *ret, struct err *err);

/** Counters of the server. What has grown since a mark shows whether the server may serve another
 * case, and what the case itself caused. */
struct admin_mark {
    int64_t aborted_clients, aborted_connects;
    int64_t writes;  ///< statements that write rows
    int64_t changes; ///< statements that may leave a lasting change
    int64_t sets;    ///< SET statements, of sessions and global
    int64_t flushes; ///< FLUSH statements, also counted as changes
};
int admin_take_mark(struct admin *admin, struct admin_mark *ret, struct err *err);
/** A checksum of accounts, their passwords, and existing tables. Opens no table, since some faults
 * need them closed. */
int admin_take_inventory(struct admin *admin, int64_t *ret, struct err *err);
/** The global variables, except those that change by themselves; compare with json_equal(). NULL on
 * error. */
json_t *admin_variables(struct admin *admin, struct err *err);
/** Empties the tables that apps may write; an error if an app has written elsewhere. */
int admin_reset_tables(struct admin *admin, struct err *err);

#endif
