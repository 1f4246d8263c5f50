// SPDX-License-Identifier: Apache-2.0
// html.h - parts of the report as a page
#ifndef GONEAWAY_REPORT_HTML_H
#define GONEAWAY_REPORT_HTML_H

#include "report/detail.h"

/** Adds a text from outside so that it is harmless in HTML, in attributes and on a terminal. */
void html_escape(struct text *out, const char *text);
/** Starts a page that fetches nothing, with its heading; `title` must be escaped already. End it
 * with "</body></html>". */
void html_begin_page(struct text *out, const char *title);
/** Adds everything that is shown of a case; `open`: initially unfolded. */
void html_add_case(struct text *out, const struct report_case *result, bool open);
/** Adds a case's diagram: who spoke to whom, and when. Nothing if it has no moments. */
void html_add_diagram(struct text *out, const struct report_case *result);

#endif
