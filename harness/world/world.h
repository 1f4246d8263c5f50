// SPDX-License-Identifier: Apache-2.0
// world.h - all that one worker's cases live in: the wire, the server, and a host for the apps
//
//     app netns --------"app"-------- wire netns -------"server"------ server netns
//     apps, raw steps     netem?      (the sandbox's   netem?          server :3306,
//     192.0.2.10                       own)                            stub :3307
//     2001:db8:1::10                  192.0.2.1                        198.51.100.10
//                                     198.51.100.1                     2001:db8:2::10
//
// The wire routes between the two, IPv4 and IPv6, and is where a NAT, the proxy, the name services
// (each host's at its gateway's address) and most firewalls stand; firewalls can stand at the hosts
// too. A link gets its netem only when a case asks for one. The server's namespace lives as long as
// the server, the app's is made anew for every case, so nothing of it can reach the next one.
#ifndef GONEAWAY_WORLD_WORLD_H
#define GONEAWAY_WORLD_WORLD_H

#include "plan/language.h"
#include "world/addresses.h"
#include "world/cgroup.h"
#include "world/names.h"
#include "world/netem.h"
#include "world/proxy.h"
#include "world/server.h"

/** How many servers boot ahead of the cases that will want them. */
enum { WORLD_SPARES = 2 };

struct world {
    struct netns wire;
    struct netns app;
    struct server server;
    char *server_key; ///< what the server was booted for, see world_serve()
    struct spare {
        struct server server;
        char *key; ///< NULL: no spare here
    } spares[WORLD_SPARES];
    struct proxy proxy; ///< of the present case; zeroed: none
    struct names names; ///< closed unless the case looks names up
    struct netem netem;
    const struct cgroup_home *cgroups; ///< of the worker; NULL: none
    unsigned filtered;                 ///< places that have rules: bits 1 << enum filter_place
    unsigned tracked;                  ///< places that follow connections, likewise
    bool link_used; ///< by a fault: its addresses and what was learnt of paths over it may differ
    bool unmerged;  ///< the server's link sends every segment as a packet of its own
};

/** Makes the wire; call in a sandbox. */
int world_open(struct world *world, struct err *err);
/** Closes it; a half-built world is allowed. */
void world_close(struct world *world);

/** What server a case wants. */
struct server_wanted {
    const struct server_recipe *recipe;
    const char *const *options;
    bool fresh; ///< one that no case has had; a case that wants it must leave it dirty
};

/** Names that kind of server. To be freed. */
char *world_server_key(const struct server_wanted *wanted);
/** Gives the world a clean, ready server of that kind: the present one if it fits, else a new one.
 */
int world_serve(struct world *world, const struct server_wanted *wanted, struct err *err);
/** Starts a server that a later case will want, and does not wait for it; world_serve() will find
 * it. Does nothing if the present server will do (unless it `leaves`), or if there are spares
 * enough. */
void world_expect(struct world *world, const struct server_wanted *wanted, bool leaves);
/** Makes a fresh host for the apps. */
int world_begin_case(struct world *world, struct err *err);
/** Takes it down again, with the proxy, and all rules in the wire and at the server. */
int world_end_case(struct world *world, struct err *err);
/** The namespace of a place where a firewall can stand. */
const struct netns *world_place(const struct world *world, enum filter_place place);

#endif
