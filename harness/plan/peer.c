// SPDX-License-Identifier: Apache-2.0
// peer.c - checks of what stubs and raw steps send
#include "base/hex.h"
#include "plan/parts.h"

#include <string.h>

static int check_hex(const struct node *node, const char *hex, struct err *err) {
    switch (hex ? hex_read(hex, NULL) : HEX_FINE) {
    case HEX_NO_DIGIT:
        return node_error(node_get(node, "hex"), err,
                          "expected pairs of hexadecimal digits such as 0a ff, not '%s'", hex);
    case HEX_HALF:
        return node_error(node_get(node, "hex"), err,
                          "half a byte: '%s' has an odd number of digits", hex);
    case HEX_FINE:
        break;
    }
    return 0;
}

static int check_error(const struct node *node, const struct error_args *error, struct err *err) {
    if (!error->sqlstate || strlen(error->sqlstate) == 5)
        return 0;
    return node_error(node_get(node, "sqlstate"), err, "an SQLSTATE has five characters");
}

// The table allows an empty text, which would match the first packet.
static int check_until(const struct choice *action, struct err *err) {
    if (*choice_text(action) != '\0')
        return 0;
    return node_error(action->node, err,
                      "every packet contains the empty text; name one to wait for");
}

int peer_check(const struct plan_case *plan, const struct choice *action, struct err *err) {
    const struct node *node = action->node;
    if ((action->verb->flags & VERB_NEEDS_TCP) && plan->transport == TRANSPORT_SOCKET)
        return node_error(node, err,
                          "the Unix socket knows no '%s'; leave socket out of `transport` here",
                          action->verb->name);
    switch ((enum peer_op)action->verb->id) {
    case PEER_SEND:
        return check_hex(node, ((const struct send_args *)action->args)->bytes.hex, err);
    case PEER_PACKET:
        return check_hex(node, ((const struct packet_args *)action->args)->bytes.hex, err);
    case PEER_ERROR:
        return check_error(node, action->args, err);
    case PEER_OK_UNTIL:
        return check_until(action, err);
    default:
        return 0;
    }
}
