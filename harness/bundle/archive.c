// SPDX-License-Identifier: Apache-2.0
// archive.c - a .tar.zst in memory, made and read by libarchive
#include "bundle/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <time.h>

struct archive_out {
    struct archive *archive;
    struct text *data;
};

static int fail(struct archive *archive, const char *what, struct err *err) {
    const char *why = archive_error_string(archive);
    return err_set(err, "%s: %s", what, why ? why : "libarchive does not say why");
}

// ---- writing -----------------------------------------------------------------------------------

static la_ssize_t take(struct archive *archive, void *context, const void *data, size_t length) {
    (void)archive;
    text_append(context, data, length);
    return (la_ssize_t)length;
}

struct archive_out *archive_begin(struct text *data, struct err *err) {
    struct archive *archive = xgot(archive_write_new());
    if (archive_write_set_format_pax_restricted(archive) != ARCHIVE_OK ||
        archive_write_add_filter_zstd(archive) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK || // tar rejects padding
        archive_write_open(archive, data, NULL, take, NULL) != ARCHIVE_OK) {
        fail(archive, "begin an archive", err);
        archive_write_free(archive);
        return NULL;
    }
    struct archive_out *out = xcalloc(1, sizeof *out);
    *out = (struct archive_out){archive, data};
    return out;
}

int archive_add(struct archive_out *out, const char *name, const char *data, size_t length,
                struct err *err) {
    struct archive_entry *entry = xgot(archive_entry_new());
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)length);
    archive_entry_set_mtime(entry, time(NULL), 0);
    int ret = archive_write_header(out->archive, entry) == ARCHIVE_OK &&
                      archive_write_data(out->archive, data, length) == (la_ssize_t)length
                  ? 0
                  : fail(out->archive, name, err);
    archive_entry_free(entry);
    return ret;
}

int archive_end(struct archive_out *out, struct err *err) {
    int ret = archive_write_close(out->archive) == ARCHIVE_OK
                  ? 0
                  : fail(out->archive, "end an archive", err);
    archive_write_free(out->archive);
    free(out);
    return ret;
}

// ---- reading -----------------------------------------------------------------------------------

/** How many more bytes it may unpack to. */
struct budget {
    size_t left, most;
};

static struct archive_wanted *find(struct archive_wanted *wanted, size_t count, const char *name) {
    for (size_t i = 0; name && i < count; i++)
        if (strcmp(wanted[i].name, name) == 0)
            return &wanted[i];
    return NULL;
}

// All of an entry's data counts, whether it is wanted or not.
static int read_entry(struct archive *archive, struct archive_wanted *wanted, struct budget *budget,
                      struct err *err) {
    char buffer[1 << 16];
    la_ssize_t got;
    while ((got = archive_read_data(archive, buffer, sizeof buffer)) > 0) {
        if ((size_t)got > budget->left)
            return err_set(err, "it unpacks to more than %zu MiB", budget->most >> 20);
        budget->left -= (size_t)got;
        if (wanted && wanted->data.length + (size_t)got > wanted->most)
            return err_set(err, "%s in it has more than %zu KiB", wanted->name, wanted->most >> 10);
        if (wanted)
            text_append(&wanted->data, buffer, (size_t)got);
    }
    return got < 0 ? fail(archive, "unpack it", err) : 0;
}

static int read_all(struct archive *archive, struct archive_wanted *wanted, size_t count,
                    struct budget *budget, struct err *err) {
    enum { MOST_ENTRIES = 256 };
    for (int entries = 0;; entries++) {
        struct archive_entry *entry;
        int ret = archive_read_next_header(archive, &entry);
        if (ret == ARCHIVE_EOF)
            return 0;
        if (ret < ARCHIVE_WARN)
            return fail(archive, "unpack it", err);
        if (entries == MOST_ENTRIES)
            return err_set(err, "it has more than %d files", MOST_ENTRIES);
        struct archive_wanted *one = find(wanted, count, archive_entry_pathname(entry));
        if (one && (one->found || archive_entry_filetype(entry) != AE_IFREG))
            return err_set(err, "%s in it is there twice, or no regular file", one->name);
        if (one)
            one->found = true;
        if (read_entry(archive, one, budget, err) < 0)
            return -1;
    }
}

int archive_read_files(const char *data, size_t length, size_t most, struct archive_wanted *wanted,
                       size_t count, struct err *err) {
    struct archive *archive = xgot(archive_read_new());
    struct budget budget = {most, most};
    int ret = archive_read_support_format_tar(archive) == ARCHIVE_OK &&
                      archive_read_support_filter_zstd(archive) == ARCHIVE_OK &&
                      archive_read_open_memory(archive, data, length) == ARCHIVE_OK
                  ? read_all(archive, wanted, count, &budget, err)
                  : fail(archive, "it is no .tar.zst", err);
    archive_read_free(archive);
    return ret;
}
