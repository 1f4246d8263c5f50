// SPDX-License-Identifier: Apache-2.0
// plan.c - turns a file into its cases: header, variants and transports
#include "plan/plan.h"

#include "base/utf8.h"

#include "plan/causes.h"
#include "plan/params.h"
#include "plan/parts.h"
#include "yaml/mistakes.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_ERROR] = "error",
    [OUTCOME_HANG] = "hang",
    [OUTCOME_CRASH] = "crash",
    [OUTCOME_UNSUPPORTED] = "unsupported",
};

void scenario_warn(const struct scenario *scenario, const struct node *at, const char *format,
                   ...) {
    struct warnings *warnings = scenario->warnings;
    char what[NODE_SHOWN_BYTES + 200];
    if (!warnings || warnings->count == COUNT_OF(warnings->texts)) // the rows of a baseline have no
                                                                   // list
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const char *place =
        arena_printf(scenario->arena, "%s:%d:%d: warning: ", at->file, at->line, at->column);
    for (size_t i = 0; i < warnings->count; i++)
        if (text_starts(warnings->texts[i], place))
            return;
    warnings->texts[warnings->count++] = arena_printf(scenario->arena, "%s%s", place, what);
}

static const char *base_name(struct arena *arena, const char *file) {
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    cleanup_free char *shown = utf8_shown(name, false);
    const char *dot = strrchr(shown, '.');
    return arena_text(arena, shown, dot && dot != shown ? (size_t)(dot - shown) : strlen(shown));
}

// Reports another version of the language before its keys cause errors.
static int check_version(const struct node *root, struct err *err) {
    const struct node *version = node_get(root, "goneaway");
    int64_t number;
    if (!version)
        return 0;
    if (table_decode(&type_count, version, &number, NULL, err) < 0)
        return -1;
    return number == 1
               ? 0
               : node_error(version, err, "this goneaway reads version 1 of the language, not %lld",
                            (long long)number);
}

static bool is_empty_list(const struct node *node) {
    return node && node->kind == NODE_LIST && node->count == 0;
}

static int check_source(const struct node *source, struct err *err) {
    return is_empty_list(source)
               ? node_error(source, err, "'source' must say where the failure is described")
               : 0;
}

static int check_transport_list(const struct scenario *scenario, const struct node *transport,
                                struct err *err) {
    if (is_empty_list(transport))
        return node_error(transport, err,
                          "'transport' must name at least one of tcp, socket and tls");
    for (size_t i = 1; i < scenario->transport_count; i++)
        for (size_t k = 0; k < i; k++)
            if (scenario->transports[i] == scenario->transports[k])
                return node_error(transport->items[i], err, "'%s' stands here twice",
                                  transport_words[scenario->transports[i]].name);
    return 0;
}

static bool lists(const struct list *list, int wanted) {
    for (size_t i = 0; i < list->count; i++)
        if (((int *)list->items)[i] == wanted)
            return true;
    return false;
}

struct builder {
    struct scenario *scenario;
    const struct scenario_args *args;
    const struct node *root;
    const char **known;
    size_t known_count;
    bool used[MOST_PARAMS]; // of the variant's parameters, by any of its cases
    bool broken;            // a part of the case has been left out
    struct err *err;
};

// Whether to continue after a part of the file, read or left out.
static bool passed(struct builder *builder, const char *key, int done) {
    const struct node *part = node_get(builder->root, key);
    builder->broken |= done < 0;
    return done == 0 || mistakes_keep(part ? part : builder->root, key, builder->err);
}

static int apply_part(struct builder *builder, const struct params *params, const char *key,
                      const struct node **ret) {
    const struct node *part = node_get(builder->root, key);
    *ret = NULL;
    return part ? params_apply(params, part, builder->scenario->arena, ret, builder->err) : 0;
}

static int decode_part(struct builder *builder, const struct params *params, const char *variant,
                       const char *key, const struct type *type, void *ret) {
    const struct node *part;
    if (apply_part(builder, params, key, &part) < 0)
        return -1;
    params_warn(builder->scenario, variant, part);
    return part ? table_decode(type, part, ret, builder->scenario->arena, builder->err) : 0;
}

// Refuses a former name that is neither `scenario` nor, if allowed, `scenario/variant`.
static int check_former(const char *name, bool may_have_variant, const struct node *at,
                        struct err *err) {
    const char *slash = strchr(name, '/');
    if (slash && !may_have_variant)
        return node_error(
            at, err, "'%s' was one case; say which variant it is now, by `formerly` there", name);
    for (const char *c = name; *c; c++)
        if (c != slash && !isalnum((unsigned char)*c) && !strchr("-_.", *c))
            return node_error(at, err, "'%s' is not a former name; write `scenario/variant`", name);
    return 0;
}

// A former name of the whole scenario combines with today's variants.
static int add_formers(struct plan_case *plan, const struct list *names, const char *variant,
                       const struct node *at, struct arena *arena, struct err *err) {
    for (size_t i = 0; i < names->count; i++) {
        const char *name = ((const char **)names->items)[i];
        if (check_former(name, !*variant, at, err) < 0)
            return -1;
        plan->former[plan->former_count++] =
            arena_printf(arena, "%s%s%s@%s", name, *variant ? "/" : "", variant,
                         transport_words[plan->transport].name);
    }
    return 0;
}

static int name_formers(struct builder *builder, const struct variant_args *variant,
                        struct plan_case *plan) {
    static const struct list none;
    struct arena *arena = builder->scenario->arena;
    const struct list *own = variant ? &variant->formerly : &none;
    const struct list *all = &builder->args->formerly;
    plan->former = arena_alloc(arena, (own->count + all->count + 1) * sizeof *plan->former);
    return add_formers(plan, own, "", builder->root, arena, builder->err) < 0
               ? -1
               : add_formers(plan, all, plan->variant, node_get(builder->root, "formerly"), arena,
                             builder->err);
}

// Builds the steps, and the promise and outcomes about them. Rows are checked against the promise
// only if no part of either is missing.
static int build_table(struct builder *builder, const struct params *params,
                       struct plan_case *plan) {
    struct arena *arena = builder->scenario->arena;
    const struct node *steps, *outcomes, *promise, *evidence, *root = builder->root;
    struct err *err = builder->err;
    if (!passed(builder, "steps", apply_part(builder, params, "steps", &steps)) ||
        !passed(builder, "outcomes", apply_part(builder, params, "outcomes", &outcomes)) ||
        !passed(builder, "evidence", apply_part(builder, params, "evidence", &evidence)) ||
        !passed(builder, "promise", apply_part(builder, params, "promise", &promise)))
        return -1;
    params_warn(builder->scenario, plan->variant, evidence);
    // a missing part has been refused with the header
    if (node_get(root, "steps") &&
        !passed(builder, "steps", steps_build(plan, steps, root, arena, err)))
        return -1;
    builder->broken = !node_get(root, "steps");
    return (!node_get(root, "outcomes") ||
            passed(builder, "outcomes",
                   outcomes_build(plan, outcomes, evidence, root, arena, err))) &&
                   passed(builder, "promise",
                          promise_build(plan, promise, !builder->broken, arena, err))
               ? 0
               : -1;
}

static int build_case(struct builder *builder, const struct variant_args *variant,
                      struct plan_case *ret) {
    struct arena *arena = builder->scenario->arena;
    struct params params = {.with = variant ? &variant->with : NULL,
                            .used = builder->used,
                            .known = builder->known,
                            .known_count = builder->known_count};
    ret->control = variant && variant->control == 1;
    ret->remedy = variant ? variant->remedy : NULL;
    ret->id = arena_printf(arena, "%s%s%s@%s", builder->scenario->name, *ret->variant ? "/" : "",
                           ret->variant, transport_words[ret->transport].name);
    if (!passed(builder, "formerly", name_formers(builder, variant, ret)) ||
        !passed(
            builder, "server",
            decode_part(builder, &params, ret->variant, "server", &type_server, &ret->server)) ||
        !passed(builder, "wire",
                decode_part(builder, &params, ret->variant, "wire", &type_wire, &ret->wire)) ||
        !passed(builder, "hosts",
                decode_part(builder, &params, ret->variant, "hosts", &type_host, &ret->host)) ||
        !passed(builder, "server", check_options(ret, builder->err)) ||
        !passed(builder, "wire", wire_build(ret, node_get(builder->root, "wire"), builder->err)))
        return -1;
    if (build_table(builder, &params, ret) < 0)
        return -1;
    deadlines_warn(ret);
    return 0;
}

static void warn_of_unused(struct builder *builder, const struct variant_args *variant,
                           const struct node *node) {
    for (size_t i = 0; i < variant->with.count; i++)
        if (!builder->used[i])
            scenario_warn(builder->scenario, node_get(node, "with")->keys[i],
                          "the parameter '%s' is used nowhere", variant->with.keys[i]);
}

static int build_variant(struct builder *builder, const char *name,
                         const struct variant_args *variant) {
    struct scenario *scenario = builder->scenario;
    memset(builder->used, 0, sizeof builder->used);
    for (size_t i = 0; i < scenario->transport_count; i++) {
        int transport = scenario->transports[i];
        if (variant && variant->transport.count && !lists(&variant->transport, transport))
            continue;
        struct plan_case *next = &scenario->cases[scenario->case_count];
        *next = (struct plan_case){
            .scenario = scenario, .variant = name, .transport = (enum transport)transport};
        if (build_case(builder, variant, next) < 0)
            return -1;
        scenario->case_count++;
    }
    if (variant)
        warn_of_unused(builder, variant, node_get(node_get(builder->root, "variants"), name));
    return 0;
}

static int build_cases(struct builder *builder) {
    const struct dict *variants = &builder->args->variants;
    struct scenario *scenario = builder->scenario;
    size_t most = (variants->count ? variants->count : 1) * scenario->transport_count;
    scenario->cases = arena_alloc(scenario->arena, most * sizeof *scenario->cases);
    if (variants->count == 0)
        return build_variant(builder, "", NULL);
    for (size_t i = 0; i < variants->count; i++)
        if (!mistakes_has(node_get(node_get(builder->root, "variants"), variants->keys[i])) &&
            build_variant(builder, variants->keys[i],
                          ((struct variant_args **)variants->items)[i]) < 0)
            return -1;
    return 0;
}

// Sorted, since each cell of each row of each case looks one up.
static void collect_step_ids(struct scenario *scenario, const struct node *steps) {
    if (!steps || steps->kind != NODE_LIST)
        return;
    scenario->step_ids = arena_alloc(scenario->arena, (steps->count + 1) * sizeof(char *));
    for (size_t i = 0; i < steps->count; i++) {
        const struct node *id = node_get(steps->items[i], "id");
        if (id && id->kind == NODE_SCALAR)
            scenario->step_ids[scenario->step_id_count++] = id->text;
    }
    qsort(scenario->step_ids, scenario->step_id_count, sizeof(char *), text_order);
}

// A file that is no scenario at all, perhaps a link to something else, is not quoted.
static int check_root(const struct node *root, struct arena *arena, struct err *err) {
    if (root->kind != NODE_MAP)
        return node_error(root, err, "a scenario is a mapping; its keys are any of %s",
                          table_names(arena, &type_scenario));
    if (!node_get(root, "goneaway"))
        return node_error(root, err,
                          "this is not a scenario: the key 'goneaway', as in `goneaway: 1`, is "
                          "missing");
    return check_version(root, err);
}

// Takes over the header. A missing part is replaced by what most files have, so that the rest can
// be read.
static void take_header(struct scenario *scenario, const struct scenario_args *args,
                        const struct node *root) {
    static const char *const only_app[] = {"app"};
    static const int only_tcp[] = {TRANSPORT_TCP};
    bool has_transport = args->transport.count > 0;
    scenario->root = root;
    scenario->title = args->title;
    scenario->races = args->races;
    scenario->cause = args->cause < 0 ? NULL : cause_words[args->cause].name;
    scenario->source = args->source;
    scenario->tags = args->tags;
    scenario->connectors = args->connectors;
    scenario->servers = args->servers;
    scenario->apps = args->apps;
    scenario->transports = has_transport ? args->transport.items : only_tcp;
    scenario->transport_count = has_transport ? args->transport.count : COUNT_OF(only_tcp);
    scenario->groups = args->groups;
    scenario->variants =
        (struct list){.count = args->variants.count, .items = (void *)args->variants.keys};
    scenario->alternatives =
        count_alternatives(args->outcomes) + count_alternatives(node_get(root, "variants"));
    if (scenario->apps.count == 0)
        scenario->apps = (struct list){.count = 1, .items = (void *)only_app};
}

static int check_header(struct builder *builder, const struct scenario_args *args) {
    const struct scenario *scenario = builder->scenario;
    const struct node *root = builder->root;
    struct err *err = builder->err;
    return passed(builder, "source", check_source(node_get(root, "source"), err)) &&
                   passed(builder, "transport",
                          check_transport_list(scenario, node_get(root, "transport"), err)) &&
                   passed(builder, "servers",
                          check_servers(&scenario->servers, node_get(root, "servers"), err)) &&
                   passed(builder, "variants",
                          variants_check(scenario, &args->variants, node_get(root, "variants"),
                                         err)) &&
                   passed(builder, "groups",
                          groups_check(scenario, node_get(root, "groups"), err)) &&
                   passed(builder, "apps", check_apps(scenario, node_get(root, "apps"), err))
               ? 0
               : -1;
}

static int build(struct scenario *scenario, struct node *root, struct err *err) {
    struct scenario_args *args;
    struct builder builder = {.scenario = scenario, .root = root, .err = err};
    if (check_root(root, scenario->arena, err) < 0)
        return -1;
    renamed_apply(scenario, root);
    if (!passed(&builder, "", table_decode(&type_scenario, root, &args, scenario->arena, err)))
        return -1;
    take_header(scenario, args, root);
    if (check_header(&builder, args) < 0)
        return -1;
    variants_collect_claims(scenario, &args->variants);
    collect_step_ids(scenario, node_get(root, "steps"));
    builder.args = args;
    builder.known =
        variants_params(scenario->arena, node_get(root, "variants"), &builder.known_count);
    return build_cases(&builder) < 0 || mistakes_any(root) ? -1 : promise_check_uses(scenario, err);
}

struct scenario *scenario_parse(const char *file, const char *data, size_t length,
                                struct err *err) {
    if (length > SCENARIO_MAX_BYTES) {
        err_usage(err, "%s: larger than %d bytes, which no scenario is; split it", file,
                  SCENARIO_MAX_BYTES);
        return NULL;
    }
    struct arena *arena = arena_new();
    struct scenario *scenario = arena_alloc(arena, sizeof *scenario);
    struct mistakes *mistakes = mistakes_new(arena);
    scenario->arena = arena;
    scenario->patterns = pattern_set_new(arena);
    scenario->promise_work = promise_work_new(arena);
    scenario->warnings = arena_alloc(arena, sizeof *scenario->warnings);
    scenario->file = arena_text(arena, file, strlen(file));
    scenario->name = base_name(arena, file);
    struct node *root = yaml_parse_all(arena, mistakes, file, data, length, err);
    if (mistakes_end(mistakes, root ? build(scenario, root, err) : -1, err) == 0)
        return scenario;
    scenario_free(scenario);
    return NULL;
}

struct scenario *scenario_read(const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    if (file_read(path, SCENARIO_MAX_BYTES, &data, err) < 0) {
        err->kind = ERR_USAGE;
        return NULL;
    }
    return scenario_parse(path, text_get(&data), data.length, err);
}

void scenario_free(struct scenario *scenario) {
    if (!scenario)
        return;
    pattern_set_release(scenario->patterns);
    arena_free(scenario->arena);
}

const struct plan_step *plan_find_step(const struct plan_case *plan, int number) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].number == number)
            return &plan->steps[i];
    return NULL;
}
