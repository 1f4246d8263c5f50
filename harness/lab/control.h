// SPDX-License-Identifier: Apache-2.0
// control.h - the control of a lab: HTTP on a Unix socket, and on the loopback of the app's host
//
// It runs in the worker, in one thread with all that it asks for. Only a state that is waited for
// lets other requests pass. Whoever can reach it is the user, by the folder's mode, or runs in the
// lab. Still each request is bounded in size, and their number too.
#ifndef GONEAWAY_LAB_CONTROL_H
#define GONEAWAY_LAB_CONTROL_H

#include "lab/act.h"

struct control;

int control_open(struct control **ret, struct inside *inside, struct err *err);
/** Its port on the loopback. */
int control_port(const struct control *control);
/** Serves until nobody holds the other end of `stop_fd`. */
int control_serve(struct control *control, int stop_fd, struct err *err);
/** NULL is allowed. */
void control_close(struct control *control);

#endif
