// SPDX-License-Identifier: Apache-2.0
// globals.c - sets global variables for a case, and sets them back
#include "run/case.h"

#include <ctype.h>
#include <string.h>

// The value as a string literal, with everything escaped that could end it.
static char *quoted(const char *told) {
    struct text text = {0};
    text_add(&text, "'");
    for (; *told; told++)
        text_printf(&text, strchr("'\\", *told) ? "%c%c" : "%c", *told, *told);
    text_add(&text, "'");
    return text.data;
}

// A size as people write it, 1MiB or 1M, in bytes; -1 if it is none.
static int64_t size_of(const char *told) {
    cleanup_free char *unit = xprintf("%siB", told);
    int64_t bytes = text_size_bytes(told);
    return bytes >= 0 ? bytes : text_size_bytes(unit);
}

// Numbers are set as they are, sizes in bytes, everything else as a string.
static int set(struct admin *admin, const char *name, const json_t *value, struct err *err) {
    cleanup_free char *text = NULL;
    if (json_is_null(value)) {
        text = xstrdup("DEFAULT");
    } else if (json_is_string(value)) {
        const char *told = json_string_value(value);
        bool number = *told && strspn(told, "-0123456789.") == strlen(told);
        text = number               ? xstrdup(told)
               : size_of(told) >= 0 ? xprintf("%lld", (long long)size_of(told))
                                    : quoted(told);
    } else {
        text = json_dumps(value, JSON_ENCODE_ANY);
    }
    cleanup_free char *sql = xprintf("SET GLOBAL %s = %s", name, text);
    return admin_query(admin, sql, NULL, err);
}

// Remembers a variable's value from before the case.
static int keep(struct case_run *run, const char *name, struct err *err) {
    json_t *rows;
    cleanup_free char *sql = xprintf("SELECT @@GLOBAL.%s", name);
    cleanup_free char *key = xstrdup(name);
    for (char *letter = key; *letter; letter++) // names of variables are case-insensitive
        *letter = (char)tolower((unsigned char)*letter);
    if (json_object_get(run->globals, key))
        return 0;
    if (admin_query(run->world->server.admin, sql, &rows, err) < 0)
        return -1;
    json_object_set(run->globals, key, json_array_get(json_array_get(rows, 0), 0));
    json_decref(rows);
    return 0;
}

static bool is_name(const char *text) {
    enum { MOST_BYTES = 128 };
    size_t length =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    return length > 0 && length < MOST_BYTES && text[length] == '\0';
}

// Whether a variable names a file, or controls whether and where a log is written, so that a file
// would be left behind.
static bool leaves_file(const char *name) {
    static const char *const parts[] = {"file", "path", "dir", "log", "dump", "output"};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (strcasestr(name, parts[i]))
            return true;
    return false;
}

int globals_set(struct case_run *run, json_t *values, struct err *err) {
    const char *name;
    json_t *value;
    if (!run->globals)
        run->globals = json_object();
    json_object_foreach(values, name, value) {
        if (!is_name(name))
            return err_set(err, "set_global: '%s' is not a name of a variable", name);
        if (leaves_file(name))
            world_retire_server(run->world, "a global variable has made it write a file");
        if (keep(run, name, err) < 0 || set(run->world->server.admin, name, value, err) < 0)
            return -1;
    }
    return 0;
}

int globals_restore(struct case_run *run, struct err *err) {
    const char *name;
    json_t *value;
    json_object_foreach(run->globals, name, value) {
        if (set(run->world->server.admin, name, value, err) < 0)
            return -1;
    }
    return 0;
}
