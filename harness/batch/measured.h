// SPDX-License-Identifier: Apache-2.0
// measured.h - everything that was measured of goneaway's own connectors: fixtures/measured
#ifndef GONEAWAY_BATCH_MEASURED_H
#define GONEAWAY_BATCH_MEASURED_H

#include "baseline/baseline.h"
#include "image/image.h"

/** A version of a connector on a version of a server. */
struct measured_place {
    struct baseline *baseline;
    const struct connector_recipe *recipe;
    struct place place;
};
struct measured {
    size_t count;
    struct measured_place *items; ///< by server, newest first, then by connector
    struct images images;
};

/** Reads every file of a connector that has a recipe. Call measured_close() after an error too. */
int measured_open(struct measured *measured, const char *home, struct err *err);
/** Forgets servers measured with only one or two families: they say nothing about connectors. */
void measured_keep_compared(struct measured *measured);
void measured_close(struct measured *measured);
#define cleanup_measured __attribute__((cleanup(measured_close)))

/** Whether a scenario is for this connector and server. */
bool measured_is_for(const struct measured_place *measured, const struct scenario *scenario);
/** What a case ends with there: as the file has it, or as the scenario explains it. NULL: not
 * measured, or not for this connector or server. */
const struct plan_row *measured_row(const struct measured_place *measured,
                                    const struct plan_case *plan);

#endif
