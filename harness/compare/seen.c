// SPDX-License-Identifier: Apache-2.0
// seen.c - reads what a file recorded
#include "compare/seen.h"

#include "base/file.h"
#include "base/text.h"
#include "plan/kind.h"
#include "verdict/verdict.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    MOST_BYTES = 512 << 20,
    MOST_LINE_BYTES = 9 << 20, // a record has at most 8 MiB; as JSON in memory it takes many times
                               // as much
    MOST_CASES = 1000000,
    MOST_PLACES = 256,
    KEY_WITHIN = 200, // lines: a baseline declares itself within these
};

// ---- what is collected -------------------------------------------------------------------------

static const char *keep(struct seen *seen, const char *text) {
    return text ? arena_text(seen->arena, text, strlen(text)) : NULL;
}

static struct seen_place *find_place(const struct seen_places *places, const char *name) {
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i].name, name) == 0)
            return &places->items[i];
    return NULL;
}

// A later case may know what the first one did not.
int seen_add_place(struct seen *seen, struct seen_places *places, const struct seen_place *place,
                   size_t *ret_index, struct err *err) {
    struct seen_place *known = find_place(places, place->name);
    if (!known && places->count == MOST_PLACES)
        return err_usage(err, "names more than %d of them", MOST_PLACES);
    if (!known) {
        places->items = xrealloc(places->items, places->count + 1, sizeof *places->items);
        known = &places->items[places->count++];
        *known = (struct seen_place){.name = keep(seen, place->name), .version = ""};
        known->family = known->name;
    }
    if (place->version && !*known->version)
        known->version = keep(seen, place->version);
    if (place->family && *place->family && known->family == known->name)
        known->family = keep(seen, place->family);
    *ret_index = (size_t)(known - places->items);
    return 0;
}

void seen_name_case(struct seen *seen, struct seen_case *one, const char *id) {
    one->id = arena_text(seen->arena, id, strlen(id));
    const char *at = strrchr(one->id, '@');
    one->transport = at ? at + 1 : "";
    one->scenario = arena_text(seen->arena, one->id, strcspn(one->id, "/@"));
}

struct seen_case *seen_add_case(struct seen *seen, const char *id) {
    if (seen->case_count == seen->case_room) {
        seen->case_room = seen->case_room ? 2 * seen->case_room : 256;
        seen->cases = xrealloc(seen->cases, seen->case_room, sizeof *seen->cases);
    }
    struct seen_case *one = &seen->cases[seen->case_count++];
    *one = (struct seen_case){0};
    seen_name_case(seen, one, id);
    return one;
}

// ---- a json report -----------------------------------------------------------------------------

/** The state of reading a report. */
struct report_reading {
    struct seen *seen;
    bool begun, ended, interrupted;
    size_t planned;
};

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// -1: unknown
static int64_t count_of(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

// An error number or a signal; 0 if out of range.
static int number_of(const json_t *object, const char *key) {
    int64_t number = count_of(object, key);
    return number > 0 && number <= INT32_MAX ? (int)number : 0;
}

static int outcome_of(const json_t *step) {
    const char *word = text_of(step, "outcome");
    for (int i = 0; word && i < OUTCOME_COUNT; i++)
        if (strcmp(outcome_names[i], word) == 0)
            return i;
    return -1;
}

// Only a call that succeeded knows its session for sure; one that connects has a new session by
// definition.
static int session_of(const json_t *step, enum outcome_kind outcome) {
    const char *word = text_of(step, "do");
    const struct app_verb *verb = word ? app_verb_named(word) : NULL;
    int64_t thread = count_of(step, "thread"), before = count_of(step, "thread_before");
    if (outcome != OUTCOME_OK || !verb || verb->connects || thread < 0 || before < 0)
        return -1;
    return thread == before && count_of(step, "start") == count_of(step, "start_before")
               ? SESSION_SAME
               : SESSION_NEW;
}

static int read_step(struct seen *seen, const json_t *json, struct seen_case *one,
                     struct err *err) {
    const char *id = text_of(json, "id");
    int outcome = outcome_of(json);
    if (!id)
        return 0; // a step of the set-up
    if (outcome < 0)
        return err_usage(err, "%s: it has no outcome that this goneaway knows", id);
    const json_t *rows = json_object_get(json, "row_values");
    cleanup_free char *values =
        outcome == OUTCOME_OK && rows ? json_dumps(rows, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    one->steps[one->step_count++] =
        (struct seen_step){.id = keep(seen, id),
                           .verb = keep(seen, text_of(json, "do")),
                           .outcome = (enum outcome_kind)outcome,
                           .error = number_of(json, "errno"),
                           .signal = number_of(json, "signal"),
                           .native = keep(seen, text_of(json, "native")),
                           .sqlstate = keep(seen, text_of(json, "sqlstate")),
                           .session = session_of(json, (enum outcome_kind)outcome),
                           .row_count = outcome == OUTCOME_OK ? count_of(json, "rows") : -1,
                           .values = keep(seen, values)};
    return 0;
}

static int read_steps(struct seen *seen, const json_t *line, struct seen_case *one,
                      struct err *err) {
    size_t i;
    json_t *steps = json_object_get(line, "steps"), *step;
    if (one->state == SEEN_RAN && !json_is_array(steps))
        return err_usage(err, "steps are missing");
    if (json_array_size(steps) > MOST_STEPS)
        return err_usage(err, "has more than %d steps", MOST_STEPS);
    one->steps = arena_alloc(seen->arena, (json_array_size(steps) + 1) * sizeof *one->steps);
    json_array_foreach(steps, i, step) if (read_step(seen, step, one, err) < 0) return -1;
    return 0;
}

static int read_place(struct seen *seen, const json_t *line, const char *key,
                      struct seen_places *places, size_t *ret_index, struct err *err) {
    const json_t *place = json_object_get(line, key);
    const struct seen_place known = {.name = text_of(place, "name"),
                                     .version = text_of(place, "version"),
                                     .family = text_of(place, "family")};
    if (!known.name)
        return err_usage(err, "%s: the name is missing", key);
    return seen_add_place(seen, places, &known, ret_index, err) < 0 ? err_context(err, "%s", key)
                                                                    : 0;
}

static int read_state(const json_t *line, enum seen_state *ret, struct err *err) {
    const char *verdict = text_of(line, "verdict");
    bool known = false;
    for (int i = 0; verdict && i < VERDICT_COUNT; i++)
        known |= strcmp(verdict, verdict_names[i]) == 0;
    if (!verdict)
        return err_usage(err, "verdict is missing");
    if (!known)
        return err_usage(err, "there is no verdict '%.100s'", verdict);
    *ret = strcmp(verdict, verdict_names[VERDICT_BROKEN]) == 0 ? SEEN_BROKEN
           : strcmp(verdict, verdict_names[VERDICT_SKIP]) == 0 ? SEEN_SKIPPED
                                                               : SEEN_RAN;
    return 0;
}

static int read_case(struct report_reading *reading, const json_t *line, struct err *err) {
    struct seen *seen = reading->seen;
    const char *id = text_of(line, "id");
    const json_t *fault = json_array_get(json_object_get(line, "faults"), 0);
    if (!id)
        return err_usage(err, "id is missing");
    if (seen->case_count == MOST_CASES)
        return err_usage(err, "has more than %d cases", MOST_CASES);
    struct seen_case *one = seen_add_case(seen, id);
    one->cause = keep(seen, text_of(line, "cause"));
    one->fault = keep(seen, text_of(fault, "kind"));
    if (read_place(seen, line, "connector", &seen->connectors, &one->connector, err) < 0 ||
        read_place(seen, line, "server", &seen->servers, &one->server, err) < 0 ||
        read_state(line, &one->state, err) < 0)
        return -1;
    return read_steps(seen, line, one, err);
}

static int read_begin(struct report_reading *reading, const json_t *line, struct err *err) {
    int64_t schema = count_of(line, "schema"), planned = count_of(line, "planned");
    if (reading->begun)
        return err_usage(err, "a second run begins; `goneaway merge` joins the shards of a run");
    if (schema != 1)
        return err_usage(err, "is of schema %lld, and this goneaway reads 1", (long long)schema);
    reading->begun = true;
    reading->planned = planned > 0 ? (size_t)planned : 0;
    return 0;
}

static int read_object(struct report_reading *reading, const json_t *line, struct err *err) {
    const char *type = text_of(line, "type");
    if (!type)
        return err_usage(err, "is not a line of goneaway's json report");
    if (strcmp(type, "run") == 0)
        return read_begin(reading, line, err);
    if (!reading->begun)
        return err_usage(err, "the line of the run is missing");
    if (reading->ended)
        return err_usage(err, "comes after the summary");
    if (strcmp(type, "case") == 0)
        return read_case(reading, line, err);
    if (strcmp(type, "summary") != 0)
        return err_usage(err, "there is no type '%.100s'", type);
    reading->ended = true;
    reading->interrupted = json_is_true(json_object_get(line, "interrupted"));
    return 0;
}

// An unterminated last line was cut off when its run died.
static int read_line(struct report_reading *reading, const char *data, size_t length, bool last,
                     struct err *err) {
    json_error_t error;
    if (length > MOST_LINE_BYTES)
        return err_usage(err, "is longer than %d bytes", MOST_LINE_BYTES);
    json_auto_t *json = json_loadb(data, length, 0, &error);
    if (!json && last && reading->begun)
        return 0;
    if (!json)
        return err_usage(err, "is no JSON: %s", error.text);
    return read_object(reading, json, err);
}

static int read_lines(struct report_reading *reading, const struct text *data, struct err *err) {
    const char *at = text_get(data), *end = at + data->length;
    for (int number = 1; at < end; number++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        if (read_line(reading, at, (size_t)((feed ? feed : end) - at), !feed, err) < 0)
            return err_context(err, "%s:%d", reading->seen->path, number);
        at = feed ? feed + 1 : end;
    }
    return 0;
}

static void look_for_lost(struct report_reading *reading) {
    struct seen *seen = reading->seen;
    if (!reading->ended)
        seen->incomplete = arena_printf(
            seen->arena, "ends after %zu of %zu cases, without a summary: its run died",
            seen->case_count, reading->planned);
    else if (reading->interrupted)
        seen->incomplete = arena_printf(seen->arena, "was interrupted after %zu of %zu cases",
                                        seen->case_count, reading->planned);
    else if (seen->case_count < reading->planned)
        seen->incomplete = arena_printf(seen->arena, "has %zu of the %zu cases of its run",
                                        seen->case_count, reading->planned);
}

// A baseline declares itself on a line of its own, which comments may precede.
static bool is_baseline(const struct text *data) {
    static const char key[] = "goneaway-outcomes:";
    const char *at = text_get(data);
    for (size_t count = 0; at && count < KEY_WITHIN; count++) {
        if (text_starts(at, key))
            return true;
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    return false;
}

static int read_report(struct seen *seen, const char *path, const struct text *data,
                       struct err *err) {
    struct report_reading reading = {.seen = seen};
    *seen = (struct seen){.path = path, .arena = arena_new()};
    if (read_lines(&reading, data, err) < 0)
        return -1;
    if (!reading.begun)
        return err_usage(err, "%s is empty: its run died before it began", path);
    look_for_lost(&reading);
    return 0;
}

int seen_read(struct seen *seen, const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return seen_read_baselines(seen, path, err);
    if (file_read(path, MOST_BYTES, &data, err) < 0) {
        err->kind = ERR_USAGE;
        return -1;
    }
    return is_baseline(&data) ? seen_read_baselines(seen, path, err)
                              : read_report(seen, path, &data, err);
}

void seen_release(struct seen *seen) {
    arena_free(seen->arena);
    free(seen->connectors.items);
    free(seen->servers.items);
    free(seen->cases);
    *seen = (struct seen){0};
}
