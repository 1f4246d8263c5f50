// SPDX-License-Identifier: Apache-2.0
// program.h - the program of an exported case
#ifndef GONEAWAY_EXPORT_PROGRAM_H
#define GONEAWAY_EXPORT_PROGRAM_H

#include "export/language.h"

/** What is exported. */
struct export {
    const struct plan_case *plan;
    const struct plan_row *row;
    const struct place *place;
    const struct language *language;
    const struct dialect *dialect;
    struct script script;
};

/** A usage error if the language lacks what some move needs. */
int program_check(const struct export *export, struct err *err);
/** The text of the program. */
void program_write(struct text *out, const struct export *export);

#endif
