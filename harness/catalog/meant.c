// SPDX-License-Identifier: Apache-2.0
// meant.c - suggests what was meant by a name that matches nothing in the catalogue
#include "catalog/meant.h"

#include "base/text.h"

#include <string.h>

// The scenario meant by a name such as "kill-idle/slow" or "kill-idle@tcp", which would be a case
// of it; NULL if there is none of that name.
static const struct scenario *scenario_of(const struct catalog *catalog, const char *name) {
    size_t length = strcspn(name, "/@");
    for (size_t i = 0; name[length] && i < catalog->count; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        if (strlen(scenario->name) == length && strncmp(scenario->name, name, length) == 0)
            return scenario;
    }
    return NULL;
}

// Tries the names of cases: in full, and without the transport.
static void try_cases(struct nearest *nearest, const struct scenario *scenario,
                      struct arena *arena) {
    bool whole = strchr(nearest->wanted, '@') != NULL;
    for (size_t i = 0; i < scenario->case_count; i++) {
        const char *id = scenario->cases[i].id;
        nearest_try(nearest, whole ? id : arena_printf(arena, "%.*s", (int)strcspn(id, "@"), id));
    }
}

void meant_try(struct nearest *nearest, const struct catalog *catalog, struct arena *arena) {
    const struct scenario *known = scenario_of(catalog, nearest->wanted);
    for (size_t i = 0; i < catalog->count; i++) {
        const struct scenario *scenario = catalog->items[i].scenario;
        if (!known)
            nearest_try(nearest, scenario->name);
        if (strpbrk(nearest->wanted, "/@") && (!known || known == scenario))
            try_cases(nearest, scenario, arena);
        for (size_t k = 0; k < scenario->tags.count; k++)
            nearest_try(nearest, ((const char **)scenario->tags.items)[k]);
    }
}

int meant_refuse(const struct catalog *catalog, const char *name, struct err *err) {
    enum { SHOWN = 3 };
    const struct scenario *known = scenario_of(catalog, name);
    struct nearest nearest = {.wanted = name, .edits = known ? NEAR_WORD : NEAR_NAME};
    struct arena *arena = arena_new();
    cleanup_text struct text names = {0}, list = {0};
    meant_try(&nearest, catalog, arena);
    for (size_t i = 0; i < nearest.count && i < SHOWN; i++)
        text_printf(&names, "%s'%s'", i ? " or " : "did you mean ", nearest.words[i]);
    arena_free(arena);
    text_printf(&list, "`goneaway list%s%s` shows ", known ? " cases " : "",
                known ? known->name : "");
    err_usage(err, "there is no scenario, case, tag or file '%s'", name);
    if (names.length)
        return err_remedy(err, "%s? %s%s", text_get(&names), text_get(&list),
                          known ? "its cases" : "all");
    return err_remedy(err, "%s%s", text_get(&list), known ? "its cases" : "all scenarios");
}
