// SPDX-License-Identifier: Apache-2.0
// forget.c - the NAT in the wire forgets a connection
#include "faults/faults.h"

#include "world/conntrack.h"

struct forget_args {
    const char *of;
};

static const struct type type_forget = {
    .name = "forget",
    .kind = TYPE_RECORD,
    .size = sizeof(struct forget_args),
    .shorthand = "of",
    .fields = (const struct field[]){
        FIELD(struct forget_args, of, "of", &type_actor, FIELD_REQUIRED, "whose connection"), END}};

static const char *app_of(const struct choice *act) {
    return ((const struct forget_args *)act->args)->of;
}

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    return plan->nat_id ? 0
                        : node_error(step->node, err,
                                     "only a NAT can forget a connection; add `wire: {nat: {}}`");
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
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

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words =
                                                  "the NAT does not know the connection any more",
                                              .cause = "nat-idle",
                                              .promise = PROMISE_UNBOUNDED};
    (void)act;
    return &effect;
}

const struct fault_kind fault_forget = {
    .word = {"forget", 0, &type_forget, VERB_NEEDS_TCP,
             "the NAT in the wire forgets the connection at once"},
    .tale = "the NAT forgets the connection of {@of}",
    .effect = effect_of,
    .mechanism = "conntrack",
    .check = check,
    .app = app_of,
    .needs = NEED_BIT(NEED_CONNTRACK),
    .arm = arm,
};
