// SPDX-License-Identifier: Apache-2.0
// log.c - the lines of a server's error log in a record
#include "record/record.h"

#include "base/pattern.h"

#include <string.h>

void record_add_log(struct record *record, const char *line) {
    record->log = xrealloc(record->log, record->log_count + 1, sizeof *record->log);
    record->log[record->log_count++] = xstrdup(line);
}

void record_set_log(struct record *record, const char *text, size_t length) {
    for (size_t i = 0; i < record->log_count; i++)
        free(record->log[i]);
    record->log_count = 0;
    free(record->log_by_ms);
    record->log_by_ms = NULL;
    for (const char *end = text + length, *next; text < end; text = next + 1) {
        next = memchr(text, '\n', (size_t)(end - text));
        next = next ? next : end;
        cleanup_text struct text line = {0};
        text_append(&line, text, (size_t)(next - text));
        for (size_t i = 0; i < line.length; i++)
            line.data[i] = line.data[i] ? line.data[i] : ' ';
        record_add_log(record, text_get(&line));
    }
}

// The first of the lines that a report shows: text before the first error may be long.
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
        if (record->log_by_ms)
            record->log_by_ms[kept] = record->log_by_ms[i];
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
