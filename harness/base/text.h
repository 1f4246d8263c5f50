// SPDX-License-Identifier: Apache-2.0
// text.h - strings that grow, allocation that does not fail, and cleanup attributes
#ifndef GONEAWAY_BASE_TEXT_H
#define GONEAWAY_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/** Number of elements of an array. */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static inline void cleanup_free_(void *pointer) {
    free(*(void **)pointer);
}
static inline void cleanup_close_(const int *fd) {
    if (*fd >= 0)
        close(*fd);
}
/** Frees a pointer when it goes out of scope. */
#define cleanup_free __attribute__((cleanup(cleanup_free_)))
/** Closes a file descriptor (if >= 0) when it goes out of scope. */
#define cleanup_close __attribute__((cleanup(cleanup_close_)))

/** Reports it on standard error and exits (STATUS_MACHINE): nothing else can be done. */
void out_of_memory(void) __attribute__((noreturn));
/** Passes on what a library allocated; NULL means out of memory and ends the program. */
void *xgot(void *pointer);
/** Like malloc(), but running out of memory ends the program. */
void *xmalloc(size_t size);
/** Like calloc(), but running out of memory ends the program. */
void *xcalloc(size_t count, size_t size);
/** Like realloc() of `count` elements, but running out of memory ends the program. */
void *xrealloc(void *pointer, size_t count, size_t size);
/** Makes room for one more item after `count`, which must have grown one by one from 0. Capacity
 * doubles, so that appending takes linear time in all. */
void *xgrow(void *items, size_t count, size_t size);
/** Like strdup(); NULL gives NULL; running out of memory ends the program. */
char *xstrdup(const char *text);
/** Like asprintf(), returning the string; running out of memory ends the program. */
char *xprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** A string that grows. Start with `= {0}`, end with text_release() or cleanup_text. */
struct text {
    char *data; ///< NUL-terminated; NULL while empty
    size_t length, capacity;
};
void text_append(struct text *text, const char *data, size_t length);
void text_add(struct text *text, const char *string);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_release(struct text *text);
/** The content, "" while empty. */
const char *text_get(const struct text *text);
#define cleanup_text __attribute__((cleanup(text_release)))

/** Whether `text` starts with `prefix`. */
bool text_starts(const char *text, const char *prefix);
/** Compares two elements of an array of strings, for qsort() and bsearch(). */
int text_order(const void *a, const void *b);
/** Splits a list such as "tcp,tls" into words, ended by NULL, in one allocation. NULL yields no
 * words, "" one empty word. */
char **text_split(const char *list);
/** Whether a list such as "tcp,tls" contains this word; NULL contains none. */
bool text_list_has(const char *list, const char *word);
/** Appends a blank and a word of a command line, quoted if a shell would need it. */
void text_quote(struct text *text, const char *word);
/** The last `lines` lines of `text`, as a pointer into it. */
const char *text_tail(const char *text, int lines);

/** Parses "500ms", "1.6s", "2min", "8h" or "0" into milliseconds; -1 if it is none of these. */
int64_t text_duration_ms(const char *text);
/** Parses "17MiB", "64KiB", "1GiB" or a plain number into bytes; -1 if it is none of these. */
int64_t text_size_bytes(const char *text);
/** Parses "25%" or "0.5%", up to 100%, into parts per million; -1 if it is none of these. */
int64_t text_percent_ppm(const char *text);
/** Parses "1mbit", "64kbit", "1gbit" or "9600bit" (a second; 1 kbit is 1000 bit, as tc(8) has it)
 * into bits per second; -1 if it is none of these. */
int64_t text_rate_bits(const char *text);

/** Replaces blanks by line ends so that no line is longer than `width` bytes, unless a single word
 * is. To be freed. */
char *text_wrap(const char *text, size_t width);

#endif
