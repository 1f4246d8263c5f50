// SPDX-License-Identifier: Apache-2.0
// report.c - the reports: those for people, and those for programs against their schemas
#include "report/saved.h"

#include "base/file.h"
#include "report/html.h"
#include "report/timeline.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"
#include "test/lib/validator.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

// ---- cases to report ---------------------------------------------------------------------------

enum { MAX_JUDGED = 4 };

// A case with everything that a report_case points to.
struct sample {
    struct scenario scenario;
    struct plan_case plan;
    struct plan_row row;
    const char *ids[MAX_JUDGED];
    struct expectation expectations[MAX_JUDGED], *cells[MAX_JUDGED];
    struct record *record;
    struct verdict verdict;
    struct report_case result;
};

static void sample_init(struct sample *sample, const char *id, const char *server) {
    *sample = (struct sample){0};
    sample->scenario = (struct scenario){.name = "wait-timeout",
                                         .file = "scenarios/wait-timeout.yaml",
                                         .title = "An idle connection is closed",
                                         .cause = "wait-timeout"};
    sample->plan = (struct plan_case){
        .scenario = &sample->scenario, .id = id, .variant = "query", .transport = TRANSPORT_TCP};
    sample->row = (struct plan_row){.ids = sample->ids, .expectations = sample->cells};
    sample->record = record_new(id);
    sample->record->server = xstrdup(server);
    sample->record->vendor = xstrdup("mysql");
    sample->record->server_version = xstrdup("9.7.4");
    sample->record->server_package = xstrdup("mysql-server-core 9.7.4-2");
    sample->record->measured_package = xstrdup("9.7.4-1");
    sample->record->connector = xstrdup("libmysqlclient");
    sample->record->connector_version = xstrdup("9.7.3");
    sample->record->family = xstrdup("libmysqlclient");
    sample->record->ms = 1712.34;
    sample->verdict = (struct verdict){.row = &sample->row, .step = -1, .why = xstrdup("")};
    sample->result = (struct report_case){.plan = &sample->plan,
                                          .record = sample->record,
                                          .verdict = &sample->verdict,
                                          .rerun = "goneaway run wait-timeout/query@tcp"};
}

static void sample_release(struct sample *sample) {
    record_free(sample->record);
    verdict_release(&sample->verdict);
    json_decref((json_t *)sample->result.attempts);
}
#define cleanup_sample __attribute__((cleanup(sample_release)))

static void expect(struct sample *sample, const char *id, const char *text) {
    size_t i = sample->row.count++;
    sample->ids[i] = id;
    sample->expectations[i] = (struct expectation){.text = text, .within = {-1, -1}};
    sample->cells[i] = &sample->expectations[i];
}

static struct record_step *add_step(struct sample *sample, const char *id, const char *verb,
                                    double ms) {
    struct record_step *step = record_add_step(sample->record);
    step->number = (int)sample->record->step_count;
    step->id = xstrdup(id);
    step->actor = xstrdup("app");
    step->verb = xstrdup(verb);
    step->ms = ms;
    return step;
}

static struct record_step *add_error(struct sample *sample, const char *id, int number,
                                     const char *message) {
    struct record_step *step = add_step(sample, id, "query", 0.31);
    step->outcome = OUTCOME_ERROR;
    step->error = number;
    step->sqlstate = xstrdup("HY000");
    step->message = xstrdup(message);
    step->native = xstrdup("mysql_real_query() = 1");
    step->thread = 12;
    step->row_count = 0;
    return step;
}

static void judge(struct sample *sample, enum verdict_kind kind, int step, const char *why) {
    free(sample->verdict.why);
    sample->verdict.kind = kind;
    sample->verdict.step = step;
    sample->verdict.why = xstrdup(why);
}

static void sample_pass(struct sample *sample) {
    sample_init(sample, "wait-timeout/query@tcp", "mysql-9.7");
    expect(sample, "first", "4031");
    expect(sample, "second", "2006");
    expect(sample, "third", "2006");
    expect(sample, "again", "ok");
    add_step(sample, NULL, "connect", 4.12)->thread = 12;
    add_error(sample, "first", 4031,
              "The client was disconnected by the server because of inactivity. See wait_timeout "
              "and interactive_timeout for configuring this behavior.");
    add_error(sample, "second", 2006, "MySQL server has gone away");
    add_error(sample, "third", 2006, "MySQL server has gone away");
    add_step(sample, "again", "connect", 3.9)->thread = 13;
}

// Judged by a baseline for another version, which records a violation.
static void sample_noted(struct sample *sample) {
    sample_pass(sample);
    sample->verdict.promise = PROMISE_VIOLATED;
    sample->verdict.judged_by = JUDGE_BASELINE;
    sample->verdict.borrowed = sample->verdict.tolerated = true;
    sample->verdict.lender = xstrdup("mysql-5.6 5.6.24 with c 1.0");
    sample->verdict.note = xstrdup("violates the \x1b[31m\xc2\x9bpromise | <b>");
}

// Adds an attempt before the reported one, whose second step ended with another code.
static void add_attempt(struct sample *sample, const char *verdict, const char *why, int code) {
    json_auto_t *record = record_to_json(sample->record);
    json_t *steps = json_object_get(record, "steps");
    for (size_t i = 0; i < json_array_size(steps); i++)
        json_object_set_new(json_array_get(steps, i), "expected", json_null());
    json_object_set_new(json_array_get(steps, 1), "errno", json_integer(code));
    sample->result.attempts = json_pack("[{s:s, s:s, s:f, s:O}]", "verdict", verdict, "why", why,
                                        "ms", 12.5, "steps", steps);
    ck_assert_ptr_nonnull(sample->result.attempts);
}

static void sample_flaky(struct sample *sample) {
    sample_pass(sample);
    add_attempt(sample, "broken", "the \x1b[31madapter ended\nbelow", 0);
}

static void sample_wrong_code(struct sample *sample) {
    sample_init(sample, "wait-timeout/query@tcp", "mysql-9.7");
    expect(sample, "first", "4031 or 2006");
    expect(sample, "again", "ok");
    sample->row.because =
        "The server sends error packet 4031 before it closes; over the Unix socket "
        "the write fails at once.";
    add_step(sample, NULL, "connect", 4.12)->thread = 12;
    add_error(sample, "first", 2013, "Lost connection to MySQL server during query");
    add_step(sample, "again", "connect", 3.9)->thread = 13;
    record_add_fault(sample->record, "axe", "kill", "sql")->fired = 1;
    record_add_log(sample->record, "[Note] Aborted connection 12 to db: 'test'");
    sample->record->aborted_clients = 1;
    sample->record->aborted_connects = 0;
    judge(sample, VERDICT_WRONG_CODE, 1,
          "first: expected 4031 ER_CLIENT_INTERACTION_TIMEOUT, saw 2013 CR_SERVER_LOST");
}

static void sample_hang(struct sample *sample) {
    sample_init(sample, "wait-timeout/query@tcp", "mysql-9.7");
    expect(sample, "first", "2013");
    add_step(sample, NULL, "connect", 4.12)->thread = 12;
    add_step(sample, "first", "query", 10000)->outcome = OUTCOME_HANG;
    record_add_fault(sample->record, "drop", "drop", "iptables")->fired = 4;
    judge(sample, VERDICT_HANG, 1, "first: expected 2013 CR_SERVER_LOST, saw hang");
}

static void sample_broken(struct sample *sample) {
    sample_init(sample, "wait-timeout/query@tcp", "mysql-9.7");
    expect(sample, "first", "2013");
    add_step(sample, NULL, "connect", 4.12)->thread = 12;
    add_error(sample, "first", 2013, "Lost connection to MySQL server during query");
    record_add_fault(sample->record, "mute", "drop", "iptables");
    judge(sample, VERDICT_BROKEN, -1,
          "the fault 'mute' never fired, so what was seen proves nothing");
}

static void sample_skip(struct sample *sample) {
    sample_init(sample, "wait-timeout/query@tcp", "mysql-9.7");
    sample->record->ms = 0;
    judge(sample, VERDICT_SKIP, -1, "lacks sch_netem: install user-mode-linux");
}

static void sample_crash(struct sample *sample) {
    sample_init(sample, "wait-timeout/query@tcp", "mariadb-11.8");
    expect(sample, "first", "2013");
    struct record_step *step = add_step(sample, "first", "query", 2);
    step->outcome = OUTCOME_CRASH;
    step->signal = 11;
    step->rows = json_pack("[[i, s]]", 1, "parent");
    judge(sample, VERDICT_CRASH, 0, "first: expected 2013 CR_SERVER_LOST, saw crash (SIGSEGV)");
}

// Everything that a stranger could put into a message, and a verdict of two lines.
static void sample_hostile(struct sample *sample) {
    sample_init(sample, "wait-timeout/query@tcp", "skip-server");
    sample->scenario.title = "Title # with \"quotes\" <tags> & \x01";
    expect(sample, "first", "ok");
    add_error(
        sample, "first", 9999,
        "\x1b[31m]]></failure>\r\n  ...\n\x01\xff\xfe\xc2\x9b \xe2\x80\xae # SKIP \\ \xef\xbf\xbe");
    record_add_log(sample->record, "bell \a & <b>");
    judge(sample, VERDICT_FAIL, 0, "line 1 <&>\nline 2 \x1b[0m");
}

static const struct report_server two_servers[] = {
    {"mysql-9.7", "9.7.4", "mysql-server-core 9.7.4-2", "9.7.4-1"},
    {"home-made", "9.8.0", "", NULL},
};
#define SERVERS_COMMENT                                                                            \
    "# mysql-9.7: mysql-server-core 9.7.4-2; its outcomes were measured with 9.7.4-1\n"            \
    "# home-made: 9.8.0\n"
static const struct report_run one_run = {.server_count = COUNT_OF(two_servers),
                                          .servers = two_servers,
                                          .planned = 5,
                                          .version = "1.0",
                                          .kernel = "6.1.0",
                                          .machine = "x86_64",
                                          .jobs = 4};

typedef void sample_maker(struct sample *);

// What a format writes for a run of the given cases (up to NULL). To be freed.
static char *write_run(const struct report_run *run, bool interrupted,
                       const struct report_format *format, sample_maker *const *makers) {
    char *written = NULL;
    size_t length;
    FILE *file = open_memstream(&written, &length);
    void *state = format->open(file, false, 0);
    struct report_summary summary = {.ms = 12345.67, .interrupted = interrupted};
    format->begin(state, run);
    for (; *makers; makers++) {
        cleanup_sample struct sample sample;
        (*makers)(&sample);
        report_count(&summary, &sample.result);
        format->add_case(state, &sample.result);
    }
    format->end(state, &summary);
    format->close(state);
    fclose(file);
    return written;
}

static char *write_cases(bool interrupted, const struct report_format *format,
                         sample_maker *const *makers) {
    return write_run(&one_run, interrupted, format, makers);
}

#define write_report(interrupted, format, ...)                                                     \
    write_cases(interrupted, format, (sample_maker *const[]){__VA_ARGS__})

static void use_locale(const char *name) {
    setenv("LC_ALL", name, 1);
    unsetenv("COLUMNS");
}

// Wrong by what was measured with another version, which --allow-borrowed accepts.
static void sample_allowed(struct sample *sample) {
    sample_wrong_code(sample);
    sample->result.allowed = true;
}

// Another wrong code than at its first attempt.
static void sample_unstable(struct sample *sample) {
    sample_wrong_code(sample);
    add_attempt(sample, "wrong-code", "first: expected 4031, saw 2006", 2006);
}

// ---- for people --------------------------------------------------------------------------------

// The human report of one case, without the run's first line and its summary.
static char *write_human(sample_maker *make, bool colour, int columns) {
    char *written = NULL;
    size_t length;
    cleanup_sample struct sample sample;
    make(&sample);
    FILE *file = open_memstream(&written, &length);
    void *state = report_human.open(file, colour, columns);
    report_human.add_case(state, &sample.result);
    report_human.close(state);
    fclose(file);
    return written;
}

#define HANG_IN_FULL                                                                               \
    "        why       first: expected 2013 CR_SERVER_LOST, saw hang\n"                            \
    "        expected  first  2013 CR_SERVER_LOST\n"                                               \
    "        seen      first  hang, after 10.0 s\n"                                                \
    "        steps       1  app connect         ok    4.1 ms, session 12\n"                        \
    "                  > 2  app query    first  hang  10.0 s\n"                                    \
    "        faults    drop by iptables: fired 4 times\n"                                          \
    "        connector libmysqlclient 9.7.3\n"                                                     \
    "        server    mysql 9.7.4 (mysql-server-core 9.7.4-2; measured with 9.7.4-1)\n"           \
    "        scenario  scenarios/wait-timeout.yaml: An idle connection is closed\n"                \
    "        run again goneaway run wait-timeout/query@tcp\n"

static const struct {
    sample_maker *make;
    const char *text;
} golden[] = {
    {sample_pass,
     "\n"
     "wait-timeout: An idle connection is closed\n"
     "  pass  wait-timeout/query@tcp             mysql-9.7      libmysqlclient      1.7 s\n"
     "        first          4031 ER_CLIENT_INTERACTION_TIMEOUT HY000\n"
     "                       The client was disconnected by the server because of "
     "inactivity. See wait_...\n"
     "        second, third  2006 CR_SERVER_GONE_ERROR HY000  MySQL server has gone away\n"
     "        again          ok\n"},
    {sample_wrong_code,
     "\n"
     "wait-timeout: An idle connection is closed\n"
     "x wrong-code  wait-timeout/query@tcp             mysql-9.7      libmysqlclient      "
     "1.7 s\n"
     "        why       first: expected 4031 ER_CLIENT_INTERACTION_TIMEOUT, saw 2013 "
     "CR_SERVER_LOST\n"
     "        expected  first  4031 ER_CLIENT_INTERACTION_TIMEOUT or 2006 "
     "CR_SERVER_GONE_ERROR\n"
     "        because   The server sends error packet 4031 before it closes; over the Unix socket "
     "the write fails\n"
     "                  at once.\n"
     "        seen      first  2013 CR_SERVER_LOST HY000, after 0.3 ms, session 12\n"
     "                  Lost connection to MySQL server during query\n"
     "                  mysql_real_query() = 1\n"
     "        steps       1  app connect         ok                         4.1 ms, session "
     "12\n"
     "                  > 2  app query    first  2013 CR_SERVER_LOST HY000  0.3 ms, session "
     "12\n"
     "                    3  app connect  again  ok                         3.9 ms, session "
     "13, expected ok\n"
     "        faults    axe (kill) by sql: fired 1 time\n"
     "        connector libmysqlclient 9.7.3\n"
     "        server    mysql 9.7.4 (mysql-server-core 9.7.4-2; measured with 9.7.4-1), "
     "Aborted_clients +1, Aborted_connects +0\n"
     "        scenario  scenarios/wait-timeout.yaml: An idle connection is closed\n"
     "        run again goneaway run wait-timeout/query@tcp\n"},
    {sample_hang,
     "\n"
     "wait-timeout: An idle connection is closed\n"
     "x hang        wait-timeout/query@tcp             mysql-9.7      libmysqlclient      "
     "1.7 s\n" HANG_IN_FULL},
    {sample_broken,
     "\n"
     "wait-timeout: An idle connection is closed\n"
     "! broken      wait-timeout/query@tcp             mysql-9.7      libmysqlclient      "
     "1.7 s\n"
     "        why       the fault 'mute' never fired, so what was seen proves nothing\n"
     "        steps       1  app connect         ok                         4.1 ms, session "
     "12\n"
     "                    2  app query    first  2013 CR_SERVER_LOST HY000  0.3 ms, session "
     "12, expected 2013\n"
     "                       Lost connection to MySQL server during query\n"
     "        faults    mute (drop) by iptables: never fired\n"
     "        connector libmysqlclient 9.7.3\n"
     "        server    mysql 9.7.4 (mysql-server-core 9.7.4-2; measured with 9.7.4-1)\n"
     "        scenario  scenarios/wait-timeout.yaml: An idle connection is closed\n"
     "        run again goneaway run wait-timeout/query@tcp\n"},
    {sample_skip, "\n"
                  "wait-timeout: An idle connection is closed\n"
                  "- skip  wait-timeout/query@tcp             mysql-9.7      libmysqlclient\n"
                  "        lacks sch_netem: install user-mode-linux\n"},
    {sample_crash,
     "\n"
     "wait-timeout: An idle connection is closed\n"
     "x crash       wait-timeout/query@tcp             mariadb-11.8   libmysqlclient      "
     "1.7 s\n"
     "        why       first: expected 2013 CR_SERVER_LOST, saw crash (SIGSEGV)\n"
     "        expected  first  2013 CR_SERVER_LOST\n"
     "        seen      first  crash SIGSEGV, after 2.0 ms\n"
     "                  [[1,\"parent\"]]\n"
     "        steps     > 1  app query  first  crash SIGSEGV  2.0 ms\n"
     "        connector libmysqlclient 9.7.3\n"
     "        server    mysql 9.7.4 (mysql-server-core 9.7.4-2; measured with 9.7.4-1)\n"
     "        scenario  scenarios/wait-timeout.yaml: An idle connection is closed\n"
     "        run again goneaway run wait-timeout/query@tcp\n"},
};

START_TEST(human_report_reads_like_this) {
    use_locale("C");
    cleanup_free char *text = write_human(golden[_i].make, false, 0);
    ck_assert_str_eq(text, golden[_i].text);
}
END_TEST

START_TEST(human_report_sums_up) {
    use_locale("C");
    cleanup_free char *text = write_report(false, &report_human, sample_pass, sample_skip,
                                           sample_hang, sample_broken, sample_wrong_code, NULL);
    const char *summary = strstr(text, "\nNot as expected:");
    ck_assert_ptr_nonnull(summary);
    ck_assert_str_eq(
        summary,
        "\n"
        "Not as expected:\n"
        "  1 x the fault 'mute' never fired, so what was seen proves nothing\n"
        "! broken      wait-timeout/query@tcp             mysql-9.7      libmysqlclient      "
        "1.7 s\n"
        "\n"
        "  1 x first: expected 2013 CR_SERVER_LOST, saw hang\n"
        "x hang        wait-timeout/query@tcp             mysql-9.7      libmysqlclient      "
        "1.7 s\n"
        "\n"
        "  1 x first: expected 4031 ER_CLIENT_INTERACTION_TIMEOUT, saw 2013 CR_SERVER_LOST\n"
        "x wrong-code  wait-timeout/query@tcp             mysql-9.7      libmysqlclient      "
        "1.7 s\n"
        "\n"
        "5 cases in 12.3 s: 1 pass, 1 wrong-code, 1 hang, 1 broken, 1 skip\n");
    ck_assert(text_starts(
        text, "goneaway 1.0: 5 cases, 4 at a time, 6.1.0 on x86_64\n"
              "mysql-9.7: mysql-server-core 9.7.4-2; its outcomes were measured with 9.7.4-1\n"
              "home-made: 9.8.0\n"
              "\n"));
}
END_TEST

// A run of many cases, as the options ask for it.
static struct report_run many_cases(int verbosity) {
    return (struct report_run){.planned = 100,
                               .version = "1.0",
                               .kernel = "6.1.0",
                               .machine = "x86_64",
                               .jobs = 4,
                               .verbosity = verbosity,
                               .list = "goneaway run -v \x07"};
}

static sample_maker *const mixed[] = {
    sample_pass, sample_wrong_code, sample_hang, sample_pass, sample_wrong_code, sample_skip, NULL};

// Passes are not shown; the first case that is not as expected is shown at once, and in full at the
// end.
START_TEST(human_report_of_many_cases_is_short) {
    use_locale("C");
    struct report_run run = many_cases(0);
    cleanup_free char *text = write_run(&run, false, &report_human, mixed);
    ck_assert_str_eq(
        text,
        "goneaway 1.0: 100 cases, 4 at a time, 6.1.0 on x86_64\n"
        "x wrong-code  wait-timeout/query@tcp             mysql-9.7      libmysqlclient      1.7 "
        "s\n"
        "        first: expected 4031 ER_CLIENT_INTERACTION_TIMEOUT, saw 2013 CR_SERVER_LOST\n"
        "x hang        wait-timeout/query@tcp             mysql-9.7      libmysqlclient      1.7 "
        "s\n"
        "        first: expected 2013 CR_SERVER_LOST, saw hang\n"
        "\n"
        "                    libmysqlclient 9.7.3\n"
        "over tcp            mysql-9.7\n"
        "----------------------------------------\n"
        "wait-timeout/query  2013, 4031, hang * ~  An idle connection is closed\n"
        "\n"
        "2013 CR_SERVER_LOST                  4031 ER_CLIENT_INTERACTION_TIMEOUT\n"
        "* not what was expected   ~ differs from one repetition to the next   "
        "hang: a call did not come back\n"
        "\n"
        "Not as expected:\n"
        "  2 x first: expected 4031 ER_CLIENT_INTERACTION_TIMEOUT, saw 2013 CR_SERVER_LOST\n"
        "      wait-timeout/query@tcp; with libmysqlclient; on mysql-9.7\n"
        "x wrong-code  wait-timeout/query@tcp             mysql-9.7      libmysqlclient      1.7 "
        "s\n"
        "        why       first: expected 4031 ER_CLIENT_INTERACTION_TIMEOUT, saw 2013 "
        "CR_SERVER_LOST\n"
        "        expected  first  4031 ER_CLIENT_INTERACTION_TIMEOUT or 2006 CR_SERVER_GONE_ERROR\n"
        "        because   The server sends error packet 4031 before it closes; over the Unix "
        "socket the write fails\n"
        "                  at once.\n"
        "        seen      first  2013 CR_SERVER_LOST HY000, after 0.3 ms, session 12\n"
        "                  Lost connection to MySQL server during query\n"
        "                  mysql_real_query() = 1\n"
        "        steps       1  app connect         ok                         4.1 ms, session 12\n"
        "                  > 2  app query    first  2013 CR_SERVER_LOST HY000  0.3 ms, session 12\n"
        "                    3  app connect  again  ok                         3.9 ms, session 13, "
        "expected ok\n"
        "        faults    axe (kill) by sql: fired 1 time\n"
        "        connector libmysqlclient 9.7.3\n"
        "        server    mysql 9.7.4 (mysql-server-core 9.7.4-2; measured with 9.7.4-1), "
        "Aborted_clients +1, Aborted_connects +0\n"
        "        scenario  scenarios/wait-timeout.yaml: An idle connection is closed\n"
        "        run again goneaway run wait-timeout/query@tcp\n"
        "\n"
        "x hang        wait-timeout/query@tcp             mysql-9.7      libmysqlclient      1.7 "
        "s\n" HANG_IN_FULL "\n"
        "Each of them in full: goneaway run -v \\x07\n"
        "\n"
        "Skipped:\n"
        "  1 x lacks sch_netem: install user-mode-linux\n"
        "      wait-timeout/query@tcp; with libmysqlclient; on mysql-9.7\n"
        "\n"
        "6 of 100 cases in 12.3 s: 2 pass, 2 wrong-code, 1 hang, 1 skip\n");
}
END_TEST

// Merged reports come at once, so there is nothing to wait for.
START_TEST(human_report_of_saved_cases_has_no_alarms) {
    use_locale("C");
    struct report_run run = many_cases(0);
    run.saved = true;
    cleanup_free char *text = write_run(&run, false, &report_human, mixed);
    ck_assert(text_starts(strchr(text, '\n'), "\n\n                    libmysqlclient"));
}
END_TEST

START_TEST(human_report_is_quiet) {
    use_locale("C");
    struct report_run run = many_cases(-1);
    cleanup_free char *text = write_run(&run, false, &report_human, mixed);
    cleanup_free char *passed = write_run(&run, false, &report_human,
                                          (sample_maker *const[]){sample_pass, sample_skip, NULL});
    ck_assert_str_eq(passed, "2 of 100 cases in 12.3 s: 1 pass, 1 skip\n");
    ck_assert(text_starts(text, "\nNot as expected:\n  2 x first: expected 4031 "));
    ck_assert_ptr_nonnull(strstr(text, "        seen      first  hang, after 10.0 s\n"));
    ck_assert_str_eq(text_tail(text, 1),
                     "6 of 100 cases in 12.3 s: 2 pass, 2 wrong-code, 1 hang, 1 skip\n");
}
END_TEST

START_TEST(human_report_is_verbose) {
    use_locale("C");
    struct report_run run = many_cases(1);
    cleanup_free char *list = write_run(&run, false, &report_human, mixed);
    ck_assert_ptr_nonnull(strstr(list, "        second, third  2006 CR_SERVER_GONE_ERROR"));
    ck_assert_ptr_null(strstr(list, "app connect  again  ok                                   "));
    ck_assert_ptr_null(strstr(list, "its log"));
    run.verbosity = 2;
    cleanup_free char *all = write_run(&run, false, &report_human, mixed);
    ck_assert_ptr_nonnull(strstr(all, "        steps       1  app connect         ok           "));
    ck_assert_ptr_nonnull(strstr(all, "        its log   [Note] Aborted connection 12"));
}
END_TEST

START_TEST(human_report_fits_its_terminal) {
    use_locale("C");
    cleanup_free char *text = write_human(sample_pass, false, 80);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        ck_assert_int_le((int)strcspn(line, "\n"), 80);
}
END_TEST

START_TEST(human_report_says_that_it_was_interrupted) {
    use_locale("C");
    cleanup_free char *text = write_report(true, &report_human, sample_pass, sample_pass, NULL);
    ck_assert_str_eq(text_tail(text, 1), "Interrupted. 2 of 5 cases in 12.3 s: 2 pass\n");
}
END_TEST

START_TEST(human_report_has_colour_and_marks_on_a_terminal) {
    use_locale("C.UTF-8");
    cleanup_free char *text = write_human(sample_pass, true, 100);
    ck_assert(text_starts(text, "\n\033[1mwait-timeout\033[0m: "));
    ck_assert_ptr_nonnull(strstr(text, "\n\033[32m✓ pass\033[0m  \033[1mwait-timeout/query@tcp"));
    ck_assert_ptr_nonnull(strstr(text, "…\033[0m\n"));
}
END_TEST

static bool has_control_character(const char *text) {
    for (; *text; text++)
        if (((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f)
            return true;
    return false;
}

START_TEST(human_report_is_safe_to_look_at) {
    use_locale("C.UTF-8");
    cleanup_free char *utf8 = write_human(sample_hostile, false, 0);
    ck_assert(!has_control_character(utf8));
    ck_assert_ptr_nonnull(
        strstr(utf8, "\\x1b[31m]]></failure>\\r\\n  ...\\n\\x01\\xff\\xfe\\u009b \\u202e # SKIP"));
    ck_assert_ptr_nonnull(
        strstr(utf8, "why       line 1 <&>\n                  line 2 \\x1b[0m\n"));
    use_locale("C");
    cleanup_free char *ascii = write_human(sample_hostile, false, 0);
    for (const char *c = ascii; *c; c++)
        ck_assert_msg((unsigned char)*c < 0x80, "not ASCII: %s", c);
}
END_TEST

static void sample_of_commands(struct sample *sample) {
    sample_wrong_code(sample);
    sample->scenario.name = "::error title=x::pwned";
    judge(sample, VERDICT_BROKEN, -1, "one\n::set-output name=x::y\n  ::add-mask::e\n##[error]z");
    record_add_log(sample->record, "first");
    record_add_log(sample->record, "::warning::second");
}

// To a runner of GitHub Actions a line that begins so is a command, behind blanks too, and one of
// the older form is anywhere in a line.
static void assert_no_command(const char *text) {
    ck_assert_ptr_null(strstr(text, "##["));
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += strspn(line, "\n ");
        ck_assert_msg(!text_starts(line, "::"), "%s", line);
    }
}

START_TEST(human_report_gives_no_command_to_a_pipeline) {
    use_locale("C.UTF-8");
    cleanup_free char *text = write_human(sample_of_commands, false, 0);
    ck_assert_ptr_nonnull(strstr(text, "\n\\x3a:error title=x::pwned: An idle"));
    ck_assert_ptr_nonnull(strstr(text, "  \\x3a:warning::second\n"));
    assert_no_command(text);
}
END_TEST

START_TEST(human_report_tells_a_title_once) {
    use_locale("C");
    cleanup_free char *text = write_report(false, &report_human, sample_pass, sample_skip, NULL);
    const char *title = strstr(text, "wait-timeout: An idle connection is closed\n");
    ck_assert_ptr_nonnull(title);
    ck_assert_ptr_null(strstr(title + 1, "wait-timeout: "));
}
END_TEST

// ---- json, against its schema ------------------------------------------------------------------

// The schema for lines of one type, which gives a better error than "oneOf".
static json_t *question(json_t *schema, const char *line) {
    json_error_t error;
    json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(value != NULL, "%s: %s", error.text, line);
    const char *type = json_string_value(json_object_get(value, "type"));
    return json_pack("{s:{s:s+, s:O}, s:o}", "schema", "$ref", "#/$defs/", type, "$defs",
                     json_object_get(schema, "$defs"), "instance", value);
}

// Asks for each line of `text` whether it fits the schema.
static int ask_of_lines(char *text, struct text *ret_answers) {
    json_auto_t *schema = json_load_file("fixtures/schemas/report.schema.json", 0, NULL);
    json_auto_t *questions = json_array();
    ck_assert_ptr_nonnull(schema);
    validator_forbid_other_keys(schema);
    for (char *line; (line = strsep(&text, "\n")) && *line;)
        json_array_append_new(questions, question(schema, line));
    validator_ask(questions, ret_answers);
    return (int)json_array_size(questions);
}

START_TEST(json_report_fits_its_schema) {
    cleanup_text struct text answers = {0};
    cleanup_free char *text =
        write_report(false, &report_json, sample_pass, sample_noted, sample_wrong_code, sample_hang,
                     sample_broken, sample_skip, sample_crash, sample_hostile, sample_flaky,
                     sample_unstable, NULL);
    ck_assert_int_eq(ask_of_lines(text, &answers), 12);
    ck_assert_str_eq(text_get(&answers), "valid\nvalid\nvalid\nvalid\nvalid\nvalid\nvalid\n"
                                         "valid\nvalid\nvalid\nvalid\nvalid\n");
}
END_TEST

static const struct {
    const char *from, *to, *answer; ///< the answer for the case's line after replacing `from` by
                                    ///< `to`
} spoilings[] = {
    {"\"cause\":", "\"because\":",
     "Additional properties are not allowed ('because' was unexpected)"},
    {"\"verdict\":\"hang\"", "\"verdict\":\"hung\"", "'hung' is not one of "},
    {"\"ms\":4.1", "\"ms\":-4.1", "-4.1 is less than the minimum of 0"},
    {"\"errno\":0", "\"errno\":\"0\"", "'0' is not of type "},
    {"\"actor\":", "\"actress\":", "'actor' is a required property"},
};

static void spoil(const char *line, const char *from, const char *to, struct text *ret_line) {
    const char *at = strstr(line, from), *rest = at + strlen(from);
    ck_assert_ptr_nonnull(at);
    text_printf(ret_line, "%.*s%s%.*s\n", (int)(at - line), line, to, (int)strcspn(rest, "\n"),
                rest);
}

START_TEST(json_report_that_is_spoilt_does_not_fit) {
    cleanup_text struct text answers = {0}, spoilt = {0};
    cleanup_free char *text = write_report(false, &report_json, sample_hang, NULL);
    for (size_t i = 0; i < COUNT_OF(spoilings); i++)
        spoil(strchr(text, '\n') + 1, spoilings[i].from, spoilings[i].to, &spoilt);
    ck_assert_int_eq(ask_of_lines(spoilt.data, &answers), COUNT_OF(spoilings));
    char *rest = answers.data;
    for (size_t i = 0; i < COUNT_OF(spoilings); i++) {
        const char *answer = strsep(&rest, "\n");
        ck_assert_msg(text_starts(answer, "invalid: ") && strstr(answer, spoilings[i].answer), "%s",
                      answer);
    }
}
END_TEST

START_TEST(json_schema_has_the_words_of_the_code) {
    json_auto_t *root = json_load_file("fixtures/schemas/report.schema.json", 0, NULL);
    json_t *definitions = json_object_get(root, "$defs");
    const json_t *verdicts = json_object_get(json_object_get(definitions, "verdict"), "enum");
    const json_t *summary = json_object_get(json_object_get(definitions, "summary"), "properties");
    ck_assert_uint_eq(json_array_size(verdicts), VERDICT_COUNT);
    for (int i = 0; i < VERDICT_COUNT; i++) {
        ck_assert_str_eq(json_string_value(json_array_get(verdicts, (size_t)i)), verdict_names[i]);
        ck_assert_ptr_nonnull(json_object_get(summary, verdict_names[i]));
    }
}
END_TEST

START_TEST(json_case_is_this_line) {
    cleanup_sample struct sample sample;
    sample_hang(&sample);
    sample.result.repeat = 2;
    sample.expectations[0].within = (struct bounds){900, 2000};
    json_auto_t *json = report_case_json(&sample.result);
    cleanup_free char *line = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
    ck_assert_str_eq(
        line,
        "{\"type\":\"case\",\"id\":\"wait-timeout/query@tcp\","
        "\"scenario\":\"wait-timeout\",\"variant\":\"query\",\"transport\":\"tcp\","
        "\"server\":{\"name\":\"mysql-9.7\",\"vendor\":\"mysql\",\"version\":\"9.7.4\","
        "\"package\":\"mysql-server-core 9.7.4-2\",\"measured\":\"9.7.4-1\"},"
        "\"connector\":{\"name\":\"libmysqlclient\",\"version\":\"9.7.3\","
        "\"family\":\"libmysqlclient\"},"
        "\"verdict\":\"hang\",\"why\":\"first: expected 2013 CR_SERVER_LOST,"
        " saw hang\",\"ms\":1712.3,\"boot_ms\":0.0,\"faults\":[{\"id\":\"drop\","
        "\"kind\":\"drop\",\"mechanism\":\"iptables\",\"fired\":4}],"
        "\"evidence\":{\"Aborted_clients\":null,\"Aborted_connects\":null,"
        "\"uptime_reset\":null,\"log\":[]},\"steps\":[{\"n\":1,\"id\":null,"
        "\"actor\":\"app\",\"do\":\"connect\",\"outcome\":\"ok\",\"errno\":0,"
        "\"sqlstate\":null,\"message\":null,\"native\":null,\"thread\":12,"
        "\"thread_before\":null,\"rows\":null,\"affected\":null,\"warnings\":null,"
        "\"ms\":4.1,\"expected\":null},{\"n\":2,\"id\":\"first\",\"actor\":\"app\","
        "\"do\":\"query\",\"outcome\":\"hang\",\"errno\":0,\"sqlstate\":null,"
        "\"message\":null,\"native\":null,\"thread\":null,\"thread_before\":null,"
        "\"rows\":null,\"affected\":null,\"warnings\":null,\"ms\":10000.0,"
        "\"expected\":\"2013\",\"within\":{\"min\":900,\"max\":2000}}],"
        "\"promise\":\"-\",\"judged_by\":\"-\",\"borrowed\":false,\"title\":\"An idle "
        "connection is closed\","
        "\"cause\":\"wait-timeout\",\"file\":\"scenarios/wait-timeout.yaml\","
        "\"path\":\"scenarios/wait-timeout.yaml\",\"decided\":1,"
        "\"imposed_ms\":0,\"control\":false,\"rerun\":\"goneaway run wait-timeout/query@tcp\","
        "\"repeat\":2}");
}
END_TEST

START_TEST(json_case_reads_back_as_its_record) {
    struct err err = {0};
    cleanup_sample struct sample sample;
    sample_wrong_code(&sample);
    json_auto_t *json = report_case_json(&sample.result);
    cleanup_record struct record *record = record_from_json(json, &err);
    ck_assert_msg(record != NULL, "%s", err.what);
    ck_assert_str_eq(record->case_id, "wait-timeout/query@tcp");
    ck_assert_str_eq(record->steps[1].message, sample.record->steps[1].message);
    ck_assert_int_eq(record->steps[1].error, 2013);
    ck_assert_str_eq(record->log[0], sample.record->log[0]);
}
END_TEST

// Nothing on a page leads away from it, and no text from outside is more than text.
START_TEST(page_stands_alone) {
    cleanup_free char *page =
        write_report(false, &report_html, sample_pass, sample_wrong_code, sample_hostile, NULL);
    static const char *const never[] = {"src=",    "href=",  "http:", "https:", "url(",
                                        "@import", "<tags>", "<b>",   "<&>"};
    for (size_t i = 0; i < COUNT_OF(never); i++)
        ck_assert_msg(strstr(page, never[i]) == NULL, "%s is in:\n%s", never[i], page);
    ck_assert(!has_control_character(page));
    ck_assert_ptr_nonnull(strstr(page, "default-src 'none'"));
    ck_assert_ptr_nonnull(strstr(page, "Title # with &quot;quotes&quot; &lt;tags&gt; &amp; \\x01"));
    // only the first that did not pass is open
    const char *open = strstr(page, " open>");
    ck_assert(open && !strstr(open + 1, " open>"));
    ck_assert_ptr_nonnull(strstr(page, "data-verdict=\"wrong-code\" data-trouble=\"1\""));
    htmlDocPtr document = htmlReadMemory(page, (int)strlen(page), NULL, "UTF-8",
                                         HTML_PARSE_NONET | HTML_PARSE_NOERROR);
    ck_assert_ptr_nonnull(document);
    xmlFreeDoc(document);
}
END_TEST

START_TEST(page_shows_who_spoke_with_whom) {
    cleanup_sample struct sample sample;
    sample_wrong_code(&sample);
    record_add_event(sample.record, "app", "server", "COM_QUERY '<b>'")->at_ms = 7.25;
    struct record_event *lost = record_add_event(sample.record, "server", "app", "OK");
    lost->at_ms = 7.5;
    lost->lost = 1;
    cleanup_text struct text out = {0};
    html_add_diagram(&out, &sample.result);
    ck_assert_ptr_nonnull(strstr(text_get(&out), "COM_QUERY &#39;&lt;b&gt;&#39;</text>"));
    ck_assert_ptr_nonnull(strstr(text_get(&out), "class=\"passed\" d=\"M350 "));
    ck_assert_ptr_nonnull(strstr(text_get(&out), "class=\"bad\" d=\"M690 "));
    ck_assert_ptr_nonnull(strstr(text_get(&out), "class=\"call decides\""));
}
END_TEST

START_TEST(timeline_has_all_on_one_clock) {
    struct err err = {0};
    cleanup_sample struct sample sample;
    sample_wrong_code(&sample);
    struct record_event *event = record_add_event(sample.record, "network", "app", "RST");
    event->at_ms = 7.5;
    event = record_add_event(sample.record, "app", "server", "COM_QUERY \x1b[2m");
    event->at_ms = 7.25;
    event->lost = 1;
    sample.record->events_left_out = 3;
    // 7.4 ms later, by the server's log; earlier lines are from its boot
    sample.record->began_at_ms = 1795516775116;
    record_add_log(sample.record, "2026-11-24T10:39:35.123400Z 12 [Note] Aborted connection 12");
    record_add_log(sample.record, "2026-11-24T10:39:34.123400Z 0 [Note] ready");
    record_add_log(sample.record, "2026-11-24 10:39:35 12 [Note] of MariaDB's");
    json_auto_t *json = report_case_json(&sample.result);
    cleanup_record struct record *record = record_from_json(json, &err);
    ck_assert_msg(record != NULL, "%s", err.what);
    sample.result.record = record;
    struct sheet sheet = {0};
    timeline_add(&sheet, sample.result.plan, sample.result.record);
    const char *lost = strstr(text_get(&sheet.text), "7.2 ms  app     -x server  COM_QUERY ");
    const char *reset = strstr(text_get(&sheet.text), "7.5 ms  network -> app  RST\n");
    ck_assert_msg(lost && reset && lost < reset, "%s", text_get(&sheet.text));
    ck_assert_ptr_nonnull(strstr(text_get(&sheet.text), ", lost\n"));
    ck_assert_ptr_nonnull(
        strstr(text_get(&sheet.text), "7.4 ms  server  logs 12 [Note] Aborted connection 12\n"));
    ck_assert_ptr_null(strstr(text_get(&sheet.text), "ready"));
    ck_assert_ptr_null(strstr(text_get(&sheet.text), "MariaDB"));
    ck_assert_ptr_nonnull(strstr(text_get(&sheet.text), "3 more segments are left out"));
    ck_assert_ptr_null(strchr(text_get(&sheet.text), '\x1b'));
    text_release(&sheet.text);
    json_object_set_new(json_array_get(json_object_get(json, "wire"), 1), "to", json_null());
    cleanup_record struct record *bad = record_from_json(json, &err);
    ck_assert_ptr_null(bad);
    ck_assert_str_eq(err.what, "record: wire[1]: from, to or words is missing");
    sample.result.record = sample.record;
}
END_TEST

// MariaDB logs whole seconds, so that the time when a line was seen to be there may say more.
START_TEST(timeline_has_what_was_seen_of_the_server) {
    struct err err = {0};
    cleanup_sample struct sample sample;
    sample_wrong_code(&sample);
    struct record *record = sample.record;
    record_add_event(record, "server", "app", "FIN")->at_ms = 7;
    record->began_at_ms = 1795516775116;
    static const char log[] = "2026-11-24 10:39:35 12 [Warning] early\n"
                              "2026-11-24 10:39:35 12 [Warning] late\n"
                              "which this line continues\n"
                              "2026-11-24 03:39:35 12 [Warning] far west";
    record_set_log(record, log, sizeof log - 1);
    record->log_by_ms = xcalloc(record->log_count, sizeof *record->log_by_ms);
    for (size_t i = 0; i < record->log_count; i++)
        record->log_by_ms[i] = i == 0 ? 8.5 : 2000;
    record->steps[1].asked = json_pack("{s:s}", "sql", "SELECT SLEEP(60)");
    record_add_session(record, 3.5, 12, "Query, User sleep");
    record_add_session(record, 7.5, 12, "gone");
    json_auto_t *json = report_case_json(&sample.result);
    cleanup_record struct record *same = record_from_json(json, &err);
    ck_assert_msg(same != NULL, "%s", err.what);
    struct sheet sheet = {0};
    timeline_add(&sheet, sample.result.plan, same);
    const char *shown = text_get(&sheet.text);
    static const char *const lines[] = {"  app     query SELECT SLEEP(60), first\n",
                                        "    3.5 ms  server  session 12: Query, User sleep\n",
                                        "    7.5 ms  server  session 12: gone\n",
                                        "    8.5 ms  server  has logged 12 [Warning] early\n",
                                        "  884.0 ms  server  has logged 12 [Warning] late\n",
                                        " 2000.0 ms  server  has logged 12 [Warning] far west\n"};
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        ck_assert_msg(strstr(shown, lines[i]) != NULL, "%s is not in\n%s", lines[i], shown);
    ck_assert_ptr_null(strstr(shown, "continues"));
    text_release(&sheet.text);
    json_object_del(json_array_get(json_object_get(json, "sessions"), 1), "words");
    ck_assert_ptr_null(record_from_json(json, &err));
    ck_assert_str_eq(err.what, "record: sessions[1]: words is missing");
}
END_TEST

START_TEST(timeline_says_once_what_passes_over_and_over) {
    cleanup_sample struct sample sample;
    sample_wrong_code(&sample);
    for (int i = 0; i < 9; i++)
        record_add_event(sample.record, i < 8 ? "app" : "server", i < 8 ? "server" : "app",
                         i == 0 ? "COM_QUERY" : "TLS data of 16400 bytes")
            ->at_ms = 100 + i;
    struct sheet sheet = {0};
    timeline_add(&sheet, sample.result.plan, sample.result.record);
    const char *shown = text_get(&sheet.text);
    ck_assert_msg(strstr(shown, " 100.0 ms  app     -> server  COM_QUERY\n"), "%s", shown);
    ck_assert_msg(strstr(shown, " 101.0 ms  app     -> server  TLS data of 16400 bytes, 7 times "
                                "until 107.0 ms\n"),
                  "%s", shown);
    ck_assert_msg(strstr(shown, " 108.0 ms  server  -> app  TLS data of 16400 bytes\n"), "%s",
                  shown);
    text_release(&sheet.text);
}
END_TEST

// For a case that did not pass; the rest is shown on request.
START_TEST(timeline_is_shown_around_the_step_that_decided) {
    cleanup_sample struct sample sample;
    sample_wrong_code(&sample);
    size_t step = sample.record->step_count - 1;
    sample.record->steps[step].at_ms = 50;
    sample.record->steps[step].end_ms = 51;
    struct sheet sheet = {0};
    timeline_add_around(&sheet, sample.result.plan, sample.record, (int)step, "--timeline shows");
    ck_assert_str_eq(text_get(&sheet.text), ""); // nothing was captured
    for (int i = 0; i < 40; i++) {
        cleanup_free char *words = xprintf("packet %d", i);
        record_add_event(sample.record, "app", "server", words)->at_ms = i < 30 ? i : 60 + i;
    }
    timeline_add_around(&sheet, sample.result.plan, sample.record, (int)step, "--timeline shows");
    const char *shown = text_get(&sheet.text);
    ck_assert_msg(strstr(shown, "timeline ") == shown, "%s", shown);
    ck_assert(strstr(shown, "packet 29\n") && strstr(shown, "packet 33\n"));
    ck_assert(!strstr(shown, "packet 9\n") && !strstr(shown, "packet 34\n"));
    ck_assert_ptr_nonnull(strstr(shown, " more lines, which --timeline shows\n"));
    text_release(&sheet.text);
}
END_TEST

static sample_maker *const makers[] = {sample_pass,    sample_wrong_code, sample_hang,
                                       sample_broken,  sample_skip,       sample_crash,
                                       sample_hostile, sample_noted};

START_TEST(json_case_can_be_reported_again) {
    struct err err = {0};
    cleanup_sample struct sample sample;
    cleanup_saved struct saved saved = {0};
    makers[_i](&sample);
    sample.result.path = "x.yml";
    sample.expectations[0].within.max_ms = 2000;
    json_auto_t *json = report_case_json(&sample.result);
    ck_assert_msg(saved_read(&saved, json, &err) == 0, "%s", err.what);
    json_auto_t *again = report_case_json(&saved.result);
    cleanup_free char *one = json_dumps(json, 0), *other = json_dumps(again, 0);
    ck_assert_str_eq(one, other);
}
END_TEST

// ---- TAP ---------------------------------------------------------------------------------------

START_TEST(tap_report_is_this) {
    cleanup_free char *text =
        write_report(false, &report_tap, sample_pass, sample_hang, sample_skip, NULL);
    ck_assert_str_eq(
        text,
        "TAP version 14\n" SERVERS_COMMENT
        "ok 1 - wait-timeout/query@tcp mysql-9.7 libmysqlclient\n"
        "not ok 2 - wait-timeout/query@tcp mysql-9.7 libmysqlclient\n"
        "  ---\n"
        "  verdict: \"hang\"\n"
        "  title: \"An idle connection is closed\"\n"
        "  why: \"first: expected 2013 CR_SERVER_LOST, saw hang\"\n"
        "  ms: 1712.3\n"
        "  server: {\"name\": \"mysql-9.7\", \"vendor\": \"mysql\", \"version\": \"9.7.4\", "
        "\"package\": \"mysql-server-core 9.7.4-2\", \"measured\": \"9.7.4-1\"}\n"
        "  connector: {\"name\": \"libmysqlclient\", \"version\": \"9.7.3\", "
        "\"family\": \"libmysqlclient\"}\n"
        "  rerun: \"goneaway run wait-timeout/query@tcp\"\n"
        "  steps:\n"
        "    - {\"n\": 1, \"actor\": \"app\", \"do\": \"connect\", \"outcome\": \"ok\", "
        "\"errno\": 0, \"thread\": 12, \"ms\": 4.1}\n"
        "    - {\"n\": 2, \"id\": \"first\", \"actor\": \"app\", \"do\": \"query\", "
        "\"outcome\": \"hang\", \"errno\": 0, \"ms\": 10000.0, \"expected\": \"2013\"}\n"
        "  faults:\n"
        "    - {\"id\": \"drop\", \"kind\": \"drop\", \"mechanism\": \"iptables\", \"fired\": "
        "4}\n"
        "  evidence: {\"log\": []}\n"
        "  ...\n"
        "ok 3 - wait-timeout/query@tcp mysql-9.7 libmysqlclient # SKIP lacks sch_netem: "
        "install user-mode-linux\n"
        "1..3\n");
}
END_TEST

START_TEST(tap_report_cannot_be_misled) {
    cleanup_free char *text = write_report(false, &report_tap, sample_hostile, NULL);
    ck_assert(text_starts(text, "TAP version 14\n" SERVERS_COMMENT
                                "not ok 1 - wait-timeout/query@tcp skip-server "
                                "libmysqlclient\n  ---\n"));
    ck_assert_ptr_nonnull(strstr(text, "\n  ...\n1..1\n"));
    ck_assert_ptr_null(strstr(text, "\x1b"));
}
END_TEST

START_TEST(tap_report_gives_no_command_to_a_pipeline) {
    cleanup_free char *text = write_report(false, &report_tap, sample_of_commands, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\\n\\u0023#[error]z\"\n"));
    assert_no_command(text);
}
END_TEST

// They are read on terminals too, where U+009B starts a command and U+202E reverses text.
START_TEST(reports_for_programs_are_harmless) {
    static const struct report_format *const formats[] = {&report_tap, &report_json, &report_junit,
                                                          &report_markdown, &report_github};
    static const char *const harmful[] = {"\x1b", "\a", "\xc2\x9b", "\xe2\x80\xae"};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        cleanup_free char *text =
            write_report(false, formats[i], sample_hostile, sample_noted, NULL);
        for (size_t k = 0; k < COUNT_OF(harmful); k++)
            ck_assert_msg(!strstr(text, harmful[k]), "%s report: %s", formats[i]->name, text);
    }
}
END_TEST

START_TEST(notes_are_shown) {
    static const struct {
        const struct report_format *format;
        const char *parts[4];
    } wanted[] = {
        {&report_human,
         {"1.7 s  borrowed\n", "\n        violates the \\x1b[31m\\u009bpromise | <b>\n",
          "Violations of the promise that a baseline records: 1; with --strict",
          ": expectations of 1 case borrowed from mysql-5.6 5.6.24 with c 1.0\n"}},
        {&report_json,
         {"\"judged_by\":\"baseline\",\"borrowed\":true,\"lender\":\"mysql-5.6 5.6.24 with c "
          "1.0\",",
          "\"tolerated\":true",
          "\"tolerated\":1,\"borrowed\":1,\"loans\":[{\"server\":\"mysql-9.7 ",
          "\"lender\":\"mysql-5.6 5.6.24 with c 1.0\",\"cases\":1}]"}},
        {&report_junit,
         {"name=\"judged_by\" value=\"baseline\"", "name=\"borrowed\" value=\"true\"",
          "name=\"note\" value=\"violates the"}},
        {&report_markdown,
         {"#### With a note", "promise &#124; &#60;b&#62; |\n",
          "1 judged by the outcomes of another version (borrowed)."}},
        {&report_html, {"<span class=\"why\">violates the ", "<p class=\"why\">violates the "}},
    };
    use_locale("C");
    cleanup_free char *text = write_report(false, wanted[_i].format, sample_noted, NULL);
    for (size_t k = 0; k < COUNT_OF(wanted[_i].parts) && wanted[_i].parts[k]; k++)
        ck_assert_msg(strstr(text, wanted[_i].parts[k]) != NULL, "no %s in:\n%s",
                      wanted[_i].parts[k], text);
}
END_TEST

// A stranger's name may be long, and is cut between two characters.
static const struct {
    const struct report_format *format;
    const char *words[3];
} attempt_rows[] = {
    {&report_human,
     {"Flaky (as expected when run again):\n", "flaky: attempt 1 of 2 was broken: the ",
      ", 1 of them flaky\n"}},
    {&report_human,
     {"Unstable (other codes when run again):\n",
      "unstable: attempt 1 of 2 was wrong-code: first: expected 4031, saw 2006", ""}},
    {&report_json, {"\"flaky\":true,\"unstable\":false", "\"flaky\":1", "\"unstable\":1"}},
    {&report_tap, {"\n# flaky: attempt 1 of 2 was broken: the ", "\n# unstable: ", "\nnot ok 2"}},
    {&report_github, {"::warning ", "title=flaky%3A wait-timeout/query@tcp", "was broken: the "}},
};

START_TEST(attempts_are_told) {
    cleanup_free char *text =
        write_report(false, attempt_rows[_i].format, sample_flaky, sample_unstable, NULL);
    for (size_t i = 0; i < COUNT_OF(attempt_rows[_i].words); i++)
        ck_assert_msg(strstr(text, attempt_rows[_i].words[i]) != NULL, "no '%s' in:\n%s",
                      attempt_rows[_i].words[i], text);
}
END_TEST

// Whoever sums up the counts, as .ci/run does, must know about it, quiet or not.
START_TEST(what_is_allowed_is_said) {
    use_locale("C");
    struct report_run run = many_cases(-_i);
    cleanup_free char *text =
        write_run(&run, false, &report_human, (sample_maker *const[]){sample_allowed, NULL});
    ck_assert_msg(strstr(text, " 1 wrong-code\nAllowed: 1 not as expected") != NULL, "%s", text);
}
END_TEST

START_TEST(flaky_and_allowed_cases_are_no_failures) {
    struct report_summary flaky = {.counts[VERDICT_PASS] = 2, .flaky = 1};
    struct report_summary allowed = {.counts[VERDICT_WRONG_CODE] = 1,
                                     .allowed[VERDICT_WRONG_CODE] = 1};
    ck_assert_int_eq(report_exit_status(&flaky, false, false), 0);
    ck_assert_int_eq(report_exit_status(&flaky, false, true), 1);
    ck_assert_int_eq(report_exit_status(&allowed, false, true), 0);
    allowed.counts[VERDICT_WRONG_CODE]++;
    ck_assert_int_eq(report_exit_status(&allowed, false, false), 1);
}
END_TEST

START_TEST(promises_are_counted_by_connector) {
    struct report_summary summary = {0};
    struct sample sample;
    sample_pass(&sample);
    free(sample.record->connector);
    sample.record->connector =
        xstrdup("x12345678901234567890123456789012345678901234567890123456789"
                "01\xc3\xa9\xc3\xa9");
    sample.verdict.promise = PROMISE_KEPT;
    report_count(&summary, &sample.result);
    report_count(&summary, &sample.result);
    ck_assert_int_eq(summary.kept_count, 1);
    ck_assert_int_eq(summary.kept[0].kept, 2);
    ck_assert_str_eq(summary.kept[0].connector,
                     "x1234567890123456789012345678901234567890123456789012345678901");
    sample_release(&sample);
}
END_TEST

START_TEST(strict_asks_for_what_is_only_recorded) {
    struct report_summary summary = {.counts = {[VERDICT_PASS] = 2}, .tolerated = 1};
    ck_assert_int_eq(report_exit_status(&summary, false, false), 0);
    ck_assert_int_eq(report_exit_status(&summary, false, true), 1);
    summary.counts[VERDICT_BROKEN] = 1;
    ck_assert_int_eq(report_exit_status(&summary, false, true), 3);
}
END_TEST

// A long text in one step, a long name in another, and many short steps.
static void sample_wide(struct sample *sample) {
    enum { STEPS = 500, LONG = 50000 };
    cleanup_free char *longest = xprintf("%0*d", LONG, 1);
    sample_wrong_code(sample);
    struct record_step *wide = add_error(sample, "wide", 2013, "");
    free(wide->sqlstate);
    wide->sqlstate = xstrdup(longest);
    add_error(sample, longest, 2006, "");
    for (int i = 0; i < STEPS; i++)
        add_error(sample, "short", 2000 + i, "m");
}

START_TEST(reports_grow_with_what_they_tell) {
    enum { MOST = 1 << 20 };
    cleanup_free char *human = write_human(sample_wide, false, 0);
    cleanup_free char *junit = write_report(false, &report_junit, sample_wide, NULL);
    cleanup_free char *tap = write_report(false, &report_tap, sample_wide, NULL);
    ck_assert_uint_lt(strlen(human), MOST);
    ck_assert_uint_lt(strlen(junit), MOST);
    ck_assert_uint_lt(strlen(tap), MOST);
}
END_TEST

START_TEST(tap_report_bails_out_when_interrupted) {
    cleanup_free char *text = write_report(true, &report_tap, sample_pass, NULL);
    ck_assert_str_eq(text_tail(text, 1), "Bail out! Interrupted after 1 of 5 cases\n");
    ck_assert_ptr_null(strstr(text, "\n1.."));
}
END_TEST

START_TEST(tap_report_of_nothing_has_an_empty_plan) {
    cleanup_free char *text = write_report(false, &report_tap, NULL);
    ck_assert_str_eq(text, "TAP version 14\n" SERVERS_COMMENT "1..0 # SKIP no case ran\n");
}
END_TEST

// ---- Markdown and GitHub's annotations ---------------------------------------------------------

START_TEST(markdown_report_is_this) {
    cleanup_free char *text = write_report(false, &report_markdown, sample_pass, sample_wrong_code,
                                           sample_skip, sample_skip, NULL);
    ck_assert_str_eq(
        text,
        "### goneaway: 1 of 4 cases not as expected\n"
        "\n"
        "| pass | wrong-code | skip |\n"
        "|---:|---:|---:|\n"
        "| 1 | 1 | 2 |\n"
        "\n"
        "| over tcp | libmysqlclient 9.7.3<br>mysql-9.7 |\n"
        "|---|---|\n"
        "| wait-timeout/query | 2013, 4031 ≠ &#126; |\n"
        "\n"
        "≠ not what was expected; &#126; differs from one repetition to the next.\n"
        "\n"
        "goneaway 1.0, 6.1.0 on x86_64, in 12.3 s\n"
        "\n"
        "- mysql-9.7: mysql-server-core 9.7.4-2; its outcomes were measured with 9.7.4-1\n"
        "- home-made: 9.8.0\n"
        "\n"
        "#### Not as expected\n"
        "\n"
        "| case | server | connector | verdict | what was expected and seen |\n"
        "|---|---|---|---|---|\n"
        "| wait-timeout/query&#64;tcp | mysql-9.7 9.7.4 | libmysqlclient 9.7.3 | wrong-code | "
        "first: expected 4031 ER_CLIENT_INTERACTION_TIMEOUT, saw 2013 CR_SERVER_LOST<br>"
        "Lost connection to MySQL server during query |\n"
        "\n"
        "<details><summary>To run them again</summary>\n"
        "\n"
        "<pre>\n"
        "goneaway run wait-timeout/query@tcp\n"
        "</pre>\n"
        "\n"
        "</details>\n"
        "\n"
        "#### Skipped\n"
        "\n"
        "| cases | why |\n"
        "|---:|---|\n"
        "| 2 | lacks sch_netem: install user-mode-linux |\n"
        "\n");
}
END_TEST

START_TEST(svg_report_is_the_matrix) {
    cleanup_free char *text =
        write_report(false, &report_svg, sample_pass, sample_wrong_code, NULL);
    cleanup_free char *plain = write_report(false, &report_svg, NULL);
    ck_assert_ptr_nonnull(strstr(plain, "</svg>\n"));
    ck_assert_ptr_nonnull(strstr(text, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""));
    ck_assert_ptr_nonnull(strstr(text, "<tspan class=\"c1\">libmysqlclient 9.7.3</tspan>"));
    ck_assert_ptr_nonnull(strstr(text, "wait-timeout/query"));
    ck_assert_ptr_nonnull(strstr(text, "prefers-color-scheme: dark"));
    ck_assert_msg(!strchr(text, '\033'), "%s", text);
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL, XML_PARSE_NONET);
    ck_assert_ptr_nonnull(doc);
    xmlFreeDoc(doc);
}
END_TEST

static void sample_markup(struct sample *sample) {
    sample_init(sample, "x|y/<img src=x>@tcp", "s](javascript:x)");
    expect(sample, "first", "ok");
    add_error(sample, "first", 1,
              "| a | b |\n\n```\n<script> ![x](http://x) www.x.y @me a@b.c #1 $x$");
    judge(sample, VERDICT_FAIL, 0, "</pre></details> **bold** :smile: `code` &lt; \\| ~~x~~");
    sample->result.rerun = "goneaway run '</pre><b>' '``` $(x)'";
}

START_TEST(markdown_stays_in_its_cell) {
    cleanup_free char *text = write_report(false, &report_markdown, sample_markup, NULL);
    static const char *const harmful[] = {"<img",   "<script", "**",    "](",       "```\n",
                                          ":smile", "http:/",  "www.x", " &#64;me", "a&#64;b",
                                          " @me",   " #1",     "&lt;",  "~~",       "$x"};
    char *row = strstr(text, "| x&#124;y/");
    ck_assert_ptr_nonnull(row);
    row[strcspn(row, "\n")] = '\0';
    for (size_t i = 0; i < COUNT_OF(harmful); i++)
        ck_assert_msg(!strstr(row, harmful[i]), "%s in %s", harmful[i], row);
    int bars = 0;
    for (const char *at = row; *at; at++)
        bars += *at == '|';
    ck_assert_int_eq(bars, 6);
    const char *pre = strstr(row + strlen(row) + 1, "<pre>\n");
    ck_assert_ptr_nonnull(pre);
    ck_assert(
        text_starts(pre, "<pre>\ngoneaway run '&#60;/pre&#62;&#60;b&#62;' '``` $(x)'\n</pre>"));
}
END_TEST

// A run with many failures and long texts; GitHub refuses more than 1 MiB.
START_TEST(markdown_report_is_bounded) {
    enum { MANY = 20000, GITHUB_MOST = 1 << 20 };
    char *written = NULL;
    size_t length;
    FILE *file = open_memstream(&written, &length);
    void *state = report_markdown.open(file, false, 0);
    struct report_summary summary = {.counts = {[VERDICT_FAIL] = MANY}};
    report_markdown.begin(state, &one_run);
    for (int i = 0; i < MANY; i++) {
        cleanup_sample struct sample sample;
        sample_markup(&sample);
        free(sample.verdict.why);
        sample.verdict.why = xprintf("%05000d", i);
        report_markdown.add_case(state, &sample.result);
    }
    report_markdown.end(state, &summary);
    report_markdown.close(state);
    fclose(file);
    ck_assert_uint_lt(length, GITHUB_MOST);
    ck_assert_ptr_nonnull(strstr(written, " more, for which there is no room here.\n"));
    free(written);
}
END_TEST

static void sample_command(struct sample *sample) {
    sample_wrong_code(sample);
    judge(sample, VERDICT_WRONG_CODE, 1, "100%\n::add-mask::x\r\n##[error]");
    sample->scenario.file = "a:b,c.yml";
}

START_TEST(github_report_is_this) {
    cleanup_free char *text = write_report(false, &report_github, sample_pass, sample_wrong_code,
                                           sample_command, sample_skip, NULL);
    ck_assert_str_eq(
        text,
        "::error file=scenarios/wait-timeout.yaml,title=wrong-code%3A wait-timeout/query@tcp "
        "(mysql-9.7%2C libmysqlclient)::first: expected 4031 ER_CLIENT_INTERACTION_TIMEOUT, saw "
        "2013 CR_SERVER_LOST%0Arun again: goneaway run wait-timeout/query@tcp\n"
        "::error file=a%3Ab%2Cc.yml,title=wrong-code%3A wait-timeout/query@tcp (mysql-9.7%2C "
        "libmysqlclient)::100%25%0A::add-mask::x\\r%0A##[error]%0Arun again: goneaway run "
        "wait-timeout/query@tcp\n"
        "::warning title=goneaway::1 of 4 cases were skipped\n");
}
END_TEST

// A runner shows at most ten errors per step.
START_TEST(github_report_ends_after_ten) {
    static const struct {
        sample_maker *makers[13];
        const char *last;
    } runs[] = {
        {{sample_hang, sample_hang, sample_hang, sample_hang, sample_hang, sample_hang, sample_hang,
          sample_hang, sample_hang, sample_broken},
         "::error file=scenarios/wait-timeout.yaml,title=broken%3A "},
        {{sample_hang, sample_hang, sample_hang, sample_hang, sample_hang, sample_hang, sample_hang,
          sample_hang, sample_hang, sample_broken, sample_hang},
         "::error title=goneaway::and 2 more cases are not as expected\n"},
    };
    for (size_t i = 0; i < COUNT_OF(runs); i++) {
        cleanup_free char *text = write_cases(false, &report_github, runs[i].makers);
        int lines = 0;
        for (const char *at = text; (at = strchr(at, '\n')); at++)
            lines++;
        ck_assert_int_eq(lines, 10);
        ck_assert_msg(text_starts(text_tail(text, 1), runs[i].last), "%s", text_tail(text, 1));
    }
}
END_TEST

// ---- JUnit, against its schema -----------------------------------------------------------------

static void free_schema(xmlSchemaPtr *schema) {
    xmlSchemaFree(*schema);
}

static void assert_valid(xmlDocPtr document) {
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt("fixtures/schemas/junit.xsd");
    __attribute__((cleanup(free_schema))) xmlSchemaPtr schema = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    ck_assert_ptr_nonnull(schema);
    xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
    int status = xmlSchemaValidateDoc(context, document);
    xmlSchemaFreeValidCtxt(context);
    ck_assert_int_eq(status, 0);
}

static xmlDocPtr parse_junit(const char *text) {
    xmlDocPtr document = xmlReadMemory(text, (int)strlen(text), "junit.xml", NULL, XML_PARSE_NONET);
    ck_assert_msg(document != NULL, "%s", text);
    return document;
}

static void assert_attribute(const xmlNode *node, const char *name, const char *value) {
    xmlChar *found = xmlGetProp(node, BAD_CAST name);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq((char *)found, value);
    xmlFree(found);
}

// In the first child, <properties>.
static void assert_property(const xmlNode *node, const char *name, const char *value) {
    xmlNode *item = xmlFirstElementChild(xmlFirstElementChild((xmlNode *)node));
    for (; item; item = xmlNextElementSibling(item)) {
        xmlChar *found = xmlGetProp(item, BAD_CAST "name");
        bool same = strcmp((char *)found, name) == 0;
        xmlFree(found);
        if (same) {
            assert_attribute(item, "value", value);
            return;
        }
    }
    ck_abort_msg("there is no property %s", name);
}

START_TEST(junit_report_fits_its_schema) {
    cleanup_free char *text =
        write_report(false, &report_junit, sample_pass, sample_wrong_code, sample_crash,
                     sample_hang, sample_broken, sample_skip, sample_hostile, NULL);
    xmlDocPtr document = parse_junit(text);
    assert_valid(document);
    const xmlNode *root = xmlDocGetRootElement(document);
    ck_assert_uint_eq(xmlChildElementCount((xmlNode *)root), 3);
    assert_attribute(root, "tests", "7");
    assert_attribute(root, "failures", "4");
    assert_attribute(root, "errors", "1");
    assert_attribute(root, "skipped", "1");
    const xmlNode *suite = xmlFirstElementChild((xmlNode *)root);
    assert_attribute(suite, "name", "mysql-9.7 libmysqlclient");
    assert_attribute(suite, "tests", "5");
    assert_property(suite, "server.version", "9.7.4");
    assert_property(suite, "server.package", "mysql-server-core 9.7.4-2");
    assert_property(suite, "server.measured", "9.7.4-1");
    assert_property(suite, "connector", "libmysqlclient");
    assert_property(suite, "connector.version", "9.7.3");
    assert_property(suite, "host.kernel", "6.1.0");
    const xmlNode *first = xmlNextElementSibling(xmlFirstElementChild((xmlNode *)suite));
    assert_property(first, "transport", "tcp");
    assert_property(first, "verdict", "pass");
    assert_property(xmlNextElementSibling((xmlNode *)first), "verdict", "wrong-code");
    assert_attribute(first, "classname", "goneaway.mysql-9.7.libmysqlclient");
    assert_attribute(first, "name", "wait-timeout/query@tcp");
    assert_attribute(first, "time", "1.7123");
    assert_attribute(first, "file", "scenarios/wait-timeout.yaml");
    xmlFreeDoc(document);
}
END_TEST

static void sample_other_connector(struct sample *sample) {
    sample_pass(sample);
    free(sample->record->connector);
    sample->record->connector = xstrdup("py.mysql");
    sample->result.path = "scenarios/kill/idle.yml";
}

// Histories are kept by class and name. Jenkins and Surefire read these elements for a rerun test.
START_TEST(junit_has_the_attempts) {
    cleanup_free char *text =
        write_report(false, &report_junit, sample_flaky, sample_unstable, NULL);
    xmlDocPtr document = parse_junit(text);
    assert_valid(document);
    assert_attribute(xmlDocGetRootElement(document), "errors", "0");
    assert_attribute(xmlDocGetRootElement(document), "failures", "1");
    xmlFreeDoc(document);
    ck_assert_ptr_nonnull(strstr(text, "<flakyError type=\"broken\" message=\"the "));
    ck_assert_ptr_nonnull(strstr(text, "<rerunFailure type=\"wrong-code\" message=\"first: "));
}
END_TEST

START_TEST(junit_tells_connectors_apart) {
    cleanup_free char *text =
        write_report(false, &report_junit, sample_pass, sample_other_connector, NULL);
    xmlDocPtr document = parse_junit(text);
    assert_valid(document);
    xmlNode *suite = xmlFirstElementChild(xmlDocGetRootElement(document));
    assert_attribute(xmlLastElementChild(suite), "classname", "goneaway.mysql-9.7.libmysqlclient");
    suite = xmlNextElementSibling(suite);
    assert_attribute(xmlLastElementChild(suite), "classname", "goneaway.mysql-9.7.py_mysql");
    assert_attribute(xmlLastElementChild(suite), "file", "scenarios/kill/idle.yml");
    xmlFreeDoc(document);
}
END_TEST

START_TEST(junit_report_of_nothing_is_valid) {
    cleanup_free char *text = write_report(true, &report_junit, NULL);
    xmlDocPtr document = parse_junit(text);
    assert_valid(document);
    assert_attribute(xmlDocGetRootElement(document), "name", "goneaway (interrupted)");
    xmlFreeDoc(document);
}
END_TEST

// ---- files -------------------------------------------------------------------------------------

static void make_folder(void) {
    folder_make("/tmp/goneaway-test", 0700);
}

static void report_one(struct reports *reports) {
    cleanup_sample struct sample sample;
    struct report_summary summary = {.counts = {1}};
    sample_pass(&sample);
    reports_begin(reports, &one_run);
    reports_case(reports, &sample.result);
    reports_end(reports, &summary);
}

START_TEST(report_takes_its_place_when_it_is_complete) {
    struct err err = {0};
    struct reports reports = {0};
    struct stat info;
    cleanup_text struct text old = {0}, new = {0};
    cleanup_free char *path = folder_path("out.tap");
    cleanup_free char *temporary = xprintf("%s.tmp-%d", path, (int)getpid());
    cleanup_free char *argument = xprintf("tap=%s", path);
    ck_assert_int_eq(file_write(path, "old", 3, &err), 0);
    ck_assert_msg(reports_add(&reports, argument, &err) == 0, "%s", err.what);
    ck_assert(!reports_use_stdout(&reports));
    report_one(&reports);
    ck_assert_int_eq(file_read(path, 100, &old, &err), 0);
    ck_assert_str_eq(text_get(&old), "old");
    ck_assert_msg(reports_close(&reports, &err) == 0, "%s", err.what);
    ck_assert(!file_exists(temporary));
    ck_assert_int_eq(file_read(path, 10000, &new, &err), 0);
    ck_assert(text_starts(text_get(&new), "TAP version 14\n" SERVERS_COMMENT "ok 1 - "));
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0400, 0400);
}
END_TEST

START_TEST(report_that_was_not_ended_leaves_nothing) {
    struct err err = {0};
    struct reports reports = {0};
    cleanup_free char *path = folder_path("out.json");
    cleanup_free char *argument = xprintf("json=%s", path);
    ck_assert_int_eq(reports_add(&reports, argument, &err), 0);
    reports_begin(&reports, &one_run);
    ck_assert_int_eq(reports_close(&reports, &err), 0);
    ck_assert(!file_exists(path));
    ck_assert_int_eq(rmdir(test_folder), 0);
}
END_TEST

START_TEST(report_replaces_the_file_behind_a_link) {
    struct err err = {0};
    struct reports reports = {0};
    struct stat info;
    cleanup_free char *path = folder_path("real");
    cleanup_free char *link = folder_path("link");
    cleanup_free char *argument = xprintf("junit=%s", link);
    ck_assert_int_eq(file_write(path, "", 0, &err), 0);
    ck_assert_int_eq(symlink("real", link), 0);
    ck_assert_int_eq(reports_add(&reports, argument, &err), 0);
    report_one(&reports);
    ck_assert_int_eq(reports_close(&reports, &err), 0);
    ck_assert_int_eq(lstat(link, &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_gt(info.st_size, 100);
}
END_TEST

START_TEST(full_disk_shows_at_the_end) {
    struct err err = {0};
    struct reports reports = {0};
    ck_assert_int_eq(reports_add(&reports, "json=/dev/full", &err), 0);
    report_one(&reports);
    ck_assert_int_eq(reports_close(&reports, &err), -1);
    ck_assert_str_eq(err.what, "cannot write the json report /dev/full: No space left on device");
    ck_assert_str_eq(err.remedy, "free some space on that disk");
    ck_assert_int_eq(err.kind, ERR_MACHINE);
}
END_TEST

static const struct {
    const char *argument, *message, *remedy;
} refused[] = {
    {"junti=x.xml",
     "there is no report format 'junti'; choose from human, tap, json, junit, markdown, html, svg "
     "and github",
     "did you mean junit?"},
    {"pdf",
     "there is no report format 'pdf'; choose from human, tap, json, junit, markdown, html, svg "
     "and github",
     ""},
    {"tap=", "'tap=' lacks the name of a file", ""},
    {"tap=/no/where/x.tap",
     "cannot create the tap report /no/where/x.tap: No such file or directory",
     "make its folder first, or name a file in one that exists"},
    {"tap=/tmp", "cannot create the tap report /tmp: Is a directory", "name a file in that folder"},
    {"junit", "--report junit lacks a file, and the report would come only at the end",
     "write --report junit=report.xml, or junit=- if it is to be all of the output"},
    {"markdown", "--report markdown lacks a file, and the report would come only at the end",
     "write --report markdown=summary.md, or markdown=- if it is to be all of the output"},
    {"out/report.xml",
     "there is no report format 'out/report.xml'; choose from human, tap, json, junit, markdown, "
     "html, svg and github",
     "did you mean junit=out/report.xml?"},
    {"json", "two reports cannot share standard output: tap and json", ""},
};

START_TEST(wrong_arguments_are_refused) {
    struct err err = {0};
    struct reports reports = {0};
    ck_assert_int_eq(reports_add(&reports, "tap=-", &err), 0);
    ck_assert(reports_use_stdout(&reports));
    ck_assert_int_eq(reports_add(&reports, refused[_i].argument, &err), -1);
    ck_assert_str_eq(err.what, refused[_i].message);
    ck_assert_str_eq(err.remedy, refused[_i].remedy);
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_int_eq(reports_close(&reports, &err), 0);
}
END_TEST

static TCase *human_tests(void) {
    TCase *tests = tcase_create("human");
    tcase_add_loop_test(tests, human_report_reads_like_this, 0, (int)COUNT_OF(golden));
    tcase_add_test(tests, human_report_sums_up);
    tcase_add_test(tests, human_report_of_many_cases_is_short);
    tcase_add_test(tests, human_report_of_saved_cases_has_no_alarms);
    tcase_add_test(tests, human_report_is_quiet);
    tcase_add_test(tests, human_report_is_verbose);
    tcase_add_test(tests, human_report_fits_its_terminal);
    tcase_add_test(tests, human_report_says_that_it_was_interrupted);
    tcase_add_test(tests, human_report_has_colour_and_marks_on_a_terminal);
    tcase_add_test(tests, human_report_is_safe_to_look_at);
    tcase_add_test(tests, human_report_gives_no_command_to_a_pipeline);
    tcase_add_test(tests, human_report_tells_a_title_once);
    return tests;
}

static TCase *schema_tests(void) {
    TCase *tests = tcase_create("schema");
    tcase_set_timeout(tests, 120); // a Python validator, on a busy machine
    tcase_add_test(tests, json_report_fits_its_schema);
    tcase_add_test(tests, json_report_that_is_spoilt_does_not_fit);
    return tests;
}

static TCase *program_tests(void) {
    TCase *tests = tcase_create("programs");
    tcase_add_test(tests, json_schema_has_the_words_of_the_code);
    tcase_add_test(tests, json_case_is_this_line);
    tcase_add_test(tests, json_case_reads_back_as_its_record);
    tcase_add_test(tests, timeline_has_all_on_one_clock);
    tcase_add_test(tests, timeline_has_what_was_seen_of_the_server);
    tcase_add_test(tests, timeline_says_once_what_passes_over_and_over);
    tcase_add_test(tests, timeline_is_shown_around_the_step_that_decided);
    tcase_add_test(tests, page_stands_alone);
    tcase_add_test(tests, page_shows_who_spoke_with_whom);
    tcase_add_loop_test(tests, json_case_can_be_reported_again, 0, (int)COUNT_OF(makers));
    tcase_add_test(tests, tap_report_is_this);
    tcase_add_test(tests, tap_report_cannot_be_misled);
    tcase_add_test(tests, tap_report_gives_no_command_to_a_pipeline);
    tcase_add_test(tests, tap_report_bails_out_when_interrupted);
    tcase_add_test(tests, reports_for_programs_are_harmless);
    tcase_add_loop_test(tests, notes_are_shown, 0, 5);
    tcase_add_test(tests, strict_asks_for_what_is_only_recorded);
    tcase_add_loop_test(tests, attempts_are_told, 0, (int)COUNT_OF(attempt_rows));
    tcase_add_loop_test(tests, what_is_allowed_is_said, 0, 2);
    tcase_add_test(tests, flaky_and_allowed_cases_are_no_failures);
    tcase_add_test(tests, promises_are_counted_by_connector);
    tcase_add_test(tests, reports_grow_with_what_they_tell);
    tcase_add_test(tests, tap_report_of_nothing_has_an_empty_plan);
    tcase_add_test(tests, markdown_report_is_this);
    tcase_add_test(tests, svg_report_is_the_matrix);
    tcase_add_test(tests, markdown_stays_in_its_cell);
    tcase_add_test(tests, markdown_report_is_bounded);
    tcase_add_test(tests, github_report_is_this);
    tcase_add_test(tests, github_report_ends_after_ten);
    tcase_add_test(tests, junit_report_fits_its_schema);
    tcase_add_test(tests, junit_has_the_attempts);
    tcase_add_test(tests, junit_tells_connectors_apart);
    tcase_add_test(tests, junit_report_of_nothing_is_valid);
    return tests;
}

static TCase *file_tests(void) {
    TCase *tests = tcase_create("files");
    tcase_add_checked_fixture(tests, make_folder, folder_remove);
    tcase_add_test(tests, report_takes_its_place_when_it_is_complete);
    tcase_add_test(tests, report_that_was_not_ended_leaves_nothing);
    tcase_add_test(tests, report_replaces_the_file_behind_a_link);
    tcase_add_test(tests, full_disk_shows_at_the_end);
    tcase_add_loop_test(tests, wrong_arguments_are_refused, 0, (int)COUNT_OF(refused));
    return tests;
}

Suite *suite_report(void) {
    Suite *suite = suite_create("report");
    suite_add_tcase(suite, human_tests());
    suite_add_tcase(suite, schema_tests());
    suite_add_tcase(suite, program_tests());
    suite_add_tcase(suite, file_tests());
    return suite;
}
