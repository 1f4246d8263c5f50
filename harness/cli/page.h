// SPDX-License-Identifier: Apache-2.0
// page.h - prose: folded for a terminal, and as a manual page in the macros of man(7)
#ifndef GONEAWAY_CLI_PAGE_H
#define GONEAWAY_CLI_PAGE_H

#include <stddef.h>
#include <stdio.h>

/** Prints text from column `indent` on, where the cursor already is, folded at 80 columns. */
void print_folded(FILE *out, int indent, const char *text);

/** The same on a new line, indented by `indent` columns. */
void print_indented(FILE *out, int indent, const char *text);

struct page {
    const char *name, *section; ///< "goneaway", "1"
    const char *purpose;        ///< one line, without a full stop
    const char *kind;           ///< "User Commands": what the pages of a section are
    const char *source;         ///< what it is generated from
};
/** Begins a page. In all text of a page, `backquotes` are shown as bold. */
void page_begin(FILE *out, const struct page *page);
void page_section(FILE *out, const char *title);
/** Prints one line of the page's source: a paragraph, or a part of one. */
void page_text(FILE *out, const char *text);
/** Prints an entry of a list; its head hangs to the left of the text. */
void page_entry(FILE *out, const char *head, const char *text);
/** Prints lines verbatim, such as an example. */
void page_lines(FILE *out, const char *const *lines, size_t count);
/** Prints a reference to another page: "goneaway", "1". */
void page_see(FILE *out, const char *name, const char *section);

/** Prints the manual page that `print` writes, as plain text folded at 80 columns. */
void page_print_plain(FILE *out, void (*print)(FILE *));

#endif
