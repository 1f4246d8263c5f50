// SPDX-License-Identifier: Apache-2.0
// language.c - finds a connector's language, and fills in fragments
#include "export/language.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const struct language *const languages[] = {&language_python, &language_c,   &language_javascript,
                                            &language_php,    &language_pdo, &language_java,
                                            &language_go,     NULL};

const struct dialect *dialect_find(const char *connector, const char *family,
                                   const struct language **ret_language) {
    for (size_t i = 0; languages[i]; i++)
        for (const struct dialect *dialect = languages[i]->dialects; dialect->connector; dialect++)
            if (strcmp(dialect->connector, connector) == 0 ||
                (family && strcmp(dialect->connector, family) == 0)) {
                *ret_language = languages[i];
                return dialect;
            }
    return NULL;
}

static const char *value_of(const struct slot *slots, const char *name, size_t length) {
    for (; slots->name; slots++)
        if (strlen(slots->name) == length && strncmp(slots->name, name, length) == 0)
            return slots->value;
    return NULL;
}

void fragment_add(struct text *out, const char *fragment, const struct slot *slots) {
    for (const char *at; (at = strchr(fragment, '@')); fragment = at) {
        text_append(out, fragment, (size_t)(at - fragment));
        size_t length = 0;
        while (islower((unsigned char)at[1 + length]))
            length++;
        const char *value = length ? value_of(slots, at + 1, length) : NULL;
        if (value)
            text_add(out, value);
        else
            text_append(out, at, length + 1);
        at += length + 1;
    }
    text_add(out, fragment);
}

bool move_is_first_connect(const struct script *script, size_t at) {
    for (size_t i = 0; i < at; i++)
        if (script->moves[i].kind == MOVE_CONNECT &&
            strcmp(script->moves[i].connection, script->moves[at].connection) == 0)
            return false;
    return script->moves[at].kind == MOVE_CONNECT;
}

char *session_of(const char *connection) {
    return strcmp(connection, "connection") == 0 ? xstrdup("session")
                                                 : xprintf("%s_session", connection);
}

void add_quoted(struct text *out, const char *value, size_t length) {
    text_add(out, "\"");
    for (size_t i = 0; i < length; i++) {
        if (strchr("\\\"", value[i]))
            text_printf(out, "\\%c", value[i]);
        else if (value[i] == '\n')
            text_add(out, "\\n");
        else
            text_append(out, value + i, 1);
    }
    text_add(out, "\"");
}

void add_string(struct text *out, const struct language *language, const char *value) {
    size_t from, to;
    int64_t bytes;
    if (!script_find_blob(value, &from, &to, &bytes)) {
        language->add_text(out, value, strlen(value));
        return;
    }
    cleanup_free char *size = xprintf("%lld", (long long)bytes);
    language->add_text(out, value, from);
    fragment_add(out, language->payload, (const struct slot[]){{"bytes", size}, {NULL, NULL}});
    add_string(out, language, value + to);
}
