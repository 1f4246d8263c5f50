// SPDX-License-Identifier: Apache-2.0
// replayed.c - the case of a bundle, carried out once more: whether it shows the same
#include "bundle/replayed.h"

#include "base/status.h"
#include "plan/kind.h"
#include "report/detail.h"
#include "report/sheet.h"

#include <stdio.h>
#include <string.h>

// ---- where it ran ------------------------------------------------------------------------------

static void print_place(const char *name, const char *then, const char *then_version,
                        const char *now, const char *now_version) {
    struct sheet sheet = {.utf8 = detail_locale_is_utf8()};
    cleanup_free char *before =
        xprintf("%s %s", then ? then : "-", then_version ? then_version : "");
    cleanup_free char *after = xprintf("%s %s", now ? now : "-", now_version ? now_version : "");
    text_printf(&sheet.text, "  %-11s", name);
    sheet_foreign(&sheet, INK_PLAIN, before);
    if (strcmp(before, after) != 0) {
        text_add(&sheet.text, "; now ");
        sheet_foreign(&sheet, INK_PLAIN, after);
    }
    sheet_end_line(&sheet);
    fputs(text_get(&sheet.text), stdout);
    text_release(&sheet.text);
}

static void print_line(const char *before, const char *words) {
    struct sheet sheet = {.utf8 = detail_locale_is_utf8()};
    text_add(&sheet.text, before);
    sheet_foreign(&sheet, INK_PLAIN, words);
    sheet_end_line(&sheet);
    fputs(text_get(&sheet.text), stdout);
    text_release(&sheet.text);
}

static void print_heading(const struct replayed *replayed) {
    const struct record *then = replayed->then, *now = replayed->now;
    cleanup_free char *line =
        xprintf("%s, bundled %s by goneaway %s", replayed->id, replayed->when, replayed->version);
    print_line("", line);
    print_place("server", then->server, then->server_version, now->server, now->server_version);
    print_place("connector", then->connector, then->connector_version, now->connector,
                now->connector_version);
    if (!*replayed->gone)
        return;
    cleanup_free char *words = xprintf("images      other than the bundle's, which this "
                                       "goneaway does not make: %s",
                                       replayed->gone);
    print_line("  ", words);
}

// ---- what it showed ----------------------------------------------------------------------------

static char *outcome_of(const struct record *record, size_t i) {
    struct text words = {0};
    if (i < record->step_count)
        detail_outcome(&words, &record->steps[i]);
    return words.data ? words.data : xstrdup("-");
}

// Only calls are shown: waits and faults succeed, or else the case is broken.
static bool is_shown(const struct record *record, size_t i) {
    return i < record->step_count && record->steps[i].verb && app_verb_named(record->steps[i].verb);
}

static char *name_of(const struct record *record, size_t i) {
    const struct record_step *step = &record->steps[i];
    return xprintf("%d %s %s", step->number, step->actor ? step->actor : "",
                   step->id ? step->id : step->verb);
}

// Returns how many steps differ.
static size_t print_steps(const struct record *then, const struct record *now) {
    enum { NAME_WIDTH = 24, THEN_WIDTH = 34 };
    struct sheet sheet = {.utf8 = detail_locale_is_utf8()};
    size_t count = then->step_count > now->step_count ? then->step_count : now->step_count;
    size_t different = 0;
    text_printf(&sheet.text, "\n  %-*s  %-*s  now\n", NAME_WIDTH, "", THEN_WIDTH, "then");
    for (size_t i = 0; i < count; i++) {
        if (!is_shown(then, i) && !is_shown(now, i))
            continue;
        cleanup_free char *before = outcome_of(then, i), *after = outcome_of(now, i);
        cleanup_free char *name = name_of(is_shown(then, i) ? then : now, i);
        cleanup_free char *safe = sheet_safe(&sheet, name, -1);
        cleanup_free char *safe_before = sheet_safe(&sheet, before, -1);
        bool same = strcmp(before, after) == 0;
        different += !same;
        text_printf(&sheet.text, "%s ", same ? " " : sheet.utf8 ? "✗" : "x");
        sheet_ink(&sheet, INK_PLAIN, NAME_WIDTH, safe);
        text_add(&sheet.text, "  ");
        sheet_ink(&sheet, INK_PLAIN, THEN_WIDTH, safe_before);
        text_add(&sheet.text, "  ");
        sheet_foreign(&sheet, INK_PLAIN, after);
        sheet_end_line(&sheet);
    }
    fputs(text_get(&sheet.text), stdout);
    text_release(&sheet.text);
    return different;
}

int replayed_report(const struct replayed *replayed, struct err *err) {
    const struct record *then = replayed->then, *now = replayed->now;
    print_heading(replayed);
    if (now->broken && !then->broken)
        return err_set(err, "the case could not be carried out: %s", now->broken);
    if (now->lacks || now->skip)
        return err_set(err, "the case could not be carried out: %s",
                       now->lacks ? now->lacks : now->skip);
    size_t different = print_steps(then, now);
    if (now->broken) {
        printf("\nThe same as in the bundle: the case is broken.\n");
        return STATUS_OK;
    }
    if (then->broken) {
        printf("\nNot the same as in the bundle: the case was broken, and was carried out now.\n");
        return STATUS_UNEXPECTED;
    }
    if (different == 0)
        printf("\nThe same as in the bundle.\n");
    else
        printf("\nNot the same as in the bundle: %zu step%s ended otherwise.\n", different,
               different == 1 ? "" : "s");
    return different == 0 ? STATUS_OK : STATUS_UNEXPECTED;
}
