// SPDX-License-Identifier: Apache-2.0
// dialogue.c - tracks a MySQL connection's state: who is to say what, and in which words
#include "traffic/dialogue.h"

#include "traffic/spoken.h"
#include "traffic/stream.h"

#include <inttypes.h>
#include <stdlib.h>

enum phase { PHASE_GREETING, PHASE_LOGIN, PHASE_CHECK, PHASE_COMMANDS };

// What the server's next packet is, in the answer to a command.
enum due { DUE_ANSWER, DUE_COLUMN, DUE_END_OF_COLUMNS, DUE_ROW, DUE_DETAIL };

struct dialogue {
    struct stream streams[SIDES];
    enum phase phase;
    enum due due;
    uint32_t offer;         // CLIENT_.. flags of the server's greeting
    uint32_t abilities;     // those of the client's login that were offered
    int command;            // the latest
    uint64_t columns;       // in the current result
    int64_t rows;           // seen so far in that result
    int64_t told;           // how many of those have been reported
    enum side last;         // who sent data last
    enum side speaker;      // whose segment is being processed
    bool begun[SIDES];      // who has sent a SYN,
    uint32_t begins[SIDES]; // and its sequence number
    bool ended[SIDES];      // who has sent a FIN
    struct heard heard;     // of the current segment
    struct text *words;
    const char *sealed; // what the current segment holds that cannot be read; NULL: nothing
    size_t sealed_bytes, sealed_count;
};

struct dialogue *dialogue_new(void) {
    return xcalloc(1, sizeof(struct dialogue));
}

void dialogue_free(struct dialogue *dialogue) {
    free(dialogue);
}

static void say(struct dialogue *dialogue, const char *what) {
    if (*text_get(dialogue->words))
        text_add(dialogue->words, ", ");
    text_add(dialogue->words, what);
}

static void say_sealed(struct dialogue *dialogue) {
    if (dialogue->sealed_count == 0)
        return;
    cleanup_free char *records = dialogue->sealed_count == 1
                                     ? xstrdup("")
                                     : xprintf(" in %zu records", dialogue->sealed_count);
    cleanup_free char *words =
        xprintf("%s of %zu byte%s%s", dialogue->sealed, dialogue->sealed_bytes,
                dialogue->sealed_bytes == 1 ? "" : "s", records);
    dialogue->sealed_bytes = dialogue->sealed_count = 0;
    say(dialogue, words);
}

static void hear_sealed(struct dialogue *dialogue, const struct piece *piece) {
    const char *kind = spoken_sealed(piece);
    if (dialogue->sealed != kind)
        say_sealed(dialogue);
    dialogue->sealed = kind;
    dialogue->sealed_bytes += piece->size;
    dialogue->sealed_count++;
}

// ---- before the first command ------------------------------------------------------------------

static void hear_greeting(struct dialogue *dialogue, const struct piece *piece) {
    cleanup_text struct text words = {0};
    spoken_greeting(piece, &words);
    say(dialogue, text_get(&words));
    dialogue->offer = spoken_offer(piece);
    dialogue->phase = PHASE_LOGIN;
}

static void hear_login(struct dialogue *dialogue, const struct piece *piece) {
    cleanup_text struct text words = {0};
    // libmysqlclient asks for what it knows, whether or not an old server has offered it
    dialogue->abilities = spoken_abilities(piece) & dialogue->offer;
    if (spoken_is_tls_request(piece)) {
        say(dialogue, "asks for TLS");
        dialogue->streams[SIDE_APP].framing = dialogue->streams[SIDE_SERVER].framing = FRAMING_TLS;
        return;
    }
    spoken_login(piece, &words);
    say(dialogue, text_get(&words));
    dialogue->phase = PHASE_CHECK;
}

static void begin_commands(struct dialogue *dialogue) {
    dialogue->phase = PHASE_COMMANDS;
    if (dialogue->abilities & ABILITY_COMPRESS)
        dialogue->streams[SIDE_APP].framing = dialogue->streams[SIDE_SERVER].framing =
            FRAMING_COMPRESSED;
}

static void hear_check(struct dialogue *dialogue, const struct piece *piece) {
    cleanup_text struct text words = {0};
    if (dialogue->speaker == SIDE_APP) {
        say(dialogue, "authentication data");
        return;
    }
    if (spoken_check(piece, &words))
        begin_commands(dialogue);
    say(dialogue, text_get(&words));
}

// ---- a command and its answer ------------------------------------------------------------------

static void hear_command(struct dialogue *dialogue, const struct piece *piece) {
    cleanup_text struct text words = {0};
    if (piece->number > 0) { // the rest of a large statement, or of a local file
        say(dialogue, piece->size == 0 ? "the end of a file" : "more of it");
        return;
    }
    dialogue->command = spoken_command(piece, dialogue->abilities, &words);
    dialogue->heard.quit |= dialogue->command == COMMAND_QUIT;
    dialogue->due = DUE_ANSWER;
    if (dialogue->command == COMMAND_STMT_FETCH) { // from a cursor: columns are not described again
        dialogue->due = DUE_ROW;
        dialogue->rows = dialogue->told = 0;
    }
    if (dialogue->command == COMMAND_CHANGE_USER)
        dialogue->phase = PHASE_CHECK;
    say(dialogue, text_get(&words));
}

static void tell_rows(struct dialogue *dialogue, const char *after) {
    cleanup_free char *words =
        xprintf("%" PRId64 " row%s%s", dialogue->rows, dialogue->rows == 1 ? "" : "s", after);
    say(dialogue, words);
    dialogue->told = dialogue->rows;
}

static void hear_answer(struct dialogue *dialogue, const struct piece *piece) {
    cleanup_text struct text words = {0};
    struct answer answer = spoken_answer(piece, dialogue->command, dialogue->abilities, &words);
    if (answer.kind == ANSWER_RESULT) {
        dialogue->columns = answer.columns;
        dialogue->rows = dialogue->told = 0;
        dialogue->due = answer.columns > 0 ? DUE_COLUMN : DUE_ROW;
        return;
    }
    // the packets after "prepared" describe parameters and columns
    dialogue->due = answer.kind == ANSWER_PREPARED ? DUE_DETAIL : DUE_ANSWER;
    say(dialogue, text_get(&words));
}

static void hear_row(struct dialogue *dialogue, const struct piece *piece) {
    cleanup_text struct text words = {0};
    if (!spoken_ends_rows(piece, dialogue->abilities)) {
        dialogue->rows++;
        return;
    }
    dialogue->due = DUE_ANSWER;
    bool error = spoken_error(piece, &words);
    tell_rows(dialogue, error ? " and then" : ", end of the result");
    if (error)
        say(dialogue, text_get(&words));
}

static void hear_column(struct dialogue *dialogue) {
    if (--dialogue->columns > 0)
        return;
    dialogue->due = dialogue->abilities & ABILITY_DEPRECATE_EOF ? DUE_ROW : DUE_END_OF_COLUMNS;
}

// Descriptions start with the name of a catalogue; an unsolicited error with a byte that no name
// starts with.
static void hear_detail(struct dialogue *dialogue, const struct piece *piece) {
    cleanup_text struct text words = {0};
    if (spoken_error(piece, &words))
        say(dialogue, text_get(&words));
}

static void hear_server(struct dialogue *dialogue, const struct piece *piece) {
    switch (dialogue->due) {
    case DUE_ANSWER:
        hear_answer(dialogue, piece);
        break;
    case DUE_COLUMN:
        hear_column(dialogue);
        break;
    case DUE_END_OF_COLUMNS:
        dialogue->due = DUE_ROW;
        break;
    case DUE_ROW:
        hear_row(dialogue, piece);
        break;
    case DUE_DETAIL:
        hear_detail(dialogue, piece);
        break;
    }
}

// ---- segments ----------------------------------------------------------------------------------

static void hear_piece(void *context, const struct piece *piece) {
    struct dialogue *dialogue = context;
    if (piece->framing != FRAMING_PLAIN) {
        hear_sealed(dialogue, piece);
        return;
    }
    bool server = dialogue->speaker == SIDE_SERVER;
    int error = server ? spoken_error_code(piece) : 0;
    if (error > 0)
        dialogue->heard.error = error;
    switch (dialogue->phase) {
    case PHASE_GREETING:
        hear_greeting(dialogue, piece);
        break;
    case PHASE_LOGIN:
        if (server) // an error before the login, as from connect_timeout
            hear_server(dialogue, piece);
        else
            hear_login(dialogue, piece);
        break;
    case PHASE_CHECK:
        if (!server &&
            piece->number == 0) { // a change of user was refused, and the session goes on
            dialogue->phase = PHASE_COMMANDS;
            hear_command(dialogue, piece);
        } else {
            hear_check(dialogue, piece);
        }
        break;
    case PHASE_COMMANDS:
        if (server)
            hear_server(dialogue, piece);
        else
            hear_command(dialogue, piece);
        break;
    }
}

static void hear_data(struct dialogue *dialogue, const struct segment *segment) {
    struct stream *stream = &dialogue->streams[dialogue->speaker];
    // an answer starts at a packet
    if (stream->blind && dialogue->last != dialogue->speaker) {
        stream_begin_anew(stream);
        dialogue->due = DUE_ANSWER;
    }
    dialogue->last = dialogue->speaker;
    size_t before = dialogue->words->length;
    enum stream_news news = stream_take(stream, segment, hear_piece, dialogue);
    say_sealed(dialogue);
    if (news == STREAM_AGAIN)
        say(dialogue, "again");
    if (news == STREAM_MISSED)
        say(dialogue, "after what was not seen");
    dialogue->heard.again |= news == STREAM_AGAIN;
    if (dialogue->words->length == before || news != STREAM_NEW)
        dialogue->heard.untold = segment->length;
}

// If a result breaks off, its number of rows is reported, whoever ended it.
static void hear_end(struct dialogue *dialogue, const char *what) {
    bool broken_off = dialogue->due == DUE_ROW && dialogue->rows > dialogue->told;
    if (broken_off && dialogue->speaker == SIDE_SERVER)
        tell_rows(dialogue, " so far");
    say(dialogue, what);
    if (broken_off && dialogue->speaker == SIDE_APP)
        tell_rows(dialogue, " behind it");
}

static void hear_fin(struct dialogue *dialogue) {
    bool again = dialogue->ended[dialogue->speaker];
    hear_end(dialogue, again ? "FIN again" : "FIN");
    dialogue->ended[dialogue->speaker] = true;
    dialogue->heard.again |= again;
}

// A SYN with another sequence number begins another connection between the same ports.
static void hear_syn(struct dialogue *dialogue, const struct segment *segment) {
    enum side from = dialogue->speaker;
    bool again = dialogue->begun[from] && dialogue->begins[from] == segment->sequence;
    say(dialogue, segment->flags & SEGMENT_ACK ? "SYN, ACK" : "SYN");
    if (again)
        text_add(dialogue->words, " again");
    dialogue->begun[from] = true;
    dialogue->begins[from] = segment->sequence;
    dialogue->heard.again |= again;
}

static void hear_icmp(struct dialogue *dialogue, const struct segment *segment) {
    cleanup_text struct text words = {0};
    spoken_icmp(segment, &words);
    say(dialogue, text_get(&words));
}

struct heard dialogue_hear(struct dialogue *dialogue, enum side from, const struct segment *segment,
                           struct text *words) {
    dialogue->heard = (struct heard){0};
    dialogue->speaker = from;
    dialogue->words = words;
    if (segment->icmp_type >= 0) {
        hear_icmp(dialogue, segment);
        return dialogue->heard;
    }
    if (segment->flags & SEGMENT_SYN)
        hear_syn(dialogue, segment);
    if (segment->length > 0)
        hear_data(dialogue, segment);
    if (segment->flags & SEGMENT_FIN)
        hear_fin(dialogue);
    if (segment->flags & SEGMENT_RST)
        hear_end(dialogue, "RST");
    return dialogue->heard;
}
