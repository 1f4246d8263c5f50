// SPDX-License-Identifier: Apache-2.0
// packet.c - MySQL packets, for peers that are no real client or server
#include "run/packet.h"

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

// Capabilities without which today's clients do not log in, and none that would oblige the stub to
// do more: no TLS unless the script asks for it, no compression, no OK packet instead of EOF.
enum {
    LONG_PASSWORD = 1,
    LONG_FLAG = 1 << 2,
    CONNECT_WITH_DB = 1 << 3,
    PROTOCOL_41 = 1 << 9,
    TLS = 1 << 11,
    TRANSACTIONS = 1 << 13,
    SECURE_CONNECTION = 1 << 15,
    MULTI_STATEMENTS = 1 << 16,
    MULTI_RESULTS = 1 << 17,
    PLUGIN_AUTH = 1 << 19,
    OF_STUB = LONG_PASSWORD | LONG_FLAG | CONNECT_WITH_DB | PROTOCOL_41 | TRANSACTIONS |
              SECURE_CONNECTION | MULTI_STATEMENTS | MULTI_RESULTS | PLUGIN_AUTH,
    OF_RAW =
        LONG_PASSWORD | LONG_FLAG | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH,
    AUTOCOMMIT = 2,
    UTF8MB4 = 45,
    THREAD = PACKET_THREAD,
    TYPE_VAR_STRING = 253,
};
// Any twenty bytes will do, since the stub accepts every password.
#define SCRAMBLE_1 "goneaway"
#define SCRAMBLE_2 "knowsasecret"

static void add_int(struct text *out, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) {
        char byte = (char)(value >> 8 * i & 0xff);
        text_append(out, &byte, 1);
    }
}

// Includes the final NUL.
static void add_string(struct text *out, const char *string) {
    text_append(out, string, strlen(string) + 1);
}

// Preceded by its length in one byte; all are short.
static void add_counted(struct text *out, const char *string) {
    add_int(out, (unsigned)strlen(string), 1);
    text_add(out, string);
}

void packet_add_bytes(struct text *out, const struct bytes_args *bytes) {
    char filling[4096];
    memset(filling, 'x', sizeof filling);
    if (bytes->hex)
        hex_read(bytes->hex, out);
    if (bytes->text)
        text_add(out, bytes->text);
    for (int64_t left = bytes->fill_bytes; left > 0; left -= (int64_t)sizeof filling)
        text_append(out, filling, left < (int64_t)sizeof filling ? (size_t)left : sizeof filling);
}

void packet_add_header(struct text *out, size_t length, uint8_t sequence) {
    add_int(out, (unsigned)length, 3);
    add_int(out, sequence, 1);
}

uint8_t packet_add(struct text *out, const struct text *payload, uint8_t sequence) {
    size_t from = 0, length;
    do {
        length = payload->length - from;
        if (length > PACKET_MAX_BYTES)
            length = PACKET_MAX_BYTES;
        packet_add_header(out, length, sequence++);
        text_append(out, text_get(payload) + from, length);
        from += length;
    } while (length == PACKET_MAX_BYTES);
    return sequence;
}

// ---- payloads ----------------------------------------------------------------------------------

void packet_greeting(struct text *payload, const struct greet_args *args) {
    char reserved[10] = {0};
    const unsigned offers = OF_STUB | (args->tls > 0 ? TLS : 0);
    add_int(payload, args->protocol < 0 ? 10 : (unsigned)args->protocol, 1);
    add_string(payload, args->version ? args->version : "8.0.0-stub");
    add_int(payload, THREAD, 4);
    add_string(payload, SCRAMBLE_1);
    add_int(payload, offers & 0xffff, 2);
    add_int(payload, UTF8MB4, 1);
    add_int(payload, AUTOCOMMIT, 2);
    add_int(payload, offers >> 16, 2);
    add_int(payload, sizeof(SCRAMBLE_1 SCRAMBLE_2), 1);
    text_append(payload, reserved, sizeof reserved);
    add_string(payload, SCRAMBLE_2);
    add_string(payload, args->plugin ? args->plugin : "mysql_native_password");
}

void packet_login(struct text *payload, const char *user, const char *plugin) {
    char reserved[23] = {0};
    add_int(payload, OF_RAW, 4);
    add_int(payload, 1 << 30, 4);
    add_int(payload, UTF8MB4, 1);
    text_append(payload, reserved, sizeof reserved);
    add_string(payload, user);
    add_counted(payload, "");
    add_string(payload, plugin);
}

void packet_ok(struct text *payload) {
    add_int(payload, 0, 3);
    add_int(payload, AUTOCOMMIT, 2);
    add_int(payload, 0, 2);
}

void packet_error(struct text *payload, const struct error_args *args) {
    add_int(payload, 0xff, 1);
    add_int(payload, (unsigned)args->code, 2);
    if (args->sqlstate) {
        text_add(payload, "#");
        text_add(payload, args->sqlstate);
    }
    text_add(payload, args->message ? args->message : "told by the stub");
}

void packet_column(struct text *payload) {
    add_counted(payload, "def");
    for (int i = 0; i < 3; i++) // database, table, and original name of the table
        add_counted(payload, "");
    add_counted(payload, "c");
    add_counted(payload, "c");
    add_int(payload, 12, 1);
    add_int(payload, UTF8MB4, 2);
    add_int(payload, 255, 4);
    add_int(payload, TYPE_VAR_STRING, 1);
    add_int(payload, 0, 5);
}

void packet_eof(struct text *payload) {
    add_int(payload, 0xfe, 1);
    add_int(payload, 0, 2);
    add_int(payload, AUTOCOMMIT, 2);
}

void packet_row(struct text *payload, const char *value) {
    add_counted(payload, value);
}

// ---- reading -----------------------------------------------------------------------------------

void packet_read_plugin(const struct text *greeting, char plugin[PACKET_PLUGIN_BYTES]) {
    const char *data = text_get(greeting);
    size_t end = greeting->length;
    plugin[0] = '\0';
    if (end < 2 || data[end - 1] != '\0')
        return;
    size_t from = end - 1;
    while (from > 0 && data[from - 1] != '\0')
        from--;
    snprintf(plugin, PACKET_PLUGIN_BYTES, "%s", data + from);
}

bool packet_read_error(const struct text *payload, int *ret_code, char sqlstate[6],
                       char **ret_message) {
    const unsigned char *data = (const unsigned char *)text_get(payload);
    sqlstate[0] = '\0';
    if (payload->length < 3 || data[0] != 0xff)
        return false;
    *ret_code = data[1] | data[2] << 8;
    size_t at = 3;
    if (payload->length >= 9 && data[3] == '#') {
        memcpy(sqlstate, data + 4, 5);
        sqlstate[5] = '\0';
        at = 9;
    }
    *ret_message = xprintf("%s", (const char *)data + at);
    return true;
}
