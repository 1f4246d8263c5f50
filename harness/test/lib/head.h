// SPDX-License-Identifier: Apache-2.0
// head.h - the comment at the head of a fixture, which says what must become of it
#ifndef GONEAWAY_TEST_LIB_HEAD_H
#define GONEAWAY_TEST_LIB_HEAD_H

/** Is told each key of a head, and its value. */
typedef void head_taker(void *context, const char *key, const char *value);

/** Reads "# key: value" lines ("//" in C), up to the first line that is no comment. What is
 * indented belongs to the line before. Destroys the text. */
void head_read(char *text, head_taker *take, void *context);

#endif
