// SPDX-License-Identifier: Apache-2.0
// text.c - strings that grow, and the notations of durations and sizes
#include "base/text.h"

#include "base/status.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void out_of_memory(void) {
    static const char message[] = "goneaway: out of memory\n";
    ssize_t told = write(STDERR_FILENO, message, sizeof message - 1);
    (void)told;
    _exit(STATUS_MACHINE);
}

void *xgot(void *pointer) {
    if (!pointer)
        out_of_memory();
    return pointer;
}

void *xmalloc(size_t size) {
    return xgot(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size) {
    return xgot(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *pointer, size_t count, size_t size) {
    return xgot(reallocarray(pointer, count ? count : 1, size));
}

void *xgrow(void *items, size_t count, size_t size) {
    return count & (count - 1) ? items : xrealloc(items, count ? 2 * count : 1, size);
}

char *xstrdup(const char *text) {
    return text ? xgot(strdup(text)) : NULL;
}

char *xprintf(const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory();
    return text;
}

void text_append(struct text *text, const char *data, size_t length) {
    if (text->length + length + 1 > text->capacity) {
        text->capacity = (text->length + length + 1) * 2;
        text->data = xrealloc(text->data, text->capacity, 1);
    }
    memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string) {
    text_append(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...) {
    cleanup_free char *added = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&added, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory();
    text_append(text, added, (size_t)length);
}

void text_release(struct text *text) {
    free(text->data);
    *text = (struct text){0};
}

const char *text_get(const struct text *text) {
    return text->data ? text->data : "";
}

bool text_starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

int text_order(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **text_split(const char *list) {
    size_t count = list ? 1 : 0, length = list ? strlen(list) + 1 : 0;
    for (size_t i = 0; i < length; i++)
        count += list[i] == ',';
    char **words = xmalloc((count + 1) * sizeof *words + length), *rest = NULL;
    if (list)
        rest = memcpy(&words[count + 1], list, length);
    for (size_t i = 0; i <= count; i++)
        words[i] = strsep(&rest, ",");
    return words;
}

bool text_list_has(const char *list, const char *word) {
    cleanup_free char **words = text_split(list);
    for (char **one = words; *one; one++)
        if (strcmp(*one, word) == 0)
            return true;
    return false;
}

const char *text_tail(const char *text, int lines) {
    const char *from = text + strlen(text);
    if (from > text && from[-1] == '\n')
        from--;
    for (; from > text; from--)
        if (from[-1] == '\n' && --lines == 0)
            break;
    return from;
}

struct suffix {
    const char *text;
    double factor;
};

// Parses a plain decimal number with one of the suffixes, and applies its factor; -1 otherwise.
static int64_t measure(const char *text, const struct suffix *suffixes, size_t count) {
    size_t digits = strspn(text, "0123456789.");
    if (digits == 0 || text[0] == '.' || digits > 15)
        return -1;
    char *end;
    double number = strtod(text, &end);
    for (size_t i = 0; end == text + digits && i < count; i++)
        if (strcmp(end, suffixes[i].text) == 0)
            return number * suffixes[i].factor < (double)INT64_MAX
                       ? llround(number * suffixes[i].factor)
                       : INT64_MAX;
    return -1;
}

int64_t text_duration_ms(const char *text) {
    static const struct suffix suffixes[] = {{"ms", 1}, {"s", 1e3}, {"min", 6e4}, {"h", 3.6e6}};
    return strcmp(text, "0") == 0 ? 0 : measure(text, suffixes, COUNT_OF(suffixes));
}

int64_t text_size_bytes(const char *text) {
    static const struct suffix suffixes[] = {
        {"", 1}, {"B", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}};
    if (strchr(text, '.') && text[strcspn(text, "KMG")] == '\0')
        return -1;
    return measure(text, suffixes, COUNT_OF(suffixes));
}

int64_t text_percent_ppm(const char *text) {
    static const struct suffix suffixes[] = {{"%", 1e4}};
    int64_t ppm = measure(text, suffixes, COUNT_OF(suffixes));
    return ppm <= 1000000 ? ppm : -1;
}

int64_t text_rate_bits(const char *text) {
    static const struct suffix suffixes[] = {
        {"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}};
    return measure(text, suffixes, COUNT_OF(suffixes));
}

char *text_wrap(const char *text, size_t width) {
    char *wrapped = xstrdup(text), *from = wrapped, *blank = NULL;
    for (char *at = wrapped; at && *at; at++) {
        if (*at == '\n')
            from = at + 1;
        blank = *at == ' ' ? at : blank;
        if ((size_t)(at - from) < width || !blank || blank < from)
            continue;
        *blank = '\n';
        from = blank + 1;
    }
    return wrapped;
}

void text_quote(struct text *text, const char *word) {
    if (*word && !word[strcspn(word, "*?[]$&;|<>(){}'\"\\ !#~`\t\n")]) {
        text_printf(text, " %s", word);
        return;
    }
    text_add(text, " '");
    for (; *word; word++)
        if (*word == '\'')
            text_add(text, "'\\''");
        else
            text_append(text, word, 1);
    text_add(text, "'");
}
