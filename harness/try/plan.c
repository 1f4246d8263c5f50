// SPDX-License-Identifier: Apache-2.0
// plan.c - turns a case on one line into a scenario
//
// The language's own parser reads it twice: first as typed, for mistakes and to see what its steps
// are, then with everything that try_guess() adds.
#include "try/plan.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- text --------------------------------------------------------------------------------------

// Adds what is below a step's key; `fires` goes into the mapping that a fault has anyway.
static void add_act(struct text *out, const struct try_step *step, const char *fires) {
    bool mapping = step->verb && (step->value || step->name || step->as || fires);
    if (!step->verb && fires && *step->value == '{') {
        text_printf(out, "{fires: %s, %s", fires, step->value + 1);
    } else if (!mapping) {
        text_add(out, step->verb ? step->verb : step->value ? step->value : "\"\"");
    } else {
        text_printf(out, "{%s%s%s", step->name ? "id: " : "", step->name ? step->name : "",
                    step->name ? ", " : "");
        text_printf(out, "%s: %s", step->verb, step->value ? step->value : "");
        text_printf(out, "%s%s", step->as ? ", as: " : "", step->as ? step->as : "");
        text_printf(out, "%s%s}", fires ? ", fires: " : "", fires ? fires : "");
    }
}

static bool is_judged(const struct try_plan *plan, const struct try_script *script, size_t i) {
    return plan->parts[i].step->id && !plan->parts[i].until &&
           !(script->set_up && script->set_up[i]);
}

static void add_part(struct text *out, const struct try_plan *plan, const struct try_script *script,
                     size_t i) {
    const struct try_part *part = &plan->parts[i];
    bool judged = is_judged(plan, script, i);
    text_add(out, "  - ");
    if (part->until) {
        text_printf(out, "until: {%s}\n", part->until);
        return;
    }
    if (judged)
        text_printf(out, "{id: %s, ", part->step->id);
    text_printf(out, "%s: ", part->step->key);
    add_act(out, part->step, script->fires ? script->fires[i] : NULL);
    text_add(out, judged ? "}\n" : "\n");
}

static bool id_is_judged(const struct try_plan *plan, const struct try_script *script,
                         const char *id) {
    for (size_t i = 0; i < plan->part_count; i++)
        if (is_judged(plan, script, i) && strcmp(plan->parts[i].step->id, id) == 0)
            return true;
    return false;
}

static void add_promises(struct text *out, const struct try_plan *plan,
                         const struct try_script *script) {
    if (plan->promise_count == 0)
        return;
    text_add(out, "promise:\n");
    for (size_t i = 0; i < plan->promise_count; i++)
        if (id_is_judged(plan, script, plan->promises[i].id))
            text_printf(out, "  %s: %s\n", plan->promises[i].id,
                        script->promises ? script->promises[i] : plan->promises[i].text);
}

static void add_key(struct text *out, const char *key, const char *text) {
    text_printf(out, "%s: ", key);
    try_quote(out, text);
    text_add(out, "\n");
}

static void add_world(struct text *out, const struct try_line *line) {
    bool others = line->app_count != 1 || strcmp(line->apps[0], "app") != 0;
    for (size_t i = 0; others && i < line->app_count; i++)
        text_printf(out, "%s%s", i ? ", " : "apps: [", line->apps[i]);
    text_add(out, others && line->app_count ? "]\n" : "");
    if (line->options)
        text_printf(out, "server: {options: {%s}}\n", line->options);
    if (line->nat)
        text_add(out, "wire: {nat: {}}\n");
}

static const char *last_id(const struct try_line *line) {
    for (size_t i = line->count; i-- > 0;)
        if (line->steps[i].id)
            return line->steps[i].id;
    return "";
}

void try_plan_write(struct text *out, const struct try_plan *plan,
                    const struct try_script *script) {
    text_add(out, script->head ? script->head : "");
    text_add(out, "goneaway: 1\n");
    add_key(out, "title", script->title);
    add_key(out, "cause", plan->cause);
    add_key(out, "source", script->source);
    text_printf(out, "transport: [%s]\n", plan->transports);
    add_world(out, plan->line);
    add_promises(out, plan, script);
    text_add(out, "steps:\n");
    for (size_t i = 0; i < plan->part_count; i++)
        add_part(out, plan, script, i);
    text_add(out, "outcomes:\n");
    if (script->outcomes)
        text_add(out, script->outcomes);
    else // codes are not judged; a call that may be unsupported lets the case continue, which after
         // the last call means nothing
        text_printf(out, "  - {if: {connector: nobody}, %s: unsupported}\n", last_id(plan->line));
}

// ---- errors ------------------------------------------------------------------------------------

// The part on whose line in the text an error occurred, "try:LINE:COLUMN: ..".
static const struct try_part *find_part(const struct try_plan *plan, const char *text,
                                        int error_line) {
    const char *steps = strstr(text, "\nsteps:\n");
    int line = 2;
    for (const char *at = text; at < steps; at++)
        line += *at == '\n';
    int index = error_line - line - 1;
    return index >= 0 && (size_t)index < plan->part_count ? &plan->parts[index] : NULL;
}

static int tell_error(const struct try_plan *plan, const char *text, struct err *err) {
    int error_line = 0, column = 0, length = 0;
    cleanup_free char *what = xstrdup(err->what), *remedy = xstrdup(err->remedy);
    if (err->kind != ERR_USAGE ||
        sscanf(what, "try:%d:%d: %n", &error_line, &column, &length) < 2 || length == 0)
        return -1;
    const struct try_part *part = find_part(plan, text, error_line);
    what[length + (int)strcspn(what + length, "\n")] = '\0';
    try_error(plan->line, part ? part->step->at : 0, err, "%s", what + length);
    return *remedy ? err_remedy(err, "%s", remedy) : -1;
}

// ---- both readings -----------------------------------------------------------------------------

static int read_text(struct try_plan *plan, struct err *err) {
    static const struct try_script script = {.title = "a line", .source = "goneaway try"};
    cleanup_text struct text text = {0};
    try_plan_write(&text, plan, &script);
    scenario_free(plan->scenario);
    plan->scenario = scenario_parse("try", text_get(&text), text.length, err);
    return plan->scenario ? 0 : tell_error(plan, text_get(&text), err);
}

// A fault that nobody met is a valid result of trying; but a program that did not meet it shows
// nothing.
static void allow_silence(const struct try_plan *plan) {
    bool all = !plan->line->for_program;
    for (size_t i = 0; i < plan->scenario->case_count; i++) {
        struct plan_case *one = &plan->scenario->cases[i];
        one->nat_fires.rule = FIRES_ANY;
        for (size_t k = 0; k < one->step_count; k++)
            if (all || plan->parts[k].step->hidden)
                one->steps[k].fires.rule = FIRES_ANY;
    }
}

static const char *transports_as_yaml(struct arena *arena, const char *list) {
    cleanup_free char **words = text_split(list ? list : "tcp");
    const char *yaml = "";
    for (char **word = words; *word; word++)
        yaml = arena_printf(arena, "%s%s%s", yaml, *yaml ? ", " : "", *word);
    return yaml;
}

int try_plan_make(struct try_plan *plan, const struct try_line *line, const char *transports,
                  struct err *err) {
    *plan = (struct try_plan){
        .line = line, .cause = "other", .transports = transports_as_yaml(line->arena, transports)};
    plan->parts = arena_alloc(line->arena, (line->count + 1) * sizeof *plan->parts);
    for (size_t i = 0; i < line->count; i++)
        plan->parts[plan->part_count++].step = &line->steps[i];
    if (read_text(plan, err) < 0)
        return -1;
    struct scenario *bare = plan->scenario;
    plan->scenario = NULL;
    try_guess(plan, &bare->cases[0]);
    int ret = read_text(plan, err);
    scenario_free(bare);
    if (ret == 0)
        allow_silence(plan);
    return ret;
}

void try_plan_release(struct try_plan *plan) {
    scenario_free(plan->scenario);
    *plan = (struct try_plan){0};
}
