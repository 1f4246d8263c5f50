// SPDX-License-Identifier: Apache-2.0
// server.h - a real server in its container: booted, restarted, thrown away
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
    struct arena *arena;        ///< holds `options`
    const char *const *options; ///< further options, "name=value", ended by NULL
    char *folder;               ///< everything of this server in the sandbox
    char *sockets;              ///< the folder that is SERVER_SOCKET_DIR inside
    char *root;                 ///< its mounted root filesystem
    char *log;                  ///< its error log
    char *names[NAMES_FILES];   ///< its files for name look-ups
    struct netns netns;
    struct container container;
    struct admin *admin; ///< NULL until it is ready
    const char *spoilt;  ///< why it must not serve another case; NULL: it may
    // before its first case
    int64_t inventory;  ///< see admin_take_inventory(); 0: not ready yet
    json_t *variables;  ///< the global ones; NULL: not known
    int64_t used_bytes; ///< of its filesystem
};

/** How long a server may take to boot, milliseconds. */
enum { SERVER_BOOT_DEADLINE_MS = 60000 };

/** Starts a server; it is not ready yet. `options` may be NULL. */
int server_open(struct server *server, const struct server_recipe *recipe,
                const char *const *options, struct err *err);
/** Waits until it answers its admin. If it ends instead, the error shows its log's last lines. */
int server_wait_ready(struct server *server, double deadline_ms, struct err *err);
/** A session beside its admin's: as root, who has a password that only the harness knows, or as the
 * apps' account. NULL on error. */
struct admin *server_log_in(const struct server *server, bool as_root, struct err *err);
/** Gives the server's sessions the time to wait for their next command, up to 100 ms: who has just
 * answered is still on the way there. A MariaDB 10.5 that is told to shut down says 1927 to
 * sessions that wait, and to the others nothing. */
void server_settle(const struct server *server);
/** Ends its process by a signal and waits for its end. */
int server_end_process(struct server *server, int signal, double deadline_ms, struct err *err);
/** Starts it again, with its address and data, after server_end_process() or when it has crashed,
 * and waits until it is ready. */
int server_start_again(struct server *server, double deadline_ms, struct err *err);
/** Adds the function goneaway_crash(), which makes whoever calls it crash the server. */
int server_install_crash(struct server *server, struct err *err);
/** Kills it and removes what it left. A zeroed server is allowed. */
void server_close(struct server *server);

/** What its files take of the memory that they may take. */
int64_t server_used_bytes(const struct server *server);
/** The server's process; 0 if it has ended. */
pid_t server_pid(const struct server *server);
/** Whether its container is there, which ends a moment after its process. */
bool server_is_there(const struct server *server);
/** Size of the error log, bytes; -1 with an error. */
long server_log_size(const struct server *server, struct err *err);
/** Appends the error log from an offset on. */
int server_log_read(const struct server *server, long offset, struct text *log, struct err *err);

#endif
