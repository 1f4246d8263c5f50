// SPDX-License-Identifier: Apache-2.0
// junit.c - the JUnit report, as Jenkins, GitLab and GitHub Actions read it;
// fixtures/schemas/junit.xsd
//
// A suite's counts are attributes of its opening tag, so test cases are kept as text per suite (a
// server and a connector), and the file is written at the end of the run.
#include "report/attempts.h"
#include "report/detail.h"

#include "base/utf8.h"

#include <libxml/xmlwriter.h>
#include <search.h>
#include <string.h>
#include <time.h>

struct suite {
    char *server, *connector;
    // NULL: no case had them
    char *vendor, *server_version, *package, *measured_package, *connector_version;
    int tests, failures, errors, skipped;
    double ms;
    struct text cases;
};

struct junit {
    FILE *file;
    time_t started;
    char *version, *kernel, *machine, *netem; // the run's
    size_t count;
    struct suite **suites; // in order of their first cases
    void *places;          // for tsearch(3): the same, by server and connector
    xmlBufferPtr buffer;   // the case being written by `writer`
    xmlTextWriterPtr writer;
};

// Besides characters that XML 1.0, 2.2, forbids in a document even as references, this excludes
// terminal controls and characters that reverse text.
static bool xml_allows(uint32_t character) {
    return character == '\t' || character == '\n' || character == '\r' ||
           utf8_is_visible(character);
}

static void attribute(xmlTextWriterPtr writer, const char *name, const char *value) {
    cleanup_text struct text allowed = {0};
    utf8_escape(&allowed, value, xml_allows);
    xmlTextWriterWriteAttribute(writer, BAD_CAST name, BAD_CAST text_get(&allowed));
}

static void number(xmlTextWriterPtr writer, const char *name, int value) {
    xmlTextWriterWriteFormatAttribute(writer, BAD_CAST name, "%d", value);
}

static void seconds(xmlTextWriterPtr writer, const char *name, double ms) {
    xmlTextWriterWriteFormatAttribute(writer, BAD_CAST name, "%.4f", ms / 1000);
}

static void body(xmlTextWriterPtr writer, const struct sheet *sheet) {
    cleanup_text struct text allowed = {0};
    utf8_escape(&allowed, text_get(&sheet->text), xml_allows);
    xmlTextWriterWriteString(writer, BAD_CAST text_get(&allowed));
}

static void start(xmlTextWriterPtr writer, const char *element) {
    xmlTextWriterStartElement(writer, BAD_CAST element);
}

static void *junit_open(FILE *file, bool colour, int columns) {
    (void)colour, (void)columns;
    struct junit *junit = xcalloc(1, sizeof *junit);
    junit->file = file;
    junit->buffer = xmlBufferCreate();
    junit->writer = junit->buffer ? xmlNewTextWriterMemory(junit->buffer, 0) : NULL;
    if (!junit->writer)
        out_of_memory();
    xmlTextWriterSetIndent(junit->writer, 1);
    return junit;
}

static void suite_free(struct suite *suite) {
    free(suite->server);
    free(suite->connector);
    free(suite->vendor);
    free(suite->server_version);
    free(suite->package);
    free(suite->measured_package);
    free(suite->connector_version);
    text_release(&suite->cases);
    free(suite);
}

static void keep(void *suite) {
    (void)suite; // `suites` owns it
}

static void junit_close(void *state) {
    struct junit *junit = state;
    tdestroy(junit->places, keep);
    for (size_t i = 0; i < junit->count; i++)
        suite_free(junit->suites[i]);
    xmlFreeTextWriter(junit->writer);
    xmlBufferFree(junit->buffer);
    free(junit->suites);
    free(junit->version);
    free(junit->kernel);
    free(junit->machine);
    free(junit->netem);
    free(junit);
}

static void junit_begin(void *state, const struct report_run *run) {
    struct junit *junit = state;
    junit->started = time(NULL);
    junit->version = xstrdup(run->version);
    junit->kernel = xstrdup(run->kernel);
    junit->machine = xstrdup(run->machine);
    junit->netem = xstrdup(run->netem);
}

static int by_place(const void *a, const void *b) {
    const struct suite *one = a, *other = b;
    int order = strcmp(one->server, other->server);
    return order != 0 ? order : strcmp(one->connector, other->connector);
}

static struct suite *find_suite(struct junit *junit, const char *server, const char *connector) {
    const struct suite wanted = {.server = (char *)server, .connector = (char *)connector};
    struct suite *const *known = tfind(&wanted, &junit->places, by_place);
    if (known)
        return *known;
    struct suite *suite = xcalloc(1, sizeof *suite);
    *suite = (struct suite){.server = xstrdup(server), .connector = xstrdup(connector)};
    junit->suites = xgrow(junit->suites, junit->count, sizeof(struct suite *));
    junit->suites[junit->count++] = suite;
    if (!tsearch(suite, &junit->places, by_place))
        out_of_memory();
    return suite;
}

// A property without a value would say nothing, so it is omitted.
static void property(xmlTextWriterPtr writer, const char *name, const char *value) {
    if (!value || !*value)
        return;
    start(writer, "property");
    attribute(writer, "name", name);
    attribute(writer, "value", value);
    xmlTextWriterEndElement(writer);
}

// Takes the versions from the first case that got that far; a skipped one has none.
static void note_text(char **field, const char *text) {
    if (!*field && text && *text)
        *field = xstrdup(text);
}

static void note_place(struct suite *suite, const struct record *record) {
    note_text(&suite->vendor, record->vendor);
    note_text(&suite->server_version, record->server_version);
    note_text(&suite->package, record->server_package);
    note_text(&suite->measured_package, record->measured_package);
    note_text(&suite->connector_version, record->connector_version);
}

static void write_suite_properties(const struct junit *junit, xmlTextWriterPtr writer,
                                   const struct suite *suite) {
    start(writer, "properties");
    property(writer, "server", suite->server);
    property(writer, "server.vendor", suite->vendor);
    property(writer, "server.version", suite->server_version);
    property(writer, "server.package", suite->package);
    property(writer, "server.measured", suite->measured_package);
    property(writer, "connector", suite->connector);
    property(writer, "connector.version", suite->connector_version);
    property(writer, "goneaway.version", junit->version);
    property(writer, "host.kernel", junit->kernel);
    property(writer, "host.machine", junit->machine);
    property(writer, "host.netem", junit->netem);
    xmlTextWriterEndElement(writer);
}

static void write_case_properties(xmlTextWriterPtr writer, const struct report_case *result) {
    start(writer, "properties");
    property(writer, "scenario", result->plan->scenario->name);
    property(writer, "title", result->plan->scenario->title);
    property(writer, "cause", result->plan->scenario->cause);
    property(writer, "variant", result->plan->variant);
    property(writer, "transport", transport_words[result->plan->transport].name);
    property(writer, "verdict", verdict_names[result->verdict->kind]);
    if (result->verdict->judged_by != JUDGE_NONE)
        property(writer, "judged_by", judge_names[result->verdict->judged_by]);
    if (result->verdict->borrowed)
        property(writer, "borrowed", "true");
    property(writer, "note", result->verdict->note);
    property(writer, "rerun", result->rerun);
    xmlTextWriterEndElement(writer);
}

// "goneaway.mysql-9.7.libmysqlclient": Jenkins takes what follows the last dot as the class.
static void write_class(xmlTextWriterPtr writer, const struct suite *suite) {
    cleanup_free char *connector = xstrdup(suite->connector);
    for (char *dot = connector; (dot = strchr(dot, '.'));)
        *dot++ = '_';
    cleanup_free char *name = xprintf("goneaway.%s.%s", suite->server, connector);
    attribute(writer, "classname", name);
}

// <failure> or <error>: the reason's first line as its message, then all details.
static void write_trouble(xmlTextWriterPtr writer, const char *element,
                          const struct report_case *result) {
    struct sheet sheet = {.utf8 = true};
    const char *why = detail_why(result);
    cleanup_free char *message = xprintf("%.*s", (int)strcspn(why, "\n"), why);
    start(writer, element);
    attribute(writer, "type", verdict_names[result->verdict->kind]);
    attribute(writer, "message", message);
    detail_judgement(&sheet, result);
    detail_evidence(&sheet, result);
    body(writer, &sheet);
    text_release(&sheet.text);
    xmlTextWriterEndElement(writer);
}

// As Surefire writes tests that passed, or failed again, when rerun:
// https://maven.apache.org/surefire/maven-surefire-plugin/examples/rerun-failing-tests.html
static void write_attempts(xmlTextWriterPtr writer, const struct report_case *result) {
    const char *of_failure = attempts_are_flaky(result) ? "flakyFailure" : "rerunFailure";
    const char *of_error = attempts_are_flaky(result) ? "flakyError" : "rerunError";
    for (size_t i = 0; i < json_array_size(result->attempts); i++) {
        const json_t *attempt = json_array_get(result->attempts, i);
        const char *verdict = attempts_verdict(attempt);
        cleanup_free char *message = attempts_why(attempt);
        bool broken = strcmp(verdict, verdict_names[VERDICT_BROKEN]) == 0;
        start(writer, broken ? of_error : of_failure);
        attribute(writer, "type", verdict);
        attribute(writer, "message", message);
        start(writer, "stackTrace");
        cleanup_text struct text why = {0};
        utf8_escape(&why, json_string_value(json_object_get(attempt, "why")), xml_allows);
        xmlTextWriterWriteString(writer, BAD_CAST text_get(&why));
        xmlTextWriterEndElement(writer);
        xmlTextWriterEndElement(writer);
    }
}

static void write_skipped(xmlTextWriterPtr writer, const struct report_case *result) {
    start(writer, "skipped");
    attribute(writer, "message", detail_why(result));
    xmlTextWriterEndElement(writer);
}

static void write_steps(xmlTextWriterPtr writer, const struct report_case *result) {
    struct sheet sheet = {.utf8 = true};
    if (result->record->step_count == 0)
        return;
    start(writer, "system-out");
    detail_steps(&sheet, result);
    body(writer, &sheet);
    text_release(&sheet.text);
    xmlTextWriterEndElement(writer);
}

static void write_verdict(xmlTextWriterPtr writer, struct suite *suite,
                          const struct report_case *result) {
    switch (result->verdict->kind) {
    case VERDICT_PASS:
    case VERDICT_UNMEASURED:
        break;
    case VERDICT_SKIP:
        suite->skipped++;
        write_skipped(writer, result);
        break;
    case VERDICT_BROKEN:
        suite->errors++;
        write_trouble(writer, "error", result);
        break;
    default:
        suite->failures++;
        write_trouble(writer, "failure", result);
    }
}

static void junit_case(void *state, const struct report_case *result) {
    struct junit *junit = state;
    xmlTextWriterPtr writer = junit->writer;
    struct suite *suite = find_suite(junit, detail_server(result), detail_connector(result));
    cleanup_free char *name = result->repeat > 0
                                  ? xprintf("%s #%d", result->plan->id, result->repeat)
                                  : xstrdup(result->plan->id);
    note_place(suite, result->record);
    suite->tests++;
    suite->ms += result->record->ms;
    start(writer, "testcase");
    write_class(writer, suite);
    attribute(writer, "name", name);
    seconds(writer, "time", result->record->ms);
    if (detail_path(result))
        attribute(writer, "file", detail_path(result));
    write_case_properties(writer, result);
    write_verdict(writer, suite, result);
    write_attempts(writer, result);
    write_steps(writer, result);
    xmlTextWriterEndElement(writer);
    xmlTextWriterFlush(writer);
    text_append(&suite->cases, (const char *)xmlBufferContent(junit->buffer),
                (size_t)xmlBufferLength(junit->buffer));
    xmlBufferEmpty(junit->buffer);
}

static void write_counts(xmlTextWriterPtr writer, const struct suite *counts) {
    number(writer, "tests", counts->tests);
    number(writer, "failures", counts->failures);
    number(writer, "errors", counts->errors);
    number(writer, "skipped", counts->skipped);
}

static void write_suite(const struct junit *junit, xmlTextWriterPtr writer,
                        const struct suite *suite) {
    char timestamp[32];
    struct tm utc;
    gmtime_r(&junit->started, &utc);
    strftime(timestamp, sizeof timestamp, "%Y-%m-%dT%H:%M:%S", &utc);
    cleanup_free char *name = xprintf("%s %s", suite->server, suite->connector);
    start(writer, "testsuite");
    attribute(writer, "name", name);
    attribute(writer, "timestamp", timestamp);
    seconds(writer, "time", suite->ms);
    write_counts(writer, suite);
    write_suite_properties(junit, writer, suite);
    xmlTextWriterWriteRaw(writer, BAD_CAST "\n");
    xmlTextWriterWriteRaw(writer, BAD_CAST text_get(&suite->cases));
    xmlTextWriterEndElement(writer);
}

static struct suite total_of(const struct junit *junit) {
    struct suite total = {0};
    for (size_t i = 0; i < junit->count; i++) {
        total.tests += junit->suites[i]->tests;
        total.failures += junit->suites[i]->failures;
        total.errors += junit->suites[i]->errors;
        total.skipped += junit->suites[i]->skipped;
    }
    return total;
}

static void junit_end(void *state, const struct report_summary *summary) {
    struct junit *junit = state;
    struct suite total = total_of(junit);
    xmlBufferPtr document = xmlBufferCreate();
    xmlTextWriterPtr writer = document ? xmlNewTextWriterMemory(document, 0) : NULL;
    if (!writer)
        out_of_memory();
    xmlTextWriterSetIndent(writer, 1);
    xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
    start(writer, "testsuites");
    attribute(writer, "name", summary->interrupted ? "goneaway (interrupted)" : "goneaway");
    seconds(writer, "time", summary->ms);
    write_counts(writer, &total);
    for (size_t i = 0; i < junit->count; i++)
        write_suite(junit, writer, junit->suites[i]);
    xmlTextWriterEndDocument(writer);
    xmlFreeTextWriter(writer);
    fwrite(xmlBufferContent(document), 1, (size_t)xmlBufferLength(document), junit->file);
    xmlBufferFree(document);
}

const struct report_format report_junit = {
    .name = "junit",
    .doc = "JUnit XML for Jenkins, GitLab and GitHub Actions",
    .example = "report.xml",
    .open = junit_open,
    .begin = junit_begin,
    .add_case = junit_case,
    .end = junit_end,
    .close = junit_close,
};
