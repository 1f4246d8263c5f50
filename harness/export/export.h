// SPDX-License-Identifier: Apache-2.0
// export.h - a case as a program that needs nothing of goneaway
#ifndef GONEAWAY_EXPORT_EXPORT_H
#define GONEAWAY_EXPORT_EXPORT_H

#include "batch/measured.h"

#include <stdio.h>

/** Writes the program, fault.sh, run.sh and README.md of a case into a folder that is empty or not
 * there yet, and says on `out` what to do with them. A usage error says why a case cannot be
 * exported. `connector` and `server`: NULL for the usual one. */
int export_case(FILE *out, const struct measured *measured, const struct plan_case *plan,
                const char *connector, const char *server, const char *folder, struct err *err);
/** A usage error if there are no programs for a connector; NULL: the usual one. */
int export_check_connector(const struct measured *measured, const char *connector, struct err *err);
/** Whether a case can be exported at all; for `list`. */
bool export_can(const struct measured *measured, const struct plan_case *plan,
                const char *connector, const char *server);

#endif
