// SPDX-License-Identifier: Apache-2.0
// shape.h - whether a line is an answer: its keys, their types, and its cells
#ifndef GONEAWAY_PROTOCOL_SHAPE_H
#define GONEAWAY_PROTOCOL_SHAPE_H

#include "protocol/rules.h"

/** The answer to an operation, which came so long after its request; notes what of it is not as the
 * protocol has it. New reference; NULL if it is no answer at all. */
json_t *shape_read(struct findings *findings, const char *operation, const char *line,
                   double measured_ms);

#endif
