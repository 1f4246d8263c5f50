// SPDX-License-Identifier: Apache-2.0
// gathered.c - reads the json reports of a run's shards, and checks that they belong together
//
// The files may be strangers', so everything read from them is bounded.
#include "batch/gathered.h"

#include "base/file.h"
#include "report/saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_REPORTS = 4096,
    MOST_SHARDS = 1000000,
    MOST_JOBS = 100000, // so that the sum over all shards is still an int
    MOST_REPORT_BYTES = 256 << 20,
    MOST_LINE_BYTES = 9 << 20, // a record has at most 8 MiB; as JSON in memory it takes many times
                               // as much
};
static const size_t most_bytes = (size_t)1 << 30; // of all reports together

// ---- a report ----------------------------------------------------------------------------------

static int read_whole(const json_t *object, const char *key, json_int_t least, json_int_t most,
                      int *ret, struct err *err) {
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < least || number > most)
        return err_usage(err, "%s: is not a number from %lld to %lld", key, (long long)least,
                         (long long)most);
    *ret = (int)number;
    return 0;
}

static int read_shard(struct gathered_part *part, struct err *err) {
    const json_t *shard = json_object_get(part->begin, "shard");
    const char *choice = json_string_value(json_object_get(shard, "choice"));
    if (!shard || !choice)
        return err_usage(err,
                         "does not tell which shard it is; it is not a report of a whole run, or "
                         "of an older goneaway");
    if (read_whole(shard, "count", 1, MOST_SHARDS, &part->shard.count, err) < 0 ||
        read_whole(shard, "index", 1, part->shard.count, &part->shard.index, err) < 0 ||
        read_whole(shard, "cases", 0, INT32_MAX, &part->shard.cases, err) < 0)
        return err_context(err, "shard");
    if (strlen(choice) >= sizeof part->shard.choice)
        return err_usage(err, "shard: choice: is longer than %zu bytes",
                         sizeof part->shard.choice - 1);
    strcpy(part->shard.choice, choice);
    return 0;
}

static int read_begin(struct gathered_part *part, json_t *line, struct err *err) {
    int schema;
    part->begin = json_incref(line);
    part->version = json_string_value(json_object_get(line, "version"));
    if (!part->version)
        return err_usage(err, "version is missing");
    if (read_whole(line, "schema", 1, INT32_MAX, &schema, err) < 0)
        return -1;
    if (schema != 1)
        return err_usage(err, "is of schema %d, and this goneaway reads 1", schema);
    if (read_whole(line, "jobs", 1, MOST_JOBS, &part->jobs, err) < 0 ||
        read_whole(line, "planned", 0, INT32_MAX, &part->planned, err) < 0)
        return -1;
    return read_shard(part, err);
}

static int read_end(struct gathered_part *part, const json_t *line, struct err *err) {
    for (int i = 0; i < VERDICT_COUNT; i++) {
        int count = 0;
        if (json_object_get(line, verdict_names[i]) &&
            read_whole(line, verdict_names[i], 0, INT32_MAX, &count, err) < 0)
            return -1;
        part->counted += count;
    }
    part->ms = json_number_value(json_object_get(line, "ms"));
    if (!(part->ms >= 0 && part->ms < 1e15))
        return err_usage(err, "ms: is out of range");
    part->interrupted = json_is_true(json_object_get(line, "interrupted"));
    part->ended = true;
    return 0;
}

static void entries_add(struct gathered_entries *entries, char *name, const char *value,
                        const struct gathered_part *part) {
    entries->items = xgrow(entries->items, entries->count, sizeof *entries->items);
    entries->items[entries->count++] = (struct gathered_entry){name, xstrdup(value), part->path};
}

static void note_version(struct gathered *gathered, const struct gathered_part *part,
                         const char *kind, const char *name, const char *version) {
    if (name && version && *version)
        entries_add(&gathered->versions, xprintf("%s %s", kind, name), version, part);
}

static char *case_name(const struct saved *saved) {
    const struct record *record = saved->record;
    cleanup_free char *repeat = saved->result.repeat ? xprintf(" #%d", saved->result.repeat) : NULL;
    return xprintf("%s%s on %s with %s", saved->plan.id, repeat ? repeat : "",
                   record->server ? record->server : "no server",
                   record->connector ? record->connector : "no connector");
}

static int read_case(struct gathered *gathered, struct gathered_part *part, const json_t *json,
                     const struct gathered_line *line, struct err *err) {
    cleanup_saved struct saved saved;
    if (saved_read(&saved, json, err) < 0) {
        err->kind = ERR_USAGE;
        return -1;
    }
    part->cases = xgrow(part->cases, part->case_count, sizeof *part->cases);
    part->cases[part->case_count++] = *line;
    entries_add(&gathered->cases, case_name(&saved), NULL, part);
    const struct record *record = saved.record;
    note_version(gathered, part, "server", record->server, record->server_version);
    note_version(gathered, part, "connector", record->connector, record->connector_version);
    return 0;
}

static int read_object(struct gathered *gathered, struct gathered_part *part, json_t *json,
                       const struct gathered_line *line, struct err *err) {
    const char *type = json_string_value(json_object_get(json, "type"));
    if (!type)
        return err_usage(err, "is not a line of goneaway's json report");
    if (part->ended)
        return err_usage(err, "something follows the summary");
    if (!part->begin && strcmp(type, "run") != 0)
        return err_usage(err, "the line of the run is missing");
    if (strcmp(type, "run") == 0)
        return part->begin ? err_usage(err, "a second run begins; name a file for each")
                           : read_begin(part, json, err);
    if (strcmp(type, "case") == 0)
        return read_case(gathered, part, json, line, err);
    if (strcmp(type, "summary") == 0)
        return read_end(part, json, err);
    return err_usage(err, "there is no type '%.100s'", type);
}

// An unterminated last line was cut off when its run died.
static int read_line(struct gathered *gathered, struct gathered_part *part,
                     const struct gathered_line *line, bool last, struct err *err) {
    json_error_t error;
    if (line->length > MOST_LINE_BYTES)
        return err_usage(err, "is longer than %d bytes", MOST_LINE_BYTES);
    json_auto_t *json = json_loadb(line->data, line->length, JSON_REJECT_DUPLICATES, &error);
    if (!json && part->ended)
        return err_usage(err, "something follows the summary");
    if (!json && last)
        return 0;
    if (!json)
        return err_usage(err, "is no JSON: %s", error.text);
    return read_object(gathered, part, json, line, err);
}

static int read_lines(struct gathered *gathered, struct gathered_part *part, struct err *err) {
    const char *at = text_get(&part->data), *end = at + part->data.length;
    for (int number = 1; at < end; number++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        struct gathered_line line = {at, (size_t)((feed ? feed : end) - at)};
        if (read_line(gathered, part, &line, !feed, err) < 0)
            return err_context(err, "%s:%d", part->path, number);
        at = feed ? feed + 1 : end;
    }
    return 0;
}

static int read_part(struct gathered *gathered, struct gathered_part *part, const char *path,
                     size_t *room, struct err *err) {
    part->path = path;
    if (file_read(path, *room < MOST_REPORT_BYTES ? *room : MOST_REPORT_BYTES, &part->data, err) <
        0) {
        err->kind = ERR_USAGE;
        return -1;
    }
    *room -= part->data.length;
    return read_lines(gathered, part, err);
}

// ---- whether they belong together --------------------------------------------------------------

static int check_alike(const struct gathered_part *one, const struct gathered_part *other,
                       struct err *err) {
    if (strcmp(one->version, other->version) != 0)
        return err_usage(err, "%s is of goneaway %s, and %s of %s: they are not shards of one run",
                         one->path, one->version, other->path, other->version);
    if (one->shard.count != other->shard.count)
        return err_usage(err, "%s is one of %d shards, and %s one of %d", one->path,
                         one->shard.count, other->path, other->shard.count);
    if (one->shard.cases != other->shard.cases ||
        strcmp(one->shard.choice, other->shard.choice) != 0) {
        err_usage(err, "%s and %s are shards of different choices of cases", one->path,
                  other->path);
        return err_remedy(err, "give every shard the same scenarios, servers, connectors and "
                               "options, but for --shard");
    }
    return 0;
}

static int check_parts(const struct gathered *gathered, struct err *err) {
    const struct gathered_part *first = NULL;
    for (size_t i = 0; i < gathered->count; i++) {
        const struct gathered_part *part = &gathered->parts[i];
        if (!part->begin)
            continue;
        if (first && check_alike(first, part, err) < 0)
            return -1;
        first = first ? first : part;
    }
    for (size_t i = 1; i < gathered->count; i++) // they are sorted
        if (gathered->parts[i].begin && gathered->parts[i - 1].begin &&
            gathered->parts[i].shard.index == gathered->parts[i - 1].shard.index)
            return err_usage(err, "%s and %s are both shard %d/%d", gathered->parts[i - 1].path,
                             gathered->parts[i].path, gathered->parts[i].shard.index,
                             gathered->parts[i].shard.count);
    return 0;
}

static int by_index(const void *a, const void *b) {
    const struct gathered_part *one = a, *other = b;
    if (one->shard.index != other->shard.index)
        return one->shard.index < other->shard.index ? -1 : 1;
    return strcmp(one->path, other->path);
}

static int by_name(const void *a, const void *b) {
    const struct gathered_entry *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order != 0 || !one->value ? order : strcmp(one->value, other->value);
}

// The first two entries with the same name, which must not happen; for versions, only if they
// differ. NULL: none.
static const struct gathered_entry *find_pair(struct gathered_entries *entries) {
    if (entries->count > 0)
        qsort(entries->items, entries->count, sizeof *entries->items, by_name);
    for (size_t i = 1; i < entries->count; i++) {
        const struct gathered_entry *one = &entries->items[i - 1], *other = &entries->items[i];
        if (strcmp(one->name, other->name) == 0 &&
            (!one->value || strcmp(one->value, other->value) != 0))
            return one;
    }
    return NULL;
}

static int check_entries(struct gathered *gathered, struct err *err) {
    const struct gathered_entry *twice = find_pair(&gathered->cases);
    if (twice && twice[0].path == twice[1].path)
        return err_usage(err, "%s has %s twice", twice[0].path, twice[0].name);
    if (twice)
        return err_usage(err, "%s is in %s and in %s", twice[0].name, twice[0].path, twice[1].path);
    const struct gathered_entry *mixed = find_pair(&gathered->versions);
    if (!mixed)
        return 0;
    err_usage(err, "the %s is %s in %s, and %s in %s", mixed[0].name, mixed[0].value, mixed[0].path,
              mixed[1].value, mixed[1].path);
    return err_remedy(err,
                      "let all shards run with one cache, so that they meet the same versions");
}

static void entries_release(struct gathered_entries *entries) {
    for (size_t i = 0; i < entries->count; i++) {
        free(entries->items[i].name);
        free(entries->items[i].value);
    }
    free(entries->items);
}

void gathered_release(struct gathered *gathered) {
    for (size_t i = 0; i < gathered->count; i++) {
        json_decref(gathered->parts[i].begin);
        text_release(&gathered->parts[i].data);
        free(gathered->parts[i].cases);
    }
    entries_release(&gathered->cases);
    entries_release(&gathered->versions);
    free(gathered->parts);
    *gathered = (struct gathered){0};
}

int gathered_read(struct gathered *gathered, size_t count, char *const *paths, struct err *err) {
    size_t room = most_bytes;
    if (count > MOST_REPORTS)
        return err_usage(err, "more than %d reports", MOST_REPORTS);
    *gathered =
        (struct gathered){.count = count, .parts = xcalloc(count + 1, sizeof *gathered->parts)};
    for (size_t i = 0; i < count; i++)
        if (read_part(gathered, &gathered->parts[i], paths[i], &room, err) < 0)
            return -1;
    if (count > 0)
        qsort(gathered->parts, count, sizeof *gathered->parts, by_index);
    return check_parts(gathered, err) < 0 || check_entries(gathered, err) < 0 ? -1 : 0;
}
