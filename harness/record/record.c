// SPDX-License-Identifier: Apache-2.0
// record.c - what was seen while a case ran, in memory and as JSON
//
// The tables below say how each field is called in JSON; writing, reading and freeing follow them.
// The names are those of the json report, so that a line of it can be read back as a record.
#include "record/record.h"

#include "base/pattern.h"
#include "base/utf8.h"

#include <limits.h>
#include <math.h>
#include <string.h>

// More than any number of microseconds that an adapter can tell.
static const double MOST_MS = 1e16;

enum member_kind {
    MEMBER_TEXT,    // char *; null while NULL
    MEMBER_NOTE,    // char *, left out while NULL
    MEMBER_INT,     // int
    MEMBER_MARK,    // int, left out while 0
    MEMBER_COUNT,   // int64_t; null while -1
    MEMBER_MS,      // double
    MEMBER_FLAG,    // int: 1 or 0; null while -1
    MEMBER_OUTCOME, // enum outcome_kind, as its word
    MEMBER_ROWS,    // json_t *, left out while NULL
};

struct member {
    const char *name; // NULL ends a table
    enum member_kind kind;
    size_t offset;
};

#define STEP(field) offsetof(struct record_step, field)
#define FAULT(field) offsetof(struct record_fault, field)
#define SAID(field) offsetof(struct record_said, field)
#define RECORD(field) offsetof(struct record, field)

static const struct member step_members[] = {
    {"n", MEMBER_INT, STEP(number)},
    {"id", MEMBER_TEXT, STEP(id)},
    {"actor", MEMBER_TEXT, STEP(actor)},
    {"do", MEMBER_TEXT, STEP(verb)},
    {"outcome", MEMBER_OUTCOME, STEP(outcome)},
    {"errno", MEMBER_INT, STEP(error)},
    {"signal", MEMBER_MARK, STEP(signal)},
    {"sqlstate", MEMBER_TEXT, STEP(sqlstate)},
    {"message", MEMBER_TEXT, STEP(message)},
    {"native", MEMBER_TEXT, STEP(native)},
    {"events", MEMBER_NOTE, STEP(events)},
    {"thread", MEMBER_COUNT, STEP(thread)},
    {"thread_before", MEMBER_COUNT, STEP(thread_before)},
    {"start", MEMBER_MARK, STEP(start)},
    {"start_before", MEMBER_MARK, STEP(start_before)},
    {"rows", MEMBER_COUNT, STEP(row_count)},
    {"affected", MEMBER_COUNT, STEP(affected)},
    {"warnings", MEMBER_COUNT, STEP(warnings)},
    {"row_values", MEMBER_ROWS, STEP(rows)},
    {"ms", MEMBER_MS, STEP(ms)},
    {0},
};

static const struct member fault_members[] = {
    {"id", MEMBER_TEXT, FAULT(id)},
    {"kind", MEMBER_TEXT, FAULT(kind)},
    {"mechanism", MEMBER_TEXT, FAULT(mechanism)},
    {"fired", MEMBER_COUNT, FAULT(fired)},
    {0},
};

static const struct member said_members[] = {
    {"actor", MEMBER_TEXT, SAID(actor)},
    {"text", MEMBER_TEXT, SAID(text)},
    {0},
};
static const struct member case_members[] = {
    {"id", MEMBER_TEXT, RECORD(case_id)},
    {"broken", MEMBER_TEXT, RECORD(broken)},
    {"skip", MEMBER_TEXT, RECORD(skip)},
    {"lacks", MEMBER_TEXT, RECORD(lacks)},
    {"ms", MEMBER_MS, RECORD(ms)},
    {"boot_ms", MEMBER_MS, RECORD(boot_ms)},
    {0},
};

static const struct member server_members[] = {
    {"name", MEMBER_TEXT, RECORD(server)},
    {"vendor", MEMBER_TEXT, RECORD(vendor)},
    {"version", MEMBER_TEXT, RECORD(server_version)},
    {"package", MEMBER_TEXT, RECORD(server_package)},
    {"measured", MEMBER_TEXT, RECORD(server_measured)},
    {0},
};

static const struct member connector_members[] = {
    {"name", MEMBER_TEXT, RECORD(connector)},
    {"version", MEMBER_TEXT, RECORD(connector_version)},
    {"family", MEMBER_TEXT, RECORD(family)},
    {0},
};

static const struct member evidence_members[] = {
    {"Aborted_clients", MEMBER_COUNT, RECORD(aborted_clients)},
    {"Aborted_connects", MEMBER_COUNT, RECORD(aborted_connects)},
    {"uptime_reset", MEMBER_FLAG, RECORD(uptime_reset)},
    {"log_lines", MEMBER_MARK, RECORD(log_lines)},
    {0},
};

// The parts of a record that are objects of their own in JSON.
static const struct part {
    const char *name;
    const struct member *members;
} parts[] = {
    {"server", server_members},
    {"connector", connector_members},
    {"evidence", evidence_members},
};

static void release_members(const struct member *members, void *base) {
    for (const struct member *member = members; member->name; member++) {
        void *field = (char *)base + member->offset;
        if (member->kind == MEMBER_TEXT || member->kind == MEMBER_NOTE)
            free(*(char **)field);
        else if (member->kind == MEMBER_ROWS)
            json_decref(*(json_t **)field);
    }
}

struct record *record_new(const char *case_id) {
    struct record *record = xcalloc(1, sizeof *record);
    record->case_id = xstrdup(case_id);
    record->aborted_clients = record->aborted_connects = -1;
    record->uptime_reset = -1;
    return record;
}

void record_free(struct record *record) {
    if (!record)
        return;
    for (size_t i = 0; i < record->step_count; i++)
        release_members(step_members, &record->steps[i]);
    for (size_t i = 0; i < record->fault_count; i++)
        release_members(fault_members, &record->faults[i]);
    for (size_t i = 0; i < record->said_count; i++)
        release_members(said_members, &record->said[i]);
    for (size_t i = 0; i < record->log_count; i++)
        free(record->log[i]);
    release_members(case_members, record);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        release_members(parts[i].members, record);
    free(record->steps);
    free(record->faults);
    free(record->said);
    free(record->log);
    free(record);
}

struct record_step *record_add_step(struct record *record) {
    record->steps = xrealloc(record->steps, record->step_count + 1, sizeof *record->steps);
    struct record_step *step = &record->steps[record->step_count++];
    *step = (struct record_step){
        .thread = -1, .thread_before = -1, .row_count = -1, .affected = -1, .warnings = -1};
    return step;
}

struct record_fault *record_add_fault(struct record *record, const char *id, const char *kind,
                                      const char *mechanism) {
    record->faults = xrealloc(record->faults, record->fault_count + 1, sizeof *record->faults);
    struct record_fault *fault = &record->faults[record->fault_count++];
    *fault = (struct record_fault){
        .id = xstrdup(id), .kind = xstrdup(kind), .mechanism = xstrdup(mechanism)};
    return fault;
}

void record_add_said(struct record *record, const char *actor, const char *text) {
    record->said = xrealloc(record->said, record->said_count + 1, sizeof *record->said);
    record->said[record->said_count++] =
        (struct record_said){.actor = xstrdup(actor), .text = xstrdup(text)};
}

void record_add_log(struct record *record, const char *line) {
    record->log = xrealloc(record->log, record->log_count + 1, sizeof *record->log);
    record->log[record->log_count++] = xstrdup(line);
}

// The first line of all that a report shows: what comes before the first error is long.
static size_t first_shown(const struct record *record, size_t most) {
    size_t latest = record->log_count > most ? record->log_count - most : 0;
    for (size_t i = 0; i < record->log_count; i++)
        if (strstr(record->log[i], "[ERROR]"))
            return i < latest ? i : latest;
    return 0;
}

void record_shorten_log(struct record *record) {
    enum { MOST_LINES = 40, MOST_BYTES = 500 };
    size_t from = first_shown(record, MOST_LINES), kept = 0;
    if (record->log_count > MOST_LINES)
        record->log_lines = (int)record->log_count;
    for (size_t i = 0; i < record->log_count; i++) {
        if (i < from || kept == MOST_LINES) {
            free(record->log[i]);
            continue;
        }
        if (strlen(record->log[i]) > MOST_BYTES)
            record->log[i][MOST_BYTES] = '\0';
        record->log[kept++] = record->log[i];
    }
    record->log_count = kept;
}

int record_log_has(const struct record *record, const char *text, size_t *steps, struct err *err) {
    cleanup_pattern struct pattern *pattern = pattern_open(text, err);
    int found = pattern ? 0 : -1;
    for (size_t i = 0; found == 0 && i < record->log_count; i++)
        found = pattern_matches(pattern, record->log[i], strlen(record->log[i]), steps, err);
    return found;
}

// NULL for a member that is left out.
static json_t *member_to_json(const struct member *member, const void *field) {
    switch (member->kind) {
    case MEMBER_TEXT:
        return utf8_json(*(char *const *)field);
    case MEMBER_NOTE:
        return *(char *const *)field ? utf8_json(*(char *const *)field) : NULL;
    case MEMBER_INT:
        return json_integer(*(const int *)field);
    case MEMBER_MARK:
        return *(const int *)field ? json_integer(*(const int *)field) : NULL;
    case MEMBER_COUNT:
        return *(const int64_t *)field < 0 ? json_null() : json_integer(*(const int64_t *)field);
    case MEMBER_MS:
        return json_real(isfinite(*(const double *)field) ? *(const double *)field : 0);
    case MEMBER_FLAG:
        return *(const int *)field < 0 ? json_null() : json_boolean(*(const int *)field);
    case MEMBER_OUTCOME:
        return json_string(outcome_names[*(const enum outcome_kind *)field]);
    case MEMBER_ROWS:
        return json_deep_copy(*(json_t *const *)field);
    }
    return NULL;
}

static void members_to_json(json_t *object, const struct member *members, const void *base) {
    for (const struct member *member = members; member->name; member++) {
        json_t *value = member_to_json(member, (const char *)base + member->offset);
        if (value)
            json_object_set_new(object, member->name, value);
    }
}

static json_t *array_to_json(const struct member *members, const void *items, size_t count,
                             size_t size) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        members_to_json(object, members, (const char *)items + i * size);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *log_to_json(const struct record *record) {
    json_t *log = json_array();
    for (size_t i = 0; i < record->log_count; i++)
        json_array_append_new(log, utf8_json(record->log[i]));
    return log;
}

json_t *record_to_json(const struct record *record) {
    json_t *json = json_object();
    members_to_json(json, case_members, record);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        json_t *part = json_object();
        members_to_json(part, parts[i].members, record);
        json_object_set_new(json, parts[i].name, part);
    }
    json_object_set_new(json_object_get(json, "evidence"), "log", log_to_json(record));
    json_object_set_new(
        json, "faults",
        array_to_json(fault_members, record->faults, record->fault_count, sizeof *record->faults));
    json_object_set_new(
        json, "said",
        array_to_json(said_members, record->said, record->said_count, sizeof *record->said));
    json_object_set_new(
        json, "steps",
        array_to_json(step_members, record->steps, record->step_count, sizeof *record->steps));
    return json;
}

static int read_text(const json_t *value, char **text, struct err *err) {
    if (!json_is_string(value))
        return err_set(err, "is no text");
    free(*text);
    *text = xstrdup(json_string_value(value));
    return 0;
}

static int read_int(const json_t *value, int *number, struct err *err) {
    if (!json_is_integer(value))
        return err_set(err, "is no whole number");
    json_int_t wide = json_integer_value(value);
    if (wide < INT_MIN || wide > INT_MAX)
        return err_set(err, "is out of range");
    *number = (int)wide;
    return 0;
}

static int read_count(const json_t *value, int64_t *number, struct err *err) {
    if (!json_is_integer(value))
        return err_set(err, "is no whole number");
    *number = json_integer_value(value);
    return *number < 0 ? err_set(err, "is negative") : 0;
}

static int read_ms(const json_t *value, double *ms, struct err *err) {
    if (!json_is_number(value))
        return err_set(err, "is no number");
    *ms = json_number_value(value);
    return fabs(*ms) > MOST_MS ? err_set(err, "is out of range") : 0;
}

static int read_flag(const json_t *value, int *flag, struct err *err) {
    if (!json_is_boolean(value))
        return err_set(err, "is neither true nor false");
    *flag = json_is_true(value);
    return 0;
}

static int read_outcome(const json_t *value, enum outcome_kind *outcome, struct err *err) {
    if (!json_is_string(value))
        return err_set(err, "is no text");
    for (int i = OUTCOME_OK; i < OUTCOME_COUNT; i++)
        if (strcmp(json_string_value(value), outcome_names[i]) == 0) {
            *outcome = (enum outcome_kind)i;
            return 0;
        }
    return err_set(err, "'%s' is no outcome", json_string_value(value));
}

static int read_rows(const json_t *value, json_t **rows, struct err *err) {
    size_t i;
    json_t *row;
    if (!json_is_array(value))
        return err_set(err, "is no list");
    json_array_foreach((json_t *)value, i, row) {
        if (!json_is_array(row))
            return err_set(err, "row %zu is no list", i);
    }
    json_decref(*rows);
    *rows = json_deep_copy(value);
    return 0;
}

static int read_member(const struct member *member, const json_t *value, void *field,
                       struct err *err) {
    switch (member->kind) {
    case MEMBER_TEXT:
    case MEMBER_NOTE:
        return read_text(value, field, err);
    case MEMBER_INT:
    case MEMBER_MARK:
        return read_int(value, field, err);
    case MEMBER_COUNT:
        return read_count(value, field, err);
    case MEMBER_MS:
        return read_ms(value, field, err);
    case MEMBER_FLAG:
        return read_flag(value, field, err);
    case MEMBER_OUTCOME:
        return read_outcome(value, field, err);
    case MEMBER_ROWS:
        return read_rows(value, field, err);
    }
    return 0;
}

// A member that is missing or null stays unknown. Members that are not in the table are allowed:
// the json report has more of them.
static int read_members(const struct member *members, const json_t *object, void *base,
                        struct err *err) {
    if (!json_is_object(object))
        return err_set(err, "is no object");
    for (const struct member *member = members; member->name; member++) {
        const json_t *value = json_object_get(object, member->name);
        if (!value || json_is_null(value))
            continue;
        if (read_member(member, value, (char *)base + member->offset, err) < 0)
            return err_context(err, "%s", member->name);
    }
    return 0;
}

// The list of that name; an empty one if it is missing.
static int find_array(const json_t *object, const char *name, json_t **ret_array, struct err *err) {
    *ret_array = json_object_get(object, name);
    return *ret_array && !json_is_array(*ret_array) ? err_set(err, "%s: is no list", name) : 0;
}

static int read_steps(struct record *record, const json_t *json, struct err *err) {
    size_t i;
    json_t *steps, *value;
    if (find_array(json, "steps", &steps, err) < 0)
        return -1;
    // a case has no more, and what looks through them takes their number squared
    if (json_array_size(steps) > MOST_STEPS)
        return err_set(err, "steps: are more than %d", MOST_STEPS);
    json_array_foreach(steps, i, value) {
        if (read_members(step_members, value, record_add_step(record), err) < 0)
            return err_context(err, "steps[%zu]", i);
        if (!json_is_string(json_object_get(value, "outcome")))
            return err_set(err, "steps[%zu]: outcome is missing", i);
    }
    return 0;
}

static int read_faults(struct record *record, const json_t *json, struct err *err) {
    size_t i;
    json_t *faults, *value;
    if (find_array(json, "faults", &faults, err) < 0)
        return -1;
    json_array_foreach(faults, i, value) {
        if (read_members(fault_members, value, record_add_fault(record, NULL, NULL, NULL), err) < 0)
            return err_context(err, "faults[%zu]", i);
    }
    return 0;
}

static int read_said(struct record *record, const json_t *json, struct err *err) {
    size_t i;
    json_t *said, *value;
    if (find_array(json, "said", &said, err) < 0)
        return -1;
    json_array_foreach(said, i, value) {
        record_add_said(record, NULL, NULL);
        if (read_members(said_members, value, &record->said[i], err) < 0)
            return err_context(err, "said[%zu]", i);
    }
    return 0;
}

static int read_log(struct record *record, const json_t *json, struct err *err) {
    size_t i;
    json_t *log, *line;
    if (find_array(json_object_get(json, "evidence"), "log", &log, err) < 0)
        return err_context(err, "evidence");
    json_array_foreach(log, i, line) {
        if (!json_is_string(line))
            return err_set(err, "evidence: log[%zu]: is no text", i);
        record_add_log(record, json_string_value(line));
    }
    return 0;
}

static int read_record(struct record *record, const json_t *json, struct err *err) {
    if (read_members(case_members, json, record, err) < 0)
        return -1;
    if (!record->case_id)
        return err_set(err, "id is missing");
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const json_t *part = json_object_get(json, parts[i].name);
        if (part && read_members(parts[i].members, part, record, err) < 0)
            return err_context(err, "%s", parts[i].name);
    }
    if (read_log(record, json, err) < 0 || read_faults(record, json, err) < 0 ||
        read_said(record, json, err) < 0)
        return -1;
    return read_steps(record, json, err);
}

struct record *record_from_json(const json_t *json, struct err *err) {
    struct record *record = record_new(NULL);
    if (read_record(record, json, err) == 0)
        return record;
    err_context(err, "record");
    record_free(record);
    return NULL;
}
