// SPDX-License-Identifier: Apache-2.0
// raw.h - raw steps, and sockets as they and the stub need them
#ifndef GONEAWAY_RUN_RAW_H
#define GONEAWAY_RUN_RAW_H

#include "run/case.h"

#include <netinet/in.h>
#include <sys/un.h>

/** Where a server or a stub listens. */
struct raw_address {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
    };
    socklen_t length;
};
/** The address on the server's host: a port, or a file in the folder of its Unix socket. */
int raw_find_address(const struct server *server, bool unix_socket, const char *file, uint16_t port,
                     struct raw_address *ret, struct err *err);
/** Connects from a namespace. Returns a non-blocking socket, even if the connection failed: then
 * `ret_errno` says why, ETIMEDOUT if the deadline passed. */
int raw_dial(const struct netns *from, const struct raw_address *to, double deadline_ms,
             int *ret_errno, struct err *err);

/** Carries out a `raw` step. */
int raw_step(struct case_run *run, const struct plan_step *step, struct record_step *seen,
             struct err *err);
/** Closes its connection, if there is one. */
void raw_close(struct case_run *run);

#endif
