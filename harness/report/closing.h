// SPDX-License-Identifier: Apache-2.0
// closing.h - which connection of a case is worth a sentence, and what closed it
#ifndef GONEAWAY_REPORT_CLOSING_H
#define GONEAWAY_REPORT_CLOSING_H

#include "record/record.h"

struct closing {
    const struct plan_case *plan;
    const struct record *record;
    const struct record_step *call;    ///< that failed; NULL: none did
    int connection;                    ///< the call's; 0: it attempted none
    const struct record_event *close;  ///< the first event that ends it; NULL: none does
    const struct record_event *before; ///< the connection's last event before `close`, or before
                                       ///< the call's end
};

/** Given plan and record, finds the connection of the first call that failed and whose connection
 * ended or fell silent, else of the first that failed, else the first connection that its peer
 * closed. Returns whether there is one. */
bool closing_find(struct closing *closing);
/** The app's latest call that had begun at that time and, if `lasting`, had not returned. */
const struct record_step *closing_call_at(const struct record *record, double at_ms, bool lasting);
/** The first event of a connection; NULL: there is none. */
const struct record_event *closing_first(const struct record *record, int connection);
/** The last event of the same connection before this one; NULL: there is none. */
const struct record_event *closing_event_before(const struct record *record,
                                                const struct record_event *event);
bool closing_is_within(double at_ms, const struct record_step *step);
bool closing_is_of_app(const struct record_event *event);
/** Whether it is an ICMP error that refuses a packet for good. */
bool closing_refuses(const struct record_event *event);
/** Whether it ends a connection. */
bool closing_ends(const struct record_event *event);

#endif
