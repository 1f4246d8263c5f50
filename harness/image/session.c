// SPDX-License-Identifier: Apache-2.0
// session.c - limits for the harness's own sessions with a server
#include "image/session.h"

#include <errmsg.h>
#include <stdio.h>

// A server can ask its client for any of the client's files (LOAD DATA LOCAL), and ours does what a
// stranger's scenario told it to. Connector/C complies by default. This handler makes sure that
// nobody opens a file even if an option is lost in some version.
static int refuse_file(void **context, const char *name, void *ours) {
    (void)name, (void)ours;
    *context = NULL;
    return 1;
}

static int read_nothing(void *context, char *buffer, unsigned size) {
    (void)context, (void)buffer, (void)size;
    return -1;
}

static void end_nothing(void *context) {
    (void)context;
}

static int tell_refusal(void *context, char *text, unsigned size) {
    (void)context;
    snprintf(text, size, "this connection gives no files");
    return CR_UNKNOWN_ERROR;
}

bool session_bound(MYSQL *handle) {
    const unsigned timeout = SESSION_TIMEOUT_S, no = 0;
    const unsigned long most_bytes = SESSION_MOST_BYTES;
    mysql_set_local_infile_handler(handle, refuse_file, read_nothing, end_nothing, tell_refusal,
                                   NULL);
    return mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &no) == 0 &&
           mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &timeout) == 0 &&
           mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &timeout) == 0 &&
           mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &timeout) == 0 &&
           mysql_options(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &most_bytes) == 0;
}
