// SPDX-License-Identifier: Apache-2.0
// contract.c - the control of a lab as an OpenAPI document
#include "lab/contract.h"

#include "base/text.h"
#include "cli/options.h"
#include "lab/act.h"
#include "plan/language.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NAMES "^[A-Za-z_][A-Za-z0-9_-]*$"
#define NAMES_OR_NUMBERS "^([A-Za-z_][A-Za-z0-9_-]*|[0-9]+)$"
#define SCHEMAS "#/components/schemas/"

static json_t *reference(const char *name) {
    return json_pack("{s:s+}", "$ref", SCHEMAS, name);
}

// ---- bodies ------------------------------------------------------------------------------------

static bool is_parameter(const json_t *schema) {
    const char *to = json_string_value(json_object_get(schema, "$ref"));
    return to && strcmp(to, "#/$defs/parameter") == 0;
}

// {"anyOf": [SCHEMA, a variant's parameter]} is SCHEMA here: a lab has no variants.
static void drop_parameter(json_t *schema) {
    json_t *both = json_object_get(schema, "anyOf");
    if (json_array_size(both) != 2 || !is_parameter(json_array_get(both, 1)))
        return;
    json_t *rest = json_incref(json_array_get(both, 0));
    json_object_del(schema, "anyOf");
    json_object_update_missing(schema, rest);
    json_decref(rest);
}

// Sessions have numbers for names.
static void allow_numbers(json_t *schema) {
    const char *pattern = json_string_value(json_object_get(schema, "pattern"));
    if (!pattern || strcmp(pattern, NAMES) != 0)
        return;
    json_object_set_new(schema, "pattern", json_string(NAMES_OR_NUMBERS));
    json_object_set_new(schema, "type", json_pack("[s, s]", "string", "integer"));
}

// OpenAPI allows no apostrophe in a name. To be freed.
static char *component(const char *name) {
    char *plain = xstrdup(name), *to = plain;
    for (const char *from = name; *from; from++)
        if (*from != '\'')
            *to++ = *from;
    *to = '\0';
    return plain;
}

static void point_to_components(json_t *schema) {
    static const char from[] = "#/$defs/";
    const char *to = json_string_value(json_object_get(schema, "$ref"));
    if (!to || !text_starts(to, from))
        return;
    cleanup_free char *name = component(to + sizeof from - 1);
    json_object_set_new(schema, "$ref", json_sprintf(SCHEMAS "%s", name));
}

// Makes a schema of scenarios one of requests.
static void adapt(json_t *schema) {
    const char *key;
    size_t i;
    json_t *part;
    drop_parameter(schema);
    allow_numbers(schema);
    point_to_components(schema);
    json_object_foreach(schema, key, part) adapt(part);
    json_array_foreach(schema, i, part) adapt(part);
}

static json_t *record(const json_t *definitions, const char *name) {
    return json_array_get(json_object_get(json_object_get(definitions, name), "anyOf"), 0);
}

static void forget_netem(json_t *definitions, const json_t *fault) {
    json_t *kinds = json_object_get(fault, "oneOf"), *kind;
    size_t i;
    json_object_del(json_object_get(fault, "properties"), "netem");
    json_object_del(definitions, "netem");
    json_array_foreach(kinds, i, kind) {
        json_t *only = json_array_get(json_object_get(kind, "required"), 0);
        if (only && strcmp(json_string_value(only), "netem") == 0)
            json_array_remove(kinds, i--);
    }
}

// What plan/outside.c refuses, and what it takes besides.
static void differ(json_t *definitions) {
    const json_t *fault = record(definitions, "a-fault");
    const json_t *until = json_object_get(record(definitions, "until"), "properties");
    json_object_del(json_object_get(fault, "properties"), "fires");
    forget_netem(definitions, fault);
    json_t *deadline = table_schema(&type_duration, definitions);
    json_object_set_new(deadline, "description",
                        json_string("how long it may take (default: 10s)"));
    json_object_set_new((json_t *)until, "deadline", deadline);
}

// What stands behind the verb of a step, described in `definitions`.
static json_t *body_schema(const struct verb *verb, json_t *definitions) {
    json_t *schema = table_schema(verb->args, definitions);
    adapt(schema);
    return schema;
}

static const struct verb *body_of(const struct act_request *request) {
    return request->body ? table_find_verb(step_verbs, request->body) : NULL;
}

static json_t *bodies(void) {
    json_t *definitions = json_object(), *components = json_object(), *definition;
    const struct act_request *request;
    const char *name;
    for (size_t i = 0; (request = act_request(i)); i++)
        if (body_of(request))
            json_decref(body_schema(body_of(request), definitions));
    differ(definitions);
    json_object_del(definitions, "parameter");
    adapt(definitions);
    json_object_foreach(definitions, name, definition) {
        cleanup_free char *plain = component(name);
        json_object_set(components, plain, definition);
    }
    json_decref(definitions);
    return components;
}

// ---- answers -----------------------------------------------------------------------------------

static const struct {
    const char *answer, *property;
    const char *type; ///< of JSON; or that of the answer or, after `list of `, of its items
    bool optional;
    const char *doc;
} properties[] = {
    {"World", "version", "string", false, "goneaway's"},
    {"World", "server", "Server", false, "what runs"},
    {"World", "host", "string", false, "the server's address"},
    {"World", "name", "string", false, "the server's name"},
    {"World", "port", "integer", false, "the server's TCP port"},
    {"World", "socket", "string", false, "the path of the server's Unix socket"},
    {"World", "user", "string", false, "the account of the tests"},
    {"World", "password", "string", false, "of that account"},
    {"World", "database", "string", false, "which that account may change"},
    {"World", "transport", "string", false, "how the command connects: tcp or socket"},
    {"World", "resets", "integer", false, "how often the world was made as new"},
    {"Server", "name", "string", false, "of its recipe or reference"},
    {"Server", "vendor", "string", false, "mysql or mariadb"},
    {"Server", "version", "string", false, "as the server says it"},
    {"Fault", "id", "string", false, "its name in paths"},
    {"Fault", "kind", "string", false, "the key that it was asked for by"},
    {"Fault", "mechanism", "string", true, "by what it is done"},
    {"Fault", "armed", "boolean", false, "false once it is lifted, or over by itself"},
    {"Fault", "fired", "integer", false, "how often it has taken effect"},
    {"Fault", "waits", "string", true, "what it waits for before it takes effect"},
    {"Fault", "error", "string", true, "why it cannot be said how often it has fired"},
    {"Faults", "faults", "list of Fault", false, "since the last reset, the lifted ones too"},
    {"Reached", "reached", "boolean", false, "always true"},
    {"Reached", "ms", "number", false, "milliseconds that it took"},
    {"Reached", "seen", "string", false, "what was seen last"},
    {"Done", "ms", "number", false, "milliseconds that it took"},
    {"Done", "rows", "list of list", true, "of a statement: a list of values for each row"},
    {"Reset", "fresh", "boolean", false, "the server is another one"},
    {"Reset", "ms", "number", false, "milliseconds that it took"},
    {"Refusal", "error", "string", false, "what is wrong, as `goneaway check` says it"},
    {"Refusal", "remedy", "string", true, "what to do about it"},
};

static json_t *property_schema(const char *type) {
    static const char list[] = "list of ";
    if (text_starts(type, list))
        return json_pack("{s:s, s:o}", "type", "array", "items",
                         property_schema(type + sizeof list - 1));
    if (strcmp(type, "list") == 0)
        return json_pack("{s:s}", "type", "array");
    return *type >= 'A' && *type <= 'Z' ? reference(type) : json_pack("{s:s}", "type", type);
}

static void add_answers(json_t *schemas) {
    for (size_t i = 0; i < COUNT_OF(properties); i++) {
        const char *name = properties[i].answer;
        json_t *answer = json_object_get(schemas, name);
        if (!answer) {
            answer = json_pack("{s:s, s:{}, s:[]}", "type", "object", "properties", "required");
            json_object_set_new(schemas, name, answer);
        }
        json_t *schema = property_schema(properties[i].type);
        json_object_set_new(schema, "description", json_string(properties[i].doc));
        json_object_set_new(json_object_get(answer, "properties"), properties[i].property, schema);
        if (!properties[i].optional)
            json_array_append_new(json_object_get(answer, "required"),
                                  json_string(properties[i].property));
    }
}

// ---- requests ----------------------------------------------------------------------------------

static json_t *in_json(json_t *schema) {
    return json_pack("{s:{s:o}}", "application/json", "schema", schema);
}

static json_t *response(const char *doc, json_t *schema) {
    return json_pack("{s:s, s:o}", "description", doc, "content", in_json(schema));
}

static json_t *request_body(const struct verb *verb) {
    json_auto_t *described_already = json_object();
    return json_pack("{s:s, s:b, s:o}", "description", verb->doc, "required", 1, "content",
                     in_json(body_schema(verb, described_already)));
}

static json_t *operation(const struct act_request *request) {
    json_t *answer =
        request->answer ? reference(request->answer) : json_pack("{s:s}", "type", "object");
    json_t *responses = json_object();
    char status[16];
    snprintf(status, sizeof status, "%u", request->status);
    json_object_set_new(responses, status, response(request->doc, answer));
    json_object_set_new(responses, "default",
                        json_pack("{s:s}", "$ref", "#/components/responses/Refusal"));
    const struct verb *verb = body_of(request);
    return json_pack("{s:s, s:s, s:o*, s:o}", "operationId", request->name, "summary", request->doc,
                     "requestBody", verb ? request_body(verb) : NULL, "responses", responses);
}

// "/v1/faults/{id}" for "/v1/faults/*". To be freed.
static char *path_of(const struct act_request *request) {
    size_t fixed = strcspn(request->path, "*");
    return xprintf("%.*s%s", (int)fixed, request->path, request->path[fixed] ? "{id}" : "");
}

static json_t *paths(void) {
    json_t *all = json_object();
    const struct act_request *request;
    for (size_t i = 0; (request = act_request(i)); i++) {
        cleanup_free char *path = path_of(request), *method = xstrdup(request->method);
        json_t *methods = json_object_get(all, path);
        if (!methods) {
            methods = strchr(path, '{') ? json_pack("{s:[{s:s}]}", "parameters", "$ref",
                                                    "#/components/parameters/id")
                                        : json_object();
            json_object_set_new(all, path, methods);
        }
        for (char *letter = method; *letter; letter++)
            *letter = (char)tolower((unsigned char)*letter);
        json_object_set_new(methods, method, operation(request));
    }
    return all;
}

json_t *lab_contract(void) {
    json_t *schemas = bodies();
    add_answers(schemas);
    json_t *id = json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", "id", "in", "path", "required",
                           1, "description", "the `id` of a fault", "schema", "type", "string");
    json_t *components = json_pack(
        "{s:o, s:{s:o}, s:{s:o}}", "schemas", schemas, "parameters", "id", id, "responses",
        "Refusal",
        response("400: what was asked is wrong; 404, 405: there is no such thing; 409: it "
                 "cannot be done now; 413: it is too long; 500: the world could not be made anew",
                 reference("Refusal")));
    return json_pack(
        "{s:s, s:{s:s, s:s, s:s}, s:[{s:s, s:s}], s:o, s:o}", "openapi", "3.1.0", "info", "title",
        "The control of a lab of goneaway", "version", goneaway_version, "description",
        "Faults of MySQL connections for tests that run in `goneaway lab`.", "servers", "url",
        "http://lab", "description",
        "a Unix socket, whose path is in GONEAWAY_LAB; GONEAWAY_LAB_URL is the same on "
        "the loopback of the lab",
        "paths", paths(), "components", components);
}
