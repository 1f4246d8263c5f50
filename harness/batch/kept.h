// SPDX-License-Identifier: Apache-2.0
// kept.h - cases that are held, so that `goneaway enter` finds them
//
// A process that holds a case listens on a Unix socket in a folder of the user's own, $XDG_RUNTIME_DIR
// /goneaway or else /tmp/goneaway-UID. Whoever connects, if it is the same user, gets a line of JSON that
// describes the case, and the end of the connection once the case is no longer held. A socket at which
// nobody listens any more is removed by the next one who looks.
#ifndef GONEAWAY_BATCH_KEPT_H
#define GONEAWAY_BATCH_KEPT_H

#include "run/dispatch.h"

/** A case that this process holds. */
struct kept {
    int fd;     ///< listens; -1: it cannot be entered
    char *path; ///< of the socket
    char *line; ///< for each visitor
    int *visitors;
    size_t visitor_count;
};

/** Lets others find a case. */
int kept_open(struct kept *kept, const struct run_item *item, const struct held *held,
              struct err *err);
/** Answers somebody; called when `fd` is readable. */
void kept_answer(struct kept *kept);
/** Tells all visitors that the case goes on. Returns whether there were any. */
bool kept_close(struct kept *kept);

/** A case that some process holds. */
struct visit {
    int fd; ///< ends when the case is no longer held
    json_t *
        about; ///< {"case", "server", "connector", "process", "worker", "password", "step", "hosts"}
};
/** Finds all of them. -1 only if the folder is not the user's own. */
int kept_find(struct visit **ret_visits, size_t *ret_count, struct err *err);
void kept_leave(struct visit *visits, size_t count);

#endif
