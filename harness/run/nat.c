// SPDX-License-Identifier: Apache-2.0
// nat.c - the NAT in the wire as a fault of the whole case
#include "run/case.h"

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
