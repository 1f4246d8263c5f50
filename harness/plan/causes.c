// SPDX-License-Identifier: Apache-2.0
// causes.c - the table of causes
#include "plan/causes.h"

#include <string.h>

// For each: what happens, and what distinguishes it from the others.
#define CAUSES(CAUSE)                                                                              \
    CAUSE("wait-timeout", "idle longer than wait_timeout or interactive_timeout",                  \
          "only after a pause, of the same length each time; MySQL from 8.0.24 on says 4031 "      \
          "first, and the error log notes inactivity or a timeout")                                \
    CAUSE("killed", "KILL by another session, or `mysqladmin kill`",                               \
          "at any moment, and the server stays up; Aborted_clients grows by one, and the error "   \
          "log says nothing (MariaDB does from log_warnings=4 on)")                                \
    CAUSE("server-timeout-no-reconnect",                                                           \
          "the server timed out, and automatic reconnect is off, or loses more than it saves",     \
          "the session ended as after wait_timeout or a KILL; what differs is what the client "    \
          "does next, and what of the session is lost without an error")                           \
    CAUSE("restart", "the server restarted: connections from before are void",                     \
          "every connection at once; the server's uptime begins anew, and new connects succeed")   \
    CAUSE("crash", "the server died while it executed a statement",                                \
          "every connection at once, often while the same statement runs; uptime begins anew, "    \
          "the error log has a signal and a stack trace (none after a SIGKILL), and for a moment " \
          "connects are refused")                                                                  \
    CAUSE("shutdown", "the server was shut down in good order",                                    \
          "every connection at once; the error log has an orderly shutdown, and connects are "     \
          "refused until somebody starts the server")                                              \
    CAUSE("resources", "out of memory, descriptors, threads or connections",                       \
          "new connects fail with a code that names the resource (1040, 1135, 1203, 1226) or "     \
          "wait in the queue; established sessions mostly go on")                                  \
    CAUSE("long-query", "a statement ran longer than a limit",                                     \
          "the same statement, after the same time: that of a client's read timeout (2013) or of " \
          "a server's limit (1969, 3024, which leave the connection usable)")                      \
    CAUSE("net-write-timeout", "the client read its result too slowly",                            \
          "in the middle of a large result that the client reads slowly; the error log notes a "   \
          "timeout writing communication packets")                                                 \
    CAUSE("net-read-timeout", "the client stalled in the middle of a packet",                      \
          "in the middle of a large statement or LOAD DATA LOCAL whose sending stalls; the error " \
          "log notes a timeout reading communication packets")                                     \
    CAUSE("dump", "mysqldump or an import loses its connection at a large table",                  \
          "at the same table each time, or where the dump is read slowly; the dump's file ends "   \
          "there, and imports without an error")                                                   \
    CAUSE("packet-too-large", "a statement over the server's max_allowed_packet",                  \
          "the same statement each time, at once, and small ones work; the error log notes a "     \
          "packet bigger than max_allowed_packet, the client may see only that the connection is " \
          "lost")                                                                                  \
    CAUSE("client-packet-too-large", "a row over the client's own max_allowed_packet",             \
          "the same row each time, while the result is read; the server's log knows no packet "    \
          "that was too big")                                                                      \
    CAUSE("many-rows", "an INSERT or REPLACE of a great many rows is one packet",                  \
          "a multi-row INSERT that works with fewer rows; as with one BLOB that is too large")     \
    CAUSE("out-of-order", "a packet out of order or malformed",                                    \
          "after something has tampered with the bytes, such as two threads on one connection or " \
          "a broken proxy; 1156 or 1043 where the error gets through")                             \
    CAUSE("old-client-16mb", "16 MB or more, framed as clients before 4.0.8 did",                  \
          "at 16 MiB and never below, with clients older than 4.0.8")                              \
    CAUSE("client-timeout", "a timeout that the client itself has set",                            \
          "after exactly the client's own timeout; the server is healthy and goes on with the "    \
          "statement")                                                                             \
    CAUSE("firewall-connect", "a firewall blocks the port",                                        \
          "in connecting only: refused at once where the firewall answers, after connect_timeout " \
          "where it drops")                                                                        \
    CAUSE("firewall-established", "a firewall cuts an established connection",                     \
          "connected before, now silence until a timeout of the client's or TCP's (about 15 "      \
          "minutes), or a reset; the server often keeps the session and counts nothing")           \
    CAUSE("nat-idle", "a firewall, balancer or NAT forgot an idle flow",                           \
          "the first call after a pause shorter than wait_timeout, through a NAT, firewall or "    \
          "balancer; the server keeps the session and counts nothing")                             \
    CAUSE("proxy-idle", "a proxy closed the client's or the server's side on its own timeout",     \
          "the first call after a pause of the proxy's timeout, or a statement that runs longer; " \
          "a direct connection does not show it")                                                  \
    CAUSE("slow-link", "latency, loss, low bandwidth, reordering, duplication, corruption",        \
          "worse with large results and many round trips, and only across that link; longer "      \
          "timeouts make it go away")                                                              \
    CAUSE("connect-timeout", "the first connection stalls in its handshake",                       \
          "in connecting, after connect_timeout of either side; Aborted_connects grows if the "    \
          "server began the handshake")                                                            \
    CAUSE("name-lookup", "names cannot be resolved, on the client's or the server's side",         \
          "in connecting, 2005 at the client, or a stall before the greeting at the server's "     \
          "reverse look-up; an address or skip_name_resolve makes it go away")                     \
    CAUSE("skip-networking", "the server does not listen on TCP",                                  \
          "over TCP always, over the Unix socket never")                                           \
    CAUSE("wrong-peer", "nobody listens there, or something that is no healthy server",            \
          "in connecting, each time; the real server's counters do not move")                      \
    CAUSE("half-open", "the close never reached the client",                                       \
          "the first call after one side's host failed, or forgot the connection; nobody told "    \
          "the other side")                                                                        \
    CAUSE("after-close", "a query after the connection was closed",                                \
          "at once, in one place of the program; nothing was sent")                                \
    CAUSE("fork", "a parent and its child use one connection",                                     \
          "only where processes fork after they connected (prefork servers, workers); a result "   \
          "may be another process's")                                                              \
    CAUSE("out-of-sync", "commands out of order on one connection",                                \
          "2014 at once; the connection works when the earlier result has been read")              \
    CAUSE("cancelled", "the application cancels a call that is in flight",                         \
          "only where the program gives calls up: a request's deadline, a user who goes away; "    \
          "nobody killed anything, and the server may still be at work on the statement")          \
    CAUSE("privilege", "the host or account may not connect, or not so",                           \
          "in connecting, with a code that says why (1044, 1045, 1129, 1130, 2026, 2059 ..)")      \
    CAUSE("blind-retry", "a retry after a lost connection: done twice, or not at all",             \
          "not a cause of the code but of what follows: the statement was done twice, or half of " \
          "it")                                                                                    \
    CAUSE("pool", "a pool hands out a connection that died while idle",                            \
          "the first statement on a connection that the pool had kept idle; a fresh connection "   \
          "works")                                                                                 \
    CAUSE("other", "what no other row describes, such as a bug report of your own", "")

#define WORD_OF(name, doc, sign) {name, doc},
const struct word cause_words[] = {CAUSES(WORD_OF){NULL, NULL}};

#define SIGN_OF(name, doc, sign) sign,
static const char *const signs[] = {CAUSES(SIGN_OF)};

const char *cause_sign(const char *name) {
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (strcmp(cause_words[i].name, name) == 0)
            return signs[i];
    return "";
}

const struct cause_group cause_groups[] = {
    {"The server ended the session", "wait-timeout"},
    {"The packet was too large or wrong", "packet-too-large"},
    {"The network", "client-timeout"},
    {"The application", "after-close"},
    {"Something else", "other"},
    {NULL, NULL},
};

const char *cause_group_of(const char *cause) {
    const struct cause_group *group = cause_groups;
    const char *title = NULL;
    for (const struct word *word = cause_words; word->name; word++) {
        if (group->title && strcmp(group->first, word->name) == 0)
            title = group++->title;
        if (strcmp(word->name, cause) == 0)
            return title;
    }
    return NULL;
}
