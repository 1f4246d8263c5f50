// SPDX-License-Identifier: Apache-2.0
// completion.h - what may be typed next on a command line of goneaway's
#ifndef GONEAWAY_MAIN_COMPLETION_H
#define GONEAWAY_MAIN_COMPLETION_H

#include <stdio.h>

/** Prints what the last of the words, which may be "", can become: a line for each word, with a
 * tab and what it is where that is known. A line ":files", ":folders" or ":commands" says that
 * the shell completes what follows the last `=` or `,` itself. The words begin with the command of
 * goneaway's. Whatever is wrong is nobody's business while one still types: nothing is printed. */
void completion_words(FILE *out, int count, char **words);

#endif
