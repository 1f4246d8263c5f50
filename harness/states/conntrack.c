// SPDX-License-Identifier: Apache-2.0
// conntrack.c - the flow in the wire's connection tracking
#include "states/states.h"

#include "world/conntrack.h"

#include <stdio.h>

enum presence { PRESENT, ABSENT, PRESENCE_WORDS };
struct conntrack_args {
    const char *of;
    int is;
};

static const struct word presence_words[] = {
    [PRESENT] = {"present", "the wire tracks the flow"},
    [ABSENT] = {"absent", "the wire knows no such flow"},
    END,
};
ONE_WORD_EACH(presence_words, PRESENCE_WORDS);

static const struct type type_conntrack = {
    .name = "conntrack",
    .kind = TYPE_RECORD,
    .size = sizeof(struct conntrack_args),
    .fields = (const struct field[]){
        FIELD(struct conntrack_args, of, "of", &type_actor, FIELD_REQUIRED, "whose connection"),
        FIELD(struct conntrack_args, is, "is", WORD("presence", presence_words), FIELD_REQUIRED,
              "whether the wire knows it"),
        END}};

static const char *app_of(const struct choice *what) {
    return ((const struct conntrack_args *)what->args)->of;
}

static bool is_damage(const struct choice *what) {
    return ((const struct conntrack_args *)what->args)->is == ABSENT;
}

static int look(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err) {
    const struct conntrack_args *args = what->args;
    const struct actor *actor = case_actor(run, args->of);
    struct conntrack_flow flow = {0};
    if (!actor->port)
        return err_set(err, "app '%s' has no connection", args->of);
    if (!world_follows_connections(run->world, FILTER_AT_WIRE)) {
        err_set(err, "the wire follows no connections");
        return err_remedy(err, "add `wire: {nat: {}}`, or a firewall that asks for a `state:`");
    }
    int found = conntrack_find(&run->world->wire, actor->port, &flow, err);
    if (found < 0)
        return -1;
    snprintf(look->seen, sizeof look->seen,
             found ? "the flow is known for another %lld s" : "the flow is not known",
             (long long)flow.timeout_s);
    return (args->is == PRESENT) == found;
}

const struct state_kind state_conntrack = {
    .word = {"conntrack", 0, &type_conntrack, VERB_NEEDS_TCP,
             "the flow in the wire's connection tracking"},
    .tale = "the connection of {@of} is {is} in the wire's connection tracking",
    .app = app_of,
    .needs = NEED_BIT(NEED_CONNTRACK),
    .is_damage = is_damage,
    .look = look,
};
