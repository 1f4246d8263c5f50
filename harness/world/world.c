// SPDX-License-Identifier: Apache-2.0
// world.c - everything that one worker's cases live in
#include "world/world.h"

#include "base/clock.h"
#include "world/conntrack.h"
#include "world/sockdiag.h"

#include <stdlib.h>
#include <string.h>

int world_open(struct world *world, struct err *err) {
    *world = (struct world){.server.container.pidfd = -1};
    // otherwise the kernel's limits on ICMP answers would make a rejected packet's fate depend on
    // earlier ones
    if (netns_open_own(&world->wire, err) < 0 ||
        netns_sysctl(&world->wire, "ipv4/ip_forward", "1", err) < 0 ||
        netns_sysctl(&world->wire, "ipv4/icmp_ratelimit", "0", err) < 0 ||
        (netns_has_ipv6() && netns_sysctl(&world->wire, "ipv6/conf/all/forwarding", "1", err) < 0))
        return err_context(err, "make the wire");
    return 0;
}

void world_equip(struct world *world, enum netem_backend netem, const struct cgroup_home *cgroups) {
    netem_use(&world->netem, netem);
    world->cgroups = cgroups;
}

void world_close(struct world *world) {
    proxy_close(&world->proxy);
    names_close(&world->names);
    netns_close(&world->app);
    server_close(&world->server);
    for (size_t i = 0; i < COUNT_OF(world->spares); i++)
        if (world->spares[i].key) {
            server_close(&world->spares[i].server);
            free(world->spares[i].key);
        }
    netem_close(&world->netem);
    netns_close(&world->wire);
    free(world->server_key);
    world->server_key = NULL;
}

char *world_server_key(const struct server_wanted *wanted) {
    struct text key = {0};
    text_printf(&key, "%s%s", wanted->recipe->name, wanted->fresh ? "\nfresh" : "");
    for (const char *const *option = wanted->options; option && *option; option++)
        text_printf(&key, "\n%zu --%s", strlen(*option), *option); // an option may contain any
                                                                   // character
    return key.data;
}

static bool is_spoilt(const struct world *world, enum side side) {
    return world->netem.wanted & 1U << side;
}

// Adds a host's default routes. A link that netem spoils has no IPv6.
static int add_routes(const struct world *world, enum side side, const struct netns *netns,
                      const char *gateway, const char *gateway6, struct err *err) {
    if (route_add_default(netns, gateway, err) < 0)
        return -1;
    return netns_has_ipv6() && !is_spoilt(world, side) ? route_add_default(netns, gateway6, err)
                                                       : 0;
}

// Opens a link from the wire to a host, one that can be spoilt if the case may do so.
static int join(struct world *world, enum side side, struct link_end *wire, struct link_end *host,
                struct err *err) {
    if (!is_spoilt(world, side))
        return link_open(wire, host, err);
    wire->address6 = host->address6 = NULL;
    return netem_join(&world->netem, side, wire, host, err);
}

static int join_server(struct world *world, struct err *err) {
    struct link_end wire = {&world->wire, "server", SERVER_GATEWAY "/24", SERVER_GATEWAY6 "/64"};
    struct link_end server = {&world->server.netns, "eth0", SERVER_ADDRESS "/24",
                              SERVER_ADDRESS6 "/64"};
    if (join(world, SIDE_SERVER, &wire, &server, err) < 0 ||
        add_routes(world, SIDE_SERVER, &world->server.netns, SERVER_GATEWAY, SERVER_GATEWAY6, err) <
            0)
        return err_context(err, "join the server to the wire");
    return 0;
}

static struct spare *find_spare(struct world *world, const char *key) {
    for (size_t i = 0; i < COUNT_OF(world->spares); i++)
        if (key ? world->spares[i].key && strcmp(world->spares[i].key, key) == 0
                : !world->spares[i].key)
            return &world->spares[i];
    return NULL;
}

// Takes the current server off the wire; a clean one is kept for later if there is room. It may
// have a link even if it did not start.
static void leave_server(struct world *world) {
    struct err ignored;
    struct spare *room = find_spare(world, NULL);
    link_close(&world->wire, "server", &ignored);
    if (world->server_key && !world->server.spoilt && server_is_there(&world->server) && room) {
        *room = (struct spare){.server = world->server, .key = world->server_key};
        world->server = (struct server){.container = {.pidfd = -1}};
    } else {
        server_close(&world->server);
        free(world->server_key);
    }
    world->server_key = NULL;
}

static int take_server(struct world *world, const char *key, const struct server_wanted *wanted,
                       struct err *err) {
    struct spare *spare = find_spare(world, key);
    if (!spare)
        return server_open(&world->server, wanted->recipe, wanted->options, err);
    world->server = spare->server;
    free(spare->key);
    *spare = (struct spare){0};
    return 0;
}

// A server that has ended meanwhile, for whatever reason, is replaced.
static bool serves(const struct world *world, const char *key) {
    return world->server_key && !world->server.spoilt && server_is_there(&world->server) &&
           strcmp(key, world->server_key) == 0;
}

int world_serve(struct world *world, const struct server_wanted *wanted, struct err *err) {
    cleanup_free char *key = world_server_key(wanted);
    if (serves(world, key))
        return 0;
    leave_server(world);
    if (take_server(world, key, wanted, err) < 0 || join_server(world, err) < 0 ||
        server_wait_ready(&world->server, clock_ms() + SERVER_BOOT_DEADLINE_MS, err) < 0)
        return -1;
    world->server_key = key;
    key = NULL;
    return 0;
}

void world_expect(struct world *world, const struct server_wanted *wanted, bool leaves) {
    cleanup_free char *key = world_server_key(wanted);
    struct spare *room = find_spare(world, NULL);
    struct err told_when_it_is_wanted;
    if ((serves(world, key) && !leaves) || find_spare(world, key) || !room)
        return;
    if (server_open(&room->server, wanted->recipe, wanted->options, &told_when_it_is_wanted) < 0) {
        server_close(&room->server);
        return;
    }
    room->key = key;
    key = NULL;
}

// The server's link outlives a case, except for a case that may spoil it, which gets another link.
static int rejoin_server(struct world *world, struct err *err) {
    netem_part(&world->netem, SIDE_SERVER);
    if (link_close(&world->wire, "server", err) < 0)
        return -1;
    return join_server(world, err);
}

void world_expect_netem(struct world *world) {
    netem_expect(&world->netem);
}

int world_begin_case(struct world *world, unsigned spoilt, struct err *err) {
    struct link_end wire = {&world->wire, "app", APP_GATEWAY "/24", APP_GATEWAY6 "/64"};
    struct link_end app = {&world->app, "eth0", APP_ADDRESS "/24", APP_ADDRESS6 "/64"};
    world->netem.wanted = spoilt;
    if ((!world->app.route && netns_open(&world->app, err) < 0) ||
        (!world->app_joined &&
         (join(world, SIDE_APP, &wire, &app, err) < 0 ||
          add_routes(world, SIDE_APP, &world->app, APP_GATEWAY, APP_GATEWAY6, err) < 0)))
        return err_context(err, "make the app's host");
    world->app_joined = true;
    return is_spoilt(world, SIDE_SERVER) ? rejoin_server(world, err) : 0;
}

const struct netns *world_place(const struct world *world, enum filter_place place) {
    switch (place) {
    case FILTER_AT_APP:
        return &world->app;
    case FILTER_AT_SERVER:
        return &world->server.netns;
    default:
        return &world->wire;
    }
}

void world_retire_server(struct world *world, const char *why) {
    if (!world->server.spoilt)
        world->server.spoilt = why;
}

// ---- what a case does to it --------------------------------------------------------------------

static enum filter_place place_of(const struct firewall_match *filter) {
    return filter->at < 0 ? FILTER_AT_WIRE : (enum filter_place)filter->at;
}

int world_add_rule(struct world *world, const struct firewall_rule *rule, struct err *err) {
    world->filtered |= 1U << place_of(rule->filter);
    return firewall_add(rule, err);
}

int world_follow_connections(struct world *world, enum filter_place place, bool ipv6,
                             struct err *err) {
    if (world_follows_connections(world, place))
        return 0;
    world->tracked |= 1U << place;
    if (firewall_track(world_place(world, place), false, err) < 0)
        return -1;
    return ipv6 ? firewall_track(world_place(world, place), true, err) : 0;
}

bool world_follows_connections(const struct world *world, enum filter_place place) {
    return world->tracked & 1U << place;
}

int world_add_nat(struct world *world, const struct firewall_nat *nat, struct err *err) {
    world->filtered |= 1U << FILTER_AT_WIRE;
    world->tracked |= 1U << FILTER_AT_WIRE;
    return firewall_nat_add(nat, err);
}

int world_send_segments(struct world *world, struct err *err) {
    world->unmerged = true;
    if (link_set_gso(&world->app, "eth0", 1, err) < 0)
        return -1;
    return link_set_gso(&world->server.netns, "eth0", 1, err);
}

void world_use_link(struct world *world, enum side side) {
    world->server_link_used |= side == SIDE_SERVER;
    world->app_link_used |= side == SIDE_APP;
}

// ---- after a case ------------------------------------------------------------------------------

// Removes rules, and tracked connections, which would be mistaken for the next case's.
static int clear_place(const struct world *world, enum filter_place place, struct err *err) {
    const struct netns *netns = world_place(world, place);
    bool tracked = world->tracked & 1U << place;
    int ret = 0;
    if (!netns->route || place == FILTER_AT_APP ||
        !((world->filtered | world->tracked) & 1U << place))
        return 0;
    if (firewall_flush(netns, false, err) < 0 ||
        (netns_has_ipv6() && firewall_flush(netns, true, err) < 0))
        ret = -1;
    return tracked && conntrack_flush(netns, err) < 0 ? -1 : ret;
}

static int clear_firewalls(struct world *world, struct err *err) {
    int ret = 0;
    for (int place = 0; place < FILTER_PLACE_COUNT; place++)
        if (clear_place(world, (enum filter_place)place, err) < 0)
            ret = -1;
    if (world->unmerged && world->server.netns.route &&
        link_set_gso(&world->server.netns, "eth0", LINK_GSO_DEFAULT, err) < 0)
        ret = -1;
    world->filtered = world->tracked = 0;
    world->unmerged = false;
    return ret;
}

// Gives the server another link if this one was used.
static int end_server_link(struct world *world, struct err *err) {
    bool spoilt = world->netem.joined & 1U << SIDE_SERVER || world->server_link_used;
    world->netem.wanted = 0;
    world->server_link_used = false;
    return spoilt ? rejoin_server(world, err) : 0;
}

static int end_app_link(struct world *world, struct err *err) {
    world->app_joined = world->app_link_used = false;
    return world->app.route ? link_close(&world->wire, "app", err) : 0;
}

int world_end_case(struct world *world, struct err *err) {
    names_close(&world->names);
    int ret = clear_firewalls(world, err);
    proxy_close(&world->proxy);
    netem_part(&world->netem, SIDE_APP);
    if (end_app_link(world, err) < 0)
        ret = -1;
    // the apps are gone, but the kernel would keep sending for them, and so keep the namespace
    // alive
    if (world->app.route && sockdiag_destroy_all_tcp(&world->app, err) < 0)
        ret = -1;
    netns_close(&world->app);
    return end_server_link(world, err) < 0 ? -1 : ret;
}

// Connections within the host are none of our business; those to the server and to a stub would
// wait for answers that cannot come.
static int end_connections(const struct world *world, struct err *err) {
    return sockdiag_destroy_all_to(&world->app, SERVER_PORT, err) < 0
               ? -1
               : sockdiag_destroy_all_to(&world->app, STUB_PORT, err);
}

int world_end_round(struct world *world, struct err *err) {
    bool at_app = (world->filtered | world->tracked) & 1U << FILTER_AT_APP;
    bool used = world->app_link_used || world->server_link_used || world->unmerged;
    int ret = end_connections(world, err);
    if (at_app && (firewall_flush(&world->app, false, err) < 0 ||
                   (netns_has_ipv6() && firewall_flush(&world->app, true, err) < 0)))
        ret = -1;
    if (clear_firewalls(world, err) < 0 || (used && end_app_link(world, err) < 0))
        ret = -1;
    return end_server_link(world, err) < 0 ? -1 : ret;
}
