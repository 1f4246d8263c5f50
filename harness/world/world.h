// SPDX-License-Identifier: Apache-2.0
// world.h - everything that one worker's cases live in: the wire, the server, and a host for the
// apps
//
//     app netns --------"app"-------- wire netns -------"server"------ server netns
//     apps, raw steps     netem?      (the sandbox's   netem?          server :3306,
//     192.0.2.10                       own)                            stub :3307
//     2001:db8:1::10                  192.0.2.1                        198.51.100.10
//                                     198.51.100.1                     2001:db8:2::10
//
// The wire routes between the two, IPv4 and IPv6. It is where a NAT, the proxy, the name services
// (each host's at its gateway's address) and most firewalls are; there can be firewalls at the
// hosts too. A link gets a netem only if a case asks for one. The server's namespace lives as long
// as the server; the app's is made anew for every case, so nothing in it can affect the next one.
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

/** How many servers boot in advance for later cases. */
enum { WORLD_SPARES = 2 };

/** Others may read it, and act on what it holds. Anything that outlives a case, or must be undone
 * after it, they change only by the functions below. */
struct world {
    struct netns wire;
    struct netns app;
    struct server server;
    char *server_key; ///< what the server was booted for, see world_serve()
    struct spare {
        struct server server;
        char *key; ///< NULL: an empty slot
    } spares[WORLD_SPARES];
    struct proxy proxy; ///< the current case's; all zero: none
    struct names names; ///< closed unless the case looks names up
    struct netem netem;
    const struct cgroup_home *cgroups;    ///< the worker's; NULL: none
    unsigned filtered;                    ///< places that have rules: bits 1 << enum filter_place
    unsigned tracked;                     ///< places that track connections, likewise
    bool app_joined;                      ///< the apps' host has its link
    bool app_link_used, server_link_used; ///< by a fault, see world_use_link()
    bool unmerged; ///< every segment leaves the server's link as a separate packet
};

/** Makes the wire; call in a sandbox. */
int world_open(struct world *world, struct err *err);
/** Sets what the machine provides: a netem, and cgroups for the worker (NULL: none). */
void world_equip(struct world *world, enum netem_backend netem, const struct cgroup_home *cgroups);
/** Closes it. Accepts a half-built world. */
void world_close(struct world *world);

/** The server that a case needs. */
struct server_wanted {
    const struct server_recipe *recipe;
    const char *const *options;
    bool fresh; ///< one that has served no other case, nor will after this one
};

/** A key for that kind of server. To be freed. */
char *world_server_key(const struct server_wanted *wanted);
/** Gives the world a clean, ready server of that kind: the current one if it fits, else a new
 * one. */
int world_serve(struct world *world, const struct server_wanted *wanted, struct err *err);
/** Starts a server that a later case will need, without waiting for it; world_serve() will find it.
 * Does nothing if the current server will do (unless it `leaves`), or if there are enough
 * spares. */
void world_expect(struct world *world, const struct server_wanted *wanted, bool leaves);
/** Starts what takes time before netem can spoil a link, without waiting for it. */
void world_expect_netem(struct world *world);
/** Makes a fresh host for the apps. `spoilt`: links that netem may spoil in this case, bits 1 <<
 * enum side. */
int world_begin_case(struct world *world, unsigned spoilt, struct err *err);
/** Removes it again, with the proxy, and all rules in the wire and at the server. */
int world_end_case(struct world *world, struct err *err);
/** The same, except that the apps' host stays, with whoever is in it, its link unless a fault used
 * that, and the name service; for the next world_begin_case(). */
int world_end_round(struct world *world, struct err *err);
/** Keeps the server from serving another case. Only the first reason is kept; it must stay
 * valid. */
void world_retire_server(struct world *world, const char *why);

// ---- what a case does to its world, until world_end_case() -------------------------------------

/** Adds a fault's rule at one of the world's places. */
int world_add_rule(struct world *world, const struct firewall_rule *rule, struct err *err);
/** Makes a place track connections from now on, if it does not already. */
int world_follow_connections(struct world *world, enum filter_place place, bool ipv6,
                             struct err *err);
/** Whether it does. */
bool world_follows_connections(const struct world *world, enum filter_place place);
/** Sets up a NAT in the wire, which then tracks connections. */
int world_add_nat(struct world *world, const struct firewall_nat *nat, struct err *err);
/** Makes every segment that a host sends a separate packet: otherwise TCP may hand 64 KB to a link
 * at once. */
int world_send_segments(struct world *world, struct err *err);
/** Declares that a fault uses a host's link: its addresses, and path information learnt over it,
 * may change, so it will be replaced after the case. */
void world_use_link(struct world *world, enum side side);
/** The namespace of a place where a firewall can be. */
const struct netns *world_place(const struct world *world, enum filter_place place);

#endif
