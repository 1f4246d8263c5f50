// SPDX-License-Identifier: Apache-2.0
// traffic.c - frames read as far as TCP, and a connection of MySQL's put into words
#include "test/lib/suites.h"
#include "traffic/dialogue.h"

#include <string.h>

static size_t from_hex(const char *hex, uint8_t *out, size_t room) {
    size_t count = 0;
    for (hex += strspn(hex, " "); *hex && count < room; hex += strspn(hex, " ")) {
        char digits[] = {hex[0], hex[1], '\0'};
        out[count++] = (uint8_t)strtoul(digits, NULL, 16);
        hex += 2;
    }
    return count;
}

// ---- frames ------------------------------------------------------------------------------------

#define ETHERNET "02000000000202000000000108 00 "
#define ETHERNET6 "020000000002020000000001 86dd "
#define TCP "c80e 0cea 00000001 00000002 5018 01f6 0000 0000 "

static const struct {
    const char *frame;
    size_t length; // on the wire; 0: all of it was captured
    bool told;
    uint16_t source, target;
    size_t carried, held;
    unsigned flags;
    int icmp_code;
} frames[] = {
    // "ab", padded to 60 bytes
    {ETHERNET "45 00 002a 0000 4000 40 06 0000 c000020a c633640a " TCP "6162 00000000", 60, true,
     51214, 3306, 2, 2, SEGMENT_ACK | 8, -1},
    // two bytes of 1,000 were captured
    {ETHERNET "45 00 0410 0000 4000 40 06 0000 c000020a c633640a " TCP "6162", 1054, true, 51214,
     3306, 1000, 2, SEGMENT_ACK | 8, -1},
    {ETHERNET6 "60000000 0016 06 40 20010db8000100000000000000000010 "
               "20010db8000200000000000000000010 " TCP "6162",
     0, true, 51214, 3306, 2, 2, SEGMENT_ACK | 8, -1},
    // port unreachable, quoting the first 8 bytes of a SYN
    {ETHERNET "45 00 0038 0000 0000 40 01 0000 c0000201 c000020a 03 03 0000 00000000 "
              "45 00 003c 0000 4000 40 06 0000 c000020a c633640a c80e 0cea 00000001",
     0, true, 51214, 3306, 0, 0, 0, 3},
    // an echo is not about TCP, and a later fragment has no ports
    {ETHERNET "45 00 001c 0000 0000 40 01 0000 c0000201 c000020a 08 00 0000 00000000", 0, false, 0,
     0, 0, 0, 0, 0},
    {ETHERNET "45 00 0028 0000 0010 40 06 0000 c000020a c633640a " TCP, 0, false, 0, 0, 0, 0, 0, 0},
    // cut in its headers, impossible lengths, another protocol
    {ETHERNET "45 00 0028 0000 4000 40 06 0000 c000020a", 54, false, 0, 0, 0, 0, 0, 0},
    {ETHERNET "45 00 0028 0000 4000 40 06 0000 c000020a c633640a c80e 0cea", 54, false, 0, 0, 0, 0,
     0, 0},
    {ETHERNET "41 00 0028 0000 4000 40 06 0000 c000020a c633640a " TCP, 0, false, 0, 0, 0, 0, 0, 0},
    {ETHERNET "45 00 0028 0000 4000 40 06 0000 c000020a c633640a c80e 0cea 00000001 00000002 1018 "
              "01f6 0000 0000",
     0, false, 0, 0, 0, 0, 0, 0},
    {"020000000002020000000001 0806 0001", 0, false, 0, 0, 0, 0, 0, 0},
    {"0200", 0, false, 0, 0, 0, 0, 0, 0},
};

START_TEST(frames_are_read_as_far_as_tcp) {
    uint8_t bytes[256];
    struct segment segment;
    size_t held = from_hex(frames[_i].frame, bytes, sizeof bytes);
    size_t length = frames[_i].length ? frames[_i].length : held;
    ck_assert_int_eq(segment_read(bytes, held, length, &segment), frames[_i].told);
    if (!frames[_i].told)
        return;
    ck_assert_uint_eq(segment.source, frames[_i].source);
    ck_assert_uint_eq(segment.target, frames[_i].target);
    ck_assert_int_eq(segment.icmp_code, frames[_i].icmp_code);
    if (segment.icmp_type >= 0)
        return;
    ck_assert_uint_eq(segment.length, frames[_i].carried);
    ck_assert_uint_eq(segment.held, frames[_i].held);
    ck_assert_uint_eq(segment.flags, frames[_i].flags);
    ck_assert_int_eq(memcmp(segment.data, "ab", 2), 0);
}
END_TEST

// ---- a connection ------------------------------------------------------------------------------

static struct dialogue *dialogue;
static struct heard heard;   // of the latest segment
static uint32_t sent[SIDES]; // bytes of each side so far

static void begin(void) {
    dialogue = dialogue_new();
    sent[SIDE_APP] = sent[SIDE_SERVER] = 1000;
}

static void end(void) {
    dialogue_free(dialogue);
}

static void hear(enum side from, const struct segment *segment, const char *wanted,
                 size_t wanted_untold) {
    cleanup_text struct text words = {0};
    heard = dialogue_hear(dialogue, from, segment, &words);
    ck_assert_str_eq(text_get(&words), wanted);
    ck_assert_uint_eq(heard.untold, wanted_untold);
}

static struct segment segment_of(enum side from, const uint8_t *data, size_t held, size_t length) {
    struct segment segment = {.sequence = sent[from],
                              .flags = SEGMENT_ACK,
                              .data = data,
                              .held = held,
                              .length = length,
                              .icmp_type = -1};
    sent[from] += (uint32_t)length;
    return segment;
}

// `hex`: the captured part of `length` bytes; 0: all of them.
static void bring(enum side from, const char *hex, size_t length, const char *wanted,
                  size_t untold) {
    uint8_t bytes[512];
    size_t held = from_hex(hex, bytes, sizeof bytes);
    struct segment segment = segment_of(from, bytes, held, length ? length : held);
    hear(from, &segment, wanted, untold);
}
#define APP(hex, wanted) bring(SIDE_APP, hex, 0, wanted, 0)
#define SERVER(hex, wanted) bring(SIDE_SERVER, hex, 0, wanted, 0)

static void flags(enum side from, unsigned set, const char *wanted) {
    struct segment segment = segment_of(from, NULL, 0, 0);
    segment.flags = set;
    hear(from, &segment, wanted, 0);
}

#define GREETING "1a000000 0a 392e372e34 00 0c000000 0000000000000000 00 ffff 00 0200 00"
#define FILLING "0000000000000000000000000000000000000000000000"

// A login as `a` with these capabilities, four bytes, little-endian.
static void log_in(const char *abilities) {
    cleanup_free char *login = xprintf("22000001 %s 00000001 ff " FILLING " 61 00", abilities);
    SERVER(GREETING, "greeting of 9.7.4, session 12");
    APP(login, "login as a");
    SERVER("07000002 00 00 00 0200 0000", "OK");
}

// One that offers no CLIENT_DEPRECATE_EOF, to a client that asks for it.
START_TEST(old_server_ends_columns_by_a_packet) {
    SERVER("19000000 0a 352e36 00 0c000000 0000000000000000 00 fff7 08 0200 7f80",
           "greeting of 5.6, session 12");
    APP("22000001 85a63f01 00000001 ff " FILLING " 61 00", "login as a");
    SERVER("07000002 00 00 00 0200 0000", "OK");
    APP("09000000 03 53454c4543542031", "COM_QUERY SELECT 1");
    SERVER("01000001 01 01000002 03 05000003 fe 0000 0200 02000004 0131 05000005 fe 0000 0200",
           "1 row, end of the result");
}
END_TEST

START_TEST(statement_is_followed_to_its_result) {
    flags(SIDE_APP, SEGMENT_SYN, "SYN");
    flags(SIDE_SERVER, SEGMENT_SYN | SEGMENT_ACK, "SYN, ACK");
    flags(SIDE_APP, SEGMENT_ACK, "");
    log_in("85a63f00");
    APP("09000000 03 53454c4543542031", "COM_QUERY SELECT 1");
    // one column, its description, their end, a row, the end
    SERVER("01000001 01 01000002 03 05000003 fe 0000 0200 02000004 0131 05000005 fe 0000 0200",
           "1 row, end of the result");
    APP("01000000 0e", "COM_PING");
    SERVER("07000001 00 00 00 0200 0000", "OK");
    APP("01000000 01", "COM_QUIT");
    ck_assert(heard.quit && !heard.again);
    flags(SIDE_APP, SEGMENT_FIN | SEGMENT_ACK, "FIN");
}
END_TEST

START_TEST(new_clients_have_attributes_and_no_eof) {
    log_in("85a63f09"); // CLIENT_QUERY_ATTRIBUTES, CLIENT_DEPRECATE_EOF
    APP("0b000000 03 00 01 53454c4543542031", "COM_QUERY SELECT 1");
    SERVER("01000001 01 01000002 03 02000003 0131 02000004 0132 07000005 fe 00 00 0200 0000",
           "2 rows, end of the result");
}
END_TEST

START_TEST(errors_have_their_number) {
    SERVER("08000000 ff 1004 546f6f206d", "ERR 1040");
    ck_assert_int_eq(heard.error, 1040);
    dialogue_free(dialogue);
    dialogue = dialogue_new();
    log_in("85a63f00");
    APP("09000000 03 53454c4543542031", "COM_QUERY SELECT 1");
    SERVER("08000001 ff 2505 2337303130", "ERR 1317");
    // unsolicited: the server says why it closes
    SERVER("08000000 ff bf0f 2330385330", "ERR 4031");
    ck_assert_int_eq(heard.error, 4031);
    flags(SIDE_SERVER, SEGMENT_FIN | SEGMENT_ACK, "FIN");
    ck_assert_int_eq(heard.error, 0);
}
END_TEST

START_TEST(result_that_breaks_off_has_its_rows) {
    log_in("85a63f00");
    APP("09000000 03 53454c4543542031", "COM_QUERY SELECT 1");
    bring(SIDE_SERVER, "01000001 01 01000002 03 05000003 fe 0000 0200 02000004 0131 02000005 0132",
          0, "", 31);
    flags(SIDE_SERVER, SEGMENT_RST, "2 rows so far, RST");
}
END_TEST

START_TEST(packets_are_put_together_from_segments) {
    log_in("85a63f00");
    bring(SIDE_APP, "0900", 0, "", 2);
    bring(SIDE_APP, "0000 0353454c", 0, "", 6);
    APP("4543542031", "COM_QUERY SELECT 1");
    // the captured beginning of 1,000 bytes still shows what they are
    APP("07000001 00 00 00 0200 0000", "more of it");
    bring(SIDE_APP, "e4030000 03 494e53455254", 1000, "COM_QUERY INSERT..", 0);
}
END_TEST

START_TEST(what_comes_again_is_said_to) {
    uint8_t ping[] = {1, 0, 0, 0, 14};
    log_in("85a63f00");
    struct segment segment = segment_of(SIDE_APP, ping, sizeof ping, sizeof ping);
    hear(SIDE_APP, &segment, "COM_PING", 0);
    hear(SIDE_APP, &segment, "again", sizeof ping);
    ck_assert(heard.again);
    sent[SIDE_SERVER] += 100; // lost by the capture
    bring(SIDE_SERVER, "07000001 00 00 00 0200 0000", 0, "after what was not seen", 11);
    // a change of speaker starts a packet
    APP("01000000 0e", "COM_PING");
    SERVER("07000001 00 00 00 0200 0000", "OK");
}
END_TEST

// The same ports may serve another connection later.
START_TEST(beginnings_and_ends_come_again_too) {
    flags(SIDE_APP, SEGMENT_SYN, "SYN");
    ck_assert(!heard.again);
    flags(SIDE_APP, SEGMENT_SYN, "SYN again");
    ck_assert(heard.again);
    flags(SIDE_APP, SEGMENT_FIN, "FIN");
    flags(SIDE_APP, SEGMENT_FIN, "FIN again");
    ck_assert(heard.again);
    sent[SIDE_APP] += 1000;
    flags(SIDE_APP, SEGMENT_SYN, "SYN");
    ck_assert(!heard.again);
}
END_TEST

START_TEST(what_is_sealed_has_its_size) {
    SERVER(GREETING, "greeting of 9.7.4, session 12");
    APP("20000001 85ae3f00 00000001 ff " FILLING, "asks for TLS");
    APP("16 0301 0002 aabb 14 0303 0001 01 17 0303 0002 aabb 17 0303 0003 aabbcc",
        "TLS handshake of 2 bytes, TLS change of cipher of 1 byte, TLS data of 5 bytes in 2 "
        "records");
    SERVER("15 0303 0002 0100", "TLS alert of 2 bytes");
    dialogue_free(dialogue);
    begin();
    log_in("a5a63f00");
    APP("030000 00 000000 aabbcc", "compressed data of 3 bytes");
}
END_TEST

START_TEST(statements_of_their_own_have_their_answers) {
    log_in("85a63f00");
    APP("02000000 16 31", "COM_STMT_PREPARE 1");
    SERVER("0c000001 00 01000000 0100 0000 00 0000 01000002 03 05000003 fe 0000 0200", "prepared");
    SERVER("09000000 ff bf0f 23 4859303030", "ERR 4031"); // unsolicited
    APP("05000000 1c 01000000", "COM_STMT_FETCH");
    SERVER("02000001 0031 05000002 fe 0000 0200", "1 row, end of the result");
    APP("01000000 09", "COM_STATISTICS");
    SERVER("06000001 557074696d65", "statistics");
    APP("03000000 11 62 00", "COM_CHANGE_USER");
    SERVER("06000001 fe 7368612e 00", "asks for sha.");
    APP("02000002 6161", "authentication data");
    SERVER("07000003 00 00 00 0200 0000", "OK");
    APP("03000000 11 62 00", "COM_CHANGE_USER");
    SERVER("09000001 ff 1504 23 3238303030", "ERR 1045");
    APP("02000000 03 31", "COM_QUERY 1"); // the session goes on
    SERVER("06000001 fb 66696c6531", "asks for a local file");
    APP("02000002 6161 00000003", "more of it, the end of a file");
    APP("01000000 c8", "command 200");
}
END_TEST

START_TEST(nobody_is_trusted_with_a_terminal) {
    SERVER("07000000 0a 391b5b326d 00", "greeting of 9.[2m");
    APP("22000001 85a63f00 00000001 ff " FILLING " 1b 00", "login as .");
    dialogue_free(dialogue);
    begin();
    SERVER("04000000 53534820", "no greeting of MySQL's");
}
END_TEST

START_TEST(network_has_words_of_its_own) {
    struct segment segment = {.icmp_type = 3, .icmp_code = 10};
    hear(SIDE_SERVER, &segment, "ICMP: host prohibited", 0);
    segment.icmp_code = 99;
    hear(SIDE_SERVER, &segment, "ICMP error 3/99", 0);
    segment = (struct segment){.ipv6 = true, .icmp_type = 1, .icmp_code = 4};
    hear(SIDE_SERVER, &segment, "ICMP: port unreachable", 0);
}
END_TEST

Suite *suite_traffic(void) {
    Suite *suite = suite_create("traffic");
    TCase *cases = tcase_create("segments");
    tcase_add_loop_test(cases, frames_are_read_as_far_as_tcp, 0, (int)COUNT_OF(frames));
    suite_add_tcase(suite, cases);
    cases = tcase_create("words");
    tcase_add_checked_fixture(cases, begin, end);
    tcase_add_test(cases, statement_is_followed_to_its_result);
    tcase_add_test(cases, old_server_ends_columns_by_a_packet);
    tcase_add_test(cases, new_clients_have_attributes_and_no_eof);
    tcase_add_test(cases, errors_have_their_number);
    tcase_add_test(cases, result_that_breaks_off_has_its_rows);
    tcase_add_test(cases, packets_are_put_together_from_segments);
    tcase_add_test(cases, what_comes_again_is_said_to);
    tcase_add_test(cases, beginnings_and_ends_come_again_too);
    tcase_add_test(cases, what_is_sealed_has_its_size);
    tcase_add_test(cases, statements_of_their_own_have_their_answers);
    tcase_add_test(cases, nobody_is_trusted_with_a_terminal);
    tcase_add_test(cases, network_has_words_of_its_own);
    suite_add_tcase(suite, cases);
    return suite;
}
