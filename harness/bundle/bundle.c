// SPDX-License-Identifier: Apache-2.0
// bundle.c - the files of a bundle: writes them for a case, and reads them back
#include "bundle/bundle.h"

#include "base/file.h"
#include "bundle/archive.h"
#include "report/timeline.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>

enum {
    BUNDLE_VERSION = 1,
    SCENARIO_MOST = 1 << 20,
    CASE_MOST = 16 << 20,
    FILE_MOST = 32 << 20,
    ALL_MOST = 64 << 20,
};

// ---- what must not leak ------------------------------------------------------------------------

// Appends a text, with `~` for the path of the home folder.
static void add_without_home(struct text *out, const char *text) {
    const char *home = getenv("HOME");
    size_t length = home ? strlen(home) : 0;
    for (const char *at = text; length > 1 && (at = strstr(text, home)); text = at + length) {
        bool whole = !isalnum((unsigned char)at[length]) && at[length] != '_';
        text_append(out, text, (size_t)(at - text));
        text_add(out, whole ? "~" : home);
    }
    text_add(out, text);
}

static int add_text(struct archive_out *out, const char *name, const char *text, struct err *err) {
    cleanup_text struct text shown = {0};
    add_without_home(&shown, text);
    return archive_add(out, name, text_get(&shown), shown.length, err);
}

// ---- its files ---------------------------------------------------------------------------------

// Paths of this machine mean nothing elsewhere.
static int add_case(struct archive_out *out, const struct bundle_parts *parts, struct err *err) {
    json_auto_t *line = report_case_json(parts->result);
    json_object_del(line, "file");
    json_object_del(line, "rerun");
    const char *path = json_string_value(json_object_get(line, "path"));
    if (path && *path == '/')
        json_object_del(line, "path");
    json_auto_t *all =
        json_pack("{s:i, s:O, s:O}", "bundle", BUNDLE_VERSION, "about", parts->about, "case", line);
    cleanup_free char *text = json_dumps(all, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    return add_text(out, "case.json", text, err);
}

static int add_scenario(struct archive_out *out, const struct bundle_parts *parts,
                        struct err *err) {
    cleanup_text struct text data = {0};
    const char *file = parts->result->plan->scenario->file;
    if (file_read(file, SCENARIO_MOST, &data, err) < 0)
        return -1;
    return archive_add(out, "scenario.yml", text_get(&data), data.length, err);
}

static int add_timeline(struct archive_out *out, const struct bundle_parts *parts,
                        struct err *err) {
    struct sheet sheet = {.utf8 = true};
    timeline_add(&sheet, parts->result->plan, parts->result->record);
    int ret = sheet.text.length ? add_text(out, "timeline.txt", sheet.text.data, err) : 0;
    text_release(&sheet.text);
    return ret;
}

static int add_packets(struct archive_out *out, const json_t *exhibits, const char *name,
                       struct err *err) {
    const char *base64 = json_string_value(json_object_get(exhibits, name));
    size_t length = base64 ? strlen(base64) : 0;
    if (length == 0 || length % 4 != 0)
        return 0;
    cleanup_free char *data = xcalloc(length / 4 + 1, 3);
    int got = EVP_DecodeBlock((unsigned char *)data, (const unsigned char *)base64, (int)length);
    for (size_t i = length; i > 0 && base64[i - 1] == '='; i--)
        got--; // the padding
    return got > 0 ? archive_add(out, name, data, (size_t)got, err) : 0;
}

static const char *cell(const json_t *row, size_t i) {
    const char *text = json_string_value(json_array_get(row, i));
    return text ? text : "";
}

// Variables that reveal this machine's name, or what passwords are made of.
static bool is_private(const char *name) {
    return strcmp(name, "hostname") == 0 || strcasestr(name, "password");
}

// A value of several lines would look like several variables.
static void add_value(struct text *out, const char *value, const char *end) {
    for (const char *at = value; *at; at++)
        text_append(out, *at == '\n' || *at == '\t' ? " " : at, 1);
    text_add(out, end);
}

static int add_variables(struct archive_out *out, const json_t *exhibits, struct err *err) {
    cleanup_text struct text text = {0};
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(exhibits, "variables"), i, row) {
        if (is_private(cell(row, 0)))
            continue;
        add_value(&text, cell(row, 0), "\t");
        add_value(&text, cell(row, 1), "\n");
    }
    return text.length ? add_text(out, "variables.txt", text.data, err) : 0;
}

static const char *value_of(const json_t *rows, const char *name) {
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        if (strcmp(cell(row, 0), name) == 0)
            return cell(row, 1);
    }
    return "";
}

static int add_status(struct archive_out *out, const json_t *exhibits, struct err *err) {
    cleanup_text struct text text = {0};
    const json_t *after = json_object_get(exhibits, "status_after");
    size_t i;
    json_t *row;
    text_add(&text, "# counter, before the first step, after the last\n");
    json_array_foreach(json_object_get(exhibits, "status_before"), i, row) {
        add_value(&text, cell(row, 0), "\t");
        add_value(&text, cell(row, 1), "\t");
        add_value(&text, after ? value_of(after, cell(row, 0)) : "-", "\n");
    }
    return i ? add_text(out, "status.txt", text.data, err) : 0;
}

static int add_log(struct archive_out *out, const struct record *record, struct err *err) {
    cleanup_text struct text text = {0};
    for (size_t i = 0; i < record->log_count; i++)
        text_printf(&text, "%s\n", record->log[i]);
    return text.length ? add_text(out, "error.log", text.data, err) : 0;
}

static int add_adapter(struct archive_out *out, const struct record *record, struct err *err) {
    cleanup_text struct text text = {0};
    const char *transcript = json_string_value(json_object_get(record->exhibits, "transcript"));
    text_add(&text, transcript ? transcript : "");
    for (size_t i = 0; i < record->said_count; i++)
        text_printf(&text, "%s%s on standard error:\n%s\n", text.length ? "\n" : "",
                    record->said[i].actor, record->said[i].text);
    return text.length ? add_text(out, "adapter.txt", text.data, err) : 0;
}

static int add_report(struct archive_out *out, const struct bundle_parts *parts, const char *path,
                      struct err *err) {
    cleanup_text struct text text = {0};
    const char *slash = strrchr(path, '/');
    bundle_add_report(&text, parts, slash ? slash + 1 : path);
    return add_text(out, "REPORT.md", text_get(&text), err);
}

static int add_all(struct archive_out *out, const struct bundle_parts *parts, const char *path,
                   struct err *err) {
    const struct record *record = parts->result->record;
    const json_t *exhibits = record->exhibits;
    return add_report(out, parts, path, err) < 0 || add_case(out, parts, err) < 0 ||
                   add_scenario(out, parts, err) < 0 || add_timeline(out, parts, err) < 0 ||
                   add_packets(out, exhibits, "app.pcap", err) < 0 ||
                   add_packets(out, exhibits, "server.pcap", err) < 0 ||
                   add_variables(out, exhibits, err) < 0 || add_status(out, exhibits, err) < 0 ||
                   add_log(out, record, err) < 0 || add_adapter(out, record, err) < 0
               ? -1
               : 0;
}

// ---- writing -----------------------------------------------------------------------------------

static void add_name(struct text *out, const char *name) {
    for (const char *at = name; at && *at; at++)
        text_append(out, isalnum((unsigned char)*at) || strchr("._", *at) ? at : "-", 1);
}

char *bundle_path(const char *folder, const struct report_case *result) {
    struct text path = {0};
    text_printf(&path, "%s/", folder);
    add_name(&path, result->plan->id);
    text_add(&path, "_");
    add_name(&path, result->record->server);
    text_add(&path, "_");
    add_name(&path, result->record->connector);
    if (result->repeat > 0)
        text_printf(&path, "_%d", result->repeat);
    text_add(&path, ".tar.zst");
    return path.data;
}

int bundle_write(const char *path, const struct bundle_parts *parts, struct err *err) {
    cleanup_text struct text data = {0};
    cleanup_free char *folder = xprintf("%.*s", (int)(strrchr(path, '/') - path), path);
    if (file_make_folders(folder, 0777, err) < 0)
        return -1;
    struct archive_out *out = archive_begin(&data, err);
    if (!out)
        return -1;
    struct err ignored;
    int ret = add_all(out, parts, path, err);
    if (archive_end(out, ret < 0 ? &ignored : err) < 0)
        ret = -1;
    return ret < 0 ? -1 : file_replace(path, text_get(&data), data.length, err);
}

// ---- reading -----------------------------------------------------------------------------------

static int read_case(struct bundle *bundle, const struct text *data, struct err *err) {
    json_error_t error;
    json_auto_t *all = json_loadb(text_get(data), data->length, 0, &error);
    if (!all)
        return err_set(err, "case.json in it: %s", error.text);
    if (json_integer_value(json_object_get(all, "bundle")) != BUNDLE_VERSION)
        return err_set(err,
                       "case.json in it is not of version %d of bundles, which this goneaway "
                       "reads",
                       BUNDLE_VERSION);
    bundle->about = json_incref(json_object_get(all, "about"));
    bundle->line = json_incref(json_object_get(all, "case"));
    return json_is_object(bundle->about) && json_is_object(bundle->line)
               ? 0
               : err_set(err, "case.json in it has no case");
}

static int read_parts(struct bundle *bundle, struct archive_wanted *wanted, struct err *err) {
    for (int i = 0; i < 2; i++)
        if (!wanted[i].found)
            return err_set(err, "it has no %s", wanted[i].name);
    // it may contain a NUL
    size_t length = bundle->scenario_length = wanted[1].data.length;
    bundle->scenario = xcalloc(length + 1, 1);
    memcpy(bundle->scenario, text_get(&wanted[1].data), length);
    return read_case(bundle, &wanted[0].data, err);
}

int bundle_read(struct bundle *bundle, const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    struct archive_wanted wanted[] = {{.name = "case.json", .most = CASE_MOST},
                                      {.name = "scenario.yml", .most = SCENARIO_MOST}};
    *bundle = (struct bundle){0};
    if (file_read(path, FILE_MOST, &data, err) < 0)
        return -1;
    int ret = archive_read_files(text_get(&data), data.length, ALL_MOST, wanted, 2, err) < 0 ||
                      read_parts(bundle, wanted, err) < 0
                  ? err_context(err, "%s is no bundle", path)
                  : 0;
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        text_release(&wanted[i].data);
    return ret;
}

void bundle_release(struct bundle *bundle) {
    json_decref(bundle->about);
    json_decref(bundle->line);
    free(bundle->scenario);
    *bundle = (struct bundle){0};
}
