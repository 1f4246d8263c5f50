// SPDX-License-Identifier: Apache-2.0
// contents.h - what there is to explain, on one screen
#ifndef GONEAWAY_EXPLAIN_CONTENTS_H
#define GONEAWAY_EXPLAIN_CONTENTS_H

#include <stdio.h>

/** Prints the words that `goneaway explain` knows, by group, and what to type next. */
void contents_print(FILE *out);

#endif
