// SPDX-License-Identifier: Apache-2.0
// transcript.c - the conversation with the apps of a case, for whoever reads a bundle
#include "run/actor_parts.h"

#include "base/clock.h"

#include <string.h>

// Statements and rows may be megabytes long.
enum { LINE_MOST_BYTES = 2000, MOST_BYTES = 256 << 10 };

static void hide_password(json_t *line) {
    if (json_is_string(json_object_get(line, "password")))
        json_object_set_new(line, "password", json_string("(left out)"));
}

void transcript_add(const struct actor *actor, bool to, const json_t *line) {
    struct transcript *transcript = actor->transcript;
    if (!transcript || transcript->full)
        return;
    json_auto_t *shown = json_copy((json_t *)line);
    hide_password(shown);
    cleanup_free char *text = json_dumps(shown, JSON_COMPACT);
    size_t length = text ? strlen(text) : 0;
    text_printf(&transcript->text, "%9.1f ms  %s %s  %.*s", clock_ms() - transcript->began_ms,
                actor->name, to ? "<" : ">", LINE_MOST_BYTES, text ? text : "");
    if (length > LINE_MOST_BYTES)
        text_printf(&transcript->text, ".. (%zu bytes)", length);
    text_add(&transcript->text, "\n");
    transcript->full = transcript->text.length > MOST_BYTES;
}
