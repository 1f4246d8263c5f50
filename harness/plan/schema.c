// SPDX-License-Identifier: Apache-2.0
// schema.c - the JSON Schema of a whole scenario file, for editors
//
// The tables know everything except for three things: that a step is one verb beside the keys of
// every step, that a row of outcomes has step ids as keys, and what an error code is.
#include "plan/codes.h"
#include "plan/plan.h"

#define NAME_PATTERN "^[A-Za-z_][A-Za-z0-9_-]*$"

static json_t *reference(const char *name) {
    return json_pack("{s:s+}", "$ref", "#/$defs/", name);
}

// Allows keys besides the given ones.
static json_t *more_than(json_t *keys) {
    return json_pack("{s:{s:{s:O}}}", "not", "propertyNames", "enum", keys);
}

// JSON Schema cannot count "the other keys". But if S is the right subset of the common keys, a
// step with one more key has every key of S and at most one more.
static json_t *at_most_one_beside(json_t *common) {
    json_t *alternatives = json_array();
    for (unsigned subset = 0; subset < 1u << json_array_size(common); subset++) {
        json_t *required = json_array();
        for (size_t i = 0; i < json_array_size(common); i++)
            if (subset >> i & 1)
                json_array_append(required, json_array_get(common, i));
        json_array_append_new(alternatives,
                              json_pack("{s:o, s:i}", "required", required, "maxProperties",
                                        (int)json_array_size(required) + 1));
    }
    return json_pack("{s:o}", "anyOf", alternatives);
}

static json_t *step_schema(json_t *definitions) {
    json_t *properties = json_object();
    json_t *common = json_array();
    for (const struct field *field = type_step_common.fields; field->name; field++) {
        json_t *schema = table_schema(field->type, definitions);
        json_object_set_new(schema, "description", json_string(field->doc));
        json_object_set_new(properties, field->name, schema);
        json_array_append_new(common, json_string(field->name));
    }
    for (const struct verb *const *verb = step_verbs; *verb; verb++) {
        json_t *schema = table_schema((*verb)->args, definitions);
        json_object_set_new(schema, "description", json_string((*verb)->doc));
        json_object_set_new(properties, (*verb)->name, schema);
    }
    json_t *app = table_schema(&type_app, definitions);
    json_object_set_new(app, "description", json_string("what the app of this name does"));
    json_t *schema =
        json_pack("{s:s, s:o, s:{s:s}, s:o, s:[o, o]}", "type", "object", "properties", properties,
                  "propertyNames", "pattern", NAME_PATTERN, "additionalProperties", app, "allOf",
                  more_than(common), at_most_one_beside(common));
    json_decref(common);
    return schema;
}

static json_t *code_schema(void) {
    json_t *schemas =
        json_pack("[{s:s, s:i, s:i}]", "type", "integer", "minimum", 1, "maximum", 99999);
    for (const struct code *code = codes; code->number; code++)
        json_array_append_new(schemas,
                              json_pack("{s:s, s:o}", "const", code->symbol, "description",
                                        json_sprintf("%d: %s", code->number, code->meaning)));
    json_array_append_new(schemas, reference("parameter"));
    return json_pack("{s:o, s:s}", "anyOf", schemas, "description",
                     "an error code: a number or a symbol");
}

static json_t *cell_schema(json_t *definitions) {
    json_t *words = json_array();
    for (int kind = OUTCOME_OK; kind < OUTCOME_COUNT; kind++)
        if (kind != OUTCOME_ERROR)
            json_array_append_new(words, json_string(outcome_names[kind]));
    return json_pack("{s:[{s:o}, o, o]}", "anyOf", "enum", words, reference("code"),
                     table_schema(&type_cell, definitions));
}

// What is promised for a step: a word, a word with its reason, or an outcome.
static json_t *promised_schema(json_t *definitions) {
    json_t *words = json_array();
    for (int word = 0; word < PROMISE_WORDS; word++)
        if (word != PROMISE_ANY)
            json_array_append_new(words, json_string(promise_names[word]));
    return json_pack("{s:[{s:o}, o, o]}", "anyOf", "enum", words,
                     table_schema(&type_promise, definitions), reference("an-outcome"));
}

static json_t *promise_schema(json_t *definitions) {
    json_t *own = json_pack("[s]", "if");
    json_t *schema = json_pack("{s:s, s:{s:o}, s:{s:s}, s:o, s:[o]}", "type", "object",
                               "properties", "if", table_schema(&type_condition, definitions),
                               "propertyNames", "pattern", NAME_PATTERN, "additionalProperties",
                               reference("promised"), "allOf", more_than(own));
    json_decref(own);
    return schema;
}

static json_t *row_schema(json_t *definitions) {
    json_t *own = json_pack("[s, s, s, s]", "if", "evidence", "violates", "because");
    json_t *schema =
        json_pack("{s:s, s:{s:o, s:o, s:o, s:o}, s:{s:s}, s:o, s:[o]}", "type", "object",
                  "properties", "if", table_schema(&type_condition, definitions), "evidence",
                  table_schema(&type_evidence, definitions), "violates",
                  table_schema(&type_line, definitions), "because",
                  table_schema(&type_line, definitions), "propertyNames", "pattern", NAME_PATTERN,
                  "additionalProperties", reference("cell"), "allOf", more_than(own));
    json_decref(own);
    return schema;
}

// Replaces the schema of a record's property, keeping its description.
static void refine(json_t *definitions, const char *record, const char *name, json_t *schema) {
    json_t *mapping =
        json_array_get(json_object_get(json_object_get(definitions, record), "anyOf"), 0);
    json_t *property = json_object_get(json_object_get(mapping, "properties"), name);
    json_t *description = json_incref(json_object_get(property, "description"));
    json_object_clear(property);
    json_object_update(property, schema);
    json_object_set_new(property, "description", description);
    json_decref(schema);
}

static json_t *list_of(const char *name, int most) {
    return json_pack("{s:s, s:o, s:i, s:i}", "type", "array", "items", reference(name), "minItems",
                     1, "maxItems", most);
}

static json_t *rows_schema(void) {
    json_t *bound = json_pack("{s:s, s:i, s:I}", "type", "integer", "minimum", 0, "maximum",
                              (json_int_t)MOST_COUNTED);
    json_t *schema =
        json_pack("{s:[{s:s}, O, {s:s, s:{s:O, s:O}, s:b, s:i}, o]}", "anyOf", "type", "array",
                  bound, "type", "object", "properties", "min", bound, "max", bound,
                  "additionalProperties", 0, "minProperties", 1, reference("parameter"));
    json_decref(bound);
    return schema;
}

json_t *scenario_schema(void) {
    json_t *definitions = json_object();
    json_decref(table_schema(&type_scenario, definitions));
    json_object_set_new(definitions, "step", step_schema(definitions));
    json_object_set_new(definitions, "code", code_schema());
    json_object_set_new(definitions, "cell", cell_schema(definitions));
    json_object_set_new(definitions, "row", row_schema(definitions));
    json_object_set_new(definitions, "promised", promised_schema(definitions));
    json_object_set_new(definitions, "promise-row", promise_schema(definitions));
    refine(definitions, "a-scenario", "promise",
           json_pack("{s:[o, o]}", "anyOf", reference("promise-row"),
                     list_of("promise-row", MOST_ROWS)));
    // 0 is an error without a number, told by what else stands there
    refine(definitions, "an-outcome", "error",
           json_pack("{s:[o, {s:i}]}", "anyOf", reference("code"), "const", 0));
    refine(definitions, "an-outcome", "rows", rows_schema());
    refine(definitions, "an-outcome", "or",
           json_pack("{s:[o, o]}", "anyOf", reference("cell"), list_of("cell", MOST_ALTERNATIVES)));
    refine(definitions, "a-scenario", "goneaway", json_pack("{s:i}", "const", 1));
    refine(definitions, "a-scenario", "steps", list_of("step", MOST_STEPS));
    refine(definitions, "a-scenario", "outcomes", list_of("row", MOST_ROWS));
    return json_pack("{s:s, s:s, s:s, s:o}", "$schema",
                     "https://json-schema.org/draft/2020-12/schema", "title",
                     "A scenario of goneaway", "$ref", "#/$defs/a-scenario", "$defs", definitions);
}
