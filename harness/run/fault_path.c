// SPDX-License-Identifier: Apache-2.0
// fault_path.c - faults of the path between the hosts: links, addresses, routes, and its MTU
//
// A link, an address and a host's route have fired when the kernel says that it is so: there is no
// counter of packets that were never sent. In the wire every packet that meets the fault is
// counted.
#include "run/fault.h"

#include "base/clock.h"
#include "world/tally.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

// Pause between two looks at a link's carrier, milliseconds.
static const double LOOK_EVERY_MS = 1;

/** A host, as the path ends there. */
struct host {
    const struct netns *netns;
    const char *link;    ///< its interface
    const char *address; ///< with prefix length
    const char *gateway, *gateway6;
    const char *wire_link; ///< the wire's end of its link
};

static struct host host_of(const struct case_run *run, int side) {
    const struct world *world = run->world;
    if (side == SIDE_APP)
        return (struct host){&world->app, "eth0",       APP_ADDRESS "/24",
                             APP_GATEWAY, APP_GATEWAY6, "app"};
    return (struct host){&world->server.netns, "eth0",          SERVER_ADDRESS "/24",
                         SERVER_GATEWAY,       SERVER_GATEWAY6, "server"};
}

static const char *address_of(int side) {
    return side == SIDE_APP ? APP_ADDRESS : SERVER_ADDRESS;
}

// ---- link --------------------------------------------------------------------------------------

// Waits until both ends of a host's link have a carrier, or neither.
static int wait_link(const struct case_run *run, const struct host *host, bool runs,
                     double deadline_ms, struct err *err) {
    for (;;) {
        bool near, far;
        if (link_runs(host->netns, host->link, &near, err) < 0 ||
            link_runs(&run->world->wire, host->wire_link, &far, err) < 0)
            return -1;
        if (near == runs && far == runs)
            return 0;
        if (clock_ms() >= deadline_ms)
            return err_set(err, "the link '%s' did not go %s in time", host->wire_link,
                           runs ? "up" : "down");
        clock_wait(LOOK_EVERY_MS, -1);
    }
}

static int set_link(const struct case_run *run, const struct link_args *args, bool up,
                    double deadline_ms, struct err *err) {
    struct host host = host_of(run, args->of);
    bool wire = args->end == END_WIRE;
    if (link_set(wire ? &run->world->wire : host.netns, wire ? host.wire_link : host.link, up,
                 err) < 0)
        return -1;
    return wait_link(run, &host, up, deadline_ms, err);
}

// While the path was cut a neighbour's hardware address may have been asked for in vain; the kernel
// would hold packets back until it asks again, and refuse them then.
static int forget_neighbours(const struct case_run *run, const struct host *host, struct err *err) {
    return link_forget_neighbours(host->netns, host->link, err) < 0
               ? -1
               : link_forget_neighbours(&run->world->wire, host->wire_link, err);
}

int fault_arm_link(struct case_run *run, struct case_fault *fault, double deadline_ms,
                   struct err *err) {
    const struct link_args *args = fault->step->act.args;
    world_use_link(run->world, (enum side)args->of);
    if (set_link(run, args, false, deadline_ms, err) < 0)
        return -1;
    fault->fired = 1;
    return 0;
}

// The kernel brings back the route to the link's own network, not the others.
int fault_lift_link(struct case_run *run, struct case_fault *fault, double deadline_ms,
                    struct err *err) {
    const struct link_args *args = fault->step->act.args;
    struct host host = host_of(run, args->of);
    if (set_link(run, args, true, deadline_ms, err) < 0 || forget_neighbours(run, &host, err) < 0)
        return -1;
    if (args->end == END_WIRE)
        return 0;
    if (run->plan->ipv6 && route_add_default(host.netns, host.gateway6, err) < 0)
        return -1;
    return route_add_default(host.netns, host.gateway, err);
}

// ---- address -----------------------------------------------------------------------------------

static struct sockaddr_in socket_address(int side) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SERVER_PORT)};
    inet_pton(AF_INET, address_of(side), &address.sin_addr);
    return address;
}

int fault_arm_address(struct case_run *run, struct case_fault *fault, double deadline_ms,
                      struct err *err) {
    const struct address_args *args = fault->step->act.args;
    struct host host = host_of(run, args->of);
    struct link_end end = {host.netns, host.link, host.address, NULL};
    struct sockaddr_in address = socket_address(args->of);
    (void)deadline_ms;
    cleanup_close int fd = netns_socket(host.netns, AF_INET, SOCK_DGRAM, err);
    if (fd < 0 || address_remove(&end, err) < 0)
        return -1;
    fault->fired =
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno == EADDRNOTAVAIL;
    return 0;
}

int fault_lift_address(struct case_run *run, struct case_fault *fault, double deadline_ms,
                       struct err *err) {
    struct host host = host_of(run, ((const struct address_args *)fault->step->act.args)->of);
    struct link_end end = {host.netns, host.link, host.address, NULL};
    (void)deadline_ms;
    if (address_add(&end, err) < 0 || forget_neighbours(run, &host, err) < 0)
        return -1;
    return route_add_default(host.netns, host.gateway, err);
}

// ---- route -------------------------------------------------------------------------------------

/** How the kernel carries out each of enum route_word, and what a sender there is told. */
static const struct {
    int type, error;
} route_kinds[] = {
    [ROUTE_UNREACHABLE] = {RTN_UNREACHABLE, EHOSTUNREACH},
    [ROUTE_PROHIBIT] = {RTN_PROHIBIT, EACCES},
    [ROUTE_BLACKHOLE] = {RTN_BLACKHOLE, EINVAL},
    [ROUTE_MISSING] = {RTN_THROW, ENETUNREACH},
};

static const struct netns *place_of(const struct case_run *run, const struct route_args *args) {
    return args->at == AT_WIRE ? &run->world->wire : host_of(run, args->at).netns;
}

static struct route_spec route_of(const struct route_args *args) {
    return (struct route_spec){.to = address_of(args->towards), .type = route_kinds[args->is].type};
}

static struct tally route_tally(const struct case_run *run, const struct case_fault *fault) {
    const struct route_args *args = fault->step->act.args;
    int from = args->towards == SIDE_APP ? SIDE_SERVER : SIDE_APP;
    return (struct tally){.id = fault->step->name,
                          .arriving = true,
                          .link = host_of(run, from).wire_link,
                          .to = address_of(args->towards)};
}

// The error that a sender in that namespace meets; 0: none.
static int error_of_send(const struct netns *netns, int towards, int *ret_error, struct err *err) {
    struct sockaddr_in address = socket_address(towards);
    cleanup_close int fd = netns_socket(netns, AF_INET, SOCK_DGRAM, err);
    if (fd < 0)
        return -1;
    *ret_error = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
    return 0;
}

int fault_arm_route(struct case_run *run, struct case_fault *fault, double deadline_ms,
                    struct err *err) {
    const struct route_args *args = fault->step->act.args;
    struct route_spec route = route_of(args);
    int error;
    (void)deadline_ms;
    if (route_add(place_of(run, args), &route, err) < 0 ||
        error_of_send(place_of(run, args), args->towards, &error, err) < 0)
        return -1;
    if (error != route_kinds[args->is].error)
        return err_set(err, "a sender meets \"%s\" in place of \"%s\"", strerror(error),
                       strerror(route_kinds[args->is].error));
    if (args->at != AT_WIRE) {
        fault->fired = 1;
        return 0;
    }
    struct tally tally = route_tally(run, fault);
    return tally_add(&tally, err);
}

int fault_lift_route(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    const struct route_args *args = fault->step->act.args;
    struct route_spec route = route_of(args);
    struct tally tally = route_tally(run, fault);
    (void)deadline_ms;
    int ret = args->at == AT_WIRE ? tally_remove(&tally, &fault->fired, err) : 0;
    return route_remove(place_of(run, args), &route, err) < 0 ? -1 : ret;
}

int fault_count_route(struct case_run *run, struct case_fault *fault, struct err *err) {
    struct tally tally = route_tally(run, fault);
    return ((const struct route_args *)fault->step->act.args)->at == AT_WIRE
               ? tally_count(&tally, &fault->fired, err)
               : 0;
}

// ---- mtu ---------------------------------------------------------------------------------------

// A route's MTU and not a link's: it holds in one direction only, and a veth end with a small MTU
// would also refuse, silently, what comes in.
static struct route_spec mtu_route(const struct case_run *run, const struct mtu_args *args) {
    return (struct route_spec){.to = address_of(args->towards),
                               .type = RTN_UNICAST,
                               .link = host_of(run, args->towards).wire_link,
                               .mtu_bytes = (unsigned)args->bytes};
}

// Each packet that does not fit makes one ICMP message to its sender; the kernel does not limit
// these.
static struct tally mtu_tally(const struct case_fault *fault) {
    const struct mtu_args *args = fault->step->act.args;
    return (struct tally){.id = fault->step->name,
                          .to = address_of(args->towards == SIDE_APP ? SIDE_SERVER : SIDE_APP),
                          .drop = args->icmp != ICMP_SENT};
}

int fault_arm_mtu(struct case_run *run, struct case_fault *fault, double deadline_ms,
                  struct err *err) {
    struct route_spec route = mtu_route(run, fault->step->act.args);
    struct tally tally = mtu_tally(fault);
    (void)deadline_ms;
    world_use_link(run->world, SIDE_SERVER); // its host may learn of it
    return tally_add(&tally, err) < 0 ? -1 : route_add(&run->world->wire, &route, err);
}

int fault_lift_mtu(struct case_run *run, struct case_fault *fault, double deadline_ms,
                   struct err *err) {
    struct route_spec route = mtu_route(run, fault->step->act.args);
    struct tally tally = mtu_tally(fault);
    (void)deadline_ms;
    int ret = tally_remove(&tally, &fault->fired, err);
    return route_remove(&run->world->wire, &route, err) < 0 ? -1 : ret;
}

int fault_count_mtu(struct case_run *run, struct case_fault *fault, struct err *err) {
    struct tally tally = mtu_tally(fault);
    (void)run;
    return tally_count(&tally, &fault->fired, err);
}
