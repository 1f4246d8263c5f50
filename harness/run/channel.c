// SPDX-License-Identifier: Apache-2.0
// channel.c - messages between the main process and a worker
#include "run/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/** Set in a length, which is far below it. */
#define STEP_MARK (UINT32_C(1) << 31)
#define HOSTS_MARK (UINT32_C(1) << 30)

// ---- both --------------------------------------------------------------------------------------

// If the channel fails, end: the other side would wait forever.
_Noreturn static void end_exhausted(void) {
    struct err err;
    err_errno(&err, "between worker and main process");
    err_end(&err);
}

int channel_transfer(int channel, void *data, size_t length, bool out) {
    for (size_t done = 0; done < length;) {
        ssize_t moved = out ? send(channel, (char *)data + done, length - done, MSG_NOSIGNAL)
                            : recv(channel, (char *)data + done, length - done, 0);
        if (moved < 0 && errno == EINTR)
            continue;
        if (moved < 0 && err_is_exhaustion(errno))
            end_exhausted();
        if (moved <= 0)
            return -1;
        done += (size_t)moved;
    }
    return 0;
}

// ---- the worker --------------------------------------------------------------------------------

// For a record that the main process would refuse, sends only that it is too large.
static char *tell_size(const struct record *record, size_t length) {
    cleanup_record struct record *small = record_new(record->case_id);
    small->server = xstrdup(record->server);
    small->vendor = xstrdup(record->vendor);
    small->server_version = xstrdup(record->server_version);
    small->connector = xstrdup(record->connector);
    small->family = xstrdup(record->family);
    small->connector_version = xstrdup(record->connector_version);
    small->broken = xprintf("what was seen takes %zu MiB, more than the %d that are taken",
                            length >> 20, RECORD_MAX_BYTES >> 20);
    json_t *json = record_to_json(small);
    char *line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return line;
}

static int send_line(int channel, char *line, uint32_t mark) {
    uint32_t length = line ? (uint32_t)strlen(line) : 0, head = length | mark;
    if (channel_transfer(channel, &head, sizeof head, true) < 0)
        return -1;
    return channel_transfer(channel, line, length, true);
}

int channel_send_step(int channel, const struct record *record) {
    json_t *json = record_to_json(record);
    cleanup_free char *line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return send_line(channel, line, STEP_MARK);
}

int channel_send_hosts(int channel, const json_t *hosts) {
    cleanup_free char *line = json_dumps(hosts, JSON_COMPACT);
    return send_line(channel, line, HOSTS_MARK);
}

int channel_send_record(int channel, const struct record *record) {
    json_t *json = record_to_json(record);
    cleanup_free char *line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (line && strlen(line) > RECORD_MAX_BYTES) {
        char *small = tell_size(record, strlen(line));
        free(line);
        line = small;
    }
    return send_line(channel, line, 0);
}

// ---- the main process --------------------------------------------------------------------------

// The length at the start of a message, mark included; 0: it has not arrived yet.
static uint32_t head_of(const struct text *incoming) {
    uint32_t head = 0;
    if (incoming->length >= sizeof head)
        memcpy(&head, incoming->data, sizeof head);
    return head;
}

bool channel_has_step(const struct text *incoming) {
    return (head_of(incoming) & STEP_MARK) != 0;
}

bool channel_has_hosts(const struct text *incoming) {
    return (head_of(incoming) & HOSTS_MARK) != 0;
}

int channel_receive(int channel, struct text *incoming, struct err *err) {
    char buffer[65536];
    uint32_t length = head_of(incoming) & ~(STEP_MARK | HOSTS_MARK);
    bool begun = incoming->length >= sizeof length;
    size_t left = (begun ? sizeof length + length : sizeof length) - incoming->length;
    ssize_t got = recv(channel, buffer, left < sizeof buffer ? left : sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || err_is_exhaustion(errno)))
        return 0;
    if (got <= 0)
        return err_set(err, incoming->length == 0 ? "the worker ended"
                                                  : "the worker ended while it sent its record");
    text_append(incoming, buffer, (size_t)got);
    if (incoming->length < sizeof length)
        return 0;
    length = head_of(incoming) & ~(STEP_MARK | HOSTS_MARK);
    if (length > RECORD_MAX_BYTES)
        return err_set(err, "the worker announced a record of %u bytes", length);
    return incoming->length >= sizeof length + length;
}

static json_t *read_json(struct text *incoming) {
    json_t *json =
        json_loadb(incoming->data + sizeof(uint32_t), incoming->length - sizeof(uint32_t), 0, NULL);
    text_release(incoming);
    return json;
}

json_t *channel_read_hosts(struct text *incoming) {
    return read_json(incoming);
}

struct record *channel_read_record(struct text *incoming, struct err *err) {
    json_t *json = read_json(incoming);
    struct record *record = record_from_json(json, err);
    json_decref(json);
    return record;
}
