// SPDX-License-Identifier: Apache-2.0
// names.h - the name service in the wire: a real dnsmasq for each host, and what it is made to do
//
// Each host has a name server of its own at its gateway's address, so that the app's look-up of the
// server and the server's reverse look-up of the app can fail apart from each other. A look-up is
// one question of a resolver: a getaddrinfo() asks two at once (A and AAAA).
#ifndef GONEAWAY_WORLD_NAMES_H
#define GONEAWAY_WORLD_NAMES_H

#include "base/err.h"
#include "base/side.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** What a name server can be made to do, */
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
/** and one that does its work. */
enum { NAMES_WORKING = -1 };
/** How late a slow name server answers by default, milliseconds. */
enum { NAMES_SLOW_MS = 1500 };
/** Number of a host's files for name look-ups. */
enum { NAMES_FILES = 3 };
/** Where a host's files for name look-ups are looked for, in the order of names_write(). */
extern const char *const names_files[NAMES_FILES];

/** The name server of one host. */
struct name_server {
    pid_t front; ///< dnsmasq at the gateway's address; 0: none
    pid_t back;  ///< the dnsmasq that `front` asks; 0: none
    int deaf;    ///< a socket which nobody reads, in place of dnsmasq; only if `is` is silent
    int is;      ///< enum names_word, or NAMES_WORKING
    int64_t met; ///< questions that `deaf` has kept
};
/** The wire's name service; a zeroed one is closed. */
struct names {
    bool open;
    struct name_server of[2]; ///< by enum side
};

/** Starts a working name server for each host; call in the wire. */
int names_open(struct names *names, struct err *err);
/** Ends them with their files; a closed one is allowed. */
void names_close(struct names *names);
/** Makes the name server of a host behave so: one of enum names_word or NAMES_WORKING. `late_ms`
 * is of NAMES_SLOW, -1: the default. Opens the service if it is closed. */
int names_become(struct names *names, enum side side, int is, int64_t late_ms, struct err *err);
/** How many look-ups the name server of a host has met since it behaves as it does. */
int names_count(struct names *names, enum side side, int64_t *ret_count, struct err *err);

/** How a host's resolver asks. -1: a second, and once. */
struct names_resolver {
    int64_t timeout_ms; ///< as whole seconds
    int64_t attempts;
};
/** Writes a host's resolv.conf, hosts and nsswitch.conf into a folder, over those that are there.
 * Paths to be freed, unless `ret_paths` is NULL. */
int names_write(const char *folder, enum side side, struct names_resolver resolver,
                char *ret_paths[NAMES_FILES], struct err *err);

#endif
