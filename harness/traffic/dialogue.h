// SPDX-License-Identifier: Apache-2.0
// dialogue.h - puts a MySQL connection over TCP into words, segment by segment
//
// The protocol is that of the MySQL Source Code Documentation, "Client/Server Protocol"; MariaDB's
// extensions are read as far as they are compatible. Encrypted or compressed data is described by
// its length only.
#ifndef GONEAWAY_TRAFFIC_DIALOGUE_H
#define GONEAWAY_TRAFFIC_DIALOGUE_H

#include "base/side.h"
#include "base/text.h"
#include "traffic/segment.h"

struct dialogue;

struct dialogue *dialogue_new(void);
void dialogue_free(struct dialogue *dialogue);
/** What a segment has besides its words. */
struct heard {
    size_t untold; ///< number of bytes that the words do not cover
    bool again;    ///< it was sent before
    bool quit;     ///< it completes a COM_QUIT
    int error;     ///< code of an ERR packet that it completes; 0: none
};
/** Describes what is in a segment that `from` sent; segments must come in the order seen: "SYN",
 * "COM_QUERY SELECT 1", "OK". Says nothing about a plain acknowledgement. */
struct heard dialogue_hear(struct dialogue *dialogue, enum side from, const struct segment *segment,
                           struct text *words);

#endif
