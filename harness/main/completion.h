// SPDX-License-Identifier: Apache-2.0
// completion.h - what may be typed next on a command line of goneaway
#ifndef GONEAWAY_MAIN_COMPLETION_H
#define GONEAWAY_MAIN_COMPLETION_H

#include <stdio.h>

/** Prints what the last word, which may be "", can become: one candidate per line, followed by a
 * tab and a description if there is one. A line ":files", ":folders" or ":commands" tells the shell
 * to complete what follows the last `=` or `,` by itself. The words start with goneaway's command.
 * If anything is wrong nothing is printed, since the user is still typing. */
void completion_words(FILE *out, int count, char **words);

#endif
