// SPDX-License-Identifier: Apache-2.0
// packet.h - MySQL packets, for peers that are no real client or server
//
// Everything here is a pure function of its arguments. Formats: MySQL Source Code Documentation,
// "Client/Server Protocol".
#ifndef GONEAWAY_RUN_PACKET_H
#define GONEAWAY_RUN_PACKET_H

#include "base/text.h"
#include "plan/language.h"

enum {
    PACKET_HEADER_BYTES = 4,
    PACKET_MAX_BYTES = 0xffffff, ///< payloads of this length or more are split
    PACKET_PLUGIN_BYTES = 64,
    PACKET_THREAD = 1, ///< the connection id in every greeting
};
/** The same, as the text of a row. */
#define PACKET_THREAD_TEXT "1"

/** Appends bytes as a scenario gives them. */
void packet_add_bytes(struct text *out, const struct bytes_args *bytes);
/** Appends a header. */
void packet_add_header(struct text *out, size_t length, uint8_t sequence);
/** Appends a payload as one packet, or as many as it takes; returns the number after the last. */
uint8_t packet_add(struct text *out, const struct text *payload, uint8_t sequence);

// ---- payloads ----------------------------------------------------------------------------------

/** A server's greeting. */
void packet_greeting(struct text *payload, const struct greet_args *args);
/** A client's response to it, with an empty password. */
void packet_login(struct text *payload, const char *user, const char *plugin);
void packet_ok(struct text *payload);
void packet_error(struct text *payload, const struct error_args *args);
/** The definition of a result's column, one of text; and the end of the definitions. */
void packet_column(struct text *payload);
void packet_eof(struct text *payload);
void packet_row(struct text *payload, const char *value);

// ---- reading -----------------------------------------------------------------------------------

/** The plugin named in a greeting; "" if there is none. */
void packet_read_plugin(const struct text *greeting, char plugin[PACKET_PLUGIN_BYTES]);
/** Whether a payload is an error packet; its number, SQLSTATE ("" if it has none) and message,
 * which is to be freed. */
bool packet_read_error(const struct text *payload, int *ret_code, char sqlstate[6],
                       char **ret_message);

#endif
