// SPDX-License-Identifier: Apache-2.0
// spoken.c - puts single MySQL packets into words
#include "traffic/spoken.h"

#include <string.h>

enum { OK = 0, MORE = 1, LOCAL_FILE = 0xfb, END = 0xfe, ERR = 0xff };

static int first_of(const struct piece *piece) {
    return piece->held > 0 ? piece->data[0] : -1;
}

static uint32_t little(const uint8_t *at, size_t bytes) {
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint32_t)at[i] << 8 * i;
    return value;
}

// Adds as much of a text as helps to recognise it, on one line of ASCII.
static void add_text(struct text *words, const uint8_t *data, size_t length, size_t whole) {
    enum { SHOWN = 60 };
    size_t shown = length < SHOWN ? length : SHOWN;
    for (size_t i = 0; i < shown; i++)
        text_printf(words, "%c", data[i] < ' ' || data[i] > '~' ? '.' : data[i]);
    if (shown < whole)
        text_add(words, "..");
}

// Adds a NUL-terminated text; returns the position after it.
static size_t add_string(struct text *words, const struct piece *piece, size_t at) {
    size_t length =
        at < piece->held ? strnlen((const char *)piece->data + at, piece->held - at) : 0;
    if (length > 0)
        add_text(words, piece->data + at, length, length);
    return at + length + 1;
}

// ---- connecting --------------------------------------------------------------------------------

int spoken_error_code(const struct piece *piece) {
    return first_of(piece) == ERR && piece->held >= 3 ? (int)little(piece->data + 1, 2) : 0;
}

bool spoken_error(const struct piece *piece, struct text *words) {
    if (first_of(piece) != ERR || piece->held < 3)
        return false;
    text_printf(words, "ERR %d", spoken_error_code(piece));
    return true;
}

void spoken_greeting(const struct piece *piece, struct text *words) {
    enum { PROTOCOL = 10 };
    if (spoken_error(piece, words))
        return;
    if (first_of(piece) != PROTOCOL) {
        text_add(words, "no greeting of MySQL's");
        return;
    }
    text_add(words, "greeting of ");
    size_t at = add_string(words, piece, 1);
    if (at + 4 <= piece->held)
        text_printf(words, ", session %u", little(piece->data + at, 4));
}

uint32_t spoken_offer(const struct piece *piece) {
    enum { BEFORE_LOW = 4 + 8 + 1, BEFORE_HIGH = BEFORE_LOW + 2 + 1 + 2, BYTES = BEFORE_HIGH + 2 };
    size_t at = piece->held > 0 ? 2 + strnlen((const char *)piece->data + 1, piece->held - 1) : 0;
    if (at == 0 || at + BYTES > piece->held)
        return UINT32_MAX;
    return little(piece->data + at + BEFORE_LOW, 2) | little(piece->data + at + BEFORE_HIGH, 2)
                                                          << 16;
}

uint32_t spoken_abilities(const struct piece *piece) {
    return piece->held >= 4 ? little(piece->data, 4) : 0;
}

bool spoken_is_tls_request(const struct piece *piece) {
    enum { WITHOUT_NAME = 32 };
    return piece->size == WITHOUT_NAME && spoken_abilities(piece) & ABILITY_SSL;
}

void spoken_login(const struct piece *piece, struct text *words) {
    enum { NAME_AT = 32 };
    text_add(words, "login as ");
    add_string(words, piece, NAME_AT);
}

bool spoken_check(const struct piece *piece, struct text *words) {
    switch (first_of(piece)) {
    case OK:
        text_add(words, "OK");
        return true;
    case ERR:
        spoken_error(piece, words);
        return false;
    case END:
        text_add(words, "asks for ");
        add_string(words, piece, 1);
        return false;
    default:
        text_add(words, "authentication data");
        return false;
    }
}

// ---- commands ----------------------------------------------------------------------------------

static const char *const commands[] = {
    [1] = "COM_QUIT",
    [2] = "COM_INIT_DB",
    [3] = "COM_QUERY",
    [4] = "COM_FIELD_LIST",
    [7] = "COM_REFRESH",
    [8] = "COM_SHUTDOWN",
    [9] = "COM_STATISTICS",
    [10] = "COM_PROCESS_INFO",
    [12] = "COM_PROCESS_KILL",
    [14] = "COM_PING",
    [17] = "COM_CHANGE_USER",
    [22] = "COM_STMT_PREPARE",
    [23] = "COM_STMT_EXECUTE",
    [24] = "COM_STMT_SEND_LONG_DATA",
    [25] = "COM_STMT_CLOSE",
    [26] = "COM_STMT_RESET",
    [27] = "COM_SET_OPTION",
    [28] = "COM_STMT_FETCH",
    [31] = "COM_RESET_CONNECTION",
};

// Where a statement's text starts; the number of its attributes, here none, may come first.
static size_t text_at(const struct piece *piece, uint32_t abilities) {
    enum { QUERY = 3 };
    bool attributes = first_of(piece) == QUERY && abilities & ABILITY_QUERY_ATTRIBUTES &&
                      piece->held >= 3 && piece->data[1] == 0;
    return attributes ? 3 : 1;
}

static bool has_text(int command) {
    enum { INIT_DB = 2, QUERY = 3 };
    return command == INIT_DB || command == QUERY || command == COMMAND_STMT_PREPARE;
}

int spoken_command(const struct piece *piece, uint32_t abilities, struct text *words) {
    int command = first_of(piece);
    size_t at = text_at(piece, abilities);
    if (command < 0 || (size_t)command >= COUNT_OF(commands) || !commands[command]) {
        text_printf(words, "command %d", command);
        return command;
    }
    text_add(words, commands[command]);
    if (has_text(command) && piece->held > at) {
        text_add(words, " ");
        add_text(words, piece->data + at, piece->held - at, piece->size - at);
    }
    return command;
}

// ---- answers -----------------------------------------------------------------------------------

// Reads a length-encoded number; returns how many bytes it takes, 0 if it is none.
static size_t read_number(const struct piece *piece, size_t at, uint64_t *ret) {
    static const size_t sizes[] = {[0xfc - 0xfb] = 2, [0xfd - 0xfb] = 3, [0xfe - 0xfb] = 8};
    if (at >= piece->held)
        return 0;
    uint8_t lead = piece->data[at];
    size_t size = lead >= LOCAL_FILE && lead < ERR ? sizes[lead - LOCAL_FILE] : 0;
    if (at + 1 + size > piece->held)
        return 0;
    *ret = lead < LOCAL_FILE ? lead : 0;
    for (size_t i = 0; i < size; i++)
        *ret |= (uint64_t)piece->data[at + 1 + i] << 8 * i;
    return 1 + size;
}

// A flag before or after the number of columns may say whether they are described at all.
static struct answer read_result(const struct piece *piece, uint32_t abilities) {
    struct answer answer = {.kind = ANSWER_RESULT};
    bool before = abilities & ABILITY_OPTIONAL_METADATA;
    size_t at = before ? 1 : 0;
    at += read_number(piece, at, &answer.columns);
    bool described = before ? piece->data[0] != 0 : at >= piece->held || piece->data[at] != 0;
    if (!described)
        answer.columns = 0;
    return answer;
}

struct answer spoken_answer(const struct piece *piece, int command, uint32_t abilities,
                            struct text *words) {
    enum { EOF_MOST = 9 };
    int first = first_of(piece);
    if (command == COMMAND_STATISTICS && first != ERR) {
        text_add(words, "statistics");
        return (struct answer){ANSWER_END, 0};
    }
    if (first == OK && command == COMMAND_STMT_PREPARE) {
        text_add(words, "prepared");
        return (struct answer){ANSWER_PREPARED, 0};
    }
    if (first == OK)
        text_add(words, "OK");
    else if (first == LOCAL_FILE)
        text_add(words, "asks for a local file");
    else if (first == END && piece->size < EOF_MOST)
        text_add(words, "EOF");
    else if (!spoken_error(piece, words))
        return read_result(piece, abilities);
    return (struct answer){ANSWER_END, 0};
}

bool spoken_ends_rows(const struct piece *piece, uint32_t abilities) {
    enum { EOF_MOST = 9, PACKET_MOST = 0xffffff };
    size_t most = abilities & ABILITY_DEPRECATE_EOF ? PACKET_MOST : EOF_MOST;
    int first = first_of(piece);
    return first == ERR || (first == END && piece->size < most);
}

// ---- packets that cannot be read ---------------------------------------------------------------

const char *spoken_sealed(const struct piece *piece) {
    enum { CIPHER = 20, ALERT = 21, HANDSHAKE = 22 };
    if (piece->framing != FRAMING_TLS)
        return "compressed data";
    switch (piece->number) {
    case CIPHER:
        return "TLS change of cipher";
    case ALERT:
        return "TLS alert";
    case HANDSHAKE:
        return "TLS handshake";
    default:
        return "TLS data";
    }
}

void spoken_icmp(const struct segment *segment, struct text *words) {
    // RFC 792 and RFC 1812
    static const char *const unreachable[] = {
        [0] = "network unreachable", [1] = "host unreachable",     [2] = "protocol unreachable",
        [3] = "port unreachable",    [4] = "fragmentation needed", [9] = "network prohibited",
        [10] = "host prohibited",    [13] = "prohibited"};
    // RFC 4443
    static const char *const unreachable6[] = {
        [0] = "no route",         [1] = "prohibited",        [3] = "address unreachable",
        [4] = "port unreachable", [5] = "refused by policy", [6] = "route refused"};
    enum { UNREACHABLE6 = 1, TOO_BIG6 = 2, UNREACHABLE = 3 };
    size_t code = (size_t)segment->icmp_code;
    const char *what = NULL;
    if (!segment->ipv6 && segment->icmp_type == UNREACHABLE && code < COUNT_OF(unreachable))
        what = unreachable[code];
    if (segment->ipv6 && segment->icmp_type == UNREACHABLE6 && code < COUNT_OF(unreachable6))
        what = unreachable6[code];
    if (segment->ipv6 && segment->icmp_type == TOO_BIG6)
        what = "packet too big";
    if (what)
        text_printf(words, "ICMP: %s", what);
    else
        text_printf(words, "ICMP error %d/%d", segment->icmp_type, segment->icmp_code);
}
