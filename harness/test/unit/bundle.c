// SPDX-License-Identifier: Apache-2.0
// bundle.c - bundles: their content, and that a stranger's does no harm
#include "bundle/bundle.h"

#include "base/file.h"
#include "bundle/archive.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <stdlib.h>
#include <string.h>

static struct err err;

static void begin(void) {
    err = (struct err){0};
    folder_make("/tmp/goneaway-bundle", 0700);
}

static const char scenario_text[] = "goneaway: 1\n"
                                    "title: A connection is `killed` | <b>\n"
                                    "cause: other\n"
                                    "source: none\n"
                                    "transport: [tcp]\n"
                                    "promise: {first: error}\n"
                                    "steps:\n"
                                    "  - {app: connect}\n"
                                    "  - {id: first, app: {query: SELECT 1}}\n"
                                    "outcomes:\n"
                                    "  - {first: 2013}\n";

/** A case that ended with another error than expected, with what was kept about it. */
struct sample {
    struct scenario *scenario;
    struct record *record;
    struct verdict verdict;
    struct report_case result;
    json_t *about;
    struct bundle_parts parts;
};

static void sample_open(struct sample *sample) {
    *sample = (struct sample){0};
    cleanup_free char *file = folder_path("kill-it.yml");
    ck_assert_int_eq(file_write(file, scenario_text, sizeof scenario_text - 1, &err), 0);
    sample->scenario = scenario_read(file, &err);
    ck_assert_msg(sample->scenario != NULL, "%s", err.what);
    sample->record = record_new(sample->scenario->cases[0].id);
    sample->record->server = xstrdup("mysql-9.7");
    sample->record->vendor = xstrdup("mysql");
    sample->record->server_version = xstrdup("9.7.4");
    sample->record->connector = xstrdup("mine/..");
    sample->record->family = xstrdup("mine");
    sample->record->connector_version = xstrdup("1.0");
    struct record_step *step = record_add_step(sample->record);
    step->number = 2;
    step->id = xstrdup("first");
    step->actor = xstrdup("app");
    step->verb = xstrdup("query");
    step->outcome = OUTCOME_ERROR;
    step->error = 2006;
    step->message = xstrdup("```\n# MySQL server has gone away");
    record_add_event(sample->record, "app", "server", "COM_QUERY SELECT 1")->at_ms = 1;
    cleanup_free char *line = xprintf("%s/data: aborted", getenv("HOME"));
    record_add_log(sample->record, line);
    sample->record->exhibits =
        json_pack("{s:[[s,s],[s,s],[s,s]], s:[[s,s]], s:[[s,s]], s:s, s:s}", "variables",
                  "wait_timeout", "1", "hostname", "secret-host", "init_connect", "SET @a\t=\n1",
                  "status_before", "Aborted_clients", "0", "status_after", "Aborted_clients", "1",
                  "transcript", "app < {}\n", "app.pcap", "AQIDBA==");
    sample->verdict = (struct verdict){
        .kind = VERDICT_WRONG_CODE, .why = xstrdup("`first` ended with 2006"), .step = 0};
    sample->result = (struct report_case){.plan = &sample->scenario->cases[0],
                                          .record = sample->record,
                                          .verdict = &sample->verdict,
                                          .rerun = "goneaway run /somewhere/kill-it.yml"};
    sample->about = json_pack("{s:s, s:[s]}", "goneaway", "1.2", "images", "mysql-9.7-root-1");
    sample->parts = (struct bundle_parts){.result = &sample->result,
                                          .connector_title = "one of mine",
                                          .server_title = "MySQL",
                                          .about = sample->about};
}

static void sample_release(struct sample *sample) {
    record_free(sample->record);
    verdict_release(&sample->verdict);
    scenario_free(sample->scenario);
    json_decref(sample->about);
}
#define cleanup_sample __attribute__((cleanup(sample_release)))

// Reads one of its files.
static void read_file(const char *path, const char *name, struct text *ret) {
    cleanup_text struct text data = {0};
    struct archive_wanted wanted = {.name = name, .most = 1 << 20};
    ck_assert_int_eq(file_read(path, 1 << 20, &data, &err), 0);
    ck_assert_msg(archive_read_files(data.data, data.length, 1 << 24, &wanted, 1, &err) == 0, "%s",
                  err.what);
    ck_assert_msg(wanted.found, "%s", name);
    *ret = wanted.data;
}

static void check_has(const char *path, const char *name, const char *words) {
    cleanup_text struct text data = {0};
    read_file(path, name, &data);
    ck_assert_msg(strstr(text_get(&data), words) != NULL, "no '%s' in %s:\n%s", words, name,
                  text_get(&data));
}

static void check_lacks(const char *path, const char *name, const char *words) {
    cleanup_text struct text data = {0};
    read_file(path, name, &data);
    ck_assert_msg(!strstr(text_get(&data), words), "'%s' is in %s:\n%s", words, name,
                  text_get(&data));
}

START_TEST(bundle_has_all_of_a_case) {
    setenv("HOME", "/home/somebody", 1);
    cleanup_sample struct sample sample;
    sample_open(&sample);
    cleanup_free char *folder = folder_path("new/folder");
    cleanup_free char *path = bundle_path(folder, &sample.result);
    ck_assert_msg(text_starts(strrchr(path, '/'), "/kill-it-tcp_mysql-9.7_mine-.."), "%s", path);
    ck_assert_msg(bundle_write(path, &sample.parts, &err) == 0, "%s", err.what);
    check_has(path, "scenario.yml", scenario_text);
    check_has(path, "timeline.txt", "COM_QUERY SELECT 1");
    check_has(path, "app.pcap", "\x01\x02\x03\x04");
    check_has(path, "variables.txt", "wait_timeout\t1\ninit_connect\tSET @a = 1\n");
    check_lacks(path, "variables.txt", "secret-host");
    check_has(path, "status.txt", "Aborted_clients\t0\t1\n");
    check_has(path, "error.log", "~/data: aborted");
    check_has(path, "adapter.txt", "app < {}");
    check_lacks(path, "case.json", "/somewhere");
    check_lacks(path, "case.json", test_folder);
    // a report for a tracker: text from outside is not markup
    check_has(path, "REPORT.md", "`first` ended with 2006");
    check_has(path, "REPORT.md", "goneaway replay kill-it-tcp_mysql-9.7_mine-...tar.zst");
    check_has(path, "REPORT.md", "\n````\n");
    check_has(path, "REPORT.md", "| goneaway | 1.2 |");
    struct bundle bundle;
    ck_assert_msg(bundle_read(&bundle, path, &err) == 0, "%s", err.what);
    ck_assert_str_eq(bundle.scenario, scenario_text);
    ck_assert_str_eq(json_string_value(json_object_get(bundle.line, "id")), "kill-it@tcp");
    ck_assert_str_eq(json_string_value(json_object_get(bundle.about, "goneaway")), "1.2");
    bundle_release(&bundle);
}
END_TEST

// ---- a stranger's ------------------------------------------------------------------------------

struct file {
    const char *name, *data;
};

static void check_refused(const struct file *files, size_t count, const char *why) {
    cleanup_text struct text data = {0};
    cleanup_free char *path = folder_path("x.tar.zst");
    struct archive_out *out = archive_begin(&data, &err);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(
            archive_add(out, files[i].name, files[i].data, strlen(files[i].data), &err), 0);
    ck_assert_int_eq(archive_end(out, &err), 0);
    ck_assert_int_eq(file_write(path, text_get(&data), data.length, &err), 0);
    struct bundle bundle;
    ck_assert_int_eq(bundle_read(&bundle, path, &err), -1);
    ck_assert_msg(strstr(err.what, why) && strstr(err.what, "x.tar.zst is no bundle"),
                  "'%s' is not in: %s", why, err.what);
    bundle_release(&bundle);
}

START_TEST(bundle_of_a_stranger_is_refused) {
    static const struct file scenario = {"scenario.yml", "x"};
    check_refused(NULL, 0, "it has no case.json");
    check_refused((struct file[]){{"case.json", "{}"}}, 1, "it has no scenario.yml");
    check_refused((struct file[]){{"case.json", "{"}, scenario}, 2, "case.json in it: ");
    check_refused((struct file[]){{"case.json", "[]"}, scenario}, 2, "is not of version 1");
    check_refused((struct file[]){{"case.json", "{\"bundle\": 2}"}, scenario}, 2, "version 1");
    check_refused((struct file[]){{"case.json", "{\"bundle\": 1, \"case\": 3}"}, scenario}, 2,
                  "case.json in it has no case");
    check_refused((struct file[]){scenario, scenario}, 2, "is there twice");
    struct file many[300];
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = (struct file){"other", ""};
    check_refused(many, COUNT_OF(many), "more than 256 files");
    cleanup_free char *long_one = xcalloc(2 << 20, 1);
    memset(long_one, 'x', (2 << 20) - 1);
    check_refused((struct file[]){{"scenario.yml", long_one}}, 1,
                  "scenario.yml in it has more than 1024 KiB");
}
END_TEST

// As in a stranger's bundle: whoever reads the scenario must refuse it.
START_TEST(scenario_keeps_its_length) {
    cleanup_text struct text data = {0};
    cleanup_free char *path = folder_path("x.tar.zst");
    static const char line[] = "{\"bundle\": 1, \"about\": {}, \"case\": {}}";
    struct archive_out *out = archive_begin(&data, &err);
    ck_assert_int_eq(archive_add(out, "case.json", line, strlen(line), &err), 0);
    ck_assert_int_eq(archive_add(out, "scenario.yml", "a\0b", 3, &err), 0);
    ck_assert_int_eq(archive_end(out, &err), 0);
    ck_assert_int_eq(file_write(path, text_get(&data), data.length, &err), 0);
    struct bundle bundle;
    ck_assert_msg(bundle_read(&bundle, path, &err) == 0, "%s", err.what);
    ck_assert_uint_eq(bundle.scenario_length, 3);
    ck_assert_int_eq(memcmp(bundle.scenario, "a\0b", 4), 0);
    bundle_release(&bundle);
}
END_TEST

// A few bytes of zstd can unpack to any size.
START_TEST(archive_unpacks_no_more_than_it_may) {
    cleanup_text struct text data = {0};
    cleanup_free char *zeros = xcalloc(1 << 20, 1);
    struct archive_out *out = archive_begin(&data, &err);
    for (int i = 0; i < 9; i++)
        ck_assert_int_eq(archive_add(out, "../../etc/zeros", zeros, 1 << 20, &err), 0);
    ck_assert_int_eq(archive_end(out, &err), 0);
    ck_assert_uint_lt(data.length, 1 << 16);
    ck_assert_int_eq(archive_read_files(data.data, data.length, 8 << 20, NULL, 0, &err), -1);
    ck_assert_str_eq(err.what, "it unpacks to more than 8 MiB");
}
END_TEST

// Each byte changed, and each end cut off: a damaged bundle never reads as another one.
START_TEST(damaged_bundle_is_refused_or_read) {
    cleanup_text struct text data = {0};
    struct archive_out *out = archive_begin(&data, &err);
    ck_assert_int_eq(archive_add(out, "case.json", "{}", 2, &err), 0);
    ck_assert_int_eq(archive_end(out, &err), 0);
    for (size_t i = 0; i < data.length; i++) {
        cleanup_free char *copy = xcalloc(data.length + 1, 1);
        memcpy(copy, data.data, data.length);
        copy[i] = (char)~copy[i];
        struct archive_wanted wanted[] = {{.name = "case.json", .most = 1000},
                                          {.name = "case.json", .most = 1000}};
        archive_read_files(copy, data.length, 1 << 20, &wanted[0], 1, &err);
        archive_read_files(data.data, i, 1 << 20, &wanted[1], 1, &err);
        for (size_t k = 0; k < COUNT_OF(wanted); k++)
            text_release(&wanted[k].data);
    }
}
END_TEST

Suite *suite_bundle(void) {
    Suite *suite = suite_create("bundle");
    TCase *tests = tcase_create("bundle");
    tcase_add_checked_fixture(tests, begin, folder_remove);
    tcase_add_test(tests, bundle_has_all_of_a_case);
    tcase_add_test(tests, bundle_of_a_stranger_is_refused);
    tcase_add_test(tests, scenario_keeps_its_length);
    tcase_add_test(tests, archive_unpacks_no_more_than_it_may);
    tcase_add_test(tests, damaged_bundle_is_refused_or_read);
    suite_add_tcase(suite, tests);
    return suite;
}
