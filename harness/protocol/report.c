// SPDX-License-Identifier: Apache-2.0
// report.c - the findings of `goneaway adapter test`, for people and for programs
#include "protocol/adapter_test.h"

#include "base/utf8.h"
#include "cli/options.h"
#include "report/detail.h"

#include <stdio.h>
#include <string.h>

enum { SCHEMA_VERSION = 1, MOST_FINDINGS = 1000 };

// ---- what was found ----------------------------------------------------------------------------

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

bool adapter_test_is_sound(const json_t *found) {
    size_t i;
    json_t *one;
    const char *name;
    const json_t *findings = json_object_get(found, "findings");
    const json_t *operations = json_object_get(found, "operations");
    if (!json_is_array(findings) || json_array_size(findings) > MOST_FINDINGS ||
        !json_is_object(operations) || json_object_size(operations) > MOST_FINDINGS)
        return false;
    json_array_foreach((json_t *)findings, i, one) {
        if (!text_of(one, "operation") || !text_of(one, "rule") || !text_of(one, "saw"))
            return false;
    }
    json_object_foreach((json_t *)operations, name, one) {
        if (!json_is_string(one))
            return false;
    }
    return true;
}

int adapter_test_find_line(const char *protocol, const char *words, char **ret_heading) {
    const char *found = strstr(protocol, words), *heading = NULL;
    int line = 1;
    if (!found)
        return 0;
    for (const char *at = protocol; at < found; at++) {
        if (*at == '#' && (at == protocol || at[-1] == '\n'))
            heading = at + strspn(at, "# ");
        line += *at == '\n';
    }
    *ret_heading = heading ? xprintf("%.*s", (int)strcspn(heading, "\n"), heading) : NULL;
    return line;
}

// ---- for people --------------------------------------------------------------------------------

static void print_finding(FILE *out, const struct adapter_test_result *result,
                          const json_t *finding) {
    const char *words = text_of(finding, "rule");
    cleanup_free char *heading = NULL;
    int line = adapter_test_find_line(text_get(&result->rules), words, &heading);
    cleanup_free char *operation = utf8_shown(text_of(finding, "operation"), false);
    cleanup_free char *saw = utf8_shown(text_of(finding, "saw"), false);
    cleanup_free char *rule = utf8_shown(words, false);
    cleanup_free char *path = utf8_shown(result->protocol, false);
    fprintf(out, "%s: %s\n    %s:%d: %s\n\n", operation, saw, path, line, rule);
}

static size_t count_of(const struct adapter_test_result *result, const char *operation) {
    size_t i, count = 0;
    json_t *one;
    json_array_foreach((json_t *)result->findings, i, one) {
        count += strcmp(text_of(one, "operation"), operation) == 0;
    }
    return count;
}

// Prints the operations with this result, except those with findings.
static void print_operations(FILE *out, const struct adapter_test_result *result,
                             const char *state) {
    const char *name;
    json_t *value;
    bool any = false;
    json_object_foreach((json_t *)result->operations, name, value) {
        if (strcmp(json_string_value(value), state) != 0 || count_of(result, name) > 0)
            continue;
        cleanup_free char *shown = utf8_shown(name, false);
        if (!any)
            fprintf(out, "%-12s ", state);
        fprintf(out, "%s%s", any ? ", " : "", shown);
        any = true;
    }
    if (any)
        fputc('\n', out);
}

static void print_found(FILE *out, const struct adapter_test_result *result) {
    json_auto_t *seen = json_object();
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)result->findings, i, one) {
        const char *operation = text_of(one, "operation");
        if (json_object_get(seen, operation))
            continue;
        cleanup_free char *shown = utf8_shown(operation, false);
        fprintf(out, json_object_size(seen) == 0 ? "%-12s %s (%zu)" : "%s%s (%zu)",
                json_object_size(seen) == 0 ? "findings" : ", ", shown,
                count_of(result, operation));
        json_object_set_new(seen, operation, json_true());
    }
    if (json_object_size(seen) > 0)
        fputc('\n', out);
}

static void *human_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    return file;
}

static void nothing_to_close(void *state) {
    (void)state;
}

static void human_write(void *state, const void *what) {
    const struct adapter_test_result *result = what;
    size_t i, count = json_array_size(result->findings);
    json_t *one;
    cleanup_free char *connector = utf8_shown(result->connector, false);
    cleanup_free char *adapter = utf8_shown(result->adapter, false);
    fprintf(state, "Adapter:   %s\nConnector: %s, with %s\n\n", adapter, connector, result->server);
    json_array_foreach((json_t *)result->findings, i, one) {
        print_finding(state, result, one);
    }
    print_operations(state, result, "ok");
    print_operations(state, result, "not tried");
    print_operations(state, result, "not claimed");
    print_found(state, result);
    fprintf(state, "\n%zu finding%s\n", count, count == 1 ? "" : "s");
    if (count == 0)
        fprintf(state,
                "How the connector behaves when its connection is lost, `goneaway run headline "
                "--adapter ..` shows.\n");
}

static const struct report_format adapter_test_human = {
    .name = "human",
    .doc = "each finding with its line of the protocol",
    .open = human_open,
    .write = human_write,
    .close = nothing_to_close,
};

// ---- for programs ------------------------------------------------------------------------------

static json_t *finding_json(const struct adapter_test_result *result, const json_t *finding) {
    cleanup_free char *heading = NULL;
    int line = adapter_test_find_line(text_get(&result->rules), text_of(finding, "rule"), &heading);
    json_t *object = json_deep_copy(finding);
    json_object_set_new(object, "line", json_integer(line));
    json_object_set_new(object, "section", utf8_json(heading));
    return object;
}

static void json_write(void *state, const void *what) {
    const struct adapter_test_result *result = what;
    size_t i;
    json_t *one, *list = json_array();
    json_array_foreach((json_t *)result->findings, i, one) {
        json_array_append_new(list, finding_json(result, one));
    }
    json_auto_t *object =
        json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "type", "adapter", "schema",
                  SCHEMA_VERSION, "version", utf8_json(goneaway_version), "connector",
                  utf8_json(result->connector), "server", utf8_json(result->server), "operations",
                  json_deep_copy(result->operations), "findings", list);
    detail_json(state, object, JSON_COMPACT);
    fputc('\n', state);
}

static const struct report_format adapter_test_json = {
    .name = "json",
    .doc = "one JSON object with every finding",
    .open = human_open,
    .write = json_write,
    .close = nothing_to_close,
};

const struct report_format *const adapter_test_formats[] = {&adapter_test_human, &adapter_test_json,
                                                            NULL};
