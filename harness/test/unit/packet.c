// SPDX-License-Identifier: Apache-2.0
// packet.c - MySQL packets, and two raw peers that talk to each other
#include "base/clock.h"
#include "run/peer.h"
#include "test/lib/suites.h"

#include <string.h>
#include <sys/socket.h>

enum { DEADLINE_MS = 2000 };

static struct peer server, client;
static struct peer_seen seen;

static void set_up(void) {
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    server = (struct peer){.fd = ends[0]};
    client = (struct peer){.fd = ends[1], .client = true};
}

static void tear_down(void) {
    text_release(&seen.packet);
    if (server.fd >= 0)
        close(server.fd);
    close(client.fd);
}

static enum peer_end act(struct peer *peer, int op, void *args) {
    const struct verb verb = {"op", op, NULL, 0, ""};
    const struct choice action = {.verb = &verb, .args = args};
    text_release(&seen.packet);
    return peer_act(peer, &action, clock_ms() + DEADLINE_MS, &seen);
}

static void check_packet(const char *bytes, size_t length, int sequence) {
    ck_assert_int_eq(act(&client, PEER_READ, NULL), PEER_DONE);
    ck_assert_uint_eq(seen.packet.length, length);
    ck_assert_int_eq(memcmp(text_get(&seen.packet), bytes, length), 0);
    ck_assert_int_eq(seen.sequence, sequence);
}

// ---- bytes -------------------------------------------------------------------------------------

START_TEST(bytes_are_hex_then_text_then_filling) {
    cleanup_text struct text out = {0};
    const struct bytes_args bytes = {.hex = "00 fF10", .text = "text", .fill_bytes = 3};
    packet_add_bytes(&out, &bytes);
    ck_assert_uint_eq(out.length, 10);
    ck_assert_int_eq(memcmp(out.data, "\0\xff\x10textxxx", 10), 0);
}
END_TEST

// A payload of the maximum length is followed by an empty packet.
static const struct {
    int64_t payload;
    size_t total;
    int next;
} lengths[] = {{0, 4, 2},
               {0xfffffe, 0xfffffe + 4, 2},
               {0xffffff, 0xffffff + 8, 3},
               {0x1000000, 0x1000000 + 8, 3}};

START_TEST(long_payload_is_split) {
    cleanup_text struct text payload = {0}, out = {0};
    const struct bytes_args bytes = {.fill_bytes = lengths[_i].payload};
    packet_add_bytes(&payload, &bytes);
    ck_assert_int_eq(packet_add(&out, &payload, 1), lengths[_i].next);
    ck_assert_uint_eq(out.length, lengths[_i].total);
}
END_TEST

START_TEST(garbage_is_no_error_packet) {
    static const char *const garbage[] = {"", "\xff", "\xff\x10", "HTTP/1.1", "\n8.0"};
    for (size_t i = 0; i < COUNT_OF(garbage); i++) {
        cleanup_text struct text payload = {0};
        char sqlstate[6], plugin[PACKET_PLUGIN_BYTES], *message = NULL;
        int code = 0;
        text_add(&payload, garbage[i]);
        ck_assert(!packet_read_error(&payload, &code, sqlstate, &message));
        ck_assert_ptr_null(message);
        packet_read_plugin(&payload, plugin);
        ck_assert_str_eq(plugin, "");
    }
}
END_TEST

// ---- two peers ---------------------------------------------------------------------------------

START_TEST(peers_log_in) {
    struct greet_args greet = {.protocol = -1, .plugin = "caching_sha2_password"};
    struct login_args login = {.user = "raw"};
    ck_assert_int_eq(act(&server, PEER_GREET, &greet), PEER_DONE);
    ck_assert_int_eq(act(&client, PEER_READ, NULL), PEER_DONE);
    ck_assert_int_eq(text_get(&seen.packet)[0], 10);
    ck_assert_str_eq(client.plugin, "caching_sha2_password");
    ck_assert_int_eq(act(&client, PEER_LOGIN, &login), PEER_DONE);
    ck_assert_int_eq(act(&server, PEER_READ, NULL), PEER_DONE);
    ck_assert_int_eq(seen.sequence, 1);
    ck_assert_str_eq(text_get(&seen.packet) + 32, "raw");
    ck_assert_int_eq(act(&server, PEER_OK, NULL), PEER_DONE);
    check_packet("\0\0\0\2\0\0\0", 7, 2);
}
END_TEST

START_TEST(error_is_read_back) {
    char sqlstate[6], *message = NULL;
    int code = 0;
    struct error_args args = {
        .code = 1156, .sqlstate = _i ? "08S01" : NULL, .message = "why", .sequence = _i ? 9 : -1};
    ck_assert_int_eq(act(&server, PEER_ERROR, &args), PEER_DONE);
    ck_assert_int_eq(act(&client, PEER_READ, NULL), PEER_DONE);
    ck_assert(packet_read_error(&seen.packet, &code, sqlstate, &message));
    ck_assert_int_eq(code, 1156);
    ck_assert_str_eq(sqlstate, _i ? "08S01" : "");
    ck_assert_str_eq(message, "why");
    ck_assert_int_eq(seen.sequence, _i ? 9 : 0);
    free(message);
}
END_TEST

START_TEST(greeting_offers_tls_if_asked_to) {
    enum { CAPABILITIES = 1 + 11 + 4 + 9, TLS_OF_HIGH_BYTE = 8 };
    struct greet_args greet = {.protocol = -1, .tls = _i};
    ck_assert_int_eq(act(&server, PEER_GREET, &greet), PEER_DONE);
    ck_assert_int_eq(act(&client, PEER_READ, NULL), PEER_DONE);
    ck_assert_int_eq(text_get(&seen.packet)[CAPABILITIES + 1] & TLS_OF_HIGH_BYTE,
                     _i ? TLS_OF_HIGH_BYTE : 0);
}
END_TEST

START_TEST(ok_until_a_packet_contains_the_text) {
    const char *until = "SELECT 2";
    struct packet_args one = {{NULL, "\3SELECT 1", -1}, -1, -1},
                       two = {{NULL, "\3SELECT 2", -1}, -1, -1};
    ck_assert_int_eq(act(&client, PEER_PACKET, &one), PEER_DONE);
    ck_assert_int_eq(act(&client, PEER_PACKET, &two), PEER_DONE);
    ck_assert_int_eq(act(&server, PEER_OK_UNTIL, (void *)&until), PEER_DONE);
    ck_assert_str_eq(text_get(&seen.packet), "\3SELECT 2");
    ck_assert_int_eq(act(&server, PEER_CLOSE, NULL), PEER_DONE);
    check_packet("\0\0\0\2\0\0\0", 7, 1);
    ck_assert_int_eq(act(&client, PEER_READ, NULL), PEER_LOST);
}
END_TEST

START_TEST(pace_is_kept_between_bytes) {
    enum { OK_BYTES = 11, PACE_MS = 3 };
    int64_t pace_ms = PACE_MS;
    ck_assert_int_eq(act(&server, PEER_PACE, &pace_ms), PEER_DONE);
    double began_ms = clock_ms();
    ck_assert_int_eq(act(&server, PEER_OK, NULL), PEER_DONE);
    ck_assert(clock_ms() - began_ms >= OK_BYTES * PACE_MS);
    check_packet("\0\0\0\2\0\0\0", 7, 0);
}
END_TEST

START_TEST(result_is_numbered) {
    const char *row = "one";
    ck_assert_int_eq(act(&server, PEER_COLUMNS, NULL), PEER_DONE);
    ck_assert_int_eq(act(&server, PEER_ROW, (void *)&row), PEER_DONE);
    check_packet("\1", 1, 0);
    ck_assert_int_eq(act(&client, PEER_READ, NULL), PEER_DONE);
    check_packet("\xfe\0\0\2\0", 5, 2);
    check_packet("\3one", 4, 3);
}
END_TEST

START_TEST(header_says_what_it_is_told) {
    struct packet_args args = {
        .bytes = {.text = "12345678", .fill_bytes = -1}, .sequence = 7, .length = 3};
    ck_assert_int_eq(act(&server, PEER_PACKET, &args), PEER_DONE);
    check_packet("123", 3, 7);
    args.length = -1;
    args.sequence = -1;
    text_release(&seen.packet);
    ck_assert_int_eq(act(&client, PEER_PACKET, &args), PEER_DONE);
    ck_assert_int_eq(act(&server, PEER_READ, NULL), PEER_DONE);
    ck_assert_int_eq(seen.sequence, 0);
}
END_TEST

START_TEST(end_is_told) {
    const struct verb verb = {"read", PEER_READ, NULL, 0, ""};
    const struct choice action = {.verb = &verb};
    ck_assert_int_eq(peer_act(&client, &action, clock_ms(), &seen), PEER_LATE);
    ck_assert_int_eq(act(&server, PEER_CLOSE, NULL), PEER_DONE);
    ck_assert_int_eq(server.fd, -1);
    ck_assert_int_eq(act(&client, PEER_SILENT, NULL), PEER_DONE);
    ck_assert_int_eq(act(&client, PEER_READ, NULL), PEER_LOST);
    ck_assert_int_eq(seen.system_errno, 0);
}
END_TEST

Suite *suite_packet(void) {
    Suite *suite = suite_create("packet");
    TCase *bytes = tcase_create("bytes"), *peers = tcase_create("peers");
    tcase_add_test(bytes, bytes_are_hex_then_text_then_filling);
    tcase_add_loop_test(bytes, long_payload_is_split, 0, (int)COUNT_OF(lengths));
    tcase_add_test(bytes, garbage_is_no_error_packet);
    tcase_add_checked_fixture(peers, set_up, tear_down);
    tcase_add_test(peers, peers_log_in);
    tcase_add_loop_test(peers, error_is_read_back, 0, 2);
    tcase_add_test(peers, result_is_numbered);
    tcase_add_test(peers, ok_until_a_packet_contains_the_text);
    tcase_add_test(peers, pace_is_kept_between_bytes);
    tcase_add_loop_test(peers, greeting_offers_tls_if_asked_to, 0, 2);
    tcase_add_test(peers, header_says_what_it_is_told);
    tcase_add_test(peers, end_is_told);
    suite_add_tcase(suite, bytes);
    suite_add_tcase(suite, peers);
    return suite;
}
