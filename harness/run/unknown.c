// SPDX-License-Identifier: Apache-2.0
// unknown.c - finds a server option of a scenario that this version of the server does not know
//
// The server reports that at startup, before it does anything else, and exits. All versions use the
// same words (mysys/my_getopt.c): "unknown variable 'NAME=VALUE'", "unknown option '--NAME'".
#include "run/unknown.h"

#include <ctype.h>
#include <string.h>

static const char *const complaints[] = {"unknown variable '", "unknown option '--"};

// A server treats dashes and underscores alike.
static bool is_name(const char *said, const char *name) {
    for (; *name; said++, name++)
        if (tolower((unsigned char)*said) != tolower((unsigned char)*name) &&
            !(strchr("-_", *name) && (*said == '-' || *said == '_')))
            return false;
    return *said == '=' || *said == '\'';
}

static const char *own_option(const struct plan_case *plan, const char *said) {
    for (size_t i = 0; plan->server && i < plan->server->options.count; i++)
        if (is_name(said, plan->server->options.keys[i]))
            return plan->server->options.keys[i];
    return NULL;
}

const char *unknown_option_find(const struct plan_case *plan, const char *log) {
    for (size_t i = 0; i < COUNT_OF(complaints); i++)
        for (const char *at = log; (at = strstr(at, complaints[i]));) {
            at += strlen(complaints[i]);
            const char *option = own_option(plan, at);
            if (option)
                return option;
        }
    return NULL;
}

char *unknown_option_why(const struct plan_case *plan, const struct server *server) {
    cleanup_text struct text log = {0};
    struct err unread;
    if (!plan->server || plan->server->options.count == 0 || !server->log || server_pid(server) ||
        server_log_read(server, 0, &log, &unread) < 0)
        return NULL;
    const char *option = unknown_option_find(plan, text_get(&log));
    return option ? xprintf("%s %s does not know the server option %s, which the case sets",
                            server->recipe->name, server->recipe->version, option)
                  : NULL;
}
