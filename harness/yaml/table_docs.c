// SPDX-License-Identifier: Apache-2.0
// table_docs.c - the tables used in other directions: values as JSON, the JSON Schema, the
// reference
#include "yaml/table.h"

#include "base/utf8.h"

#include <errno.h>
#include <string.h>

// ---- values as JSON ----------------------------------------------------------------------------

static json_t *scalar_to_json(const struct node *node) {
    const char *text = node->text;
    const char *digits = text + (*text == '-');
    if (node->quoted)
        return utf8_json(text);
    if (!*text || strcmp(text, "null") == 0 || strcmp(text, "~") == 0)
        return json_null();
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return json_boolean(*text == 't');
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return utf8_json(text);
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    return errno == 0 ? json_integer(number) : utf8_json(text);
}

static json_t *node_to_json(const struct node *node) {
    if (node->kind == NODE_SCALAR)
        return scalar_to_json(node);
    json_t *json = node->kind == NODE_LIST ? json_array() : json_object();
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == NODE_LIST)
            json_array_append_new(json, node_to_json(node->items[i]));
        else
            json_object_set_new_nocheck(json, node->keys[i]->text, node_to_json(node->items[i]));
    }
    return json;
}

// Puts a value into an object under its name with the unit; an unset one is omitted.
static void put(json_t *object, const char *name, const struct type *type, const void *value) {
    cleanup_free char *key = xprintf("%s%s", name, type->kind == TYPE_DURATION ? "_ms" : "");
    json_t *json = table_to_json(type, value);
    if (json)
        json_object_set_new_nocheck(object, key, json);
}

static void put_choice(json_t *object, const struct choice *choice) {
    const struct verb *verb = choice->verb;
    if (!verb)
        return;
    if (!verb->args)
        json_object_set_new_nocheck(object, verb->name, json_object());
    else
        put(object, verb->name, verb->args,
            verb->args->kind == TYPE_RECORD ? &choice->args : choice->args);
}

static json_t *fields_to_json(const struct type *type, const char *record) {
    json_t *json = json_object();
    for (const struct field *field = type->fields; field->name; field++) {
        if (field->flags & FIELD_SPREAD)
            put_choice(json, (const struct choice *)(record + field->offset));
        else
            put(json, field->name, field->type, record + field->offset);
    }
    return json;
}

static json_t *list_to_json(const struct type *type, const struct list *list) {
    size_t size = table_size(type->item);
    json_t *json = json_array();
    for (size_t i = 0; i < list->count; i++) {
        json_t *item = table_to_json(type->item, (const char *)list->items + i * size);
        json_array_append_new(json, item ? item : json_null());
    }
    return json;
}

static json_t *dict_to_json(const struct type *type, const struct dict *dict) {
    size_t size = table_size(type->item);
    json_t *json = json_object();
    for (size_t i = 0; i < dict->count; i++)
        put(json, dict->keys[i], type->item, (const char *)dict->items + i * size);
    return json;
}

static json_t *choice_to_json(const struct choice *choice) {
    json_t *json = json_object();
    put_choice(json, choice);
    return json;
}

json_t *table_to_json(const struct type *type, const void *value) {
    if (table_is_unset(type, value))
        return NULL;
    switch (type->kind) {
    case TYPE_FLAG:
        return json_boolean(*(const int *)value);
    case TYPE_COUNT:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_PERCENT:
    case TYPE_RATE:
        return json_integer(*(const int64_t *)value);
    case TYPE_TEXT:
    case TYPE_LINE:
    case TYPE_NAME:
        return utf8_json(*(const char *const *)value);
    case TYPE_WORD:
        return json_string(type->words[*(const int *)value].name);
    case TYPE_NODE:
    case TYPE_VALUE:
        return node_to_json(*(const struct node *const *)value);
    case TYPE_RECORD:
        return fields_to_json(type, *(const char *const *)value);
    case TYPE_LIST:
        return list_to_json(type, value);
    case TYPE_DICT:
        return dict_to_json(type, value);
    case TYPE_CHOICE:
        return choice_to_json(value);
    }
    abort();
}

// ---- bounds ------------------------------------------------------------------------------------

// Units of numbers, largest first; the last one divides every number. A number is shown in the
// first that divides it.
struct unit {
    int64_t size;
    const char *name;
};

static const struct unit *units_of(const struct type *type) {
    static const struct unit durations[] = {{3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    static const struct unit sizes[] = {
        {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, ""}};
    static const struct unit rates[] = {
        {1000000000, "gbit"}, {1000000, "mbit"}, {1000, "kbit"}, {1, "bit"}};
    static const struct unit counts[] = {{1, ""}};
    return type->kind == TYPE_DURATION ? durations
           : type->kind == TYPE_SIZE   ? sizes
           : type->kind == TYPE_RATE   ? rates
                                       : counts;
}

static void add_number(struct text *text, const struct type *type, int64_t number) {
    const struct unit *unit = units_of(type);
    if (number == 0) {
        text_add(text, "0");
        return;
    }
    while (number % unit->size)
        unit++;
    text_printf(text, "%lld%s", (long long)(number / unit->size), unit->name);
}

char *table_bounds(const struct type *type) {
    struct text text = {0};
    text_add(&text, "");
    if (type->kind >= TYPE_COUNT && type->kind <= TYPE_RATE && type->most) {
        add_number(&text, type, type->least);
        text_add(&text, " to ");
        add_number(&text, type, type->most);
    } else if (type->most) {
        bool items = type->kind == TYPE_LIST || type->kind == TYPE_DICT || type->kind == TYPE_NODE;
        text_printf(&text, "at most %lld %s", (long long)type->most, items ? "items" : "bytes");
    }
    return text.data;
}

// ---- the schema --------------------------------------------------------------------------------

#define NAME_PATTERN "[A-Za-z_][A-Za-z0-9_-]*"

static json_t *pattern(const char *regex) {
    return json_pack("{s:s, s:s}", "type", "string", "pattern", regex);
}

static json_t *described(json_t *schema, const char *doc) {
    if (doc)
        json_object_set_new(schema, "description", json_string(doc));
    return schema;
}

// Any value may be a variant's parameter, so every place accepts `$name` and `$name?` too.
static json_t *or_parameter(json_t *schema, json_t *definitions) {
    if (!json_object_get(definitions, "parameter"))
        json_object_set_new(definitions, "parameter",
                            described(pattern("^\\$" NAME_PATTERN "\\??$"),
                                      "a parameter of the variant, see `with`"));
    return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "$ref", "#/$defs/parameter");
}

// A plain `true` is a boolean to those that read a schema.
static void add_word(json_t *schemas, const char *name, const char *doc) {
    bool truth = strcmp(name, "true") == 0 || strcmp(name, "false") == 0;
    json_t *word = truth ? json_pack("{s:[s, b]}", "enum", name, *name == 't')
                         : json_pack("{s:s}", "const", name);
    json_array_append_new(schemas, described(word, doc));
}

static void add_words(json_t *schemas, const struct word *words) {
    for (; words && words->name; words++)
        add_word(schemas, words->name, words->doc);
}

// A schema cannot check the bounds of a text such as 17MiB, but can mention them.
static json_t *bounded(json_t *schema, const struct type *type) {
    cleanup_free char *bounds = table_bounds(type);
    return described(schema, *bounds ? bounds : NULL);
}

static json_t *integer_schema(const struct type *type) {
    json_t *schema = json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)type->least);
    if (type->most)
        json_object_set_new(schema, "maximum", json_integer(type->most));
    return schema;
}

static json_t *number_schema(const struct type *type) {
    json_t *schemas = json_array();
    if (type->kind == TYPE_DURATION) {
        json_array_append_new(schemas, bounded(pattern("^[0-9]+(\\.[0-9]*)?(ms|s|min|h)$"), type));
        if (type->least == 0)
            json_array_append_new(schemas, json_pack("{s:i}", "const", 0));
    } else if (type->kind == TYPE_PERCENT) {
        json_array_append_new(schemas, pattern("^(100(\\.0*)?|[0-9]{1,2}(\\.[0-9]*)?)%$"));
    } else if (type->kind == TYPE_RATE) {
        json_array_append_new(schemas, bounded(pattern("^[0-9]+(\\.[0-9]*)?[kmg]?bit$"), type));
    } else {
        json_array_append_new(schemas, integer_schema(type));
    }
    if (type->kind == TYPE_SIZE)
        json_array_append_new(schemas,
                              bounded(pattern("^([0-9]+B|[0-9]+(\\.[0-9]*)?[KMG]iB)$"), type));
    add_words(schemas, type->words);
    return json_pack("{s:o}", "anyOf", schemas);
}

static json_t *word_schema(const struct type *type) {
    json_t *schemas = json_array();
    add_words(schemas, type->words);
    return json_pack("{s:o}", "anyOf", schemas);
}

// Whether a verb may be written without an argument.
static bool stands_bare(const struct verb *verb) {
    if (!verb->args)
        return true;
    if (verb->args->kind != TYPE_RECORD)
        return false;
    for (const struct field *field = verb->args->fields; field->name; field++)
        if (field->flags & FIELD_REQUIRED)
            return false;
    return true;
}

static json_t *argument_schema(const struct verb *verb, json_t *definitions) {
    if (!verb->args)
        return described(json_pack("{s:s}", "type", "null"), verb->doc);
    json_t *schema = table_schema(verb->args, definitions);
    if (stands_bare(verb))
        schema = json_pack("{s:[{s:s}, o]}", "anyOf", "type", "null", schema);
    return described(schema, verb->doc);
}

static json_t *bare_schema(const struct verb *const *verbs) {
    json_t *words = json_array();
    for (; *verbs; verbs++)
        if (stands_bare(*verbs))
            add_word(words, (*verbs)->name, (*verbs)->doc);
    if (json_array_size(words) > 0)
        return json_pack("{s:o}", "anyOf", words);
    json_decref(words);
    return json_pack("{s:{}}", "not");
}

static json_t *choice_schema(const struct type *type, json_t *definitions) {
    json_t *properties = json_object();
    for (const struct verb *const *verb = type->verbs; *verb; verb++)
        json_object_set_new(properties, (*verb)->name, argument_schema(*verb, definitions));
    json_t *mapping =
        json_pack("{s:s, s:o, s:b, s:i, s:i}", "type", "object", "properties", properties,
                  "additionalProperties", 0, "minProperties", 1, "maxProperties", 1);
    return json_pack("{s:[o, o]}", "anyOf", bare_schema(type->verbs), mapping);
}

static void add_spread(const struct field *field, json_t *mapping, json_t *definitions) {
    json_t *alternatives = json_array();
    json_t *properties = json_object_get(mapping, "properties");
    for (const struct verb *const *verb = field->type->verbs; *verb; verb++) {
        json_object_set_new(properties, (*verb)->name, argument_schema(*verb, definitions));
        json_array_append_new(alternatives, json_pack("{s:[s]}", "required", (*verb)->name));
    }
    if (!(field->flags & FIELD_REQUIRED))
        json_array_append_new(alternatives,
                              json_pack("{s:{s:o}}", "not", "anyOf", json_copy(alternatives)));
    json_object_set_new(mapping, "oneOf", alternatives);
}

static json_t *mapping_schema(const struct type *type, json_t *definitions) {
    json_t *properties = json_object();
    json_t *required = json_array();
    json_t *mapping = json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties,
                                "required", required, "additionalProperties", 0);
    for (const struct field *field = type->fields; field->name; field++) {
        if (field->flags & FIELD_SPREAD) {
            add_spread(field, mapping, definitions);
            continue;
        }
        json_object_set_new(properties, field->name,
                            described(table_schema(field->type, definitions), field->doc));
        if (field->flags & FIELD_REQUIRED)
            json_array_append_new(required, json_string(field->name));
    }
    return mapping;
}

// What may be written instead of the whole record as a mapping; NULL: nothing.
static json_t *shorthand_schema(const struct type *type, json_t *definitions) {
    for (const struct field *field = type->fields; field->name; field++) {
        if (!type->shorthand && (field->flags & FIELD_SPREAD))
            return bare_schema(field->type->verbs);
        if (type->shorthand && strcmp(field->name, type->shorthand) == 0)
            return field->type->kind == TYPE_NODE
                       ? json_pack("{s:{s:[s, s]}}", "not", "type", "object", "null")
                       : table_schema(field->type, definitions);
    }
    return NULL;
}

static json_t *record_schema(const struct type *type, json_t *definitions) {
    cleanup_free char *name = xstrdup(type->name);
    for (char *space = name; (space = strchr(space, ' '));)
        *space = '-';
    if (!json_object_get(definitions, name)) {
        json_object_set_new(definitions, name, json_object()); // ends a recursion
        json_t *schemas = json_pack("[o]", mapping_schema(type, definitions));
        json_t *shorthand = shorthand_schema(type, definitions);
        if (shorthand)
            json_array_append_new(schemas, shorthand);
        json_object_set_new(definitions, name,
                            described(json_pack("{s:o}", "anyOf", schemas), type->doc));
    }
    return json_pack("{s:s+}", "$ref", "#/$defs/", name);
}

static json_t *list_schema(const struct type *type, json_t *definitions) {
    json_t *item = table_schema(type->item, definitions);
    json_t *list = json_pack("{s:s, s:O}", "type", "array", "items", item);
    if (type->most)
        json_object_set_new(list, "maxItems", json_integer(type->most));
    return json_pack("{s:[o, o]}", "anyOf", item, list);
}

static json_t *dict_schema(const struct type *type, json_t *definitions) {
    json_t *schema = json_pack("{s:s, s:o}", "type", "object", "additionalProperties",
                               table_schema(type->item, definitions));
    if (type->most)
        json_object_set_new(schema, "maxProperties", json_integer(type->most));
    return or_parameter(schema, definitions);
}

// A schema counts characters; there are never more of them than bytes.
static json_t *text_schema(const struct type *type) {
    json_t *schema = json_pack("{s:[s, s, s]}", "type", "string", "number", "boolean");
    if (type->most)
        json_object_set_new(schema, "maxLength", json_integer(type->most));
    return schema;
}

json_t *table_schema(const struct type *type, json_t *definitions) {
    switch (type->kind) {
    case TYPE_FLAG:
        return or_parameter(json_pack("{s:s}", "type", "boolean"), definitions);
    case TYPE_COUNT:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_PERCENT:
    case TYPE_RATE:
        return or_parameter(number_schema(type), definitions);
    case TYPE_TEXT:
    case TYPE_LINE:
        return text_schema(type);
    case TYPE_NAME:
        return or_parameter(pattern("^" NAME_PATTERN "$"), definitions);
    case TYPE_WORD:
        return or_parameter(word_schema(type), definitions);
    case TYPE_NODE:
        return type->item ? table_schema(type->item, definitions) : json_object();
    case TYPE_VALUE:
        return json_pack("{s:[s, s, s, s]}", "type", "string", "number", "boolean", "null");
    case TYPE_RECORD:
        return or_parameter(record_schema(type, definitions), definitions);
    case TYPE_LIST:
        return list_schema(type, definitions);
    case TYPE_DICT:
        return dict_schema(type, definitions);
    case TYPE_CHOICE:
        return or_parameter(choice_schema(type, definitions), definitions);
    }
    abort();
}

// ---- the reference -----------------------------------------------------------------------------

static void walk(const struct type *type, int depth, table_visitor *visit, void *context);

static void walk_verbs(const struct verb *const *verbs, int depth, table_visitor *visit,
                       void *context) {
    for (; verbs && *verbs; verbs++) {
        const struct verb *verb = *verbs;
        visit(context, depth, verb->name, verb->args, 0, verb->doc);
        if (verb->args)
            walk(verb->args, depth + 1, visit, context);
    }
}

static void walk(const struct type *type, int depth, table_visitor *visit, void *context) {
    for (const struct field *field = type->fields; field && field->name; field++) {
        if (field->flags & FIELD_SPREAD) {
            walk_verbs(field->type->verbs, depth, visit, context);
            continue;
        }
        visit(context, depth, field->name, field->type, field->flags, field->doc);
        walk(field->type, depth + 1, visit, context);
    }
    walk_verbs(type->verbs, depth, visit, context);
    for (const struct word *word = type->words; word && word->name; word++)
        visit(context, depth, word->name, NULL, 0, word->doc);
    if (type->item)
        walk(type->item, depth, visit, context);
}

// Fields come with their flags, verbs and words without; a word has no type.
void table_walk(const struct type *type, table_visitor *visit, void *context) {
    walk(type, 0, visit, context);
}
