// SPDX-License-Identifier: Apache-2.0
// utf8.c - turns untrusted text into valid and harmless UTF-8
#include "base/utf8.h"

struct form {
    unsigned char mask, lead;
    size_t length;
    uint32_t smallest; // anything below it is an overlong form
};

static const struct form forms[] = {
    {0x80, 0x00, 1, 0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

static uint32_t decode(const unsigned char *bytes, const struct form *form) {
    uint32_t character = bytes[0] & (unsigned char)~form->mask;
    for (size_t i = 1; i < form->length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return UTF8_INVALID;
        character = character << 6 | (bytes[i] & 0x3f);
    }
    bool surrogate = character >= 0xd800 && character <= 0xdfff;
    return character < form->smallest || surrogate || character > 0x10ffff ? UTF8_INVALID
                                                                           : character;
}

size_t utf8_next(const char *text, uint32_t *ret_character) {
    const unsigned char *bytes = (const unsigned char *)text;
    *ret_character = UTF8_INVALID;
    if (!bytes[0])
        return 0;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if ((bytes[0] & forms[i].mask) != forms[i].lead)
            continue;
        *ret_character = decode(bytes, &forms[i]);
        return *ret_character == UTF8_INVALID ? 1 : forms[i].length;
    }
    return 1;
}

size_t utf8_length(const char *text) {
    size_t count = 0;
    uint32_t character;
    for (size_t length; (length = utf8_next(text, &character)) > 0; text += length)
        count++;
    return count;
}

bool utf8_is_visible(uint32_t character) {
    static const uint32_t hidden[][2] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x200b, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff},
    };
    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        if (character >= hidden[i][0] && character <= hidden[i][1])
            return false;
    return true;
}

static void escape(struct text *out, uint32_t character, unsigned char byte) {
    if (character == '\n' || character == '\r' || character == '\t')
        text_printf(out, "\\%c", character == '\n' ? 'n' : character == '\r' ? 'r' : 't');
    else if (character == UTF8_INVALID || character < 0x80)
        text_printf(out, "\\x%02x", byte);
    else if (character < 0x10000)
        text_printf(out, "\\u%04x", character);
    else
        text_printf(out, "\\U%08x", character);
}

void utf8_escape(struct text *out, const char *text, bool (*allows)(uint32_t character)) {
    uint32_t character;
    for (size_t length; (length = utf8_next(text, &character)) > 0; text += length)
        if (character == UTF8_INVALID || (allows && !allows(character)))
            escape(out, character, (unsigned char)*text);
        else
            text_append(out, text, length);
}

static bool is_visible_or_line_end(uint32_t character) {
    return character == '\n' || utf8_is_visible(character);
}

char *utf8_shown(const char *text, bool lines) {
    struct text shown = {0};
    cleanup_text struct text safe = {0};
    utf8_escape(&safe, text, lines ? is_visible_or_line_end : utf8_is_visible);
    text_add(&shown, "");
    utf8_disarm(&shown, text_get(&safe));
    return shown.data;
}

// The characters that the runner trims from a line before it looks for a command.
static bool is_blank(uint32_t character) {
    static const uint32_t blanks[] = {' ', 0xa0, 0x1680, 0x202f, 0x205f, 0x3000};
    for (size_t i = 0; i < COUNT_OF(blanks); i++)
        if (character == blanks[i])
            return true;
    return (character >= '\t' && character <= '\r') || (character >= 0x2000 && character <= 0x200a);
}

void utf8_disarm(struct text *out, const char *text) {
    uint32_t character;
    bool begins = true;
    for (size_t length; (length = utf8_next(text, &character)) > 0; text += length) {
        if ((begins && text_starts(text, "::")) || text_starts(text, "##["))
            text_printf(out, "\\x%02x", (unsigned)*text);
        else
            text_append(out, text, length);
        begins = character == '\n' || (begins && is_blank(character));
    }
}

json_t *utf8_json(const char *text) {
    if (!text)
        return json_null();
    cleanup_text struct text valid = {0};
    utf8_escape(&valid, text, NULL);
    return json_string(text_get(&valid));
}
