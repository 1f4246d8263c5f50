// SPDX-License-Identifier: Apache-2.0
// channel.h - messages between the main process and a worker, over a socket
//
// A worker gets the index of an item, with hints about the next ones so that servers boot ahead
// (struct order), and answers with its record (a length of 4 bytes, then JSON). If somebody
// watches, each step that has ended is sent before that, as a record of this step alone whose
// length has the highest bit set. If worlds may be held, it also tells which hosts there are (JSON,
// the next bit set), and waits to be told to continue (4 bytes) after a step where it is to be held.
// A worker tidies up its world only when told to continue (4
// bytes), so that the main process can look at a failed case first.
#ifndef GONEAWAY_RUN_CHANNEL_H
#define GONEAWAY_RUN_CHANNEL_H

#include "base/text.h"
#include "record/record.h"
#include "run/schedule.h"

/** What the main process sends. */
struct order {
    int32_t item;
    int32_t hints[HINTS]; ///< NO_HINT: none
};

/** Longer records are refused. */
enum { RECORD_MAX_BYTES = 8 << 20 };

/** Sends or receives all of it; -1 if the other end is closed. */
int channel_transfer(int channel, void *data, size_t length, bool out);
/** Sends a record; if it would be refused, sends only that it is too large. */
int channel_send_record(int channel, const struct record *record);
/** Sends a record of one step that has ended. */
int channel_send_step(int channel, const struct record *record);
/** Sends which hosts there are, see hosts.h. */
int channel_send_hosts(int channel, const json_t *hosts);
/** Receives what is there of a record, or of a step, and nothing beyond it. 1: it is complete; 0:
 * not yet; -1: it will not come. */
int channel_receive(int channel, struct text *incoming, struct err *err);
/** Whether hosts were received. */
bool channel_has_hosts(const struct text *incoming);
/** The hosts received; NULL if they are malformed. New reference. */
json_t *channel_read_hosts(struct text *incoming);
/** Whether a step was received. */
bool channel_has_step(const struct text *incoming);
/** The message received, as a record; NULL if it is none. */
struct record *channel_read_record(struct text *incoming, struct err *err);

#endif
