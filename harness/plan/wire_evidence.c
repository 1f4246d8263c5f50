// SPDX-License-Identifier: Apache-2.0
// wire_evidence.c - evidence on the wire: checks that the tables cannot express, and its words
#include "plan/codes.h"
#include "plan/language_tables.h"
#include "plan/parts.h"

#include <stdlib.h>
#include <string.h>

char *amount_text(const struct amount_args *amount) {
    if (amount->exactly >= 0)
        return xprintf("%lld", (long long)amount->exactly);
    if (amount->min >= 0 && amount->max >= 0)
        return xprintf("%lld to %lld", (long long)amount->min, (long long)amount->max);
    return xprintf("at %s %lld", amount->min >= 0 ? "least" : "most",
                   (long long)(amount->min >= 0 ? amount->min : amount->max));
}

char *packet_text(const struct packet_evidence *packet) {
    static const char *const senders[] = {[CLOSER_APP] = " from the app",
                                          [CLOSER_SERVER] = " from the server",
                                          [CLOSER_NETWORK] = " from the network"};
    const char *from = packet->from < 0 ? "" : senders[packet->from];
    const char *lost = packet->lost < 0 ? "" : packet->lost ? " that was lost" : " that arrived";
    return packet->says ? xprintf("packet%s%s%s '%s'", from, lost,
                                  packet->lost < 0 ? " that matches" : " and matches", packet->says)
                        : xprintf("packet%s%s", from, lost);
}

static bool is_none(const struct node *node) {
    return node->kind == NODE_SCALAR && strcmp(node->text, "none") == 0;
}

int wire_error(const struct node *error_packet) {
    const struct code *code = code_by_symbol(error_packet->text);
    return is_none(error_packet) ? 0 : code ? code->number : atoi(error_packet->text);
}

static int check_error(const struct node *node, struct err *err) {
    char buffer[NODE_SHOWN_BYTES];
    if (!node || is_none(node))
        return 0;
    bool scalar = node->kind == NODE_SCALAR && *node->text;
    bool number = scalar && strspn(node->text, "0123456789") == strlen(node->text);
    if (number ? strlen(node->text) < 6 && atoi(node->text) > 0 && atoi(node->text) <= UINT16_MAX
               : scalar && code_by_symbol(node->text))
        return 0;
    const char *near = scalar && !number ? code_nearest(node->text) : NULL;
    cleanup_free char *hint = near ? xprintf("; did you mean '%s'?", near) : xstrdup("");
    return node_error(node, err,
                      "`error_packet` is an error code (a number of 1 to %d, or a symbol such as "
                      "ER_NET_PACKET_TOO_LARGE) or `none`, not %s%s",
                      UINT16_MAX, node_describe(node, buffer, sizeof buffer), hint);
}

static int check_amount(const struct node *node, const struct amount_args *amount,
                        struct err *err) {
    if (!amount)
        return 0;
    bool bounded = amount->min >= 0 || amount->max >= 0;
    if (bounded == (amount->exactly >= 0))
        return node_error(node, err, "write either a number, or {min: N, max: N}");
    if (amount->max >= 0 && amount->min > amount->max)
        return node_error(node_get(node, "max"), err, "`max` is less than `min`");
    return 0;
}

static int check_packets(const struct plan_case *plan, const struct node *nodes,
                         const struct list *packets, struct err *err) {
    for (size_t i = 0; i < packets->count; i++) {
        const struct packet_evidence *packet = ((struct packet_evidence **)packets->items)[i];
        const struct node *node = nodes->kind == NODE_LIST ? nodes->items[i] : nodes;
        const struct node *says = node->kind == NODE_MAP ? node_get(node, "says") : node;
        if (!packet->says && packet->lost < 0)
            return node_error(node, err, "say which packet, as in {from: app, says: COM_QUIT}");
        if (check_pattern(plan->scenario, says, packet->says, false, err) < 0)
            return -1;
    }
    return 0;
}

static bool has_packets(const struct scenario *scenario) {
    for (size_t i = 0; i < scenario->transport_count; i++)
        if (scenario->transports[i] != TRANSPORT_SOCKET)
            return true;
    return false;
}

int check_wire(const struct plan_case *plan, const struct node *node,
               const struct wire_evidence *wire, struct err *err) {
    if (!wire)
        return 0;
    if (!has_packets(plan->scenario))
        return node_error(node, err,
                          "over a Unix socket there are no packets, and the scenario has no other "
                          "transport; leave `wire` out");
    if (node->count == 0)
        return node_error(node, err, "`wire` says nothing; write `wire: {first_close: server}`");
    return check_error(wire->error_packet, err) < 0 ||
                   check_amount(node_get(node, "resets"), wire->resets, err) < 0 ||
                   check_amount(node_get(node, "retransmissions"), wire->retransmissions, err) <
                       0 ||
                   check_packets(plan, node_get(node, "packets"), &wire->packets, err) < 0 ||
                   check_packets(plan, node_get(node, "no_packets"), &wire->no_packets, err) < 0
               ? -1
               : 0;
}

int check_wire_row(const struct plan_row *row, struct err *err) {
    const struct list *transport = row->condition ? &row->condition->transport : NULL;
    const struct node *wire = node_get(node_get(row->node, "evidence"), "wire");
    if (!wire || !transport || transport->count != 1 ||
        *(const int *)transport->items != TRANSPORT_SOCKET)
        return 0;
    return node_error(wire, err, "over a Unix socket there are no packets; leave `wire` out");
}
