// SPDX-License-Identifier: Apache-2.0
// server.h - a real server in its container: booting, restarting and discarding it
#ifndef GONEAWAY_WORLD_SERVER_H
#define GONEAWAY_WORLD_SERVER_H

#include "base/err.h"
#include "base/text.h"
#include "image/image.h"
#include "sandbox/container.h"
#include "world/admin.h"
#include "world/names.h"
#include "world/netns.h"

struct server {
    const struct server_recipe *recipe;
    struct arena *arena;        ///< owns `options`
    const char *const *options; ///< further options, "name=value", terminated by NULL
    char *folder;               ///< all files of this server, inside the sandbox
    char *sockets;              ///< the folder mounted at SERVER_SOCKET_DIR
    char *root;                 ///< its mounted root filesystem
    char *log;                  ///< its error log
    char *names[NAMES_FILES];   ///< its files for name look-ups
    struct netns netns;
    struct container container;
    struct admin *admin; ///< NULL until it is ready
    const char *spoilt;  ///< why it must not serve another case; NULL: it may
    // before its first case
    int64_t inventory;  ///< see admin_take_inventory(); 0: not ready yet
    json_t *variables;  ///< the global variables; NULL: unknown
    int64_t used_bytes; ///< of its filesystem
};

/** How long a server may take to boot, milliseconds. */
enum { SERVER_BOOT_DEADLINE_MS = 60000 };

/** Starts a server; it is not ready yet. `options` may be NULL. */
int server_open(struct server *server, const struct server_recipe *recipe,
                const char *const *options, struct err *err);
/** Waits until it answers its admin. If it ends instead, the error shows the end of its log. */
int server_wait_ready(struct server *server, double deadline_ms, struct err *err);
/** Opens another session, as root, whose password only the harness knows, or with the apps'
 * account. NULL on error. */
struct admin *server_log_in(const struct server *server, bool as_root, struct err *err);
/** Gives the server's sessions up to 100 ms to wait for their next command again: one that has just
 * answered does not yet. When MariaDB 10.5 is told to shut down it sends 1927 to sessions that
 * wait, and nothing to others. */
void server_settle(const struct server *server);
/** Ends its process by a signal and waits for that. */
int server_end_process(struct server *server, int signal, double deadline_ms, struct err *err);
/** Starts it again, with the same address and data, after server_end_process() or a crash, and
 * waits until it is ready. */
int server_start_again(struct server *server, double deadline_ms, struct err *err);
/** Installs the function goneaway_crash(), which crashes the server when called. */
int server_install_crash(struct server *server, struct err *err);
/** Kills it and removes what it left. Accepts a zeroed server. */
void server_close(struct server *server);

/** How much its files take of the memory that they may take. */
int64_t server_used_bytes(const struct server *server);
/** The server's process; 0 if it has ended. */
pid_t server_pid(const struct server *server);
/** Whether its container still exists, which ends a moment after its process. */
bool server_is_there(const struct server *server);
/** Size of the error log, bytes; -1 with an error. */
long server_log_size(const struct server *server, struct err *err);
/** Appends the error log from an offset on. */
int server_log_read(const struct server *server, long offset, struct text *log, struct err *err);

#endif
