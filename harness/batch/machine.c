// SPDX-License-Identifier: Apache-2.0
// machine.c - what the chosen cases need from this machine, and whether it has it
#include "batch/machine.h"

#include "base/text.h"
#include "world/recall.h"

#include <math.h>
#include <string.h>

// No case can run without the needs up to sockets, except firewalls; the others matter only to the
// cases that use them.
static bool is_general(enum need need) {
    return need <= NEED_SOCKETS && need != NEED_FIREWALL;
}

static bool case_wants(const struct plan_case *plan, enum need need) {
    return is_general(need) || plan->needs & NEED_BIT(need);
}

static int unknown_need(const char *name, struct err *err) {
    cleanup_text struct text list = {0};
    for (int i = 0; i < NEED_COUNT; i++)
        text_printf(&list, "%s, ", need_names[i]);
    return err_usage(err, "there is no need '%s'; choose from %soperations and all", name,
                     text_get(&list));
}

// A need that hardly any ordinary user has must be required by name.
static bool is_required(const char *list, enum need need) {
    return text_list_has(list, need_names[need]) ||
           (text_list_has(list, "all") && need != NEED_MEMORY_CGROUP);
}

static int check_require(struct machine *machine, const char *list, struct err *err) {
    cleanup_free char **words = text_split(list);
    for (char **one = words; *one; one++) {
        const char *word = *one;
        bool operations = strcmp(word, "operations") == 0;
        bool known = operations || strcmp(word, "all") == 0;
        machine->requires_operations |= operations;
        for (int i = 0; i < NEED_COUNT; i++) {
            known |= strcmp(word, need_names[i]) == 0;
            if (is_required(word, (enum need)i) && !machine->needs[i].met) {
                err_set(err, "the need '%s' is required and missing: %s", need_names[i],
                        machine->needs[i].how);
                return err_remedy(err, "%s", machine->needs[i].remedy);
            }
        }
        if (!known)
            return unknown_need(word, err);
    }
    return 0;
}

static bool some_case_wants(const struct catalog *catalog, enum need need) {
    for (size_t i = 0; i < catalog->count; i++) {
        const struct selection *item = &catalog->items[i];
        for (size_t k = 0; k < item->scenario->case_count; k++)
            if (item->chosen[k] && case_wants(&item->scenario->cases[k], need))
                return true;
    }
    return false;
}

// Probes what some case uses or the user requires, unless an earlier run has.
static int try_needs(struct machine *machine, const struct catalog *catalog,
                     const struct options *options, const char *cache, struct err *err) {
    for (int i = 0; i < NEED_COUNT; i++)
        machine->needs[i].unasked =
            !is_required(options->require, (enum need)i) && !some_case_wants(catalog, (enum need)i);
    machine->needs[NEED_NETEM].only = netem_backend_named(options->netem);
    recall_needs(cache, goneaway_version, machine->needs);
    limits_open(&machine->limits);
    if (needs_probe(machine->needs, &machine->limits, &machine->cost, err) < 0)
        return -1;
    recall_keep(cache, goneaway_version, machine->needs);
    return 0;
}

int machine_probe(struct machine *machine, const struct catalog *catalog,
                  const struct options *options, const char *cache, struct err *err) {
    if (try_needs(machine, catalog, options, cache, err) < 0 ||
        check_require(machine, options->require, err) < 0)
        return -1;
    // no case can run without these
    for (int i = 0; i < NEED_COUNT; i++)
        if (is_general((enum need)i) && !machine->needs[i].unasked && !machine->needs[i].met) {
            err_set(err, "this machine lacks %s: %s", need_docs[i], machine->needs[i].how);
            return err_remedy(err, "%s", machine->needs[i].remedy);
        }
    return 0;
}

void machine_release(struct machine *machine) {
    limits_close(&machine->limits);
}

// ---- reported ---------------------------------------------------------------------------------

char *machine_why_not(const struct machine *machine, const struct plan_case *plan) {
    const struct need_state *states = machine->needs;
    for (int need = 0; need < NEED_COUNT; need++)
        if (!states[need].met && case_wants(plan, (enum need)need))
            return xprintf("needs %s: %s; remedy: %s", need_docs[need], states[need].how,
                           states[need].remedy);
    return NULL;
}

json_t *machine_needs_json(const struct machine *machine) {
    json_t *needs = json_object();
    for (int i = 0; i < NEED_COUNT; i++)
        if (!machine->needs[i].unasked)
            json_object_set_new(needs, need_names[i],
                                machine->needs[i].met ? json_true()
                                                      : json_string(machine->needs[i].how));
    return needs;
}

json_t *machine_probes_json(const struct machine *machine) {
    const struct need_cost *cost = &machine->cost;
    return json_pack("{s:i, s:i, s:f}", "tried", cost->tried, "processes", cost->processes, "ms",
                     round(cost->ms * 10) / 10);
}
