// SPDX-License-Identifier: Apache-2.0
// listing.h - a case in a line, and below it what each judged call ended with
#ifndef GONEAWAY_REPORT_LISTING_H
#define GONEAWAY_REPORT_LISTING_H

#include "report/detail.h"

enum { LISTING_INDENT = 8 };

/** The line of a case: verdict, name, place and time, which `width` columns should hold. */
void listing_case(struct sheet *sheet, const struct report_case *result, int width);
/** What its judged calls ended with; those that ended alike share a line. */
void listing_calls(struct sheet *sheet, const struct record *record, int width);
/** The colour of a verdict. */
enum ink listing_ink(enum verdict_kind kind);

#endif
