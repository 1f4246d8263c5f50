// SPDX-License-Identifier: Apache-2.0
// replayed.h - the case of a bundle, carried out once more: whether it shows the same
//
// The same is what its calls end with; times, sessions and the words of messages may be others.
#ifndef GONEAWAY_BUNDLE_REPLAYED_H
#define GONEAWAY_BUNDLE_REPLAYED_H

#include "record/record.h"

/** A case, as the bundle has it and as it was now. */
struct replayed {
    const char *id;            ///< of the case
    const char *when;          ///< it was bundled, and by which
    const char *version;       ///< of goneaway
    const struct record *then; ///< of the bundle
    const struct record *now;
    const char *gone; ///< images that the bundle was made on and that are made no more; "": none
};

/** Prints both side by side on standard output. The exit status: 0 if they show the same, else 1;
 * -1: it could not be carried out now. */
int replayed_report(const struct replayed *replayed, struct err *err);

#endif
