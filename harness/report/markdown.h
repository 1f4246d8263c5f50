// SPDX-License-Identifier: Apache-2.0
// markdown.h - makes text from outside harmless in Markdown
#ifndef GONEAWAY_REPORT_MARKDOWN_H
#define GONEAWAY_REPORT_MARKDOWN_H

#include "base/text.h"

/** Appends text that is shown literally, even in a table cell; cut to `width` columns. */
void markdown_escape(struct text *out, const char *text, int width);

#endif
