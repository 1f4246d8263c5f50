// SPDX-License-Identifier: Apache-2.0
// fate.h - whether a connection outlived an error, as far as a case shows
#ifndef GONEAWAY_EXPLAIN_FATE_H
#define GONEAWAY_EXPLAIN_FATE_H

#include "plan/plan.h"

enum fate {
    FATE_UNKNOWN, ///< nothing that follows tells
    FATE_LOST,    ///< the session, or the client's connection to it, was gone
    FATE_ALIVE,   ///< a later call succeeded in the same session
    FATE_FAILED,  ///< the call was to connect, and did not reach a server that answers
    FATE_REFUSED, ///< the call was to connect, and the server refused it by an error of its own
    FATES,
};

/** What became of the connection at the i-th step, a judged call that ended with the error `one`
 * where this row applies. */
enum fate fate_of(const struct plan_case *plan, const struct place *place,
                  const struct plan_row *row, size_t i, const struct expectation *one);

#endif
