// SPDX-License-Identifier: Apache-2.0
// netem.c - a bad network on a link, by this kernel or by User-Mode Linux
#include "world/netem.h"

#include <string.h>
#include <sys/socket.h>

const char *const netem_names[NETEM_BACKENDS] = {"", "kernel", "uml"};

enum netem_backend netem_backend_named(const char *name) {
    for (enum netem_backend backend = NETEM_KERNEL; name && backend < NETEM_BACKENDS; backend++)
        if (strcmp(name, netem_names[backend]) == 0)
            return backend;
    return NETEM_NONE;
}

// ---- the kernel's own --------------------------------------------------------------------------

static int switch_offloads(const struct link_end *end, struct err *err) {
    cleanup_close int fd = netns_socket(end->netns, AF_INET, SOCK_DGRAM, err);
    return fd < 0 ? -1 : link_offloads_off(fd, end->name, err);
}

static int join_kernel(const struct link_end *wire, const struct link_end *host, struct err *err) {
    return link_open(wire, host, err) < 0 || switch_offloads(wire, err) < 0
               ? -1
               : switch_offloads(host, err);
}

// ---- both --------------------------------------------------------------------------------------

static void silence_ipv6(const struct link_end *end) {
    cleanup_free char *name = xprintf("ipv6/conf/%s/disable_ipv6", end->name);
    struct err no_ipv6;
    netns_sysctl(end->netns, name, "1", &no_ipv6);
}

int netem_join(struct netem *netem, enum side side, const struct link_end *wire,
               const struct link_end *host, struct err *err) {
    bool uml = netem->backend == NETEM_UML;
    if (uml && netem_uml_start(netem, err) < 0)
        return err_context(err, "start User-Mode Linux");
    netem->joined |= 1U << side;
    netem->wires[side] = *wire;
    int ret = uml ? netem_uml_join(netem, side, wire, host, err) : join_kernel(wire, host, err);
    // the hosts' own messages on the link (ARP, IPv6's) are no part of the network that is to be
    // spoilt, and no proof that it was
    if (ret == 0)
        ret = link_know_peers(wire, host, err);
    silence_ipv6(wire);
    silence_ipv6(host);
    return ret < 0 ? err_context(err, "make a link for netem") : 0;
}

void netem_part(struct netem *netem, enum side side) {
    if (!(netem->joined & 1U << side))
        return;
    if (netem->backend == NETEM_UML)
        netem_uml_part(netem, side);
    netem->joined &= ~(1U << side);
}

void netem_expect(struct netem *netem) {
    struct err told_by_join;
    if (netem->backend == NETEM_UML)
        netem_uml_start(netem, &told_by_join);
}

void netem_close(struct netem *netem) {
    if (netem->uml)
        netem_uml_close(netem);
    *netem = (struct netem){0};
}

static int check_joined(const struct netem *netem, enum side towards, struct err *err) {
    return netem->joined & 1U << towards ? 0 : err_set(err, "this link was not made for netem");
}

int netem_add(struct netem *netem, const struct netem_args *args, struct err *err) {
    enum side towards = (enum side)args->towards;
    struct netem_counts none;
    cleanup_text struct text settings = {0};
    if (check_joined(netem, towards, err) < 0)
        return -1;
    if (netem->backend == NETEM_KERNEL)
        return netem_qdisc_add(netem->wires[towards].netns->route, netem->wires[towards].name, args,
                               err);
    netem_args_write(args, &settings);
    return netem_uml_command(netem, "add", towards, text_get(&settings), &none, err);
}

int netem_remove(struct netem *netem, enum side towards, struct err *err) {
    struct netem_counts none;
    if (check_joined(netem, towards, err) < 0)
        return -1;
    if (netem->backend == NETEM_KERNEL)
        return netem_qdisc_remove(netem->wires[towards].netns->route, netem->wires[towards].name,
                                  err);
    return netem_uml_command(netem, "remove", towards, "", &none, err);
}

int netem_count(struct netem *netem, enum side towards, struct netem_counts *ret_counts,
                struct err *err) {
    if (check_joined(netem, towards, err) < 0)
        return -1;
    if (netem->backend == NETEM_KERNEL)
        return netem_qdisc_count(netem->wires[towards].netns->route, netem->wires[towards].name,
                                 ret_counts, err);
    return netem_uml_command(netem, "count", towards, "", ret_counts, err);
}

// ---- trying ------------------------------------------------------------------------------------

static int try_in(struct netem *netem, const struct netns *wire, struct netns *host,
                  struct err *err) {
    struct link_end ends[] = {{wire, "probe", "203.0.113.1/24", NULL},
                              {host, "eth0", "203.0.113.2/24", NULL}};
    struct netem_args args = {.towards = SIDE_APP, .delay_ms = 1, .rate_bits = 1000000};
    struct netem_counts counts;
    if (netns_open(host, err) < 0 || netem_join(netem, SIDE_APP, &ends[0], &ends[1], err) < 0)
        return -1;
    return netem_add(netem, &args, err) < 0 || netem_count(netem, SIDE_APP, &counts, err) < 0
               ? -1
               : netem_remove(netem, SIDE_APP, err);
}

int netem_try(enum netem_backend backend, struct err *err) {
    struct netem netem = {.backend = backend};
    struct netns wire, host = {.fd = -1};
    int ret = netns_open_own(&wire, err);
    if (ret == 0)
        ret = try_in(&netem, &wire, &host, err);
    netem_part(&netem, SIDE_APP);
    netem_close(&netem);
    netns_close(&host); // with it goes the link
    netns_close(&wire);
    return ret;
}
