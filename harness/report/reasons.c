// SPDX-License-Identifier: Apache-2.0
// reasons.c - groups cases by their reason
#include "report/reasons.h"

#include "base/utf8.h"

#include <ctype.h>
#include <search.h>
#include <string.h>

enum { MOST_NAMES_BYTES = 300, INDENT = 6 };

// ---- which reasons are the same ----------------------------------------------------------------

static bool follows(const char *text, const char *at, const char *phrase) {
    size_t length = strlen(phrase);
    return (size_t)(at - text) >= length && text_starts(at - length, phrase);
}

// Whether a number that ends at `end` may vary from run to run or line to line: a time, a session's
// number, or a line's.
static bool is_incidental(const char *text, const char *at, const char *end) {
    size_t before = (size_t)(at - text);
    if (text_starts(end, " ms") || (before > 1 && at[-1] == ':' && isalpha((unsigned char)at[-2])))
        return true;
    return follows(text, at, "session ") ||
           (follows(text, at, " after ") && strstr(text, "session "));
}

// The first line of a reason, without what makes equal ones differ.
static char *key_of(enum verdict_kind kind, const char *why) {
    struct text key = {0};
    text_printf(&key, "%s ", verdict_names[kind]);
    for (const char *at = why; *at && *at != '\n';) {
        size_t digits = strspn(at, "0123456789.");
        if (digits == 0)
            text_append(&key, at++, 1);
        else
            text_append(&key, is_incidental(why, at, at + digits) ? "#" : at,
                        is_incidental(why, at, at + digits) ? 1 : digits);
        at += digits;
    }
    return key.data;
}

static int by_key(const void *a, const void *b) {
    const struct reason *one = a, *other = b;
    return strcmp(one->key, other->key);
}

static struct reason *find(struct reasons *reasons, const struct report_case *result) {
    char *key = key_of(result->verdict->kind, detail_why(result));
    const struct reason wanted = {.key = key};
    struct reason *const *found = tfind(&wanted, &reasons->index, by_key);
    if (found) {
        free(key);
        return *found;
    }
    struct reason *reason = xcalloc(1, sizeof *reason);
    *reason = (struct reason){
        .kind = result->verdict->kind, .key = key, .why = xstrdup(detail_why(result))};
    reasons->items = xgrow(reasons->items, reasons->count, sizeof(struct reason *));
    reasons->items[reasons->count++] = reason;
    if (!tsearch(reason, &reasons->index, by_key))
        out_of_memory();
    return reason;
}

// ---- cases with a reason -----------------------------------------------------------------------

static bool has_name(const struct text *names, const char *name) {
    size_t length = strlen(name);
    for (const char *at = text_get(names); (at = strstr(at, name)); at += length) {
        bool begins = at == text_get(names) || (at[-1] == ' ' && at[-2] == ',');
        if (begins && (!at[length] || text_starts(at + length, ", ")))
            return true;
    }
    return false;
}

// Adds a name to a list, if it is new; false if there is no room.
static bool add_name(struct text *names, const char *name) {
    if (!*name || has_name(names, name))
        return true;
    if (names->length + strlen(name) > MOST_NAMES_BYTES)
        return false;
    text_printf(names, "%s%s", names->length > 0 ? ", " : "", name);
    return true;
}

struct reason *reasons_add(struct reasons *reasons, const struct report_case *result) {
    struct reason *reason = find(reasons, result);
    reason->count++;
    reason->left_out += !add_name(&reason->cases, result->plan->id);
    add_name(&reason->connectors, detail_connector(result));
    add_name(&reason->servers, detail_server(result));
    return reason;
}

static int by_count(const void *a, const void *b) {
    const struct reason *one = *(const struct reason *const *)a;
    const struct reason *other = *(const struct reason *const *)b;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return strcmp(one->key, other->key);
}

void reasons_sort(struct reasons *reasons) {
    if (reasons->count > 0)
        qsort(reasons->items, reasons->count, sizeof(struct reason *), by_count);
}

static void keep(void *item) {
    (void)item;
}

void reasons_release(struct reasons *reasons) {
    tdestroy(reasons->index, keep);
    for (size_t i = 0; i < reasons->count; i++) {
        struct reason *reason = reasons->items[i];
        free(reason->key);
        free(reason->why);
        text_release(&reason->cases);
        text_release(&reason->connectors);
        text_release(&reason->servers);
        text_release(&reason->shown);
        free(reason);
    }
    free(reasons->items);
    *reasons = (struct reasons){0};
}

// ---- for people --------------------------------------------------------------------------------

// Fills lines of `width` columns, indenting all but the first. A single word may be wider.
static void add_filled(struct sheet *sheet, enum ink ink, int used, int width, const char *text) {
    cleanup_free char *safe = sheet_safe(sheet, text, -1);
    char *rest = safe;
    for (char *word; (word = strsep(&rest, " "));) {
        int length = (int)utf8_length(word);
        if (used > INDENT && used + 1 + length > width) {
            text_printf(&sheet->text, "\n%*s", INDENT, "");
            used = INDENT;
        } else if (used > INDENT) {
            text_add(&sheet->text, " ");
            used++;
        }
        sheet_ink(sheet, ink, 0, word);
        used += length;
    }
    text_add(&sheet->text, "\n");
}

static void add_names(struct sheet *sheet, const struct reason *reason, int width) {
    cleanup_text struct text names = {0};
    text_add(&names, text_get(&reason->cases));
    if (reason->left_out > 0)
        text_printf(&names, " and %zu more", reason->left_out);
    text_printf(&names, "; with %s; on %s", text_get(&reason->connectors),
                text_get(&reason->servers));
    text_printf(&sheet->text, "%*s", INDENT, "");
    add_filled(sheet, INK_DIM, INDENT, width, text_get(&names));
}

void reason_draw(struct sheet *sheet, const struct reason *reason, bool names, int width) {
    cleanup_free char *count = xprintf("%zu x ", reason->count);
    cleanup_free char *why = xprintf("%.*s", (int)strcspn(reason->why, "\n"), reason->why);
    text_printf(&sheet->text, "%*s", INDENT, count);
    add_filled(sheet, INK_BOLD, INDENT, width, *why ? why : verdict_names[reason->kind]);
    if (names)
        add_names(sheet, reason, width);
}
