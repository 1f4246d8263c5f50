// SPDX-License-Identifier: Apache-2.0
// html.h - parts of the report as a page
#ifndef GONEAWAY_REPORT_HTML_H
#define GONEAWAY_REPORT_HTML_H

#include "report/detail.h"

/** Adds a text from outside, which means nothing in HTML, in an attribute or to a terminal. */
void html_escape(struct text *out, const char *text);
/** Begins a page that fetches nothing, with its heading; `title` is text that means nothing in HTML
 * already. It ends with "</body></html>". */
void html_begin_page(struct text *out, const char *title);
/** Adds all that is to be shown of a case; `open`: at once. */
void html_add_case(struct text *out, const struct report_case *result, bool open);
/** Adds the diagram of a case: who spoke with whom, and when. Nothing if it has no moments. */
void html_add_diagram(struct text *out, const struct report_case *result);

#endif
