// SPDX-License-Identifier: Apache-2.0
// tap.c - the TAP report, version 14 of the Test Anything Protocol (testanything.org)
#include "report/attempts.h"
#include "report/detail.h"

#include <string.h>

struct tap {
    FILE *file;
    int count, planned;
};

static void *tap_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    struct tap *tap = xcalloc(1, sizeof *tap);
    tap->file = file;
    return tap;
}

// Adds text so that nothing in it can be taken for a directive or the end of the line.
static void add_escaped(struct text *line, const char *text) {
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *safe = sheet_safe(&utf8, text, -1);
    for (const char *c = safe; *c; c++) {
        if (*c == '#' || *c == '\\')
            text_add(line, "\\");
        text_append(line, c, 1);
    }
}

static void tap_begin(void *state, const struct report_run *run) {
    struct tap *tap = state;
    tap->planned = run->planned;
    fputs("TAP version 14\n", tap->file);
    for (size_t i = 0; i < run->server_count; i++) {
        cleanup_text struct text comment = {0};
        cleanup_free char *line = detail_server_line(&run->servers[i]);
        add_escaped(&comment, line);
        fprintf(tap->file, "# %s\n", text_get(&comment));
    }
}

// "case server connector": unique within the run, since TAP consumers compare names.
static void add_description(struct text *line, const struct report_case *result) {
    add_escaped(line, result->plan->id);
    text_add(line, " ");
    add_escaped(line, detail_server(result));
    text_add(line, " ");
    add_escaped(line, detail_connector(result));
    if (result->repeat > 0)
        text_printf(line, " (repeat %d)", result->repeat);
}

// JSON is valid YAML, with unambiguous quoting. Takes the reference.
static void write_yaml(FILE *file, const char *key, json_t *value) {
    fprintf(file, "  %s: ", key);
    detail_json(file, value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    fputc('\n', file);
    json_decref(value);
}

// Unknown values are left out here.
static void drop_nulls(json_t *object) {
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value) {
        if (json_is_null(value))
            json_object_del(object, key);
    }
}

static void write_list(FILE *file, const char *key, json_t *list) {
    size_t i;
    json_t *item;
    if (json_array_size(list) == 0)
        return;
    fprintf(file, "  %s:\n", key);
    json_array_foreach(list, i, item) {
        fputs("    - ", file);
        drop_nulls(item);
        detail_json(file, item, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        fputc('\n', file);
    }
}

static void write_diagnostics(FILE *file, const struct report_case *result) {
    json_auto_t *line = report_case_json(result);
    json_t *evidence = json_object_get(line, "evidence");
    drop_nulls(evidence);
    drop_nulls(json_object_get(line, "server"));
    fputs("  ---\n", file);
    for (const char *const *key = (const char *[]){"verdict", "title", "why", "ms", "server",
                                                   "connector", "rerun", NULL};
         *key; key++)
        write_yaml(file, *key, json_incref(json_object_get(line, *key)));
    write_list(file, "steps", json_object_get(line, "steps"));
    write_list(file, "faults", json_object_get(line, "faults"));
    write_yaml(file, "evidence", json_incref(evidence));
    fputs("  ...\n", file);
}

static void tap_case(void *state, const struct report_case *result) {
    struct tap *tap = state;
    enum verdict_kind kind = result->verdict->kind;
    bool ok = !verdict_is_trouble(kind);
    cleanup_text struct text line = {0};
    text_printf(&line, "%s %d - ", ok ? "ok" : "not ok", ++tap->count);
    add_description(&line, result);
    if (kind == VERDICT_UNMEASURED)
        text_add(&line, " (unmeasured)");
    if (kind == VERDICT_SKIP) {
        text_add(&line, " # SKIP ");
        add_escaped(&line, detail_why(result));
    }
    fprintf(tap->file, "%s\n", text_get(&line));
    cleanup_free char *attempts = attempts_line(result);
    if (attempts) {
        cleanup_text struct text comment = {0};
        add_escaped(&comment, attempts);
        fprintf(tap->file, "# %s\n", text_get(&comment));
    }
    if (!ok)
        write_diagnostics(tap->file, result);
}

// No plan after "Bail out!", so that nobody takes a run that was cut short for a complete one.
static void tap_end(void *state, const struct report_summary *summary) {
    struct tap *tap = state;
    if (summary->interrupted)
        fprintf(tap->file, "Bail out! Interrupted after %d of %d cases\n", tap->count,
                tap->planned);
    else if (tap->count == 0)
        fputs("1..0 # SKIP no case ran\n", tap->file);
    else
        fprintf(tap->file, "1..%d\n", tap->count);
}

const struct report_format report_tap = {
    .name = "tap",
    .doc = "TAP 14, with a YAML block at each failure",
    .open = tap_open,
    .begin = tap_begin,
    .add_case = tap_case,
    .end = tap_end,
    .close = free,
};
