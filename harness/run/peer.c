// SPDX-License-Identifier: Apache-2.0
// peer.c - the raw end of a connection, in the server's place or in the client's
#include "run/peer.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

// ---- bytes on a socket -------------------------------------------------------------------------

static enum peer_end wait_for(const struct peer *peer, short events, double deadline_ms) {
    struct pollfd poll_fd = {.fd = peer->fd, .events = events};
    for (;;) {
        int ready = poll(&poll_fd, 1, deadline_ms < 0 ? -1 : clock_left_ms(deadline_ms));
        if (ready > 0)
            return PEER_DONE;
        if (ready == 0)
            return PEER_LATE;
    }
}

// A slow peer sends one byte at a time, with a pause before each.
static size_t next_bytes(const struct peer *peer, size_t left) {
    if (peer->pace_ms <= 0)
        return left;
    clock_wait(peer->pace_ms, -1);
    return 1;
}

static enum peer_end put(const struct peer *peer, const struct text *bytes, double deadline_ms,
                         struct peer_seen *seen) {
    for (size_t at = 0; at < bytes->length;) {
        ssize_t sent = send(peer->fd, bytes->data + at, next_bytes(peer, bytes->length - at),
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            at += (size_t)sent;
        } else if (errno != EAGAIN && errno != EINTR) {
            seen->system_errno = errno;
            return PEER_LOST;
        } else if (wait_for(peer, POLLOUT, deadline_ms) == PEER_LATE) {
            return PEER_LATE;
        }
    }
    return PEER_DONE;
}

static enum peer_end get(const struct peer *peer, char *data, size_t length, double deadline_ms,
                         struct peer_seen *seen) {
    for (size_t at = 0; at < length;) {
        ssize_t got = recv(peer->fd, data + at, length - at, MSG_DONTWAIT);
        if (got > 0) {
            at += (size_t)got;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            seen->system_errno = got == 0 ? 0 : errno;
            return PEER_LOST;
        } else if (wait_for(peer, POLLIN, deadline_ms) == PEER_LATE) {
            return PEER_LATE;
        }
    }
    return PEER_DONE;
}

// ---- actions -----------------------------------------------------------------------------------

static enum peer_end read_any(struct peer *peer, double deadline_ms, struct peer_seen *seen) {
    unsigned char header[PACKET_HEADER_BYTES];
    enum peer_end end = get(peer, (char *)header, sizeof header, deadline_ms, seen);
    if (end != PEER_DONE)
        return end;
    size_t length = header[0] | header[1] << 8 | header[2] << 16;
    cleanup_free char *data = xcalloc(length + 1, 1);
    end = get(peer, data, length, deadline_ms, seen);
    if (end != PEER_DONE)
        return end;
    text_append(&seen->packet, data, length);
    seen->sequence = header[3];
    peer->next = (uint8_t)(header[3] + 1);
    if (length > 0 && data[0] == 10 && header[3] == 0)
        packet_read_plugin(&seen->packet, peer->plugin);
    return PEER_DONE;
}

static void add_packet(struct peer *peer, struct text *out, const struct packet_args *args) {
    cleanup_text struct text payload = {0};
    uint8_t sequence = peer->client ? 0 : peer->next;
    if (args->sequence >= 0)
        sequence = (uint8_t)args->sequence;
    packet_add_bytes(&payload, &args->bytes);
    if (args->length < 0) {
        peer->next = packet_add(out, &payload, sequence);
        return;
    }
    packet_add_header(out, (size_t)args->length, sequence);
    text_append(out, text_get(&payload), payload.length);
    peer->next = (uint8_t)(sequence + 1);
}

static void add_payload(struct peer *peer, struct text *out, struct text *payload) {
    peer->next = packet_add(out, payload, peer->next);
    text_release(payload);
}

static void add_columns(struct peer *peer, struct text *out) {
    struct text payload = {0};
    text_append(&payload, "\1", 1);
    add_payload(peer, out, &payload);
    packet_column(&payload);
    add_payload(peer, out, &payload);
    packet_eof(&payload);
    add_payload(peer, out, &payload);
}

static void number_error(struct peer *peer, const struct error_args *args) {
    if (args->sequence >= 0)
        peer->next = (uint8_t)args->sequence;
}

// Appends the bytes that an action sends.
static void add_action(struct peer *peer, struct text *out, const struct choice *action) {
    struct text payload = {0};
    switch ((enum peer_op)action->verb->id) {
    case PEER_SEND:
        packet_add_bytes(out, &((const struct send_args *)action->args)->bytes);
        return;
    case PEER_PACKET:
        add_packet(peer, out, action->args);
        return;
    case PEER_COLUMNS:
        add_columns(peer, out);
        return;
    case PEER_GREET:
        packet_greeting(&payload, action->args);
        break;
    case PEER_LOGIN:
        packet_login(&payload, ((const struct login_args *)action->args)->user, peer->plugin);
        break;
    case PEER_ERROR:
        number_error(peer, action->args);
        packet_error(&payload, action->args);
        break;
    case PEER_ROW:
        packet_row(&payload, choice_text(action));
        break;
    default:
        packet_ok(&payload);
    }
    add_payload(peer, out, &payload);
}

static void end_connection(struct peer *peer, bool reset) {
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (reset)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(peer->fd);
    peer->fd = -1;
}

// Whether it is the query by which an adapter finds its session if its library does not tell
// (PROTOCOL.md): a COM_QUERY that no script answers.
static bool asks_for_session(const struct peer *peer, const struct text *packet) {
    static const char question[] = "\3SELECT CONNECTION_ID()";
    return !peer->client && packet->length == sizeof question - 1 &&
           memcmp(packet->data, question, packet->length) == 0;
}

static enum peer_end tell_session(struct peer *peer, double deadline_ms, struct peer_seen *seen) {
    cleanup_text struct text payload = {0}, out = {0};
    add_columns(peer, &out);
    packet_row(&payload, PACKET_THREAD_TEXT);
    add_payload(peer, &out, &payload);
    packet_eof(&payload);
    add_payload(peer, &out, &payload);
    return put(peer, &out, deadline_ms, seen);
}

static enum peer_end read_packet(struct peer *peer, double deadline_ms, struct peer_seen *seen) {
    for (;;) {
        enum peer_end end = read_any(peer, deadline_ms, seen);
        if (end != PEER_DONE || !asks_for_session(peer, &seen->packet))
            return end;
        text_release(&seen->packet);
        end = tell_session(peer, deadline_ms, seen);
        if (end != PEER_DONE)
            return end;
    }
}

// The packet that contains the text is left in `seen`, unanswered.
static enum peer_end ok_until(struct peer *peer, const char *text, double deadline_ms,
                              struct peer_seen *seen) {
    for (;;) {
        cleanup_text struct text payload = {0}, out = {0};
        text_release(&seen->packet);
        enum peer_end end = read_packet(peer, deadline_ms, seen);
        if (end != PEER_DONE ||
            memmem(text_get(&seen->packet), seen->packet.length, text, strlen(text)))
            return end;
        packet_ok(&payload);
        peer->next = packet_add(&out, &payload, peer->next);
        end = put(peer, &out, deadline_ms, seen);
        if (end != PEER_DONE)
            return end;
    }
}

enum peer_end peer_act(struct peer *peer, const struct choice *action, double deadline_ms,
                       struct peer_seen *seen) {
    cleanup_text struct text out = {0};
    switch ((enum peer_op)action->verb->id) {
    case PEER_READ:
        return read_packet(peer, deadline_ms, seen);
    case PEER_SILENT:
        return wait_for(peer, POLLRDHUP, deadline_ms);
    case PEER_OK_UNTIL:
        return ok_until(peer, choice_text(action), deadline_ms, seen);
    case PEER_PACE:
        peer->pace_ms = (double)choice_number(action);
        return PEER_DONE;
    case PEER_FIRED:
        return PEER_DONE;
    case PEER_WAIT:
        clock_wait((double)choice_number(action), -1);
        return PEER_DONE;
    case PEER_CLOSE:
    case PEER_RESET:
        end_connection(peer, action->verb->id == PEER_RESET);
        return PEER_DONE;
    default:
        add_action(peer, &out, action);
        return put(peer, &out, deadline_ms, seen);
    }
}
