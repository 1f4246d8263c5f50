// SPDX-License-Identifier: Apache-2.0
// head.h - reads the comment at the head of a fixture, which says what must become of it
#ifndef GONEAWAY_TEST_LIB_HEAD_H
#define GONEAWAY_TEST_LIB_HEAD_H

/** Called for each key of a head, with its value. */
typedef void head_taker(void *context, const char *key, const char *value);

/** Reads "# key: value" lines ("//" in C), up to the first line that is no comment. An indented
 * line continues the line before. Destroys the text. */
void head_read(char *text, head_taker *take, void *context);

#endif
