// SPDX-License-Identifier: Apache-2.0
// netem.c - a bad network on a link, by this kernel or by User-Mode Linux
#include "world/netem.h"

#include <string.h>

static const struct netem_ops *const backends[NETEM_BACKENDS] = {
    [NETEM_KERNEL] = &netem_by_kernel,
    [NETEM_UML] = &netem_by_uml,
};

const char *netem_name(enum netem_backend backend) {
    return backends[backend] ? backends[backend]->name : "";
}

const char *netem_in_words(enum netem_backend backend) {
    return backends[backend] ? backends[backend]->in_words : "";
}

enum netem_backend netem_backend_named(const char *name) {
    for (enum netem_backend backend = NETEM_KERNEL; name && backend < NETEM_BACKENDS; backend++)
        if (strcmp(name, netem_name(backend)) == 0)
            return backend;
    return NETEM_NONE;
}

void netem_use(struct netem *netem, enum netem_backend backend) {
    netem->ops = backends[backend];
}

const char *netem_mechanism(const struct netem *netem) {
    return netem->ops ? netem->ops->mechanism : "netem";
}

// ---- links -------------------------------------------------------------------------------------

static void silence_ipv6(const struct link_end *end) {
    cleanup_free char *name = xprintf("ipv6/conf/%s/disable_ipv6", end->name);
    struct err no_ipv6;
    netns_sysctl(end->netns, name, "1", &no_ipv6);
}

static int start(struct netem *netem, struct err *err) {
    if (!netem->ops)
        return err_set(err, "this machine has no netem");
    if (!netem->ops->start || netem->ops->start(netem, err) == 0)
        return 0;
    return err_context(err, "start %s", netem->ops->in_words);
}

int netem_join(struct netem *netem, enum side side, const struct link_end *wire,
               const struct link_end *host, struct err *err) {
    if (start(netem, err) < 0)
        return -1;
    netem->joined |= 1U << side;
    netem->wires[side] = *wire;
    int ret = netem->ops->join(netem, side, wire, host, err);
    // the hosts' own messages on the link (ARP, IPv6's) do not belong to the network that is to be
    // spoilt, and would not prove that it was
    if (ret == 0)
        ret = link_know_peers(wire, host, err);
    silence_ipv6(wire);
    silence_ipv6(host);
    return ret < 0 ? err_context(err, "make a link for netem") : 0;
}

static bool is_joined(const struct netem *netem, enum side side) {
    return netem->joined & 1U << side;
}

void netem_part(struct netem *netem, enum side side) {
    if (is_joined(netem, side) && netem->ops->part)
        netem->ops->part(netem, side);
    netem->joined &= ~(1U << side);
}

void netem_expect(struct netem *netem) {
    struct err told_by_join;
    start(netem, &told_by_join);
}

void netem_close(struct netem *netem) {
    if (netem->ops && netem->ops->close)
        netem->ops->close(netem);
    *netem = (struct netem){0};
}

// ---- the netem of a link -----------------------------------------------------------------------

static int check_joined(const struct netem *netem, enum side towards, struct err *err) {
    return is_joined(netem, towards) ? 0 : err_set(err, "this link was not made for netem");
}

int netem_add(struct netem *netem, const struct netem_settings *args, struct err *err) {
    return check_joined(netem, (enum side)args->towards, err) < 0
               ? -1
               : netem->ops->add(netem, args, err);
}

int netem_remove(struct netem *netem, enum side towards, struct err *err) {
    return check_joined(netem, towards, err) < 0 ? -1 : netem->ops->remove(netem, towards, err);
}

int netem_count(struct netem *netem, enum side towards, struct netem_counts *ret_counts,
                struct err *err) {
    return check_joined(netem, towards, err) < 0
               ? -1
               : netem->ops->count(netem, towards, ret_counts, err);
}

// ---- trying ------------------------------------------------------------------------------------

static int try_in(struct netem *netem, const struct netns *wire, struct netns *host,
                  struct err *err) {
    struct link_end ends[] = {{wire, "probe", "203.0.113.1/24", NULL},
                              {host, "eth0", "203.0.113.2/24", NULL}};
    struct netem_settings args = {.towards = SIDE_APP, .delay_ms = 1, .rate_bits = 1000000};
    struct netem_counts counts;
    if (netns_open(host, err) < 0 || netem_join(netem, SIDE_APP, &ends[0], &ends[1], err) < 0)
        return -1;
    return netem_add(netem, &args, err) < 0 || netem_count(netem, SIDE_APP, &counts, err) < 0
               ? -1
               : netem_remove(netem, SIDE_APP, err);
}

int netem_try(enum netem_backend backend, struct err *err) {
    struct netem netem = {0};
    netem_use(&netem, backend);
    struct netns wire, host = {.fd = -1};
    int ret = netns_open_own(&wire, err);
    if (ret == 0)
        ret = try_in(&netem, &wire, &host, err);
    netem_part(&netem, SIDE_APP);
    netem_close(&netem);
    netns_close(&host); // removes the link, too
    netns_close(&wire);
    return ret;
}
