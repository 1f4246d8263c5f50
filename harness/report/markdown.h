// SPDX-License-Identifier: Apache-2.0
// markdown.h - text from outside, made harmless in Markdown
#ifndef GONEAWAY_REPORT_MARKDOWN_H
#define GONEAWAY_REPORT_MARKDOWN_H

#include "base/text.h"

/** Appends text that means nothing but itself, also in a cell of a table; what is wider than
 * `width` columns is cut. */
void markdown_escape(struct text *out, const char *text, int width);

#endif
