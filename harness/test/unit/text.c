// SPDX-License-Identifier: Apache-2.0
// text.c - strings, and the notations of durations, sizes, percentages and rates
#include "base/hex.h"
#include "base/nearest.h"
#include "base/text.h"
#include "test/lib/suites.h"

struct notation {
    const char *text;
    int64_t value;
};

static const struct notation durations[] = {
    {"0", 0},
    {"500ms", 500},
    {"1.6s", 1600},
    {"2min", 120000},
    {"8h", 28800000},
    {"0s", 0},
    {"1.s", 1000},
    {"0.5ms", 1},
    {"1.5h", 5400000},
    {"1", -1},
    {"", -1},
    {"s", -1},
    {".5s", -1},
    {"-1s", -1},
    {"1 s", -1},
    {"1S", -1},
    {"1e3s", -1},
    {"0x10s", -1},
    {"1.2.3s", -1},
    {"inf", -1},
    {"1sec", -1},
    {"00", -1},
    {"1234567890123456s", -1},
};
static const struct notation sizes[] = {
    {"0", 0},
    {"4096", 4096},
    {"17MiB", 17825792},
    {"64KiB", 65536},
    {"1GiB", 1073741824},
    {"12B", 12},
    {"1.5KiB", 1536},
    {"", -1},
    {"1.5", -1},
    {"1.5B", -1},
    {"64KB", -1},
    {"64k", -1},
    {"-1", -1},
    {"1e3", -1},
    {"MiB", -1},
};
static const struct notation percentages[] = {
    {"0%", 0}, {"30%", 300000}, {"0.5%", 5000}, {"100%", 1000000}, {"100.1%", -1},
    {"%", -1}, {"30", -1},      {"-1%", -1},    {"30 %", -1},      {"30%%", -1},
};
static const struct notation rates[] = {
    {"9600bit", 9600}, {"64kbit", 64000}, {"1.5mbit", 1500000}, {"1gbit", 1000000000},
    {"1Mbit", -1},     {"1mb", -1},       {"64", -1},           {"bit", -1},
};
static const struct {
    const char *a, *b;
    int edits;
} distances[] = {
    {"", "", 0},       {"query", "query", 0}, {"query", "qeury", 1}, {"lift", "lit", 1},
    {"", "drop", 4},   {"kill", "", 4},       {"idle", "idel", 1},   {"kitten", "sitting", 3},
    {"tpc", "tcp", 1}, {"ab", "ba", 1},       {"abc", "cab", 2},     {"abcd", "badc", 2},
};
static const struct {
    const char *wanted, *words; ///< words that were tried
    int edits;
    const char *nearest; ///< all that are nearest
} slips[] = {
    {"qeury", "connect query fetch", 2, "query"},
    {"qeuyr", "connect query fetch", 1, ""},
    {"is", "as if is os", 2, "is"},
    {"xs", "as at is os as", 1, "as is os"}, // each once
    {"lifted", "lift lit lifts", 2, "lift lifts"},
    {"", "a bb", 1, "a"},
    {"a", "", 3, ""},
};
static const struct {
    const char *list, *words; ///< the words, each followed by a bar
} lists[] = {
    {NULL, ""}, {"", "|"}, {"tcp", "tcp|"}, {"tcp,tls", "tcp|tls|"}, {",a,", "|a||"},
};
static const struct {
    const char *text;
    int lines;
    const char *tail;
} tails[] = {
    {"", 3, ""},      {"a", 1, "a"},           {"a\n", 1, "a\n"},  {"a\nb\nc\n", 2, "b\nc\n"},
    {"a\nb", 1, "b"}, {"a\nb\n", 9, "a\nb\n"}, {"a\n\n", 1, "\n"},
};

START_TEST(duration) {
    const struct notation *row = &durations[_i];
    ck_assert_msg(text_duration_ms(row->text) == row->value, "'%s' gives %lld", row->text,
                  (long long)text_duration_ms(row->text));
}
END_TEST

START_TEST(size) {
    const struct notation *row = &sizes[_i];
    ck_assert_msg(text_size_bytes(row->text) == row->value, "'%s' gives %lld", row->text,
                  (long long)text_size_bytes(row->text));
}
END_TEST

START_TEST(percentage) {
    ck_assert_msg(text_percent_ppm(percentages[_i].text) == percentages[_i].value,
                  "'%s' gives %lld", percentages[_i].text,
                  (long long)text_percent_ppm(percentages[_i].text));
}
END_TEST

START_TEST(rate) {
    ck_assert_msg(text_rate_bits(rates[_i].text) == rates[_i].value, "'%s' gives %lld",
                  rates[_i].text, (long long)text_rate_bits(rates[_i].text));
}
END_TEST

static int edits_between(const char *a, const char *b) {
    struct nearest nearest = {.wanted = a, .edits = 100};
    nearest_try(&nearest, b);
    return nearest.edits;
}

START_TEST(distance) {
    ck_assert_int_eq(edits_between(distances[_i].a, distances[_i].b), distances[_i].edits);
    ck_assert_int_eq(edits_between(distances[_i].b, distances[_i].a), distances[_i].edits);
}
END_TEST

START_TEST(nearest_words) {
    struct nearest nearest = {.wanted = slips[_i].wanted, .edits = slips[_i].edits};
    cleanup_free char *words = xstrdup(slips[_i].words);
    cleanup_text struct text found = {0};
    char *rest = *words ? words : NULL;
    for (const char *word; (word = strsep(&rest, " "));)
        nearest_try(&nearest, word);
    for (size_t i = 0; i < nearest.count; i++)
        text_printf(&found, "%s%s", i ? " " : "", nearest.words[i]);
    ck_assert_str_eq(text_get(&found), slips[_i].nearest);
    ck_assert(nearest_word(&nearest) == (nearest.count ? nearest.words[0] : NULL));
}
END_TEST

START_TEST(only_so_many_words_are_near) {
    static const char letters[] = "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p\0q\0r";
    struct nearest nearest = {.wanted = "", .edits = NEAR_WORD};
    for (size_t i = 0; i < sizeof letters; i += 2)
        nearest_try(&nearest, letters + i);
    ck_assert_uint_eq(nearest.count, NEAREST_WORDS);
    ck_assert_str_eq(nearest_word(&nearest), "a");
}
END_TEST

START_TEST(lists_are_split) {
    cleanup_free char **words = text_split(lists[_i].list);
    cleanup_text struct text joined = {0};
    for (char **word = words; *word; word++) {
        text_printf(&joined, "%s|", *word);
        ck_assert(text_list_has(lists[_i].list, *word));
    }
    ck_assert_str_eq(text_get(&joined), lists[_i].words);
    ck_assert(!text_list_has(lists[_i].list, "t"));
}
END_TEST

static const struct {
    const char *text;
    enum hex found;
    const char *bytes; ///< as far as it could be read
} hexes[] = {
    {"", HEX_FINE, ""},
    {"4a", HEX_FINE, "J"},
    {" 4a4B  4c ", HEX_FINE, "JKL"},
    {"4a 4", HEX_HALF, "J"},
    {"4 a", HEX_NO_DIGIT, ""},
    {"0x4a", HEX_NO_DIGIT, ""},
    {"4a\t4b", HEX_NO_DIGIT, "J"},
    {"4a 4g", HEX_NO_DIGIT, "J"},
};

START_TEST(hexadecimal) {
    cleanup_text struct text bytes = {0};
    ck_assert_int_eq(hex_read(hexes[_i].text, NULL), hexes[_i].found);
    ck_assert_int_eq(hex_read(hexes[_i].text, &bytes), hexes[_i].found);
    ck_assert_str_eq(text_get(&bytes), hexes[_i].bytes);
}
END_TEST

START_TEST(tail) {
    ck_assert_str_eq(text_tail(tails[_i].text, tails[_i].lines), tails[_i].tail);
}
END_TEST

START_TEST(starts) {
    ck_assert(text_starts("goneaway", "gone"));
    ck_assert(text_starts("gone", ""));
    ck_assert(!text_starts("gone", "goneaway"));
}
END_TEST

START_TEST(text_grows) {
    cleanup_text struct text text = {0};
    ck_assert_str_eq(text_get(&text), "");
    for (int i = 0; i < 1000; i++)
        text_printf(&text, "%d,", i % 10);
    ck_assert_uint_eq(text.length, 2000);
    text_append(&text, "x\0y", 3);
    ck_assert_uint_eq(text.length, 2003);
    ck_assert_str_eq(text_get(&text) + 1998, "9,x");
}
END_TEST

START_TEST(copies) {
    ck_assert_ptr_null(xstrdup(NULL));
    cleanup_free char *text = xprintf("%s-%d", "a", 7);
    ck_assert_str_eq(text, "a-7");
}
END_TEST

Suite *suite_text(void) {
    Suite *suite = suite_create("text");
    TCase *tests = tcase_create("text");
    tcase_add_loop_test(tests, duration, 0, COUNT_OF(durations));
    tcase_add_loop_test(tests, size, 0, COUNT_OF(sizes));
    tcase_add_loop_test(tests, percentage, 0, COUNT_OF(percentages));
    tcase_add_loop_test(tests, rate, 0, COUNT_OF(rates));
    tcase_add_loop_test(tests, distance, 0, COUNT_OF(distances));
    tcase_add_loop_test(tests, nearest_words, 0, COUNT_OF(slips));
    tcase_add_test(tests, only_so_many_words_are_near);
    tcase_add_loop_test(tests, lists_are_split, 0, COUNT_OF(lists));
    tcase_add_loop_test(tests, hexadecimal, 0, COUNT_OF(hexes));
    tcase_add_loop_test(tests, tail, 0, COUNT_OF(tails));
    tcase_add_test(tests, starts);
    tcase_add_test(tests, text_grows);
    tcase_add_test(tests, copies);
    suite_add_tcase(suite, tests);
    return suite;
}
