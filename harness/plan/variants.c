// SPDX-License-Identifier: Apache-2.0
// variants.c - the table of variants: what each of them sets, and what all of them define
#include "plan/params.h"
#include "plan/parts.h"
#include "yaml/mistakes.h"

#include <ctype.h>
#include <string.h>

const char **variants_params(struct arena *arena, const struct node *variants, size_t *ret_count) {
    size_t count = 0, at = 0;
    for (size_t i = 0; variants && variants->kind == NODE_MAP && i < variants->count; i++) {
        const struct node *with = node_get(variants->items[i], "with");
        count += with && with->kind == NODE_MAP ? with->count : 0;
    }
    const char **known = arena_alloc(arena, (count + 1) * sizeof *known);
    for (size_t i = 0; at < count; i++) {
        const struct node *with = node_get(variants->items[i], "with");
        for (size_t k = 0; with && with->kind == NODE_MAP && k < with->count; k++)
            known[at++] = with->keys[k]->text;
    }
    qsort(known, count, sizeof(char *), text_order);
    *ret_count = count;
    return known;
}

static int check_variant(const struct scenario *scenario, const struct variant_args *variant,
                         const struct node *key, const struct node *value, struct err *err) {
    if (!condition_is_name(key->text) || isdigit((unsigned char)*key->text))
        return node_error(key, err,
                          "a variant's name is made of letters, digits, - and _, and begins with a "
                          "letter");
    if (variant->control != 1 && variant->remedy)
        return node_error(key, err, "only a control has a remedy; add `control: true`");
    if (variant->remedy && variant->claim)
        return node_error(key, err, "a variant tests a remedy or a claim, not both");
    if (variant->claim && variant->holds < 0)
        return node_error(key, err,
                          "say what the variant shows of its claim: `holds: true`, "
                          "`partly` or `false`");
    if (!variant->remedy && !variant->claim && variant->holds >= 0)
        return node_error(key, err, "'holds' needs a `claim:` or a `remedy:` that it judges");
    for (size_t i = 0; i < variant->with.count; i++)
        if (!params_is_name(variant->with.keys[i]))
            return node_error(node_get(value, "with")->keys[i], err,
                              "a parameter's name is made of letters, digits and _, and begins "
                              "with a letter");
    return check_transports(scenario, &variant->transport, node_get(value, "transport"), err);
}

// One that could not be read has been refused already.
static int check_each(const struct scenario *scenario, const struct dict *variants,
                      const struct node *nodes, struct err *err) {
    for (size_t i = 0; i < variants->count; i++) {
        struct variant_args *variant = ((struct variant_args **)variants->items)[i];
        const struct node *value = nodes->items[i];
        if (mistakes_has(value))
            continue;
        if ((check_variant(scenario, variant, nodes->keys[i], value, err) < 0 ||
             params_prepare(&variant->with, scenario->arena, err) < 0) &&
            !mistakes_keep(value, nodes->keys[i]->text, err))
            return -1;
    }
    return 0;
}

int variants_check(const struct scenario *scenario, const struct dict *variants,
                   const struct node *nodes, struct err *err) {
    const struct node *control = NULL;
    if (check_each(scenario, variants, nodes, err) < 0)
        return -1;
    for (size_t i = 0; i < variants->count; i++) {
        if (((struct variant_args **)variants->items)[i]->control != 1 ||
            mistakes_has(nodes->items[i]))
            return 0;
        control = nodes->keys[i];
    }
    return control ? node_error(control, err,
                                "a control proves nothing alone: it needs a variant beside it that "
                                "fails")
                   : 0;
}

void variants_collect_claims(struct scenario *scenario, const struct dict *variants) {
    scenario->claims = arena_alloc(scenario->arena, (variants->count + 1) * sizeof(struct claim));
    for (size_t i = 0; i < variants->count; i++) {
        const struct variant_args *variant = ((struct variant_args **)variants->items)[i];
        if (variant->remedy || variant->claim)
            scenario->claims[scenario->claim_count++] =
                (struct claim){.text = variant->remedy ? variant->remedy : variant->claim,
                               .variant = variants->keys[i],
                               .holds = (enum holds)(variant->holds < 0 ? 0 : variant->holds),
                               .remedy = variant->remedy != NULL};
    }
}
