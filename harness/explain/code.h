// SPDX-License-Identifier: Apache-2.0
// code.h - one error code: which causes show it, and what tells them apart
#ifndef GONEAWAY_EXPLAIN_CODE_H
#define GONEAWAY_EXPLAIN_CODE_H

#include "catalog/view.h"

#include <stdio.h>

/** Prints the causes that show a code, one per line: in which call, over which transports, after
 * which wait, and what shows on the server's side. */
void code_print_causes(FILE *out, const struct view *view, int code);
/** Prints how one cause shows a code: its scenarios, and where in them it appears. */
void code_print_cause(FILE *out, const struct view *view, int code, const char *cause);

#endif
