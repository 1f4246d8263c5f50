// SPDX-License-Identifier: Apache-2.0
// head.c - reads the comment at the head of a fixture
#include "test/lib/head.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

// The text after a comment's sign, or NULL if the head is over.
static char *comment_of(char *line) {
    const char *const signs[] = {"// ", "# "};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (text_starts(line, signs[i]))
            return line + strlen(signs[i]);
    return text_starts(line, "#!") ? line + strlen(line) : NULL;
}

void head_read(char *text, head_taker *take, void *context) {
    cleanup_text struct text value = {0};
    char *key = NULL, *comment;
    for (char *line; (line = strsep(&text, "\n")) && (comment = comment_of(line));) {
        char *colon = strstr(comment, ": ");
        if (isspace((unsigned char)*comment) && key) {
            text_printf(&value, " %s", comment + strspn(comment, " "));
        } else if (colon) {
            if (key)
                take(context, key, text_get(&value));
            text_release(&value);
            *colon = '\0';
            key = comment;
            text_add(&value, colon + 2);
        }
    }
    if (key)
        take(context, key, text_get(&value));
}
