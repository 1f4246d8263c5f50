// SPDX-License-Identifier: Apache-2.0
// merge.c - `goneaway merge`: joins what belongs together, and notices what is missing
#include "base/clock.h"
#include "base/file.h"
#include "main/commands.h"
#include "report/report.h"
#include "test/lib/bound.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FILES = 4 };

static struct err err;

static void enter(void) {
    folder_enter("/tmp/goneaway-test", 0700);
    err = (struct err){0};
}

#define SERVER                                                                                     \
    "{\"name\":\"mysql-9.7\",\"version\":\"9.7.4\",\"package\":\"p "                               \
    "9.7.4-2\",\"measured\":\"9.7.4-1\"}"
#define SERVERS "\"servers\":[" SERVER "]"
#define RUN(index, count, cases, planned)                                                          \
    "{\"type\":\"run\",\"schema\":1,\"version\":\"1.0\",\"host\":{\"kernel\":\"6.1\"},"            \
    "\"needs\":{\"nat\":true},\"jobs\":2,\"planned\":" #planned "," SERVERS                        \
    ",\"shard\":{\"index\":" #index ",\"count\":" #count ",\"cases\":" #cases                      \
    ",\"choice\":\"abc\"}}\n"
#define CASE_OF(version, id, verdict)                                                              \
    "{\"type\":\"case\",\"id\":\"" id "\",\"scenario\":\"x\",\"variant\":\"\","                    \
    "\"transport\":\"tcp\",\"server\":{\"name\":\"mysql-9.7\",\"vendor\":\"mysql\","               \
    "\"version\":\"" version "\"},\"connector\":{\"name\":\"c\",\"version\":\"\"},\"verdict\":"    \
    "\"" verdict "\",\"why\":\"because\",\"ms\":1.5,\"faults\":[],\"evidence\":{},\"steps\":[]}\n"
#define CASE(id, verdict) CASE_OF("9.7.4", id, verdict)
#define SUMMARY(pass, wrong, broken)                                                               \
    "{\"type\":\"summary\",\"pass\":" #pass ",\"wrong-code\":" #wrong ",\"broken\":" #broken       \
    ",\"ms\":10.5}\n"

#define FIRST RUN(1, 2, 3, 2) CASE("a@tcp", "pass") CASE("b@tcp", "pass") SUMMARY(2, 0, 0)
#define SECOND RUN(2, 2, 3, 1) CASE("c@tcp", "pass") SUMMARY(1, 0, 0)

// Standard output goes to the file `out`.
static int merge_quietly(const struct options *options) {
    fflush(stdout);
    int out = dup(1);
    ck_assert_ptr_nonnull(freopen("out", "w", stdout));
    int ret = command_merge(options, &err);
    fflush(stdout);
    dup2(out, 1);
    close(out);
    return ret;
}

// Merges files with these contents, up to the first NULL; the report goes to the file `all`.
static int merge(const char *const *contents) {
    static char names[MOST_FILES][24];
    char *arguments[MOST_FILES];
    struct options options = {
        .arguments = arguments, .report_count = 2, .reports = {"json=all", "human=/dev/null"}};
    while (options.argument_count < MOST_FILES && contents[options.argument_count]) {
        int i = options.argument_count++;
        snprintf(names[i], sizeof names[i], "%d.json", i + 1);
        ck_assert_int_eq(file_write(names[i], contents[i], strlen(contents[i]), &err), 0);
        arguments[i] = names[i];
    }
    int ret = merge_quietly(&options);
    return ret < 0 ? (err.kind == ERR_USAGE ? STATUS_USAGE : STATUS_MACHINE) : ret;
}

static const struct {
    const char *contents[MOST_FILES];
    int status;
    const char *complaint; // NULL: none
} rows[] = {
    {{FIRST, SECOND}, 0, NULL},
    {{SECOND, FIRST}, 0, NULL},
    {{RUN(1, 1, 1, 1) CASE("a@tcp", "pass") SUMMARY(1, 0, 0)}, 0, NULL},
    // an empty shard
    {{FIRST, RUN(2, 2, 2, 0) SUMMARY(0, 0, 0)},
     2,
     "1.json and 2.json are shards of different choices of cases"},
    {{RUN(1, 2, 1, 1) CASE("a@tcp", "pass") SUMMARY(1, 0, 0), RUN(2, 2, 1, 0) SUMMARY(0, 0, 0)},
     0,
     NULL},
    {{RUN(1, 1, 0, 0) SUMMARY(0, 0, 0)}, 4, NULL},
    // 3 takes precedence over 1, then 4
    {{FIRST, RUN(2, 2, 3, 1) CASE("c@tcp", "hang") "{\"type\":\"summary\",\"hang\":1,\"ms\":1}\n"},
     1,
     NULL},
    {{RUN(1, 2, 2, 1) CASE("a@tcp", "wrong-code") SUMMARY(0, 1, 0),
      RUN(2, 2, 2, 1) CASE("b@tcp", "broken") SUMMARY(0, 0, 1)},
     3,
     NULL},
    {{RUN(1, 1, 1, 1) CASE("a@tcp", "skip") "{\"type\":\"summary\",\"skip\":1,\"ms\":1}\n"},
     4,
     NULL},
    // what is missing
    {{FIRST}, 3, "no report of shard 2/2"},
    {{RUN(3, 5, 9, 0) SUMMARY(0, 0, 0)}, 3, "no report of shard 1/5, 2/5, 4/5, 5/5"},
    {{FIRST, ""}, 3, "no report of shard 2/2\n2.json is empty: its run died before it began"},
    {{FIRST, RUN(2, 2, 3, 1)},
     3,
     "2.json ends after 0 of 1 cases, without a summary: its run died"},
    {{FIRST, RUN(2, 2, 3, 1) "{\"type\":\"case\",\"id\":\"c@t"},
     3,
     "2.json ends after 0 of 1 cases, without a summary: its run died"},
    {{FIRST, RUN(2, 2, 3, 1) SUMMARY(1, 0, 0)},
     3,
     "2.json has 0 cases where 1 were planned and its summary counts 1"},
    {{FIRST, RUN(2, 2, 3, 1) "{\"type\":\"summary\",\"ms\":1,\"interrupted\":true}\n"},
     3,
     "2.json was interrupted after 0 of 1 cases"},
    {{RUN(1, 1, 2, 1) CASE("a@tcp", "pass") SUMMARY(1, 0, 0)},
     3,
     "the shards planned 1 cases, and 2 were chosen"},
    {{FIRST, ""}, 3, "no report of shard 2/2"},
    // what does not belong together
    {{FIRST, SECOND, FIRST}, 2, "1.json and 3.json are both shard 1/2"},
    {{FIRST, RUN(2, 3, 3, 1) SUMMARY(0, 0, 0)},
     2,
     "1.json is one of 2 shards, and 2.json one of 3"},
    {{FIRST, RUN(2, 2, 3, 1) CASE("b@tcp", "pass") SUMMARY(1, 0, 0)},
     2,
     "b@tcp on mysql-9.7 with c is in 1.json and in 2.json"},
    {{RUN(1, 1, 2, 2) CASE("a@tcp", "pass") CASE("a@tcp", "pass") SUMMARY(2, 0, 0)},
     2,
     "1.json has a@tcp on mysql-9.7 with c twice"},
    {{FIRST, RUN(2, 2, 3, 1) CASE_OF("9.7.5", "c@tcp", "pass") SUMMARY(1, 0, 0)},
     2,
     "the server mysql-9.7 is 9.7.4 in 1.json, and 9.7.5 in 2.json"},
    // not a report
    {{"<xml/>\n"}, 2, "1.json:1: is no JSON: "},
    {{"[]\n"}, 2, "1.json:1: is not a line of goneaway's json report"},
    {{"{\"type\":\"summary\"}\n"}, 2, "1.json:1: the line of the run is missing"},
    {{FIRST FIRST}, 2, "1.json:5: something follows the summary"},
    {{RUN(1, 1, 0, 0) SUMMARY(0, 0, 0) "{\"type\":\"case\""},
     2,
     "1.json:3: something follows the summary"},
    {{RUN(1, 1, 0, 0) SUMMARY(0, 0, 0) "garbage"}, 2, "1.json:3: something follows the summary"},
    {{"{\"type\":\"run\",\"schema\":1,\"version\":\"1\",\"jobs\":1,\"planned\":1,\"shard\":"
      "{\"index\":1,\"count\":1,\"cases\":1,\"choice\":\"123456789012345\u00e9\"}}\n"},
     2,
     "1.json:1: shard: choice: is longer than 16 bytes"},
    {{RUN(1, 1, 1, 1) RUN(1, 1, 1, 1)}, 2, "1.json:2: a second run begins; name a file for each"},
    {{RUN(2, 1, 1, 1)}, 2, "1.json:1: shard: index: is not a number from 1 to 1"},
    {{RUN(1, 1, 1, 1) CASE("a@tcp", "fine")}, 2, "1.json:2: there is no verdict 'fine'"},
    {{RUN(1, 1, 1, 1) "{\"type\":\"later\"}\n"}, 2, "1.json:2: there is no type 'later'"},
    {{"{\"type\":\"run\",\"schema\":1,\"version\":\"1\",\"jobs\":1,\"planned\":1}\n"},
     2,
     "1.json:1: does not tell which shard it is"},
    {{"{\"type\":\"run\",\"schema\":2,\"version\":\"1\",\"jobs\":1,\"planned\":1}\n"},
     2,
     "1.json:1: is of schema 2, and this goneaway reads 1"},
};

START_TEST(shards_are_joined_or_refused) {
    int status = merge(rows[_i].contents);
    ck_assert_msg(status == rows[_i].status, "%d: %s", status, err.what);
    const char *complaint = rows[_i].complaint;
    ck_assert_msg(!complaint ? !*err.what : text_starts(err.what, complaint), "%s", err.what);
    // reports that do not match leave nothing behind; if some are missing, the rest is reported
    ck_assert_int_eq(file_exists("all"), status != STATUS_USAGE);
}
END_TEST

START_TEST(joined_report_is_that_of_the_whole) {
    static const char *const contents[] = {SECOND, FIRST, NULL};
    static const char *const wanted[] = {"\"a@tcp\"", "\"b@tcp\"", "\"c@tcp\"",
                                         "{\"type\":\"summary\",\"pass\":3,"};
    cleanup_text struct text all = {0};
    ck_assert_int_eq(merge(contents), 0);
    ck_assert_int_eq(file_read("all", 1 << 20, &all, &err), 0);
    const char *at = all.data;
    ck_assert_ptr_nonnull(strstr(at, "\"jobs\":4,\"planned\":3," SERVERS
                                     ",\"shard\":{\"index\":1,\"count\":1,"
                                     "\"cases\":3,\"choice\":\"abc\"}}\n"));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        at = strstr(at, wanted[i]);
        ck_assert_msg(at != NULL, "%s is not in its place in %s", wanted[i], all.data);
    }
    const char *const once_more[] = {all.data, NULL}; // it is a report like any other
    ck_assert_int_eq(merge(once_more), 0);
}
END_TEST

START_TEST(incomplete_report_says_so) {
    static const char *const contents[] = {FIRST, NULL};
    cleanup_text struct text all = {0};
    ck_assert_int_eq(merge(contents), 3);
    ck_assert_int_eq(file_read("all", 1 << 20, &all, &err), 0);
    ck_assert_ptr_nonnull(strstr(all.data, "\"interrupted\":true}\n"));
}
END_TEST

// A small generator, so that a failure can be reproduced.
static unsigned next_random(unsigned *state) {
    *state = *state * 1103515245 + 12345;
    return *state >> 16 & 0x7fff;
}

// Bytes changed, removed and inserted at random places; each attempt must end with a status.
START_TEST(garbage_is_refused_in_good_order) {
    static const char intact[] = FIRST;
    static const char odd[] = "\"{}[]\\,:-e9\n\xff\x01 ";
    unsigned state = (unsigned)_i;
    for (int i = 0; i < 300; i++) {
        cleanup_free char *spoilt = xstrdup(intact);
        for (unsigned n = next_random(&state) % 4 + 1; n > 0; n--) {
            size_t length = strlen(spoilt), at = next_random(&state) % length;
            if (next_random(&state) % 3 == 0 && length > 1)
                memmove(spoilt + at, spoilt + at + 1, length - at);
            else
                spoilt[at] = odd[next_random(&state) % (sizeof odd - 1)];
        }
        int status = merge((const char *const[]){spoilt, SECOND, NULL});
        ck_assert_int_ge(status, 0);
        ck_assert_int_le(status, 4);
    }
}
END_TEST

// ---- bounds ------------------------------------------------------------------------------------

static void add_case(struct text *file, int number, const char *connector, const char *why,
                     const char *said) {
    text_printf(file,
                "{\"type\":\"case\",\"id\":\"s%d@tcp\",\"scenario\":\"s%d\",\"variant\":\"\","
                "\"transport\":\"tcp\",\"server\":{\"name\":\"mysql-9.7\"},\"connector\":"
                "{\"name\":\"%s\"},\"verdict\":\"fail\",\"why\":\"%s\",\"ms\":1,\"said\":[%s],"
                "\"faults\":[],\"evidence\":{},\"steps\":[]}\n",
                number, number, connector, why, said);
}

// Sanitizers multiply the time, and have no memory limit.
enum { SHARE = SANITIZED ? 50 : 1 };

static void add_scenarios(struct text *file, int share) {
    for (int i = 0; i < 100000 / share; i++)
        add_case(file, i, "c", "w", "");
}

static void add_connectors(struct text *file, int share) {
    for (int i = 0; i < 50000 / share; i++) {
        cleanup_free char *name = xprintf("c%d", i);
        add_case(file, 0, name, "w", "");
    }
}

static char *repeated(const char *word, int times) {
    struct text text = {0};
    while (times-- > 0)
        text_add(&text, word);
    return text.data;
}

static void add_dots(struct text *file, int share) {
    cleanup_free char *dots = repeated(".", (4 << 20) / share);
    add_case(file, 0, dots, "w", "");
}

static void add_said(struct text *file, int share) {
    cleanup_free char *why = repeated("a", (4 << 20) / share);
    cleanup_free char *said = repeated("{\"actor\":\"app\",\"text\":\"aaaaaaab\"},", 50000 / share);
    said[strlen(said) - 1] = '\0';
    add_case(file, 0, "c", why, said);
}

static void (*const makers[])(struct text *, int) = {add_scenarios, add_connectors, add_dots,
                                                     add_said};

// Processor time that it takes to merge a share of what a maker makes, milliseconds.
static double merge_ms(void (*make)(struct text *, int), int share) {
    char *arguments[] = {"1.json"};
    const struct options options = {
        .argument_count = 1, .arguments = arguments, .report_count = 1, .reports = {"junit=junit"}};
    cleanup_text struct text file = {0};
    text_add(&file, RUN(1, 1, 1, 1));
    make(&file, share);
    ck_assert_int_eq(file_write("1.json", file.data, file.length, &err), 0);
    double began = clock_used_ms();
    ck_assert_int_eq(merge_quietly(&options), -1);
    ck_assert_msg(strstr(err.what, "without a summary") != NULL, "%s", err.what);
    return clock_used_ms() - began;
}

// A file may have 256 MB, so nothing may take quadratic time.
START_TEST(merging_takes_bounded_time_and_memory) {
    enum { SECONDS = 240, MEMORY = 400 << 20, PARTS = 4 };
    bound_process(SECONDS, MEMORY);
    double part = merge_ms(makers[_i], SHARE * PARTS), whole = merge_ms(makers[_i], SHARE);
    bound_growth(part, whole, PARTS);
}
END_TEST

START_TEST(what_cannot_be_read_is_told) {
    char *arguments[] = {"no-such.json"};
    struct options none = {0}, one = {.argument_count = 1, .arguments = arguments};
    ck_assert_int_eq(command_merge(&none, &err), -1);
    ck_assert_str_eq(err.what, "`goneaway merge` needs the json reports of all shards");
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_int_eq(command_merge(&one, &err), -1);
    ck_assert_str_eq(err.what, "no-such.json: No such file or directory");
    ck_assert_int_eq(err.kind, ERR_USAGE);
}
END_TEST

Suite *suite_merge(void) {
    Suite *suite = suite_create("merge");
    TCase *all = tcase_create("merge");
    tcase_add_checked_fixture(all, enter, folder_remove);
    tcase_set_timeout(all, 300);
    tcase_add_loop_test(all, shards_are_joined_or_refused, 0, (int)COUNT_OF(rows));
    tcase_add_test(all, joined_report_is_that_of_the_whole);
    tcase_add_test(all, incomplete_report_says_so);
    tcase_add_loop_test(all, garbage_is_refused_in_good_order, 1, 6);
    tcase_add_test(all, what_cannot_be_read_is_told);
    tcase_add_loop_test(all, merging_takes_bounded_time_and_memory, 0, (int)COUNT_OF(makers));
    suite_add_tcase(suite, all);
    return suite;
}
