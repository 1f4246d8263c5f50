// SPDX-License-Identifier: Apache-2.0
// netem.c - a bad network: delay, loss, little bandwidth and the rest of tc-netem(8)
#include "faults/faults.h"

// ---- how it is written -------------------------------------------------------------------------

#define NETEM(member, key, kind, text) FIELD(struct netem_settings, member, key, kind, 0, text)

static const struct type type_netem = {
    .name = "netem",
    .kind = TYPE_RECORD,
    .size = sizeof(struct netem_settings),
    .doc = "the words and their meanings are those of tc-netem(8)",
    .fields = (const struct field[]){
        FIELD(struct netem_settings, towards, "towards", &type_side, FIELD_REQUIRED,
              "whose incoming packets are affected; the sender does not see what becomes of them"),
        NETEM(delay_ms, "delay", DURATION(0, MINUTE), "how much later each packet arrives"),
        NETEM(jitter_ms, "jitter", DURATION(0, MINUTE),
              "how much the delay varies, up and down; packets may overtake each other"),
        NETEM(delay_correlation_ppm, "delay_correlation", &type_percent,
              "how much a packet's delay depends on the one before"),
        NETEM(loss_ppm, "loss", &type_percent, "share of packets that are lost"),
        NETEM(loss_correlation_ppm, "loss_correlation", &type_percent,
              "how much a loss depends on the packet before"),
        NETEM(duplicate_ppm, "duplicate", &type_percent, "share of packets that arrive twice"),
        NETEM(duplicate_correlation_ppm, "duplicate_correlation", &type_percent,
              "how much a duplicate depends on the packet before"),
        NETEM(corrupt_ppm, "corrupt", &type_percent, "share of packets with one wrong bit"),
        NETEM(corrupt_correlation_ppm, "corrupt_correlation", &type_percent,
              "how much a wrong bit depends on the packet before"),
        NETEM(reorder_ppm, "reorder", &type_percent,
              "share of packets that are not delayed and so overtake others; needs a delay"),
        NETEM(reorder_correlation_ppm, "reorder_correlation", &type_percent,
              "how much an overtaking depends on the packet before"),
        NETEM(gap, "gap", COUNT(0, 10000),
              "reorder only every packet of this number (3: every third); needs reorder"),
        NETEM(rate_bits, "rate", RATE(1, 100 * GBIT),
              "bandwidth; packets wait for those before them"),
        NETEM(limit, "limit", COUNT(0, 1000000),
              "how many packets may wait (default: 1000); more are dropped"),
        END}};

// Refuses a setting of netem without the one it depends on: the kernel would accept and ignore it.
static int check_settings(const struct choice *act, struct err *err) {
    const struct netem_settings *args = act->args;
    const struct {
        const char *name, *base;
        bool unfounded;
    } rules[] = {
        {"jitter", "delay", args->jitter_ms > 0 && args->delay_ms < 0},
        {"delay_correlation", "jitter", args->delay_correlation_ppm > 0 && args->jitter_ms < 0},
        {"loss_correlation", "loss", args->loss_correlation_ppm > 0 && args->loss_ppm < 0},
        {"duplicate_correlation", "duplicate",
         args->duplicate_correlation_ppm > 0 && args->duplicate_ppm < 0},
        {"corrupt_correlation", "corrupt",
         args->corrupt_correlation_ppm > 0 && args->corrupt_ppm < 0},
        {"reorder", "delay", args->reorder_ppm > 0 && args->delay_ms < 0},
        {"reorder_correlation", "reorder",
         args->reorder_correlation_ppm > 0 && args->reorder_ppm < 0},
        {"gap", "reorder", args->gap > 0 && args->reorder_ppm < 0},
    };
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (rules[i].unfounded)
            return node_error(node_get(act->node, rules[i].name), err, "%s does nothing without %s",
                              rules[i].name, rules[i].base);
    if (args->delay_ms <= 0 && args->loss_ppm <= 0 && args->duplicate_ppm <= 0 &&
        args->corrupt_ppm <= 0 && args->rate_bits <= 0)
        return node_error(act->node, err,
                          "netem needs something to do: delay, loss, duplicate, corrupt or rate");
    return 0;
}

// Each link has room for one netem on its way out.
static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct netem_settings *args = step->act.args;
    const struct fault_kind *kind = fault_kind_of(step);
    const struct plan_step *other = NULL;
    if (check_settings(&step->act, err) < 0)
        return -1;
    while ((other = plan_next_in_force(plan, kind, other)))
        if (((const struct netem_settings *)other->act.args)->towards == args->towards)
            return node_error(step->node, err,
                              "the netem '%s' is in force towards the same host; `lift: %s` comes "
                              "first, or put both into one",
                              other->name, other->name);
    plan->netem |= 1U << args->towards;
    return 0;
}

// ---- how it is carried out ---------------------------------------------------------------------

// The proof is in netem's own counters: packets lost, if loss was asked for, else packets that
// arrived, since a delayed one may still be waiting.
static void take_counts(struct case_fault *fault, const struct netem_counts *counts) {
    const struct netem_settings *args = fault->step->act.args;
    fault->fired = args->loss_ppm > 0 ? counts->dropped : counts->packets + counts->waiting;
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    struct netem *netem = &run->world->netem;
    (void)deadline_ms;
    fault->mechanism = netem_mechanism(netem);
    return netem_add(netem, fault->step->act.args, err);
}

static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    const struct netem_settings *args = fault->step->act.args;
    struct netem_counts counts;
    if (netem_count(&run->world->netem, (enum side)args->towards, &counts, err) < 0)
        return -1;
    take_counts(fault, &counts);
    return 0;
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    const struct netem_settings *args = fault->step->act.args;
    (void)deadline_ms;
    if (count(run, fault, err) < 0)
        return -1;
    return netem_remove(&run->world->netem, (enum side)args->towards, err);
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words = "the network is bad now",
                                              .cause = "slow-link",
                                              .promise = PROMISE_ANY,
                                              .because = "how bad the network is decides",
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_netem = {
    .word =
        {"netem", 0, &type_netem, VERB_NEEDS_TCP,
         "the network towards one host is slow, or loses, repeats, damages or reorders packets"},
    .tale = "the network towards {@towards} gets bad: {*}",
    .effect = effect_of,
    .mechanism = "netem",
    .check = check,
    .needs = NEED_BIT(NEED_NETEM),
    .arm = arm,
    .lift = lift,
    .count = count,
};
