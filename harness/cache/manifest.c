// SPDX-License-Identifier: Apache-2.0
// manifest.c - lists the content of a cache entry, and checks whether it is still complete
#include "cache/manifest.h"

#include "base/file.h"
#include "base/text.h"
#include "cache/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NAME "manifest"
#define HEADER "goneaway-manifest 1\nwith "

enum { END_LENGTH = 4 + DIGEST_LENGTH + 1, MOST_BYTES = 256 << 20 };

/** A parsed line. */
struct manifest_line {
    char type;
    int permissions;    ///< the owner's, 0 to 7
    long long size;     ///< -1: irrelevant
    const char *digest; ///< "-": none
    const char *path;   ///< as written
};

// ---- lines -------------------------------------------------------------------------------------

static char type_of(mode_t mode) {
    return S_ISREG(mode)    ? 'f'
           : S_ISDIR(mode)  ? 'd'
           : S_ISLNK(mode)  ? 'l'
           : S_ISFIFO(mode) ? 'p'
           : S_ISSOCK(mode) ? 's'
                            : 'n';
}

static const char *type_name(char type) {
    return type == 'f'   ? "file"
           : type == 'd' ? "folder"
           : type == 'l' ? "symbolic link"
           : type == 'p' ? "FIFO"
           : type == 's' ? "socket"
                         : "device";
}

static int permissions_of(mode_t mode) {
    return (int)(mode >> 6 & 7);
}

static void add_path(struct text *text, const char *path) {
    for (; *path; path++)
        if (*path >= ' ' && *path <= '~' && *path != '\\')
            text_append(text, path, 1);
        else
            text_printf(text, "\\x%02x", (unsigned char)*path);
}

static char *path_of(const struct manifest_line *line) {
    char *path = xstrdup(line->path), *to = path;
    unsigned byte;
    for (const char *from = line->path; *from; from++)
        if (*from == '\\' && sscanf(from, "\\x%2x", &byte) == 1) {
            *to++ = (char)byte;
            from += 3;
        } else {
            *to++ = *from;
        }
    *to = '\0';
    return path;
}

// Splits the line at `*rest` in place, and moves on to the next.
static bool parse_line(char **rest, struct manifest_line *ret_line) {
    char *at = *rest, *end = strchr(at, '\n');
    if (!*at || !end || at[1] != ' ')
        return false;
    *end = '\0';
    *rest = end + 1;
    *ret_line = (struct manifest_line){.type = *at, .size = -1};
    ret_line->permissions = (int)strtol(at + 2, &at, 10);
    if (strncmp(at, " - ", 3) == 0)
        at += 2;
    else
        ret_line->size = strtoll(at, &at, 10);
    ret_line->digest = at + 1;
    at = *at ? strchr(at + 1, ' ') : NULL;
    if (!at)
        return false;
    *at = '\0';
    ret_line->path = at + 1;
    return true;
}

// ---- a folder's lines --------------------------------------------------------------------------

// Files of a folder are adjacent, which makes examining them a little faster.
static int by_name(const FTSENT **a, const FTSENT **b) {
    int folders = ((*a)->fts_info == FTS_D) - ((*b)->fts_info == FTS_D);
    return folders ? folders : strcmp((*a)->fts_name, (*b)->fts_name);
}

static void close_walk(FTS **walk) {
    if (*walk)
        fts_close(*walk);
}

// The content of a file that not even its owner may read cannot matter.
static int digest_item(struct digester *digester, const FTSENT *item, char *ret_hex,
                       struct err *err) {
    mode_t mode = item->fts_statp->st_mode;
    strcpy(ret_hex, "-");
    if (S_ISREG(mode) && (mode & S_IRUSR))
        return digest_file(digester, AT_FDCWD, item->fts_accpath, ret_hex, err);
    return S_ISLNK(mode) ? digest_link(digester, item->fts_accpath, ret_hex, err) : 0;
}

static int add_item(struct text *text, struct digester *digester, const FTSENT *item,
                    const char *path, struct err *err) {
    const struct stat *info = item->fts_statp;
    char digest[DIGEST_LENGTH + 1];
    if (digest_item(digester, item, digest, err) < 0) {
        cleanup_text struct text shown = {0};
        add_path(&shown, path);
        return err_context(err, "%s", text_get(&shown));
    }
    text_printf(text, "%c %d ", type_of(info->st_mode), permissions_of(info->st_mode));
    if (S_ISREG(info->st_mode) || S_ISLNK(info->st_mode))
        text_printf(text, "%lld %s ", (long long)info->st_size, digest);
    else
        text_add(text, "- - ");
    add_path(text, path);
    text_add(text, "\n");
    return 0;
}

static int add_folder(struct text *text, struct digester *digester, const char *folder,
                      struct err *err) {
    char *const tops[] = {(char *)folder, NULL};
    __attribute__((cleanup(close_walk))) FTS *walk =
        fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    FTSENT *item = NULL;
    while (walk && (errno = 0, item = fts_read(walk))) {
        const char *path = item->fts_path + strlen(folder) + 1;
        if (item->fts_info == FTS_DNR || item->fts_info == FTS_ERR || item->fts_info == FTS_NS) {
            errno = item->fts_errno;
            return digest_failed(digester, item->fts_path, err);
        }
        if (item->fts_level == 0 || item->fts_info == FTS_DP ||
            (item->fts_level == 1 && strcmp(path, NAME) == 0))
            continue;
        if (add_item(text, digester, item, path, err) < 0)
            return -1;
        if (S_ISDIR(item->fts_statp->st_mode) && (item->fts_statp->st_mode & 0500) != 0500)
            fts_set(walk, item, FTS_SKIP); // its owner could not look into it
    }
    return walk && errno == 0 ? 0 : digest_failed(digester, folder, err);
}

// `with`: the content of the second line. With -1, `ret_number` is errno of the file that failed,
// or 0.
static int make_lines(struct text *text, const char *folder, const char *with, int *ret_number,
                      struct err *err) {
    struct digester digester;
    int ret = digester_open(&digester, err);
    text_printf(text, HEADER "%s\n", with);
    if (ret == 0)
        ret = add_folder(text, &digester, folder, err);
    *ret_number = digester.number;
    digester_close(&digester);
    return ret;
}

static int seal(const char *data, size_t length, char *ret_hex, struct err *err) {
    struct digester digester;
    int ret = digester_open(&digester, err);
    if (ret == 0)
        ret = digest_bytes(&digester, data, length, ret_hex, err);
    digester_close(&digester);
    return ret;
}

// The digest in the last line of a folder's manifest.
static int read_end(const char *folder, char *ret_hex, struct err *err) {
    cleanup_free char *path = xprintf("%s/" NAME, folder);
    cleanup_close int fd = digest_open_regular(AT_FDCWD, path);
    char end[END_LENGTH];
    if (fd < 0 || lseek(fd, -END_LENGTH, SEEK_END) < 0 || read(fd, end, END_LENGTH) != END_LENGTH)
        return err_errno(err, "read %s", path);
    memcpy(ret_hex, end + 4, DIGEST_LENGTH);
    ret_hex[DIGEST_LENGTH] = '\0';
    return 0;
}

int manifest_write(const char *folder, const char *base, struct err *err) {
    cleanup_text struct text text = {0};
    cleanup_free char *path = xprintf("%s/" NAME, folder);
    char with[DIGEST_LENGTH + 1] = "-", digest[DIGEST_LENGTH + 1];
    int number;
    if ((base && read_end(base, with, err) < 0) ||
        make_lines(&text, folder, with, &number, err) < 0 ||
        seal(text.data, text.length, digest, err) < 0)
        return err_context(err, "describe what was made");
    text_printf(&text, "end %s\n", digest);
    return file_write(path, text_get(&text), text.length, err);
}

int manifest_remove(const char *folder, struct err *err) {
    cleanup_free char *path = xprintf("%s/" NAME, folder);
    if (unlink(path) < 0 && errno != ENOENT)
        return err_errno(err, "remove %s", path);
    return 0;
}

// ---- comparing ---------------------------------------------------------------------------------

// What errno means for a file that cannot be examined: 0: it is damaged; -1: the machine, or its
// disk, has a problem that making the file anew would not solve.
static int blame(int number) {
    static const int of_the_file[] = {ENOENT, ENOTDIR, ELOOP, EACCES, EINVAL, ENXIO, ENAMETOOLONG};
    for (size_t i = 0; i < COUNT_OF(of_the_file); i++)
        if (number == of_the_file[i])
            return 0;
    return -1;
}

static int lost(const char *path, int number, struct err *err) {
    const char *what = number == ENOENT || number == ENOTDIR ? "missing"
                       : number == EINVAL                    ? "not a regular file"
                                                             : strerror(number);
    err_set(err, "%s: %s", path, what);
    return blame(number);
}

static int differs(const struct manifest_line *line, struct err *err) {
    err_set(err, "%s: its content differs", line->path);
    return 0;
}

static int compare_info(const struct manifest_line *line, const struct stat *info, uid_t caller,
                        struct err *err) {
    if (type_of(info->st_mode) != line->type)
        err_set(err, "%s: a %s instead of a %s", line->path, type_name(type_of(info->st_mode)),
                type_name(line->type));
    else if (info->st_uid != caller)
        err_set(err, "%s: belongs to user %u", line->path, info->st_uid);
    else if (line->size >= 0 && info->st_size != line->size)
        err_set(err, "%s: %lld bytes instead of %lld", line->path, (long long)info->st_size,
                line->size);
    else if (permissions_of(info->st_mode) != line->permissions)
        err_set(err, "%s: permissions %d instead of %d of its owner", line->path,
                permissions_of(info->st_mode), line->permissions);
    else
        return 1;
    return 0;
}

static int compare_content(int folder, const struct manifest_line *line, struct err *err) {
    struct digester digester;
    char digest[DIGEST_LENGTH + 1] = "";
    int ret = digester_open(&digester, err);
    if (ret == 0)
        ret = digest_file(&digester, folder, line->path, digest, err);
    if (ret == 0)
        ret = strcmp(digest, line->digest) == 0 ? 1 : differs(line, err);
    else if (digester.number)
        ret = lost(line->path, digester.number, err);
    digester_close(&digester);
    return ret;
}

// Files beside an entry's folders are small and read in each run, so their content is always
// compared.
static int compare_line(int folder, const struct manifest_line *line, uid_t caller,
                        struct err *err) {
    cleanup_free char *unescaped = strchr(line->path, '\\') ? path_of(line) : NULL;
    struct stat info;
    if (fstatat(folder, unescaped ? unescaped : line->path, &info, AT_SYMLINK_NOFOLLOW) < 0)
        return lost(line->path, errno, err);
    int fits = compare_info(line, &info, caller, err);
    if (fits != 1 || line->type != 'f' || strchr(line->path, '/'))
        return fits;
    return compare_content(folder, line, err);
}

static int torn(struct err *err) {
    err_set(err, NAME ": torn");
    return 0;
}

// The content of the second line.
static const char *made_with(const char *lines, char *ret_hex) {
    const char *with = lines + strlen(HEADER);
    size_t length = strcspn(with, "\n");
    length = length < DIGEST_LENGTH ? length : DIGEST_LENGTH;
    memcpy(ret_hex, with, length);
    ret_hex[length] = '\0';
    return ret_hex;
}

static int compare_base(const char *lines, const char *base, struct err *err) {
    char was[DIGEST_LENGTH + 1], is[DIGEST_LENGTH + 1];
    if (!base)
        return 1;
    if (read_end(base, is, err) < 0)
        return -1;
    if (strcmp(made_with(lines, was), is) == 0)
        return 1;
    err_set(err, "made with another %s", strrchr(base, '/') + 1);
    return 0;
}

static int compare_lines(int folder, char *lines, struct err *err) {
    char *rest = strchr(lines + strlen(HEADER), '\n') + 1;
    uid_t caller = geteuid();
    int fits = 1;
    struct manifest_line line;
    while (fits == 1 && *rest)
        fits = parse_line(&rest, &line) ? compare_line(folder, &line, caller, err) : torn(err);
    return fits;
}

// Everything listed exists, so the first difference is another content, or an additional file.
static int compare_made(const char *folder, const char *lines, struct err *err) {
    cleanup_text struct text made = {0};
    char with[DIGEST_LENGTH + 1];
    int number;
    if (make_lines(&made, folder, made_with(lines, with), &number, err) < 0)
        return blame(number);
    if (strcmp(text_get(&made), lines) == 0)
        return 1;
    const char *at = made.data;
    while (*at && *at == *lines)
        at++, lines++;
    while (at > made.data && at[-1] != '\n')
        at--, lines--;
    cleanup_free char *ours = xstrdup(at), *theirs = xstrdup(lines);
    struct manifest_line added, listed;
    if (!parse_line(&(char *){ours}, &added))
        return torn(err);
    if (parse_line(&(char *){theirs}, &listed) && strcmp(added.path, listed.path) == 0)
        return differs(&listed, err);
    err_set(err, "%s: was added", added.path);
    return 0;
}

static int read_manifest(int folder, struct text *lines, struct err *err) {
    cleanup_close int fd = digest_open_regular(folder, NAME);
    if (fd < 0)
        return lost(NAME, errno, err);
    char buffer[65536];
    for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) != 0;) {
        if (got < 0)
            return lost(NAME, errno, err);
        text_append(lines, buffer, (size_t)got);
        if (lines->length > MOST_BYTES)
            return torn(err);
    }
    return 1;
}

// Reads the lines, except for the last one, which proves that they are complete.
static int read_lines(int folder, struct text *lines, struct err *err) {
    char digest[DIGEST_LENGTH + 1];
    int ret = read_manifest(folder, lines, err);
    if (ret != 1)
        return ret;
    if (lines->length < strlen(HEADER) + END_LENGTH || !text_starts(lines->data, HEADER))
        return torn(err);
    char *end = lines->data + lines->length - END_LENGTH;
    if (seal(lines->data, lines->length - END_LENGTH, digest, err) < 0)
        return -1;
    if (!text_starts(end, "end ") || memcmp(end + 4, digest, DIGEST_LENGTH) != 0)
        return torn(err);
    *end = '\0';
    return strchr(lines->data + strlen(HEADER), '\n') ? 1 : torn(err);
}

int manifest_compare(const char *folder, const char *base, bool digests, struct err *err) {
    cleanup_text struct text lines = {0};
    cleanup_close int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "%s", folder);
    int fits = read_lines(fd, &lines, err);
    cleanup_free char *whole = fits == 1 && digests ? xstrdup(lines.data) : NULL;
    if (fits == 1)
        fits = compare_base(lines.data, base, err);
    if (fits == 1)
        fits = compare_lines(fd, lines.data, err);
    if (fits == 1 && digests)
        fits = compare_made(folder, whole, err);
    return fits;
}
