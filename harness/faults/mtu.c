// SPDX-License-Identifier: Apache-2.0
// mtu.c - the MTU of the path gets small
#include "faults/faults.h"
#include "faults/path.h"

#include "world/tally.h"

#include <linux/rtnetlink.h>

/** Bounds of `bytes`: the minimum of IPv4, and one less than the links carry anyway. */
enum { MTU_LEAST_BYTES = 68, MTU_MOST_BYTES = 1499 };
enum mtu_icmp { ICMP_LOST, ICMP_SENT, ICMP_WORDS };
struct mtu_args {
    int towards; ///< enum side
    int64_t bytes;
    int icmp; ///< enum mtu_icmp, -1: lost
};

static const struct word icmp_words[] = {
    [ICMP_LOST] = {"lost", "the sender never hears of it: a black hole (the default)"},
    [ICMP_SENT] = {"sent", "the sender learns the path's MTU (ICMP type 3 code 4)"},
    END,
};
ONE_WORD_EACH(icmp_words, ICMP_WORDS);

static const struct type type_mtu = {
    .name = "mtu",
    .kind = TYPE_RECORD,
    .size = sizeof(struct mtu_args),
    .fields = (const struct field[]){
        FIELD(struct mtu_args, towards, "towards", &type_side, FIELD_REQUIRED,
              "for packets in which direction"),
        FIELD(struct mtu_args, bytes, "bytes", COUNT(MTU_LEAST_BYTES, MTU_MOST_BYTES),
              FIELD_REQUIRED, "the longest IP packet that passes"),
        FIELD(struct mtu_args, icmp, "icmp", WORD("fate of ICMP", icmp_words), 0,
              "what becomes of the router's ICMP message"),
        END}};

// Sets the MTU of a route, not of a link: it affects one direction only, and a veth end with a
// small MTU would silently drop incoming packets too.
static struct route_spec mtu_route(const struct case_run *run, const struct mtu_args *args) {
    return (struct route_spec){.to = path_address_of(args->towards),
                               .type = RTN_UNICAST,
                               .link = path_host_of(run, args->towards).wire_link,
                               .mtu_bytes = (unsigned)args->bytes};
}

// Each oversized packet causes one ICMP message to its sender; the kernel does not rate-limit
// these.
static struct tally mtu_tally(const struct case_fault *fault) {
    const struct mtu_args *args = fault->step->act.args;
    return (struct tally){.id = fault->step->name,
                          .to = path_address_of(args->towards == SIDE_APP ? SIDE_SERVER : SIDE_APP),
                          .drop = args->icmp != ICMP_SENT};
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    struct route_spec route = mtu_route(run, fault->step->act.args);
    struct tally tally = mtu_tally(fault);
    (void)deadline_ms;
    world_use_link(run->world, SIDE_SERVER); // the server's host may receive the ICMP message
    return tally_add(&tally, err) < 0 ? -1 : route_add(&run->world->wire, &route, err);
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    struct route_spec route = mtu_route(run, fault->step->act.args);
    struct tally tally = mtu_tally(fault);
    (void)deadline_ms;
    int ret = tally_remove(&tally, &fault->fired, err);
    return route_remove(&run->world->wire, &route, err) < 0 ? -1 : ret;
}

static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    struct tally tally = mtu_tally(fault);
    (void)run;
    return tally_count(&tally, &fault->fired, err);
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words = "the path is narrow now",
                                              .cause = "firewall-established",
                                              .promise = PROMISE_ANY,
                                              .because =
                                                  "only what is larger than the path meets it",
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_mtu = {
    .word = {"mtu", 0, &type_mtu, VERB_NEEDS_TCP,
             "the path's MTU gets small; fires for each packet that does not fit"},
    .tale = "packets towards {@towards} may have {bytes} bytes at most[; the ICMP message that "
            "says so is {icmp}]",
    .effect = effect_of,
    .mechanism = "rtnetlink",
    .needs = NEED_BIT(NEED_FIREWALL),
    .arm = arm,
    .lift = lift,
    .count = count,
};
