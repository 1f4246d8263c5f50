// SPDX-License-Identifier: Apache-2.0
// utf8.h - text from outside: any bytes, made into valid and harmless UTF-8
#ifndef GONEAWAY_BASE_UTF8_H
#define GONEAWAY_BASE_UTF8_H

#include "base/text.h"

#include <jansson.h>

/** What utf8_next() gives for a byte that is no part of a valid character. */
#define UTF8_INVALID UINT32_MAX

/** Decodes the character that `text` begins with, and returns its length in bytes; 0 at the end.
 * For an invalid byte (also of overlong forms and surrogates): UTF8_INVALID, and 1. */
size_t utf8_next(const char *text, uint32_t *ret_character);
/** The number of characters. */
size_t utf8_length(const char *text);
/** Whether a character is seen where it stands: none that controls a terminal, none that is
 * invisible or reorders what follows it. */
bool utf8_is_visible(uint32_t character);
/** Appends `text`; characters that `allows` refuses (NULL: none) and invalid bytes stand as \n, \t,
 * \r, \xHH, \uHHHH or \UHHHHHHHH. A backslash itself stays as it is: this is for reading. */
void utf8_escape(struct text *out, const char *text, bool (*allows)(uint32_t character));
/** A copy of `text` that is harmless on a terminal and in a pipeline's log, to be freed: what is
 * not visible is escaped as by utf8_escape(), commands as by utf8_disarm(); with `lines`, line ends
 * stay. */
char *utf8_shown(const char *text, bool lines);
/** Appends `text`, in which a runner of GitHub Actions is to find no command to it: neither "::"
 * where a line begins (blanks before it do not count) nor "##[", the older form, anywhere. The
 * first character of such is escaped as by utf8_escape(). */
void utf8_disarm(struct text *out, const char *text);
/** The text as a JSON string, with invalid bytes escaped; JSON's null for NULL. New reference. */
json_t *utf8_json(const char *text);

#endif
