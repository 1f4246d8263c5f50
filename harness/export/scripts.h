// SPDX-License-Identifier: Apache-2.0
// scripts.h - the shell scripts beside an exported program
#ifndef GONEAWAY_EXPORT_SCRIPTS_H
#define GONEAWAY_EXPORT_SCRIPTS_H

#include "export/program.h"

/** fault.sh: makes what goes wrong, and comes back when it has taken effect. */
void fault_script_write(struct text *out, const struct export *export);
/** run.sh: starts a server, or takes one from the environment, and runs the program. */
void run_script_write(struct text *out, const struct export *export);

/** "mysql:9.7": the official image of the server's version, to be freed. */
char *image_of(const struct place *place);
/** The variables that must name commands of the user's where the server is theirs, from 0 on, each
 * with what its command must do; NULL after the last. */
const struct slot *own_command(unsigned faults, size_t index);
/** A text of a dialect with the version of the connector in it, to be freed. */
char *version_filled(const struct export *export, const char *text);
/** A server's option as on its command line, `--max_allowed_packet=1048576`, to be freed. */
char *option_of(const char *name, const struct node *value);

#endif
