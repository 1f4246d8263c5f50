// SPDX-License-Identifier: Apache-2.0
// peer.c - checks of what stubs and raw steps send
#include "plan/parts.h"

#include <ctype.h>
#include <string.h>

// The largest filling; beyond it a case would only move memory.
enum { FILL_MAX_BYTES = 64 << 20, LENGTH_MAX = 0xffffff, SEQUENCE_MAX = 255, CODE_MAX = 65535 };

static int check_hex(const struct node *node, const char *hex, struct err *err) {
    size_t digits = 0;
    for (const char *c = hex; c && *c; c++) {
        if (*c == ' ' && digits % 2 == 0)
            continue;
        if (!isxdigit((unsigned char)*c))
            return node_error(node_get(node, "hex"), err,
                              "expected pairs of hexadecimal digits such as 0a ff, not '%s'", hex);
        digits++;
    }
    return digits % 2 == 0 ? 0
                           : node_error(node_get(node, "hex"), err,
                                        "half a byte: '%s' has an odd number of digits", hex);
}

static int check_number(const struct node *node, const char *key, int64_t number, int64_t most,
                        struct err *err) {
    if (number <= most)
        return 0;
    const struct node *at = node_get(node, key);
    return node_error(at ? at : node, err, "'%s' is at most %lld, not %lld", key, (long long)most,
                      (long long)number);
}

static int check_bytes(const struct node *node, const struct bytes_args *bytes, struct err *err) {
    return check_hex(node, bytes->hex, err) < 0
               ? -1
               : check_number(node, "fill", bytes->fill_bytes, FILL_MAX_BYTES, err);
}

static int check_packet(const struct node *node, const struct packet_args *packet,
                        struct err *err) {
    if (check_bytes(node, &packet->bytes, err) < 0 ||
        check_number(node, "length", packet->length, LENGTH_MAX, err) < 0)
        return -1;
    return check_number(node, "sequence", packet->sequence, SEQUENCE_MAX, err);
}

static int check_error(const struct node *node, const struct error_args *error, struct err *err) {
    if (error->sqlstate && strlen(error->sqlstate) != 5)
        return node_error(node_get(node, "sqlstate"), err, "an SQLSTATE has five characters");
    return check_number(node, "code", error->code, CODE_MAX, err);
}

int peer_check(const struct plan_case *plan, const struct choice *action, struct err *err) {
    const struct node *node = action->node;
    if ((action->verb->flags & VERB_NEEDS_TCP) && plan->transport == TRANSPORT_SOCKET)
        return node_error(node, err,
                          "the Unix socket knows no '%s'; leave socket out of `transport` here",
                          action->verb->name);
    switch ((enum peer_op)action->verb->id) {
    case PEER_SEND:
        return check_bytes(node, &((const struct send_args *)action->args)->bytes, err);
    case PEER_PACKET:
        return check_packet(node, action->args, err);
    case PEER_GREET:
        return check_number(node, "protocol", ((const struct greet_args *)action->args)->protocol,
                            255, err);
    case PEER_ERROR:
        return check_error(node, action->args, err);
    default:
        return 0;
    }
}
