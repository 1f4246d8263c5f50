// SPDX-License-Identifier: Apache-2.0
// retries.c - runs cases again that were not as expected (--retries)
#include "batch/retries.h"

#include <stdlib.h>
#include <string.h>

struct retry {
    struct run_item item;
    int tried;        // attempts carried out
    bool waits;       // for its next attempt
    json_t *attempts; // as in the json report
    json_t *record;   // of the last one
};

static struct retry *find(const struct retries *retries, const struct run_item *item) {
    for (size_t i = 0; i < retries->count; i++) {
        const struct run_item *known = &retries->items[i].item;
        if (known->plan == item->plan && known->server == item->server &&
            known->connector == item->connector && known->repeat == item->repeat)
            return &retries->items[i];
    }
    return NULL;
}

// A worker serves cases of one origin, and no other case shares this one, so its server is fresh.
enum { ORIGIN_OF_RETRIES = 1 << 20 };

static struct retry *add(struct retries *retries, const struct run_item *item) {
    retries->items = xgrow(retries->items, retries->count, sizeof *retries->items);
    struct retry *retry = &retries->items[retries->count++];
    *retry = (struct retry){.item = {.plan = item->plan,
                                     .server = item->server,
                                     .connector = item->connector,
                                     .proxy = item->proxy,
                                     .unfit = item->unfit,
                                     .repeat = item->repeat,
                                     .origin = ORIGIN_OF_RETRIES + (int)retries->count},
                            .attempts = json_array()};
    return retry;
}

static json_t *attempt_of(const struct report_case *result) {
    static const char *const keys[] = {"verdict", "why", "ms", "steps", "decided", "broken"};
    json_auto_t *line = report_case_json(result);
    json_t *attempt = json_object();
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (json_object_get(line, keys[i]))
            json_object_set(attempt, keys[i], json_object_get(line, keys[i]));
    return attempt;
}

bool retries_keep(struct retries *retries, const struct run_item *item,
                  const struct report_case *result) {
    struct retry *retry = find(retries, item);
    if (retries->most == 0 || (retry && retry->tried >= retries->most))
        return false;
    if (!retry)
        retry = add(retries, item);
    retry->tried++;
    retry->waits = true;
    json_array_append_new(retry->attempts, attempt_of(result));
    json_decref(retry->record);
    retry->record = record_to_json(result->record);
    return true;
}

void retries_end(struct retries *retries, const struct run_item *item, struct report_case *result) {
    struct retry *retry = find(retries, item);
    if (!retry)
        return;
    retry->waits = false;
    result->attempts = retry->attempts;
}

struct run_item *retries_list(const struct retries *retries, size_t *ret_count) {
    struct run_item *items = xcalloc(retries->count + 1, sizeof *items);
    *ret_count = 0;
    for (size_t i = 0; i < retries->count; i++)
        if (retries->items[i].waits)
            items[(*ret_count)++] = retries->items[i].item;
    return items;
}

struct record *retries_give_up(struct retries *retries, const struct run_item **ret_item) {
    struct err ignored = {0};
    for (size_t i = 0; i < retries->count; i++) {
        struct retry *retry = &retries->items[i];
        if (!retry->waits)
            continue;
        retry->waits = false;
        retry->tried = retries->most; // this was its last attempt
        json_array_remove(retry->attempts, json_array_size(retry->attempts) - 1);
        *ret_item = &retry->item;
        return record_from_json(retry->record, &ignored);
    }
    return NULL;
}

void retries_release(struct retries *retries) {
    for (size_t i = 0; i < retries->count; i++) {
        json_decref(retries->items[i].attempts);
        json_decref(retries->items[i].record);
    }
    free(retries->items);
    *retries = (struct retries){0};
}
