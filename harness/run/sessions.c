// SPDX-License-Identifier: Apache-2.0
// sessions.c - notes what is seen of the server's process list whenever somebody asks for it
//
// Nobody asks for the sake of these notes, so that they cost a case no time.
#include "run/sessions.h"

#include "base/clock.h"
#include "run/warm.h"

#include <stdio.h>
#include <string.h>

// What was noted last of a session; NULL: nothing yet.
static const struct record_session *find_last(const struct record *record, int64_t thread) {
    for (size_t i = record->session_count; i-- > 0;)
        if (record->sessions[i].thread == thread)
            return &record->sessions[i];
    return NULL;
}

static void note(struct case_run *run, int64_t thread, const struct admin_session *seen) {
    enum { MOST = 100 };
    char words[200] = "gone";
    const struct record_session *last = find_last(run->record, thread);
    if (seen->there)
        snprintf(words, sizeof words, "%s%s%s", seen->command, *seen->state ? ", " : "",
                 seen->state);
    bool same = last ? strcmp(last->words, words) == 0 : !seen->there;
    if (run->overheard && !same && run->record->session_count < MOST)
        record_add_session(run->record, clock_ms() - run->began_ms, thread, words);
}

int sessions_look(struct case_run *run, int64_t thread, struct admin_session *ret,
                  struct err *err) {
    if (admin_session(run->world->server.admin, thread, ret, err) < 0)
        return -1;
    note(run, thread, ret);
    return 0;
}

static const char *cell(const json_t *session, size_t column) {
    const char *text = json_string_value(json_array_get(session, column));
    return text ? text : "";
}

static const json_t *find_row(const json_t *rows, int64_t thread) {
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (atoll(cell(json_array_get(rows, i), 0)) == thread)
            return json_array_get(rows, i);
    return NULL;
}

void sessions_note_all(struct case_run *run, const json_t *rows) {
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        struct admin_session seen = {.there = true};
        if (!warm_is_apps(run->world->server.admin, row))
            continue;
        snprintf(seen.command, sizeof seen.command, "%s", cell(row, 4));
        snprintf(seen.state, sizeof seen.state, "%s", cell(row, 6));
        note(run, atoll(cell(row, 0)), &seen);
    }
    for (size_t i = 0, count = run->record->session_count; i < count; i++)
        if (!find_row(rows, run->record->sessions[i].thread))
            note(run, run->record->sessions[i].thread, &(struct admin_session){0});
}
