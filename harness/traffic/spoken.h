// SPDX-License-Identifier: Apache-2.0
// spoken.h - MySQL's packets in words, each for itself
#ifndef GONEAWAY_TRAFFIC_SPOKEN_H
#define GONEAWAY_TRAFFIC_SPOKEN_H

#include "base/text.h"
#include "traffic/stream.h"

/** CLIENT_.. of a login, as the protocol has them. */
enum {
    ABILITY_COMPRESS = 1 << 5,
    ABILITY_SSL = 1 << 11,
    ABILITY_DEPRECATE_EOF = 1 << 24,
    ABILITY_OPTIONAL_METADATA = 1 << 25,
    ABILITY_QUERY_ATTRIBUTES = 1 << 27,
};
enum {
    COMMAND_STATISTICS = 9,
    COMMAND_CHANGE_USER = 17,
    COMMAND_STMT_PREPARE = 22,
    COMMAND_STMT_FETCH = 28
};

void spoken_greeting(const struct piece *piece, struct text *words);
uint32_t spoken_abilities(const struct piece *piece);
/** Whether it is the beginning of a login that is to go on over TLS. */
bool spoken_is_tls_request(const struct piece *piece);
void spoken_login(const struct piece *piece, struct text *words);
/** What the server answers to a login; whether commands come next. */
bool spoken_check(const struct piece *piece, struct text *words);
/** The number of a command. */
int spoken_command(const struct piece *piece, uint32_t abilities, struct text *words);

enum answer_kind { ANSWER_END, ANSWER_RESULT, ANSWER_PREPARED };
struct answer {
    enum answer_kind kind;
    uint64_t columns; ///< of a result, those that are described
};
/** The first packet of an answer; a result has no words yet. */
struct answer spoken_answer(const struct piece *piece, int command, uint32_t abilities,
                            struct text *words);
bool spoken_ends_rows(const struct piece *piece, uint32_t abilities);
/** Whether it is an error; "ERR 1317". */
bool spoken_error(const struct piece *piece, struct text *words);

/** The kind of a record of TLS, or of what is compressed. */
const char *spoken_sealed(const struct piece *piece);
void spoken_icmp(const struct segment *segment, struct text *words);

#endif
