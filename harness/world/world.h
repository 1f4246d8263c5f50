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

#include "base/side.h"
#include "sandbox/cgroup.h"
#include "world/addresses.h"
#include "world/firewall.h"
#include "world/names.h"
#include "world/netem.h"
#include "world/proxy.h"
#include "world/server.h"

/** How many servers boot ahead of the cases that will want them. */
enum { WORLD_SPARES = 2 };

/** Others read it, and act on what it holds; what outlives a case, or has to be taken back after
 * it, they change by the functions below only. */
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
    bool server_link_used;             ///< by a fault, see world_use_link()
    bool unmerged; ///< the server's link sends every segment as a packet of its own
};

/** Makes the wire; call in a sandbox. */
int world_open(struct world *world, struct err *err);
/** What the machine has for it: a netem, and cgroups of the worker's (NULL: none). */
void world_equip(struct world *world, enum netem_backend netem, const struct cgroup_home *cgroups);
/** Closes it; a half-built world is allowed. */
void world_close(struct world *world);

/** What server a case wants. */
struct server_wanted {
    const struct server_recipe *recipe;
    const char *const *options;
    bool fresh; ///< one that no case has had; after the case it serves no other
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
/** Begins what takes time before a link can be spoilt by netem, and does not wait for it. */
void world_expect_netem(struct world *world);
/** Makes a fresh host for the apps. `spoilt`: the links that a netem may stand on in this case,
 * bits 1 << enum side. */
int world_begin_case(struct world *world, unsigned spoilt, struct err *err);
/** Takes it down again, with the proxy, and all rules in the wire and at the server. */
int world_end_case(struct world *world, struct err *err);
/** Lets the server serve no other case. The first reason is kept; it must stay. */
void world_retire_server(struct world *world, const char *why);

// ---- what a case does to its world, until world_end_case() -------------------------------------

/** Adds the rule of a fault, which is for one of the world's places. */
int world_add_rule(struct world *world, const struct firewall_rule *rule, struct err *err);
/** Makes a place follow connections from now on; one that does so already is allowed. */
int world_follow_connections(struct world *world, enum filter_place place, bool ipv6,
                             struct err *err);
/** Whether it does. */
bool world_follows_connections(const struct world *world, enum filter_place place);
/** Sets up a NAT in the wire, which then follows connections. */
int world_add_nat(struct world *world, const struct firewall_nat *nat, struct err *err);
/** Makes a packet of every segment that a host sends: TCP hands 64 KB to a link at once if it may.
 */
int world_send_segments(struct world *world, struct err *err);
/** Says that a fault uses the link of a host: its addresses, and what was learnt of paths over it,
 * may differ afterwards, and so another will be in its place. */
void world_use_link(struct world *world, enum side side);
/** The namespace of a place where a firewall can stand. */
const struct netns *world_place(const struct world *world, enum filter_place place);

#endif
