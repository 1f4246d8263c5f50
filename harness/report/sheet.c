// SPDX-License-Identifier: Apache-2.0
// sheet.c - lines for people, in colour or plain
#include "report/sheet.h"

#include "base/utf8.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

static const char *const ink_codes[] = {
    [INK_PLAIN] = "", [INK_DIM] = "2",     [INK_BOLD] = "1",      [INK_GOOD] = "32",
    [INK_BAD] = "31", [INK_ABSENT] = "36", [INK_DOUBTFUL] = "33",
};

void sheet_ink(struct sheet *sheet, enum ink ink, int width, const char *text) {
    bool coloured = sheet->colour && ink != INK_PLAIN && *text;
    int blanks = (width < SHEET_WIDEST ? width : SHEET_WIDEST) - (int)utf8_length(text);
    if (coloured)
        text_printf(&sheet->text, "\033[%sm", ink_codes[ink]);
    text_add(&sheet->text, text);
    if (coloured)
        text_add(&sheet->text, "\033[0m");
    if (blanks > 0)
        text_printf(&sheet->text, "%*s", blanks, "");
}

// Checks the environment's locale, whether or not the program has adopted it with setlocale().
bool detail_locale_is_utf8(void) {
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (!locale)
        return false;
    bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return utf8;
}

static bool is_ascii(uint32_t character) {
    return character >= 0x20 && character < 0x7f;
}

// Cuts a valid text to a number of columns, ending in dots.
static void cut(struct text *text, int width, const char *dots) {
    if (width < 0 || utf8_length(text_get(text)) <= (size_t)width)
        return;
    uint32_t character;
    size_t kept = 0;
    for (int i = 0; i < width - (int)utf8_length(dots); i++)
        kept += utf8_next(text->data + kept, &character);
    while (kept > 0 && text->data[kept - 1] == ' ')
        kept--;
    text->length = kept;
    text_add(text, dots);
}

char *sheet_safe(const struct sheet *sheet, const char *text, int width) {
    struct text safe = {0};
    text_add(&safe, "");
    utf8_escape(&safe, text, sheet->utf8 ? utf8_is_visible : is_ascii);
    cut(&safe, width, sheet->utf8 ? "…" : "...");
    return safe.data;
}

void sheet_foreign(struct sheet *sheet, enum ink ink, const char *text) {
    cleanup_free char *safe = sheet_safe(sheet, text, -1);
    sheet_ink(sheet, ink, 0, safe);
}

void sheet_end_line(struct sheet *sheet) {
    while (sheet->text.length > 0 && sheet->text.data[sheet->text.length - 1] == ' ')
        sheet->text.data[--sheet->text.length] = '\0';
    text_add(&sheet->text, "\n");
}
