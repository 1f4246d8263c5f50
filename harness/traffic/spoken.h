// SPDX-License-Identifier: Apache-2.0
// spoken.h - puts single MySQL packets into words
#ifndef GONEAWAY_TRAFFIC_SPOKEN_H
#define GONEAWAY_TRAFFIC_SPOKEN_H

#include "base/text.h"
#include "traffic/stream.h"

/** CLIENT_.. flags of a login, as in the protocol. */
enum {
    ABILITY_COMPRESS = 1 << 5,
    ABILITY_SSL = 1 << 11,
    ABILITY_DEPRECATE_EOF = 1 << 24,
    ABILITY_OPTIONAL_METADATA = 1 << 25,
    ABILITY_QUERY_ATTRIBUTES = 1 << 27,
};
enum {
    COMMAND_QUIT = 1,
    COMMAND_STATISTICS = 9,
    COMMAND_CHANGE_USER = 17,
    COMMAND_STMT_PREPARE = 22,
    COMMAND_STMT_FETCH = 28
};

void spoken_greeting(const struct piece *piece, struct text *words);
/** The CLIENT_.. flags that a greeting offers; all of them if it is too short to say. */
uint32_t spoken_offer(const struct piece *piece);
uint32_t spoken_abilities(const struct piece *piece);
/** Whether it starts a login that will continue over TLS. */
bool spoken_is_tls_request(const struct piece *piece);
void spoken_login(const struct piece *piece, struct text *words);
/** The server's response to a login; returns whether commands come next. */
bool spoken_check(const struct piece *piece, struct text *words);
/** Returns the number of a command. */
int spoken_command(const struct piece *piece, uint32_t abilities, struct text *words);

enum answer_kind { ANSWER_END, ANSWER_RESULT, ANSWER_PREPARED };
struct answer {
    enum answer_kind kind;
    uint64_t columns; ///< of a result: columns that are described
};
/** The first packet of an answer; for a result, no words yet. */
struct answer spoken_answer(const struct piece *piece, int command, uint32_t abilities,
                            struct text *words);
bool spoken_ends_rows(const struct piece *piece, uint32_t abilities);
/** Code of an error; 0: it is none. */
int spoken_error_code(const struct piece *piece);
/** Whether it is an error; adds "ERR 1317". */
bool spoken_error(const struct piece *piece, struct text *words);

/** The kind of a TLS record, or of compressed data. */
const char *spoken_sealed(const struct piece *piece);
void spoken_icmp(const struct segment *segment, struct text *words);

#endif
