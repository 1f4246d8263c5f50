// SPDX-License-Identifier: Apache-2.0
// symptoms.c - scenarios by the question that people ask
//
// This is the only place outside of scenarios/ that names many of them. When a scenario is renamed
// or split, its line here must change; a test checks that each exists.
#include "explain/symptoms.h"

#include <stddef.h>

#define SUSPECTS(...) ((const struct suspect[]){__VA_ARGS__, {NULL, NULL}})

const struct symptom symptoms[] = {
    {"\"Gone away\" after the night, or after any long pause",
     "Does it come after the same pause each time, and is that the server's wait_timeout?",
     SUSPECTS(
         {"wait-timeout",
          "the pause is wait_timeout (eight hours if nobody has set it); the error "
          "log notes inactivity or a timeout; MySQL from 8.0.24 on says 4031 first"},
         {"interactive-timeout", "the same with interactive_timeout, for an interactive client"},
         {"nat-idle", "the pause is shorter than wait_timeout, and there is a NAT, firewall or "
                      "cloud balancer between; the server counts and logs nothing"},
         {"proxy-idle", "the pause is a timeout of HAProxy or MySQL Router; a direct connection "
                        "does not show it"},
         {"proxysql-idle", "the same with ProxySQL, whose own wait_timeout it is"},
         {"half-open", "the server's host was restarted or replaced in the meantime; the write "
                       "works, the read fails"},
         {"kill-idle",
          "there is no such pause: somebody's KILL, or a job that kills idle sessions"},
         {"wait-timeout-lost", "the first call hangs until read_timeout, as the server's last "
                               "packet never came"})},
    {"During a big INSERT, or with a large BLOB",
     "Does the same statement fail each time, at once, while small ones work?",
     SUSPECTS(
         {"packet-limit", "at once, one byte over the server's max_allowed_packet; the error "
                          "log says so, the client may see only a lost connection"},
         {"oversized-blob", "the same with a BLOB, as text and bound to a parameter"},
         {"many-rows", "the same with a multi-row INSERT; fewer rows work"},
         {"packet-stock-limit", "the same with the limit that MySQL has by default"},
         {"packet-parts", "above 16 MiB: a statement of several packets"},
         {"mtu-black-hole", "it hangs rather than fails, on one path only: large packets get "
                            "lost on the way"},
         {"client-timeout-write", "after the client's write_timeout: the server takes nothing"},
         {"net-read-timeout", "after a pause in sending: the server gives up waiting"})},
    {"Right after connect, or while connecting",
     "Does the server count it (Aborted_connects), and does a connect from its own host work?",
     SUSPECTS(
         {"wrong-peer", "each time, and the server never hears of it: something else listens "
                        "at that address"},
         {"firewall-block", "after connect_timeout, or refused at once: the port is blocked"},
         {"nobody-accepts", "nothing listens at that address, or what listens accepts nobody"},
         {"handshake-stalls",
          "after connect_timeout, or never: the server falls silent in the handshake; 2013 at "
          "'reading initial communication packet', system error: 110"},
         {"connect-timeout", "the app logs in so late that the server has given up, and counts it"},
         {"reverse-lookup", "a stall of seconds before the greeting: the server looks up the "
                            "client's name"},
         {"name-lookup", "2005, or a stall: the client looks up the server's name"},
         {"too-many-connections", "1040: all of max_connections are taken"},
         {"accept-queue", "a stall under load, before the server knows of the client"},
         {"host-blocked", "1129: too many interrupted logins from this host"},
         {"access-denied", "1045 and its like: the login is refused"},
         {"shutdown-connecting", "the server went down between its greeting and the login"})},
    {"Only behind the balancer, proxy or NAT", "Does a direct connection ever show it?",
     SUSPECTS({"nat-idle", "the first call after a pause; neither side is notified"},
              {"proxy-idle", "the first call after a pause, or a statement that runs longer than "
                             "the proxy's timeout"},
              {"proxysql-idle", "ProxySQL: idle clients are closed, long statements killed (1907)"},
              {"proxysql-pool", "ProxySQL: only an app with state on the connection sees a loss"},
              {"proxy-restart", "all connections at once, while the server's uptime goes on"},
              {"firewall-idle", "in mid-session: silence until a timeout"},
              {"firewall-idle-reject", "the same, but the firewall answers: a reset"})},
    {"Only in the forked worker",
     "Was the connection opened before the fork (preloading servers, worker pools, cron helpers)?",
     SUSPECTS({"forked-connection", "parent and child at the same time: one hangs, or gets the "
                                    "other's rows; the child's end closes the parent's session"},
              {"forked-turns", "in turns: it works by chance, and over TLS it breaks"})},
    {"2013 at exactly 30 s, or after any other round time",
     "Which timeout of the client, the server or the proxy has that value?",
     SUSPECTS(
         {"client-timeout-read", "the client's read timeout; the server goes on with the "
                                 "statement, which may be done all the same"},
         {"long-query", "a limit of the client (2013) or of the server (3024, 1969, which "
                        "leave the connection usable)"},
         {"net-write-timeout", "60 s by default, in the middle of a result that is read slowly"},
         {"net-read-timeout", "30 s by default, in the middle of LOAD DATA LOCAL"},
         {"connect-timeout", "10 s by default, while connecting"},
         {"proxy-idle", "`timeout server` of HAProxy, in a statement"},
         {"path-cut", "about 15 minutes: TCP itself gives up"})},
    {"In the middle of a large result or a dump", "Does the client read as fast as rows come?",
     SUSPECTS({"net-write-timeout", "the client is slow; the error log notes a timeout writing "
                                    "communication packets"},
              {"client-packet-limit", "the same row each time: it is over the client's own "
                                      "max_allowed_packet"},
              {"narrow-link", "the network is slow, and read_timeout too short for it"},
              {"firewall-in-result", "at any row, then silence: a firewall stops it"},
              {"kill-running", "at any row: somebody's KILL"},
              {"dump-slow-reader", "mysqldump or mariadb-dump, and what reads the dump is slow"},
              {"dump-row-limit", "the same, always at one row: its own max_allowed_packet"},
              {"dump-import", "the dump's import: which side's max_allowed_packet matters"},
              {"cli-import", "the same of the command line client"})},
    {"Always the same statement", "Is it large, slow, or does the server's uptime begin anew?",
     SUSPECTS(
         {"packet-limit", "it is large: over max_allowed_packet"},
         {"missing-index", "it is slow: longer than the client's read timeout"},
         {"crash", "the server dies of it: its uptime begins anew, the log has a stack trace"},
         {"oom-kill", "the kernel kills the server: the uptime begins anew, the log is silent"},
         {"client-packet-limit", "its result has a row too large for the client"})},
    {"All connections at the same moment", "Does the server's uptime begin anew?",
     SUSPECTS({"server-restart", "it does, and new connects work at once"},
              {"shutdown", "the server stays away; its log has an orderly shutdown"},
              {"crash-executing", "it does, and the log has a signal and a stack trace"},
              {"oom-kill", "it does, and only the kernel's log says why"},
              {"offline-mode", "it does not: offline_mode ended the ordinary sessions"},
              {"proxy-restart", "it does not: the proxy restarted"},
              {"path-cut", "it does not, and calls hang before they fail: the network"})},
    {"The pool hands out dead connections", "Is each connection checked before it is used?",
     SUSPECTS({"pool", "one connection died while it was idle"},
              {"pool-restart", "all of them did, and the server is still away"},
              {"restart-remedies", "what a ping before use, and a reconnect, are worth"},
              {"pool-reset", "they live, but bring along their last borrower's state"})},
    {"Reconnect is on, and something is still lost",
     "Did the session hold a transaction, lock, variable or temporary table?",
     SUSPECTS({"reconnect", "when automatic reconnect acts, and when it does not"},
              {"reconnect-loses", "what it loses without an error"},
              {"jdbc-reconnect", "the same of Connector/J's autoReconnect"},
              {"cli-reconnect", "the same of the command line clients"},
              {"wait-timeout-transaction", "a transaction that wait_timeout has ended"})},
    {"After a retry a row is there twice, or not at all",
     "Was the statement sent again after 2006 or 2013, by the app or by the library?",
     SUSPECTS({"blind-retry", "one statement, lost before or after it was done"},
              {"blind-retry-transaction", "in a transaction, or at its COMMIT"},
              {"blind-retry-batch", "of several statements in one text some were done"},
              {"client-timeout-write", "the library itself sends it again, unasked"})},
    {"A limit was raised, and nothing has changed", "Was it set where the session can see it?",
     SUSPECTS({"wait-timeout-global", "SET GLOBAL wait_timeout does not reach open sessions"},
              {"packet-limit-set-global", "nor does SET GLOBAL max_allowed_packet"},
              {"interactive-timeout", "interactive clients have interactive_timeout instead"},
              {"cli-import", "the client's max_allowed_packet does not help an import"},
              {"keepalive-option", "tcp_keepalive_time is no option of MySQL's server"})},
    {"It hangs, and no error comes", "Which timeouts has the client set, and which do they bound?",
     SUSPECTS(
         {"firewall-no-timeout", "packets are dropped, and the client waits without a timeout"},
         {"no-timeout-connect", "the same in a connect, and what the kernel makes of it at last"},
         {"no-timeout-established", "the same in a statement: two hours, or a quarter of one"},
         {"mtu-black-hole", "only large statements or results hang"},
         {"client-timeout-connect", "in the handshake, which not every timeout bounds"},
         {"forked-connection", "somebody else has read the answer"},
         {"app-vanished", "it waits for a lock that a vanished client still holds"})},
    {"Only over TLS, or 2026 instead of 2006 and 2013",
     "Does the same happen over TCP without TLS, with another code?",
     SUSPECTS({"kill-idle", "Connector/C shows any end without TLS's own goodbye as 2026"},
              {"tls-certificate", "the client does not trust the certificate"},
              {"tls-wrong-name", "the certificate is for another name"},
              {"tls-versions", "client and server have no version of TLS in common"},
              {"tls-refused", "the server has no TLS"},
              {"tls-required", "the account or the server demands it"},
              {"forked-turns", "two processes number their TLS records alike"})},
    {"Only now and then, under load", "Which of the server's limits is reached at that time?",
     SUSPECTS({"too-many-connections", "1040: max_connections"},
              {"user-limits", "1203 or 1226: a limit of the account"},
              {"accept-queue", "connects stall or fail: back_log"},
              {"threads", "1135: no thread for a new connection"},
              {"descriptors", "the server can open no more files"},
              {"memory", "the server gets no more memory"},
              {"firewall-limits", "a firewall limits connections of a host"},
              {"lossy-link", "packets get lost"})},
    {NULL, NULL, NULL},
};
