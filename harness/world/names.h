// SPDX-License-Identifier: Apache-2.0
// names.h - the name service in the wire: a real dnsmasq for each host, and its misbehaviour
//
// Each host has its own name server at its gateway's address, so that the app's look-up of the
// server and the server's reverse look-up of the app can fail independently. A look-up is one query
// of a resolver; getaddrinfo() sends two at once (A and AAAA).
#ifndef GONEAWAY_WORLD_NAMES_H
#define GONEAWAY_WORLD_NAMES_H

#include "base/err.h"
#include "base/side.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** How a name server can misbehave, .. */
enum names_word {
    NAMES_SILENT,
    NAMES_NXDOMAIN,
    NAMES_SERVFAIL,
    NAMES_REFUSED,
    NAMES_EMPTY,
    NAMES_SLOW,
    NAMES_CLOSED,
    NAMES_WRONG,
    NAMES_WORD_COUNT,
};
/** .. and one that works. */
enum { NAMES_WORKING = -1 };
/** How late a slow name server answers by default, milliseconds. */
enum { NAMES_SLOW_MS = 1500 };
/** How many files a host has for name look-ups. */
enum { NAMES_FILES = 3 };
/** Paths of a host's files for name look-ups, in the order of names_write(). */
extern const char *const names_files[NAMES_FILES];

/** The name server of one host. */
struct name_server {
    pid_t front; ///< dnsmasq at the gateway's address; 0: none
    pid_t back;  ///< the dnsmasq behind `front`; 0: none
    int deaf;    ///< a socket that nobody reads, in place of dnsmasq; only if `is` is silent
    int is;      ///< enum names_word, or NAMES_WORKING
    int64_t met; ///< queries that `deaf` has received
};
/** The wire's name service. All zero: closed. */
struct names {
    bool open;
    struct name_server of[2]; ///< by enum side
};

/** Starts a working name server for each host; call in the wire. */
int names_open(struct names *names, struct err *err);
/** Ends them and removes their files. Accepts a closed one. */
void names_close(struct names *names);
/** Sets the behaviour of a host's name server: one of enum names_word or NAMES_WORKING. `late_ms`
 * is for NAMES_SLOW, -1: the default. Opens the service if it is closed. */
int names_become(struct names *names, enum side side, int is, int64_t late_ms, struct err *err);
/** How many look-ups have met a host's name server with its current behaviour. */
int names_count(struct names *names, enum side side, int64_t *ret_count, struct err *err);

/** How a host's resolver asks. -1: a second, and once. */
struct names_resolver {
    int64_t timeout_ms; ///< as whole seconds
    int64_t attempts;
};
/** Writes a host's resolv.conf, hosts and nsswitch.conf into a folder, replacing existing ones. The
 * paths are to be freed, unless `ret_paths` is NULL. */
int names_write(const char *folder, enum side side, struct names_resolver resolver,
                char *ret_paths[NAMES_FILES], struct err *err);

#endif
