// SPDX-License-Identifier: Apache-2.0
// record.c - what was seen while a case ran, in memory and as JSON
//
// The tables below name each field in JSON (see base/members.h), as in the json report, so that a
// line of the report can be read back as a record.
#include "record/record.h"

#include "base/members.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

#define STEP(field) .offset = offsetof(struct record_step, field)
#define FAULT(field) .offset = offsetof(struct record_fault, field)
#define SAID(field) .offset = offsetof(struct record_said, field)
#define SESSION(field) .offset = offsetof(struct record_session, field)
#define EVENT(field) .offset = offsetof(struct record_event, field)
#define RECORD(field) .offset = offsetof(struct record, field)

static const struct member step_members[] = {
    {"n", MEMBER_INT, STEP(number)},
    {"id", MEMBER_TEXT, STEP(id)},
    {"actor", MEMBER_TEXT, STEP(actor)},
    {"do", MEMBER_TEXT, STEP(verb)},
    {"asked", MEMBER_PAIRS, STEP(asked)},
    {"outcome", MEMBER_WORD, STEP(outcome), .words = outcome_names, .word_count = OUTCOME_COUNT},
    {"errno", MEMBER_INT, STEP(error)},
    {"signal", MEMBER_MARK, STEP(signal)},
    {"sqlstate", MEMBER_TEXT, STEP(sqlstate)},
    {"message", MEMBER_TEXT, STEP(message)},
    {"native", MEMBER_TEXT, STEP(native)},
    {"events", MEMBER_NOTE, STEP(events)},
    {"stuck", MEMBER_NOTE, STEP(stuck)},
    {"thread", MEMBER_COUNT, STEP(thread)},
    {"thread_before", MEMBER_COUNT, STEP(thread_before)},
    {"start", MEMBER_MARK, STEP(start)},
    {"start_before", MEMBER_MARK, STEP(start_before)},
    {"rows", MEMBER_COUNT, STEP(row_count)},
    {"affected", MEMBER_COUNT, STEP(affected)},
    {"warnings", MEMBER_COUNT, STEP(warnings)},
    {"row_values", MEMBER_ROWS, STEP(rows)},
    {"ms", MEMBER_MS, STEP(ms)},
    {"at_ms", MEMBER_AT, STEP(at_ms)},
    {"end_ms", MEMBER_AT, STEP(end_ms)},
    {0},
};

static const struct member fault_members[] = {
    {"id", MEMBER_TEXT, FAULT(id)},
    {"kind", MEMBER_TEXT, FAULT(kind)},
    {"mechanism", MEMBER_TEXT, FAULT(mechanism)},
    {"fired", MEMBER_COUNT, FAULT(fired)},
    {"waits", MEMBER_NOTE, FAULT(waits)},
    {0},
};

static const struct member said_members[] = {
    {"actor", MEMBER_TEXT, SAID(actor)},
    {"text", MEMBER_TEXT, SAID(text)},
    {0},
};

static const struct member session_members[] = {
    {"at_ms", MEMBER_AT, SESSION(at_ms)},
    {"thread", MEMBER_COUNT, SESSION(thread)},
    {"words", MEMBER_TEXT, SESSION(words)},
    {0},
};

static const struct member event_members[] = {
    {"at_ms", MEMBER_AT, EVENT(at_ms)},
    {"from", MEMBER_TEXT, EVENT(from)},
    {"to", MEMBER_TEXT, EVENT(to)},
    {"words", MEMBER_TEXT, EVENT(words)},
    {"connection", MEMBER_MARK, EVENT(connection)},
    {"lost", MEMBER_MARK, EVENT(lost)},
    {"fin", MEMBER_MARK, EVENT(fin)},
    {"quit", MEMBER_MARK, EVENT(quit)},
    {"rst", MEMBER_MARK, EVENT(rst)},
    {"again", MEMBER_MARK, EVENT(again)},
    {"error", MEMBER_MARK, EVENT(error)},
    {0},
};

static const struct member case_members[] = {
    {"id", MEMBER_TEXT, RECORD(case_id)},
    {"broken", MEMBER_TEXT, RECORD(broken)},
    {"skip", MEMBER_TEXT, RECORD(skip)},
    {"lacks", MEMBER_TEXT, RECORD(lacks)},
    {"findings", MEMBER_NOTE, RECORD(findings)},
    {"began_at_ms", MEMBER_AT, RECORD(began_at_ms)},
    {"ms", MEMBER_MS, RECORD(ms)},
    {"boot_ms", MEMBER_MS, RECORD(boot_ms)},
    {"proxy", MEMBER_NOTE, RECORD(proxy)},
    {"blind", MEMBER_NOTE, RECORD(blind)},
    {"wire_left_out", MEMBER_MARK, RECORD(events_left_out)},
    {0},
};

static const struct member server_members[] = {
    {"name", MEMBER_TEXT, RECORD(server)},
    {"vendor", MEMBER_TEXT, RECORD(vendor)},
    {"version", MEMBER_TEXT, RECORD(server_version)},
    {"options", MEMBER_PAIRS, RECORD(server_options)},
    {"package", MEMBER_TEXT, RECORD(server_package)},
    {"measured", MEMBER_TEXT, RECORD(measured_package)},
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
        members_release(step_members, &record->steps[i]);
    for (size_t i = 0; i < record->fault_count; i++)
        members_release(fault_members, &record->faults[i]);
    for (size_t i = 0; i < record->said_count; i++)
        members_release(said_members, &record->said[i]);
    for (size_t i = 0; i < record->event_count; i++)
        members_release(event_members, &record->events[i]);
    for (size_t i = 0; i < record->session_count; i++)
        members_release(session_members, &record->sessions[i]);
    for (size_t i = 0; i < record->log_count; i++)
        free(record->log[i]);
    json_decref(record->exhibits);
    members_release(case_members, record);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        members_release(parts[i].members, record);
    free(record->steps);
    free(record->faults);
    free(record->said);
    free(record->events);
    free(record->sessions);
    free(record->log);
    free(record->log_by_ms);
    free(record);
}

void record_forget_events(struct record *record) {
    for (size_t i = 0; i < record->event_count; i++)
        members_release(event_members, &record->events[i]);
    for (size_t i = 0; i < record->session_count; i++)
        members_release(session_members, &record->sessions[i]);
    free(record->log_by_ms);
    record->log_by_ms = NULL;
    record->event_count = record->session_count = 0;
    record->events_left_out = 0;
    free(record->blind);
    record->blind = NULL;
}

void record_break(struct record *record, const char *why) {
    char *broken =
        xprintf("%s%s%s", why, record->broken ? "; " : "", record->broken ? record->broken : "");
    free(record->broken);
    free(record->skip);
    record->broken = broken;
    record->skip = NULL;
}

static const char *or_empty(const char *text) {
    return text ? text : "";
}

struct place record_place(const struct record *record) {
    return (struct place){.server = or_empty(record->server),
                          .vendor = or_empty(record->vendor),
                          .server_version = or_empty(record->server_version),
                          .connector = or_empty(record->connector),
                          .connector_version = or_empty(record->connector_version),
                          .family = record->family};
}

struct record_step *record_add_step(struct record *record) {
    record->steps = xrealloc(record->steps, record->step_count + 1, sizeof *record->steps);
    struct record_step *step = &record->steps[record->step_count++];
    *step = (struct record_step){
        .thread = -1, .thread_before = -1, .row_count = -1, .affected = -1, .warnings = -1};
    return step;
}

bool record_follows_hang(const struct record *record, size_t index) {
    const char *actor = record->steps[index].actor;
    for (size_t i = 0; actor && i < index; i++)
        if (record->steps[i].outcome == OUTCOME_HANG && record->steps[i].actor &&
            strcmp(record->steps[i].actor, actor) == 0)
            return true;
    return false;
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

struct record_event *record_add_event(struct record *record, const char *from, const char *to,
                                      const char *words) {
    record->events = xgrow(record->events, record->event_count, sizeof *record->events);
    struct record_event *event = &record->events[record->event_count++];
    *event =
        (struct record_event){.from = xstrdup(from), .to = xstrdup(to), .words = xstrdup(words)};
    return event;
}

void record_add_session(struct record *record, double at_ms, int64_t thread, const char *words) {
    record->sessions = xgrow(record->sessions, record->session_count, sizeof *record->sessions);
    record->sessions[record->session_count++] =
        (struct record_session){.at_ms = at_ms, .thread = thread, .words = xstrdup(words)};
}

static json_t *log_to_json(const struct record *record) {
    json_t *log = json_array();
    for (size_t i = 0; i < record->log_count; i++)
        json_array_append_new(log, utf8_json(record->log[i]));
    return log;
}

static json_t *times_to_json(const struct record *record) {
    json_t *times = json_array();
    for (size_t i = 0; i < record->log_count; i++)
        json_array_append_new(times, json_real(round(record->log_by_ms[i] * 1000) / 1000));
    return times;
}

json_t *record_to_json(const struct record *record) {
    json_t *json = json_object();
    members_to_json(json, case_members, record);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        json_t *part = json_object();
        members_to_json(part, parts[i].members, record);
        json_object_set_new(json, parts[i].name, part);
    }
    json_t *evidence = json_object_get(json, "evidence");
    json_object_set_new(evidence, "log", log_to_json(record));
    if (record->log_by_ms)
        json_object_set_new(evidence, "log_by_ms", times_to_json(record));
    json_object_set_new(
        json, "faults",
        members_of_all(fault_members, record->faults, record->fault_count, sizeof *record->faults));
    json_object_set_new(
        json, "said",
        members_of_all(said_members, record->said, record->said_count, sizeof *record->said));
    json_object_set_new(
        json, "steps",
        members_of_all(step_members, record->steps, record->step_count, sizeof *record->steps));
    if (record->event_count > 0)
        json_object_set_new(json, "wire",
                            members_of_all(event_members, record->events, record->event_count,
                                           sizeof *record->events));
    if (record->session_count > 0)
        json_object_set_new(json, "sessions",
                            members_of_all(session_members, record->sessions, record->session_count,
                                           sizeof *record->sessions));
    if (record->exhibits)
        json_object_set(json, "exhibits", record->exhibits);
    return json;
}

// The list of that name; empty if it is missing.
static int find_array(const json_t *object, const char *name, json_t **ret_array, struct err *err) {
    *ret_array = json_object_get(object, name);
    return *ret_array && !json_is_array(*ret_array) ? err_set(err, "%s: is not a list", name) : 0;
}

static int read_steps(struct record *record, const json_t *json, struct err *err) {
    size_t i;
    json_t *steps, *value;
    if (find_array(json, "steps", &steps, err) < 0)
        return -1;
    // no case has more, and searching them takes quadratic time
    if (json_array_size(steps) > MOST_STEPS)
        return err_set(err, "steps: are more than %d", MOST_STEPS);
    json_array_foreach(steps, i, value) {
        if (members_read(step_members, value, record_add_step(record), err) < 0)
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
        if (members_read(fault_members, value, record_add_fault(record, NULL, NULL, NULL), err) < 0)
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
        if (members_read(said_members, value, &record->said[i], err) < 0)
            return err_context(err, "said[%zu]", i);
    }
    return 0;
}

static int read_events(struct record *record, const json_t *json, struct err *err) {
    size_t i;
    json_t *events, *value;
    if (find_array(json, "wire", &events, err) < 0)
        return -1;
    json_array_foreach(events, i, value) {
        struct record_event *event = record_add_event(record, NULL, NULL, NULL);
        if (members_read(event_members, value, event, err) < 0)
            return err_context(err, "wire[%zu]", i);
        if (!event->from || !event->to || !event->words)
            return err_set(err, "wire[%zu]: from, to or words is missing", i);
    }
    return 0;
}

static int read_sessions(struct record *record, const json_t *json, struct err *err) {
    size_t i;
    json_t *sessions, *value;
    if (find_array(json, "sessions", &sessions, err) < 0)
        return -1;
    json_array_foreach(sessions, i, value) {
        record_add_session(record, 0, -1, NULL);
        if (members_read(session_members, value, &record->sessions[i], err) < 0)
            return err_context(err, "sessions[%zu]", i);
        if (!record->sessions[i].words)
            return err_set(err, "sessions[%zu]: words is missing", i);
    }
    return 0;
}

// Of a list that does not fit the log's lines nothing is taken.
static void read_log_times(struct record *record, const json_t *times) {
    size_t i;
    json_t *time;
    if (record->log_count == 0 || json_array_size(times) != record->log_count)
        return;
    record->log_by_ms = xcalloc(record->log_count, sizeof *record->log_by_ms);
    json_array_foreach(times, i, time) record->log_by_ms[i] = json_number_value(time);
}

static int read_log(struct record *record, const json_t *json, struct err *err) {
    size_t i;
    json_t *log, *line;
    if (find_array(json_object_get(json, "evidence"), "log", &log, err) < 0)
        return err_context(err, "evidence");
    json_array_foreach(log, i, line) {
        if (!json_is_string(line))
            return err_set(err, "evidence: log[%zu]: is not text", i);
        record_add_log(record, json_string_value(line));
    }
    read_log_times(record, json_object_get(json_object_get(json, "evidence"), "log_by_ms"));
    return 0;
}

static int read_record(struct record *record, const json_t *json, struct err *err) {
    if (members_read(case_members, json, record, err) < 0)
        return -1;
    if (!record->case_id)
        return err_set(err, "id is missing");
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const json_t *part = json_object_get(json, parts[i].name);
        if (part && members_read(parts[i].members, part, record, err) < 0)
            return err_context(err, "%s", parts[i].name);
    }
    if (read_log(record, json, err) < 0 || read_faults(record, json, err) < 0 ||
        read_said(record, json, err) < 0 || read_events(record, json, err) < 0 ||
        read_sessions(record, json, err) < 0)
        return -1;
    json_t *exhibits = json_object_get(json, "exhibits");
    record->exhibits = json_is_object(exhibits) ? json_incref(exhibits) : NULL;
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
