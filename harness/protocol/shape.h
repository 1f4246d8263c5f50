// SPDX-License-Identifier: Apache-2.0
// shape.h - checks that a line is an answer: its keys, their types, and its cells
#ifndef GONEAWAY_PROTOCOL_SHAPE_H
#define GONEAWAY_PROTOCOL_SHAPE_H

#include "protocol/rules.h"

/** Reads the answer to an operation, which came this long after its request, and notes what
 * violates the protocol. New reference; NULL if it is no answer at all. */
json_t *shape_read(struct findings *findings, const char *operation, const char *line,
                   double measured_ms);

#endif
