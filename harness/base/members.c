// SPDX-License-Identifier: Apache-2.0
// members.c - writing, reading and freeing the members of a struct
#include "base/members.h"

#include "base/text.h"
#include "base/utf8.h"

#include <limits.h>
#include <math.h>
#include <string.h>

// More than any number of microseconds that an adapter can report.
static const double MOST_MS = 1e16;

// Rounded to microseconds.
static json_t *moment_to_json(double ms) {
    double rounded = round(ms * 1000) / 1000;
    return isfinite(rounded) && rounded != 0 ? json_real(rounded) : NULL;
}

// NULL if the member is omitted.
static json_t *member_to_json(const struct member *member, const void *field) {
    switch (member->kind) {
    case MEMBER_TEXT:
        return utf8_json(*(char *const *)field);
    case MEMBER_NOTE:
        return *(char *const *)field ? utf8_json(*(char *const *)field) : NULL;
    case MEMBER_INT:
        return json_integer(*(const int *)field);
    case MEMBER_MARK:
        return *(const int *)field ? json_integer(*(const int *)field) : NULL;
    case MEMBER_COUNT:
        return *(const int64_t *)field < 0 ? json_null() : json_integer(*(const int64_t *)field);
    case MEMBER_AT:
        return moment_to_json(*(const double *)field);
    case MEMBER_MS:
        return json_real(isfinite(*(const double *)field) ? *(const double *)field : 0);
    case MEMBER_FLAG:
        return *(const int *)field < 0 ? json_null() : json_boolean(*(const int *)field);
    case MEMBER_WORD:
        return json_string(member->words[*(const int *)field]);
    case MEMBER_ROWS:
    case MEMBER_PAIRS:
        return json_deep_copy(*(json_t *const *)field);
    }
    return NULL;
}

void members_to_json(json_t *object, const struct member *members, const void *base) {
    for (const struct member *member = members; member->name; member++) {
        json_t *value = member_to_json(member, (const char *)base + member->offset);
        if (value)
            json_object_set_new(object, member->name, value);
    }
}

json_t *members_of_all(const struct member *members, const void *items, size_t count, size_t size) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        members_to_json(object, members, (const char *)items + i * size);
        json_array_append_new(array, object);
    }
    return array;
}

static int read_text(const json_t *value, char **text, struct err *err) {
    if (!json_is_string(value))
        return err_set(err, "is not text");
    free(*text);
    *text = xstrdup(json_string_value(value));
    return 0;
}

static int read_int(const json_t *value, int *number, struct err *err) {
    if (!json_is_integer(value))
        return err_set(err, "is not a whole number");
    json_int_t wide = json_integer_value(value);
    if (wide < INT_MIN || wide > INT_MAX)
        return err_set(err, "is out of range");
    *number = (int)wide;
    return 0;
}

static int read_count(const json_t *value, int64_t *number, struct err *err) {
    if (!json_is_integer(value))
        return err_set(err, "is not a whole number");
    *number = json_integer_value(value);
    return *number < 0 ? err_set(err, "is negative") : 0;
}

static int read_ms(const json_t *value, double *ms, struct err *err) {
    if (!json_is_number(value))
        return err_set(err, "is not a number");
    *ms = json_number_value(value);
    return fabs(*ms) > MOST_MS ? err_set(err, "is out of range") : 0;
}

static int read_flag(const json_t *value, int *flag, struct err *err) {
    if (!json_is_boolean(value))
        return err_set(err, "is neither true nor false");
    *flag = json_is_true(value);
    return 0;
}

static int read_word(const struct member *member, const json_t *value, int *word, struct err *err) {
    if (!json_is_string(value))
        return err_set(err, "is not text");
    for (size_t i = 0; i < member->word_count; i++)
        if (strcmp(json_string_value(value), member->words[i]) == 0) {
            *word = (int)i;
            return 0;
        }
    return err_set(err, "'%s' is no %s", json_string_value(value), member->name);
}

static int read_rows(const json_t *value, json_t **rows, struct err *err) {
    size_t i;
    json_t *row;
    if (!json_is_array(value))
        return err_set(err, "is not a list");
    json_array_foreach((json_t *)value, i, row) {
        if (!json_is_array(row))
            return err_set(err, "row %zu is not a list", i);
    }
    json_decref(*rows);
    *rows = json_deep_copy(value);
    return 0;
}

static int read_pairs(const json_t *value, json_t **pairs, struct err *err) {
    if (!json_is_object(value))
        return err_set(err, "is not an object");
    json_decref(*pairs);
    *pairs = json_deep_copy(value);
    return 0;
}

static int read_member(const struct member *member, const json_t *value, void *field,
                       struct err *err) {
    switch (member->kind) {
    case MEMBER_TEXT:
    case MEMBER_NOTE:
        return read_text(value, field, err);
    case MEMBER_INT:
    case MEMBER_MARK:
        return read_int(value, field, err);
    case MEMBER_COUNT:
        return read_count(value, field, err);
    case MEMBER_AT:
    case MEMBER_MS:
        return read_ms(value, field, err);
    case MEMBER_FLAG:
        return read_flag(value, field, err);
    case MEMBER_WORD:
        return read_word(member, value, field, err);
    case MEMBER_ROWS:
        return read_rows(value, field, err);
    case MEMBER_PAIRS:
        return read_pairs(value, field, err);
    }
    return 0;
}

int members_read(const struct member *members, const json_t *object, void *base, struct err *err) {
    if (!json_is_object(object))
        return err_set(err, "is not an object");
    for (const struct member *member = members; member->name; member++) {
        const json_t *value = json_object_get(object, member->name);
        if (!value || json_is_null(value))
            continue;
        if (read_member(member, value, (char *)base + member->offset, err) < 0)
            return err_context(err, "%s", member->name);
    }
    return 0;
}

void members_release(const struct member *members, void *base) {
    for (const struct member *member = members; member->name; member++) {
        void *field = (char *)base + member->offset;
        if (member->kind == MEMBER_TEXT || member->kind == MEMBER_NOTE)
            free(*(char **)field);
        else if (member->kind == MEMBER_ROWS || member->kind == MEMBER_PAIRS)
            json_decref(*(json_t **)field);
    }
}
