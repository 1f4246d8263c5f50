// SPDX-License-Identifier: Apache-2.0
// names.c - the name server misbehaves
#include "faults/faults.h"

struct names_args {
    int is;          ///< enum names_word
    int asked_by;    ///< enum side, -1: both
    int64_t late_ms; ///< of `slow`, -1: the default
};

static const struct word names_words[] = {
    [NAMES_SILENT] = {"silent", "takes the question and never answers"},
    [NAMES_NXDOMAIN] = {"nxdomain", "there is no such name"},
    [NAMES_SERVFAIL] = {"servfail", "the name server failed"},
    [NAMES_REFUSED] = {"refused", "the name server refuses to answer"},
    [NAMES_EMPTY] = {"empty", "the name has no address"},
    [NAMES_SLOW] = {"slow", "answers late, see `late`"},
    [NAMES_CLOSED] = {"closed", "nobody listens at its port: ICMP type 3 code 3"},
    [NAMES_WRONG] = {"wrong", "gives the address of a host where no server listens; "
                              "an address's name leads to another address"},
    END,
};
ONE_WORD_EACH(names_words, NAMES_WORD_COUNT);
static const struct type type_names_word = {
    .name = "behaviour of the name server", .kind = TYPE_WORD, .words = names_words};
static const struct type type_names_args = {
    .name = "names",
    .kind = TYPE_RECORD,
    .size = sizeof(struct names_args),
    .shorthand = "is",
    .fields = (const struct field[]){
        FIELD(struct names_args, is, "is", &type_names_word, FIELD_REQUIRED, "what it does"),
        FIELD(struct names_args, asked_by, "for", &type_side, 0,
              "whose look-ups meet it: the app's, of the server's name, or the server's, of the "
              "app's address (default: both)"),
        FIELD(struct names_args, late_ms, "late", DURATION(0, 10 * MINUTE), 0,
              "how late a slow name server answers (default: 1.5s)"),
        END}};

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct names_args *args = step->act.args;
    plan->looks_up_names = true;
    if (args->late_ms < 0 || (args->is == NAMES_SLOW && args->late_ms > 0))
        return 0;
    return node_error(node_get(step->act.node, "late"), err,
                      args->is == NAMES_SLOW ? "`late` must be longer than nothing"
                                             : "`late` is of `is: slow` only");
}

// Whether a fault concerns a host's name server.
static bool concerns(const struct case_fault *fault, enum side side) {
    const struct names_args *args = fault->step->act.args;
    return args->asked_by < 0 || args->asked_by == (int)side;
}

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct names_args *args = fault->step->act.args;
    (void)deadline_ms;
    for (int side = SIDE_APP; side <= SIDE_SERVER; side++)
        if (concerns(fault, (enum side)side) &&
            names_become(&run->world->names, (enum side)side, args->is, args->late_ms, err) < 0)
            return -1;
    return 0;
}

static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    fault->fired = 0;
    for (int side = SIDE_APP; side <= SIDE_SERVER; side++) {
        int64_t met = 0;
        if (concerns(fault, (enum side)side) &&
            names_count(&run->world->names, (enum side)side, &met, err) < 0)
            return -1;
        fault->fired += met;
    }
    return 0;
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    (void)deadline_ms;
    if (count(run, fault, err) < 0)
        return -1;
    for (int side = SIDE_APP; side <= SIDE_SERVER; side++)
        if (concerns(fault, (enum side)side) &&
            names_become(&run->world->names, (enum side)side, NAMES_WORKING, -1, err) < 0)
            return -1;
    return 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {.words = "the name server misbehaves",
                                              .cause = "name-lookup",
                                              .promise = PROMISE_ANY,
                                              .because = "only who looks a name up meets it",
                                              .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_names = {
    .word = {"names", 0, &type_names_args, VERB_NEEDS_TCP, "the name server misbehaves"},
    .tale = "the name server misbehaves: {is}[, for {@for}][, {late} late]",
    .effect = effect_of,
    .mechanism = "dnsmasq",
    .check = check,
    .arm = arm,
    .lift = lift,
    .count = count,
};
