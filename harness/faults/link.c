// SPDX-License-Identifier: Apache-2.0
// link.c - a link between a host and the wire goes down
#include "faults/faults.h"
#include "faults/path.h"

#include "base/clock.h"

enum link_end_word { END_HOST, END_WIRE, END_WORDS };
struct link_args {
    int of;  ///< enum side: whose link
    int end; ///< enum link_end_word, -1: the host's
    int is;  ///< 0: down
};

static const struct word end_words[] = {
    [END_HOST] = {"host", "the host's own interface, with which its routes go (the default)"},
    [END_WIRE] = {"wire", "the far end: the host loses its carrier and keeps its routes"},
    END,
};
ONE_WORD_EACH(end_words, END_WORDS);

static const struct type type_link = {
    .name = "link",
    .kind = TYPE_RECORD,
    .size = sizeof(struct link_args),
    .shorthand = "of",
    .fields = (const struct field[]){
        FIELD(struct link_args, of, "of", &type_side, FIELD_REQUIRED, "whose link to the wire"),
        FIELD(struct link_args, end, "end", WORD("end of a link", end_words), 0,
              "which end of it goes down; the other loses its carrier"),
        FIELD(struct link_args, is, "is",
              (&(const struct type){.name = "state of a link",
                                    .kind = TYPE_WORD,
                                    .words = (const struct word[]){{"down", "off"}, END}}),
              0, "the state (default: down)"),
        END}};

// Pause between two looks at a link's carrier.
static const double LOOK_EVERY_MS = 1;

// Waits until both ends of a host's link have a carrier, or neither has.
static int wait_link(const struct case_run *run, const struct path_host *host, bool runs,
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
    struct path_host host = path_host_of(run, args->of);
    bool wire = args->end == END_WIRE;
    if (link_set(wire ? &run->world->wire : host.netns, wire ? host.wire_link : host.link, up,
                 err) < 0)
        return -1;
    return wait_link(run, &host, up, deadline_ms, err);
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct link_args *args = fault->step->act.args;
    world_use_link(run->world, (enum side)args->of);
    if (set_link(run, args, false, deadline_ms, err) < 0)
        return -1;
    fault->fired = 1;
    return 0;
}

// The kernel restores only the route to the link's own network.
static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    const struct link_args *args = fault->step->act.args;
    struct path_host host = path_host_of(run, args->of);
    if (set_link(run, args, true, deadline_ms, err) < 0 ||
        path_forget_neighbours(run, &host, err) < 0)
        return -1;
    if (args->end == END_WIRE)
        return 0;
    if (run->plan->ipv6 && route_add_default(host.netns, host.gateway6, err) < 0)
        return -1;
    return route_add_default(host.netns, host.gateway, err);
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words = "neither end has a carrier",
                                              .cause = "half-open",
                                              .promise = PROMISE_UNBOUNDED,
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_link = {
    .word = {"link", 0, &type_link, VERB_NEEDS_TCP,
             "a link between a host and the wire goes down; fires when neither end has a carrier, "
             "if an app does something meanwhile: nobody counts what it would have sent"},
    .tale = "the link of the host of {@of} goes down[, at the end of the {end}]",
    .effect = effect_of,
    .mechanism = "rtnetlink",
    .stands = true,
    .arm = arm,
    .lift = lift,
};
