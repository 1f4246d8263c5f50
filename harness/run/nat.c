// SPDX-License-Identifier: Apache-2.0
// nat.c - the NAT in the wire as a fault of the whole case, and the flows that it forgets
#include "run/fault.h"

#include "base/clock.h"
#include "world/conntrack.h"
#include "world/firewall.h"

static struct firewall_nat nat_of(const struct case_run *run) {
    const struct nat_args *args = run->plan->wire->nat;
    return (struct firewall_nat){.id = run->plan->nat_id,
                                 .netns = &run->world->wire,
                                 .idle_timeout_ms = args->idle_timeout_ms,
                                 .reset = args->then == NAT_RESET};
}

int nat_open(struct case_run *run, struct err *err) {
    if (!run->plan->nat_id)
        return 0;
    struct firewall_nat nat = nat_of(run);
    run->nat_open = true;
    return world_add_nat(run->world, &nat, err) < 0 ? err_context(err, "set up the NAT") : 0;
}

int nat_count(struct case_run *run, int64_t *ret_count, struct err *err) {
    struct firewall_nat nat = nat_of(run);
    return firewall_nat_count(&nat, ret_count, err);
}

int nat_close(struct case_run *run, struct err *err) {
    int64_t fired = 0;
    if (!run->nat_open)
        return 0;
    struct firewall_nat nat = nat_of(run);
    run->nat_open = false;
    int ret = firewall_nat_count(&nat, &fired, err);
    record_add_fault(run->record, nat.id, "nat", "iptables")->fired = fired;
    if (firewall_nat_remove(&nat, err) < 0)
        ret = -1;
    return ret < 0 ? err_context(err, "take down the NAT") : 0;
}

// ---- flows -------------------------------------------------------------------------------------

int fault_arm_forget(struct case_run *run, struct case_fault *fault, double deadline_ms,
                     struct err *err) {
    const struct forget_args *args = fault->step->act.args;
    const struct actor *actor = case_actor(run, args->of);
    (void)deadline_ms;
    if (!actor->port)
        return err_set(err, "app '%s' has no connection", args->of);
    int forgotten = conntrack_forget(&run->world->wire, actor->port, err);
    if (forgotten == 0)
        return err_set(err, "the wire does not know the connection of app '%s' any more", args->of);
    fault->fired = forgotten > 0;
    return forgotten < 0 ? -1 : 0;
}
