// SPDX-License-Identifier: Apache-2.0
// attempts.c - what several attempts of a case mean together, see --retries
#include "report/attempts.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

const char *attempts_verdict(const json_t *attempt) {
    return text_of(attempt, "verdict");
}

char *attempts_why(const json_t *attempt) {
    const char *why = text_of(attempt, "why");
    return xprintf("%.*s", (int)strcspn(why, "\n"), why);
}

bool attempts_are_flaky(const struct report_case *result) {
    return json_array_size(result->attempts) > 0 && !verdict_is_trouble(result->verdict->kind) &&
           result->verdict->kind != VERDICT_SKIP;
}

// How the judged steps of an attempt ended. A broken one says nothing about the client.
static char *codes_of(const json_t *steps) {
    struct text codes = {0};
    size_t i;
    json_t *step;
    json_array_foreach((json_t *)steps, i, step) {
        if (*text_of(step, "id"))
            text_printf(&codes, "%s %s %lld\n", text_of(step, "id"), text_of(step, "outcome"),
                        (long long)json_integer_value(json_object_get(step, "errno")));
    }
    return codes.data ? codes.data : xstrdup("");
}

static bool is_carried_out(const char *verdict) {
    return strcmp(verdict, verdict_names[VERDICT_BROKEN]) != 0 &&
           strcmp(verdict, verdict_names[VERDICT_SKIP]) != 0;
}

bool attempts_differ(const struct report_case *result) {
    if (json_array_size(result->attempts) == 0 ||
        !is_carried_out(verdict_names[result->verdict->kind]))
        return false;
    json_auto_t *record = record_to_json(result->record);
    cleanup_free char *last = codes_of(json_object_get(record, "steps"));
    for (size_t i = 0; i < json_array_size(result->attempts); i++) {
        const json_t *attempt = json_array_get(result->attempts, i);
        cleanup_free char *codes = codes_of(json_object_get(attempt, "steps"));
        if (is_carried_out(attempts_verdict(attempt)) && strcmp(codes, last) != 0)
            return true;
    }
    return false;
}

char *attempts_line(const struct report_case *result) {
    size_t count = json_array_size(result->attempts);
    if (count == 0)
        return NULL;
    const json_t *first = json_array_get(result->attempts, 0);
    cleanup_free char *why = attempts_why(first);
    const char *word = attempts_differ(result)      ? "unstable"
                       : attempts_are_flaky(result) ? "flaky"
                                                    : "run again";
    return xprintf("%s: attempt 1 of %zu was %s: %s", word, count + 1, attempts_verdict(first),
                   why);
}
