// SPDX-License-Identifier: Apache-2.0
// answer.c - whatever an adapter answers, the worker can handle and report it
//
// The input is what the adapter writes until it closes its output. The actor is set up like a
// forked child, which has no container.
#include "run/actor.h"
#include "test/fuzz/fuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CALLS = 16 };

// A worker sends its record as a line of JSON; if main cannot read it, that is a defect.
static void send_on(const struct record *record) {
    struct err err = {0};
    json_auto_t *told = record_to_json(record);
    cleanup_free char *line = json_dumps(told, JSON_COMPACT);
    fuzz_require(line != NULL, "a record can be written", "");
    json_auto_t *read = json_loads(line, 0, NULL);
    fuzz_require(read != NULL, "a record is JSON", line);
    struct record *again = record_from_json(read, &err);
    fuzz_require(again != NULL, "what an answer becomes can be read as a record", err.what);
    record_free(again);
}

static void take_answers(struct actor *actor, struct record *record) {
    struct err err = {0};
    for (int i = 0; i < MOST_CALLS && actor->ended == OUTCOME_OK; i++) {
        actor->pending = "query";
        if (actor_take(actor, 0, record_add_step(record), &err) < 0) {
            fuzz_require(text_starts(err.what, "app 'a': the adapter's answer to 'query'"),
                         "a refusal says who broke the protocol", err.what);
            return;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int pipe_fds[2];
    fuzz_require(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) == 0, "there is a pipe", "");
    bool fits = write(pipe_fds[1], data, size) == (ssize_t)size;
    close(pipe_fds[1]);
    // no process has that pid, should the actor kill its child
    struct actor actor = {.name = "a", .to = -1, .from = pipe_fds[0], .thread = -1, .pid = INT_MAX};
    struct record *record = record_new("f@tcp");
    if (fits) {
        take_answers(&actor, record);
        send_on(record);
    }
    record_free(record);
    actor_close(&actor);
    return 0;
}

FUZZ_JSON
