// SPDX-License-Identifier: Apache-2.0
// netem_kernel.c - the backend "kernel": this kernel's own netem, on the wire's end of a link
#include "world/netem.h"

#include <sys/socket.h>

static int switch_offloads(const struct link_end *end, struct err *err) {
    cleanup_close int fd = netns_socket(end->netns, AF_INET, SOCK_DGRAM, err);
    return fd < 0 ? -1 : link_offloads_off(fd, end->name, err);
}

static int kernel_join(struct netem *netem, enum side side, const struct link_end *wire,
                       const struct link_end *host, struct err *err) {
    (void)netem, (void)side;
    return link_open(wire, host, err) < 0 || switch_offloads(wire, err) < 0
               ? -1
               : switch_offloads(host, err);
}

static int kernel_add(struct netem *netem, const struct netem_settings *args, struct err *err) {
    const struct link_end *wire = &netem->wires[args->towards];
    return netem_qdisc_add(wire->netns->route, wire->name, args, err);
}

static int kernel_remove(struct netem *netem, enum side towards, struct err *err) {
    const struct link_end *wire = &netem->wires[towards];
    return netem_qdisc_remove(wire->netns->route, wire->name, err);
}

static int kernel_count(struct netem *netem, enum side towards, struct netem_counts *ret_counts,
                        struct err *err) {
    const struct link_end *wire = &netem->wires[towards];
    return netem_qdisc_count(wire->netns->route, wire->name, ret_counts, err);
}

const struct netem_ops netem_by_kernel = {
    .name = "kernel",
    .mechanism = "netem (kernel)",
    .in_words = "the kernel",
    .join = kernel_join,
    .add = kernel_add,
    .remove = kernel_remove,
    .count = kernel_count,
};
