// SPDX-License-Identifier: Apache-2.0
// measured.h - all that goneaway's own connectors were measured with: fixtures/measured
#ifndef GONEAWAY_BATCH_MEASURED_H
#define GONEAWAY_BATCH_MEASURED_H

#include "baseline/baseline.h"
#include "image/image.h"

/** A connector in a version, on a server in a version. */
struct measured_place {
    struct baseline *baseline;
    const struct connector_recipe *recipe;
    struct place place;
};
struct measured {
    size_t count;
    struct measured_place *items; ///< by server, newer ones first, then by connector
    struct images images;
};

/** Reads every file of a connector that has a recipe, on servers with which several were measured.
 * measured_close() also after an error. */
int measured_open(struct measured *measured, const char *home, struct err *err);
void measured_close(struct measured *measured);
#define cleanup_measured __attribute__((cleanup(measured_close)))

/** What a case ends with there: as the file has it, or as the scenario explains it. NULL: it was
 * not measured, or is not for this connector or server. */
const struct plan_row *measured_row(const struct measured_place *measured,
                                    const struct plan_case *plan);

#endif
