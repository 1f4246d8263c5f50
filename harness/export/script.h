// SPDX-License-Identifier: Apache-2.0
// script.h - a case as a list of moves that a short program of any language can make
//
// A program does one thing after the other. What happens to the connection meanwhile is done by
// fault.sh, which comes back when it has taken effect. So most of the states that a scenario waits
// for need no move of their own, and a case of which no such list can be made is refused.
#ifndef GONEAWAY_EXPORT_SCRIPT_H
#define GONEAWAY_EXPORT_SCRIPT_H

#include "plan/plan.h"

enum move_kind {
    MOVE_CONNECT, ///< opens a connection, and closes an earlier one of the same name
    MOVE_QUERY,   ///< runs a statement and fetches all of its rows
    MOVE_PING,
    MOVE_PREPARE,
    MOVE_EXECUTE,
    MOVE_CLOSE,
    MOVE_FORK,  ///< forks a child, which ends as `ending` says
    MOVE_FAULT, ///< ./fault.sh
    MOVE_KINDS,
};

enum { MOVE_WORDS = 3 };

/** How a forked child ends. */
enum ending { ENDING_CLOSE, ENDING_EXIT, ENDING_EXIT_AT_ONCE };

/** What fault.sh can do: its verbs, as bits of script.faults. */
enum fault_bit {
    CAN_KILL = 1 << 0,
    CAN_KILL_QUERY = 1 << 1,
    CAN_GONE = 1 << 2, ///< waits until the server has ended a session
    CAN_RESTART = 1 << 3,
    CAN_STOP = 1 << 4,
    CAN_START = 1 << 5,
    CAN_FILTER = 1 << 6, ///< drops or rejects packets
    CAN_LIFT = 1 << 7,
    CAN_PAUSE = 1 << 8,
    CAN_UNPAUSE = 1 << 9,
    CAN_SQL = 1 << 10,
    CAN_IDLE = 1 << 11,
};

struct move {
    enum move_kind kind;
    const char *id;         ///< NULL: it is set-up, and must succeed
    const char *expected;   ///< how it ended where it was measured: "ok", "2013", "InterfaceError",
                            ///< or several of them with " or " between; NULL: set-up
    const char *connection; ///< a variable's name
    const char *sql;        ///< MOVE_QUERY, MOVE_PREPARE
    struct list params;     ///< MOVE_EXECUTE: const struct node *
    int64_t connect_ms, read_ms, write_ms; ///< MOVE_CONNECT: timeouts; -1: none
    enum ending ending;                    ///< MOVE_FORK
    size_t word_count;
    const char *words[MOVE_WORDS]; ///< MOVE_FAULT: arguments of fault.sh
    bool of_session;               ///< MOVE_FAULT: the connection's id follows them
};

struct script {
    const struct plan_case *plan;
    size_t count;
    struct move *moves;
    unsigned faults; ///< fault_bit
    unsigned kinds;  ///< 1 << enum move_kind
    bool needs_ids;  ///< some fault is about a session
    bool has_blob;   ///< some statement has a payload
    struct arena *arena;
};

/** Makes the list. `row`: how the case ends where it was measured, or NULL. A usage error that names the
 * verb, fault or state for which there is no move. */
int script_make(struct script *ret, const struct plan_case *plan, const struct plan_row *row,
                struct err *err);
void script_release(struct script *script);

/** Whether a statement has a payload, `$blob(SIZE)`; where it is, and how many bytes it has. */
bool script_find_blob(const char *sql, size_t *ret_from, size_t *ret_to, int64_t *ret_bytes);

#endif
