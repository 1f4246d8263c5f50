// SPDX-License-Identifier: Apache-2.0
// message.c - what an application's error message speaks of
#include "explain/message.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// A message in the words of `codes`; libraries of MariaDB leave out the vendor's name.
static char *plain(const char *message) {
    static const struct {
        const char *found, *instead;
    } words[] = {{"MySQL ", ""}, {"MariaDB ", ""}, {"can't ", "cannot "}};
    char *plain = xstrdup(message);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        for (char *at; (at = strcasestr(plain, words[i].found));) {
            char *now = xprintf("%.*s%s%s", (int)(at - plain), plain, words[i].instead,
                                at + strlen(words[i].found));
            free(plain);
            plain = now;
        }
    return plain;
}

bool message_says(const char *message, const struct code *code) {
    enum { SIGNIFICANT = 14 };
    cleanup_free char *said = plain(message), *meaning = plain(code->meaning);
    cleanup_free char *begins = xprintf("%.*s", SIGNIFICANT, meaning);
    return strlen(begins) == SIGNIFICANT && strcasestr(said, begins);
}

static bool is_of_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static bool has_word(const char *text, const char *word) {
    for (const char *at = text; (at = strstr(at, word)); at++)
        if ((at == text || !is_of_word(at[-1])) && !is_of_word(at[strlen(word)]))
            return true;
    return false;
}

bool message_names(const char *message, const struct code *code) {
    cleanup_free char *number = xprintf("%d", code->number);
    return has_word(message, number) || has_word(message, code->symbol);
}

char *message_sign(const char *message, const struct suspect *suspect) {
    const char *quote = strchr(suspect->sign, '\''), *end = quote ? strchr(quote + 1, '\'') : NULL;
    if (!end)
        return NULL;
    char *quoted = xprintf("%.*s", (int)(end - quote - 1), quote + 1);
    if (strstr(message, quoted))
        return quoted;
    free(quoted);
    return NULL;
}
