// SPDX-License-Identifier: Apache-2.0
// plain.c - a manual page as plain text, for pipes
//
// Reads the few macros of man(7) that page.c and explain/reference.c write, and no others.
#include "cli/page.h"

#include "base/text.h"

#include <string.h>

enum { STEP = 4 };

/** Where the next line goes. */
struct layout {
    FILE *out;
    int depth;    // of nested lists
    bool head;    // the next line is the head of an entry
    bool body;    // the text that follows belongs to an entry
    bool literal; // lines are not folded
    bool begun;   // verbatim lines, not folded
    bool titled;  // a section has just begun
};

// Removes the escapes from a line, in place; with `quotes`, bold text is put in backquotes.
static void unescape(char *line, bool quotes) {
    char *to = line;
    for (const char *from = line; *from; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        if (*from == 'f' && from++ && quotes) // the font's letter follows
            *to++ = '`';
        else if (*from == 'e')
            *to++ = '\\';
        else if (*from == '-')
            *to++ = *from;
    }
    *to = '\0';
}

static void print_text(struct layout *layout, const char *line) {
    int indent = STEP * (1 + layout->depth + (layout->body && !layout->head));
    if (layout->head && layout->depth == 0 && !layout->titled)
        fputc('\n', layout->out);
    layout->titled = false;
    layout->body |= layout->head;
    layout->head = false;
    fprintf(layout->out, "%*s", indent, "");
    if (layout->literal)
        fprintf(layout->out, "%s\n", line);
    else
        print_folded(layout->out, indent, line);
}

static void print_title(struct layout *layout, const char *title) {
    fprintf(layout->out, "%s%s\n", layout->begun ? "\n" : "", title);
    layout->body = layout->head = false;
    layout->titled = layout->begun = true;
}

static void obey(struct layout *layout, const char *macro) {
    if (text_starts(macro, ".SH "))
        print_title(layout, macro + strlen(".SH "));
    else if (text_starts(macro, ".BR "))
        print_text(layout, macro + strlen(".BR "));
    else if (strcmp(macro, ".TP") == 0)
        layout->head = true;
    else if (strcmp(macro, ".nf") == 0 || strcmp(macro, ".fi") == 0)
        layout->literal = macro[1] == 'n';
    else if (strcmp(macro, ".RS") == 0 || strcmp(macro, ".RE") == 0)
        layout->depth += macro[2] == 'S' ? 1 : -1;
}

void page_print_plain(FILE *out, void (*print)(FILE *)) {
    cleanup_free char *page = NULL;
    size_t length = 0;
    struct layout layout = {.out = out};
    FILE *memory = xgot(open_memstream(&page, &length));
    print(memory);
    fclose(memory);
    char *left;
    for (char *line = strtok_r(page, "\n", &left); line; line = strtok_r(NULL, "\n", &left)) {
        bool is_macro = *line == '.';
        unescape(line, !layout.head);
        if (is_macro)
            obey(&layout, line);
        else
            print_text(&layout, line);
    }
}
