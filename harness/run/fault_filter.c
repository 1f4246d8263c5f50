// SPDX-License-Identifier: Apache-2.0
// fault_filter.c - faults of a firewall: packets dropped or refused, in the wire or at a host
#include "run/fault.h"

#include "world/firewall.h"

static const char *answer_of(const struct case_fault *fault) {
    const struct filter_args *args = fault->step->act.args;
    if (fault->step->act.verb->id == FAULT_DROP)
        return NULL;
    return reject_words[args->reject_with < 0 ? 0 : args->reject_with].name;
}

static enum filter_place place_of(const struct filter_args *args) {
    return args->at < 0 ? FILTER_AT_WIRE : (enum filter_place)args->at;
}

static struct firewall_rule rule_of(const struct case_run *run, const struct case_fault *fault,
                                    bool ipv6) {
    const struct filter_args *args = fault->step->act.args;
    return (struct firewall_rule){.id = fault->step->name,
                                  .netns = world_place(run->world, place_of(args)),
                                  .filter = args,
                                  .answer = answer_of(fault),
                                  .ipv6 = ipv6};
}

// An answer of ICMP belongs to its own protocol; other rules act on what the case uses.
static bool acts_on(const struct case_run *run, const struct filter_args *args, bool ipv6) {
    if (reject_is_icmp6(args->reject_with))
        return ipv6;
    return !ipv6 || (run->plan->ipv6 && !reject_is_icmp4(args->reject_with));
}

int fault_arm_filter(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    const struct filter_args *args = fault->step->act.args;
    (void)deadline_ms;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct firewall_rule rule = rule_of(run, fault, ipv6);
        if (acts_on(run, args, ipv6) && world_add_rule(run->world, &rule, err) < 0)
            return -1;
    }
    return 0;
}

int fault_lift_filter(struct case_run *run, struct case_fault *fault, double deadline_ms,
                      struct err *err) {
    (void)deadline_ms;
    fault->fired = 0;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct firewall_rule rule = rule_of(run, fault, ipv6);
        int64_t packets = 0;
        if (acts_on(run, fault->step->act.args, ipv6) && firewall_remove(&rule, &packets, err) < 0)
            return -1;
        fault->fired += packets;
    }
    return 0;
}

int fault_count_filter(struct case_run *run, struct case_fault *fault, struct err *err) {
    fault->fired = 0;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct firewall_rule rule = rule_of(run, fault, ipv6);
        int64_t packets = 0;
        if (acts_on(run, fault->step->act.args, ipv6) && firewall_count(&rule, &packets, err) < 0)
            return -1;
        fault->fired += packets;
    }
    return 0;
}

// ---- before the apps begin ---------------------------------------------------------------------

int filters_prepare(struct case_run *run, struct err *err) {
    for (size_t i = 0; i < run->plan->step_count; i++) {
        const struct plan_step *step = &run->plan->steps[i];
        if (step->kind != STEP_FAULT ||
            (step->act.verb->id != FAULT_DROP && step->act.verb->id != FAULT_REJECT))
            continue;
        const struct filter_args *args = step->act.args;
        if ((firewall_needs_tracking(args) &&
             world_follow_connections(run->world, place_of(args), run->plan->ipv6, err) < 0) ||
            (args->after && world_send_segments(run->world, err) < 0))
            return err_context(err, "prepare the fault '%s'", step->name);
    }
    return 0;
}
