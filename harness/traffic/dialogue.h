// SPDX-License-Identifier: Apache-2.0
// dialogue.h - a TCP connection of MySQL's, put into words segment by segment
//
// The protocol is that of the MySQL Source Code Documentation, "Client/Server Protocol"; what
// MariaDB has beside it is read as far as it goes the same way. Of what is encrypted or compressed
// only lengths can be told.
#ifndef GONEAWAY_TRAFFIC_DIALOGUE_H
#define GONEAWAY_TRAFFIC_DIALOGUE_H

#include "base/side.h"
#include "base/text.h"
#include "traffic/segment.h"

struct dialogue;

struct dialogue *dialogue_new(void);
void dialogue_free(struct dialogue *dialogue);
/** Says what a segment brings that `from` has sent, in the order of their being seen: "SYN",
 * "COM_QUERY SELECT 1", "OK". Says nothing of one that only acknowledges. Returns how many bytes
 * came that the words do not tell of. */
size_t dialogue_hear(struct dialogue *dialogue, enum side from, const struct segment *segment,
                     struct text *words);

#endif
