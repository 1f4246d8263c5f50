// SPDX-License-Identifier: Apache-2.0
// listing.h - shows a case on a line, and below it how each judged call ended
#ifndef GONEAWAY_REPORT_LISTING_H
#define GONEAWAY_REPORT_LISTING_H

#include "report/detail.h"

enum { LISTING_INDENT = 8 };

/** A case's line: verdict, name, place and time, if possible within `width` columns. */
void listing_case(struct sheet *sheet, const struct report_case *result, int width);
/** How its judged calls ended; those that ended alike share a line. */
void listing_calls(struct sheet *sheet, const struct record *record, int width);
/** The colour of a verdict. */
enum ink listing_ink(enum verdict_kind kind);

#endif
