// SPDX-License-Identifier: Apache-2.0
// address.c - a host loses its address
#include "faults/faults.h"
#include "faults/path.h"

#include <errno.h>
#include <sys/socket.h>

struct address_args {
    int of; ///< enum side: whose address
    int is; ///< 0: removed
};

static const struct type type_address = {
    .name = "address",
    .kind = TYPE_RECORD,
    .size = sizeof(struct address_args),
    .shorthand = "of",
    .fields = (const struct field[]){
        FIELD(struct address_args, of, "of", &type_side, FIELD_REQUIRED, "whose address"),
        FIELD(struct address_args, is, "is",
              (&(const struct type){
                  .name = "state of an address",
                  .kind = TYPE_WORD,
                  .words = (const struct word[]){{"removed",
                                                  "the host has none; its routes go with it"},
                                                 END}}),
              0, "the state (default: removed)"),
        END}};

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct address_args *args = fault->step->act.args;
    struct path_host host = path_host_of(run, args->of);
    struct link_end end = {host.netns, host.link, host.address, NULL};
    struct sockaddr_in address = path_socket_address(args->of);
    (void)deadline_ms;
    cleanup_close int fd = netns_socket(host.netns, AF_INET, SOCK_DGRAM, err);
    if (fd < 0 || address_remove(&end, err) < 0)
        return -1;
    fault->fired =
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno == EADDRNOTAVAIL;
    return 0;
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    struct path_host host =
        path_host_of(run, ((const struct address_args *)fault->step->act.args)->of);
    struct link_end end = {host.netns, host.link, host.address, NULL};
    (void)deadline_ms;
    if (address_add(&end, err) < 0 || path_forget_neighbours(run, &host, err) < 0)
        return -1;
    return route_add_default(host.netns, host.gateway, err);
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words =
                                                  "the kernel does not know the address any more",
                                              .cause = "half-open",
                                              .promise = PROMISE_UNBOUNDED,
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_address = {
    .word = {"address", 0, &type_address, VERB_NEEDS_TCP,
             "a host loses its address; fires when the kernel no longer has it, if an app does "
             "something meanwhile: nobody counts what it would have sent"},
    .tale = "the host of {@of} loses its address",
    .effect = effect_of,
    .mechanism = "rtnetlink",
    .stands = true,
    .arm = arm,
    .lift = lift,
};
