// SPDX-License-Identifier: Apache-2.0
// run.c - runs the program once, and judges whether a failure in it ended as it should
//
// One of two ends is right. Either the failure did no harm: the status and all output are as
// without it, except for numbers such as durations and the order of lines. Or it is reported: exit
// status 3, and a message, or a case that is broken for a reason; or a warning, or a need that is
// not met, with the text of the error. Wrong are a hang, a signal, another status, a case that is
// missing, skipped or judged differently without such a text, a report that is not JSON or XML, and
// anything left behind.
#include "test/fail/run.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "test/fail/calls.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { MOST_BYTES = 64 << 20, ENDED_WITHIN_MS = 3000, MACHINE = 3, NOTHING_RAN = 4 };

// ---- running -----------------------------------------------------------------------------------

static int make_shared(const char *path, struct err *err) {
    cleanup_close int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || ftruncate(fd, sizeof(struct fail_file)) < 0)
        return err_errno(err, "create %s", path);
    return 0;
}

static int set_environment(const struct fail_run *run, const char *shared, const char *temporary,
                           struct err *err) {
    static char *users; // the user's own cache
    if (!users)
        users = xstrdup(getenv("GONEAWAY_CACHE") ? getenv("GONEAWAY_CACHE") : "");
    cleanup_free char *number = xprintf("%u", run->number);
    if (setenv(FAIL_FILE, shared, 1) < 0 || setenv(FAIL_PLACE, run->place, 1) < 0 ||
        setenv(FAIL_NUMBER, number, 1) < 0 || setenv("TMPDIR", temporary, 1) < 0 ||
        setenv("GONEAWAY_PROBE", "always", 1) < 0 ||
        setenv("GONEAWAY_CACHE", run->command->prepares ? run->cache : users, 1) < 0)
        return err_errno(err, "setenv");
    return 0;
}

static char *fill_in(const char *argument, const char *folder) {
    const char *at = strchr(argument, '@');
    if (!at || (at != argument && at[-1] != '='))
        return xstrdup(argument);
    return xprintf("%.*s%s%s", (int)(at - argument), argument, folder, at + 1);
}

static int start(const struct fail_run *run, pid_t *ret_pid, struct err *err) {
    cleanup_free char *files = xprintf("%s/files", run->folder);
    cleanup_free char *out_path = xprintf("%s/stdout", run->folder);
    cleanup_free char *err_path = xprintf("%s/stderr", run->folder);
    cleanup_close int out = open(out_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    cleanup_close int error = open(err_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (out < 0 || error < 0)
        return err_errno(err, "create files in %s", run->folder);
    char *argv[FAIL_MOST_ARGUMENTS + 2] = {xstrdup(run->program)};
    for (int i = 0; run->command->arguments[i]; i++)
        argv[i + 1] = fill_in(run->command->arguments[i], files);
    struct proc_spec spec = {.argv = (const char *const *)argv,
                             .in = -1,
                             .out = out,
                             .err = error,
                             .netns = -1,
                             .new_session = true};
    int ret = proc_spawn(&spec, ret_pid, err);
    for (int i = 0; argv[i]; i++)
        free(argv[i]);
    return ret;
}

// This process inherits whatever outlives the program.
static bool reaped_all(void) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ;
    return pid < 0 && errno == ECHILD;
}

static char *find_left_process(bool killed) {
    double deadline_ms = clock_ms() + ENDED_WITHIN_MS;
    char *left = NULL;
    while (!reaped_all()) {
        if (clock_ms() > deadline_ms || killed) {
            pid_t pid = proc_first_child(getpid());
            cleanup_free char *path = xprintf("/proc/%d/comm", pid);
            cleanup_text struct text name = {0};
            struct err ignored;
            if (!killed && !left && file_read(path, 4096, &name, &ignored) == 0)
                left = xprintf("a process: %s", text_get(&name));
            if (pid > 0) // it may just have ended
                kill(pid, SIGKILL);
        }
        clock_wait(5, -1);
    }
    return left;
}

static char *find_left_file(const char *temporary) {
    char *left = NULL;
    DIR *folder = opendir(temporary);
    for (struct dirent *entry; folder && !left && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            left = xprintf("a file: %s", entry->d_name);
    if (folder)
        closedir(folder);
    return left;
}

static int count_mounts(void) {
    cleanup_text struct text mounts = {0};
    struct err ignored;
    int count = 0;
    if (file_read("/proc/self/mountinfo", MOST_BYTES, &mounts, &ignored) < 0)
        return -1;
    for (const char *c = text_get(&mounts); *c; c++)
        count += *c == '\n';
    return count;
}

// The length, including the comma, of a member that a report omits if it is 0; 0: it is another
// one.
static size_t optional_time(const char *at) {
    static const char *const keys[] = {"\"at_ms\":", "\"end_ms\":", "\"began_at_ms\":"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (text_starts(at, keys[i])) {
            size_t length = strlen(keys[i]);
            length += strspn(at + length, " 0123456789.");
            return length + strspn(at + length, ", ");
        }
    return 0;
}

// Things that happen at the same time are told in either order.
static void sort_lines(struct text *text) {
    size_t count = 0;
    cleanup_free char *all = xstrdup(text_get(text));
    cleanup_free char **lines = xcalloc(strlen(all) + 2, sizeof *lines);
    char *rest = all;
    for (char *line; (line = strsep(&rest, "\n"));)
        lines[count++] = line;
    qsort(lines, count, sizeof *lines, text_order);
    text->length = 0;
    for (size_t i = 0; i < count; i++)
        text_printf(text, "%s\n", lines[i]);
}

// Durations, ids and counts differ from run to run, and so do widths of columns.
static void add_normalised(struct text *text, const char *data, const char *folder) {
    for (const char *c = data; *c;) {
        size_t digits = strspn(c, "0123456789."), blanks = strspn(c, " ");
        if (optional_time(c) > 0) {
            c += optional_time(c);
        } else if (text_starts(c, "server_uid ")) { // in MariaDB's log, in base 64
            c += strlen("server_uid ");
            c += strcspn(c, " ");
        } else if (text_starts(c, "\",\"")) { // in a list, such as lines of a server's log
            text_add(text, "\"\n\"");
            c += strlen("\",\"");
        } else if (strncmp(c, folder, strlen(folder)) == 0) {
            text_add(text, "FOLDER");
            c += strlen(folder);
        } else if (isdigit((unsigned char)*c)) {
            text_add(text, "#");
            c += digits;
            if (strncmp(c, " ms", 3) == 0) { // longer times are printed in seconds
                text_add(text, " ");
                c += 2;
            }
        } else if (blanks > 0) {
            text_add(text, " ");
            c += blanks;
        } else {
            text_append(text, c++, 1);
        }
    }
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The names in a folder, terminated by NULL, sorted.
static char **names_in(const char *path) {
    char **names = xcalloc(1, sizeof *names);
    size_t count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        names = xrealloc(names, count + 2, sizeof *names);
        names[count++] = xstrdup(entry->d_name);
        names[count] = NULL;
    }
    if (folder)
        closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    return names;
}

static void free_names(char **names) {
    for (size_t i = 0; names[i]; i++)
        free(names[i]);
    free(names);
}

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void drop_object(char *report, const char *begin) {
    char *object = strstr(report, begin);
    char *end = object ? strchr(object, '}') : NULL;
    if (end)
        memmove(object, end + 1, strlen(end + 1) + 1);
}

// Needs are reported as found, even for cases that another option excludes. Whether a failed probe
// is mistaken for a missing need shows in a case that has it.
static void drop_needs(char *report) {
    drop_object(report, ",\"needs\":{");
    drop_object(report, ",\"probes\":{");
}

static void add_cases(struct text *cases, const char *report) {
    cleanup_free char *copy = xstrdup(report);
    char *rest = copy;
    for (char *line; rest && (line = strsep(&rest, "\n"));) {
        json_t *object = json_loads(line, 0, NULL);
        if (strcmp(text_of(object, "type"), "case") == 0)
            text_printf(cases, "%s %s\n", text_of(object, "id"), text_of(object, "verdict"));
        json_decref(object);
    }
}

static int read_files(const struct fail_run *run, struct fail_seen *seen, struct err *err) {
    cleanup_free char *folder = xprintf("%s/files", run->folder);
    char **names = names_in(folder);
    int ret = 0;
    for (size_t i = 0; ret == 0 && names[i]; i++) {
        cleanup_free char *path = xprintf("%s/%s", folder, names[i]);
        cleanup_text struct text data = {0};
        ret = file_read(path, MOST_BYTES, &data, err);
        if (strcmp(names[i], "report.json") == 0 && data.data) {
            add_cases(&seen->cases, data.data);
            drop_needs(data.data);
        }
        text_printf(&seen->files, "==== %s\n", names[i]);
        add_normalised(&seen->files, text_get(&data), run->folder);
    }
    sort_lines(&seen->files);
    free_names(names);
    return ret;
}

// Lists names of entries and below, including empty ones.
static void list_folder(const char *path, const char *shown, int depth, struct text *list) {
    char **names = names_in(path);
    for (size_t i = 0; names[i]; i++) {
        struct stat info;
        cleanup_free char *below = xprintf("%s/%s", path, names[i]);
        cleanup_free char *name = xprintf("%s/%s", shown, names[i]);
        if (lstat(below, &info) < 0)
            continue;
        text_printf(list, "%s%s\n", name, S_ISREG(info.st_mode) && !info.st_size ? " empty" : "");
        if (S_ISDIR(info.st_mode) && !strstr(names[i], "-root-"))
            list_folder(below, name, depth + 1, list);
    }
    free_names(names);
}

static int collect(const struct fail_run *run, struct fail_seen *seen, struct err *err) {
    cleanup_free char *out = xprintf("%s/stdout", run->folder);
    cleanup_free char *error = xprintf("%s/stderr", run->folder);
    cleanup_free char *shared = xprintf("%s/shared", run->folder);
    cleanup_text struct text said = {0};
    struct fail_file file = {0};
    cleanup_close int fd = open(shared, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, &file, offsetof(struct fail_file, places), 0) < 0)
        return err_errno(err, "%s", shared);
    seen->fired = file.fired > 0;
    if (file_read(out, MOST_BYTES, &said, err) < 0 ||
        file_read(error, MOST_BYTES, &seen->err, err) < 0 || read_files(run, seen, err) < 0)
        return -1;
    add_normalised(&seen->out, text_get(&said), run->folder);
    sort_lines(&seen->out);
    if (run->command->prepares)
        list_folder(run->cache, "", 0, &seen->cached);
    return 0;
}

static int make_folders(const struct fail_run *run, struct err *err) {
    static const char *const names[] = {"files", "tmp"};
    if (file_remove_tree(run->folder, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        cleanup_free char *path = xprintf("%s/%s", run->folder, names[i]);
        if (file_make_folders(path, 0755, err) < 0)
            return -1;
    }
    return 0;
}

// Removes from the cache what the command is to make anew.
static int remove_entries(const struct fail_run *run, struct err *err) {
    char **names = names_in(run->cache);
    int ret = 0;
    for (size_t i = 0; ret == 0 && names[i]; i++) {
        cleanup_free char *path = xprintf("%s/%s", run->cache, names[i]);
        if (!strstr(names[i], "-root-"))
            ret = file_remove_tree(path, err);
    }
    free_names(names);
    return ret;
}

int fail_run(const struct fail_run *run, struct fail_seen *ret_seen, struct err *err) {
    cleanup_free char *shared = xprintf("%s/shared", run->folder);
    cleanup_free char *temporary = xprintf("%s/tmp", run->folder);
    *ret_seen = (struct fail_seen){0};
    pid_t pid = 0;
    int mounts = count_mounts();
    if (make_folders(run, err) < 0 || make_shared(shared, err) < 0 ||
        (run->command->prepares && !run->keeps_cache && remove_entries(run, err) < 0) ||
        set_environment(run, shared, temporary, err) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ||
        start(run, &pid, err) < 0)
        return -1;
    if (!proc_wait(pid, clock_ms() + run->deadline_ms, &ret_seen->status)) {
        ret_seen->hung = true;
        proc_kill(pid);
    }
    ret_seen->left = find_left_process(ret_seen->hung);
    if (!ret_seen->left)
        ret_seen->left = find_left_file(temporary);
    if (!ret_seen->left && count_mounts() != mounts)
        ret_seen->left = xstrdup("a mount");
    return collect(run, ret_seen, err);
}

void fail_seen_release(struct fail_seen *seen) {
    free(seen->left);
    text_release(&seen->out);
    text_release(&seen->err);
    text_release(&seen->files);
    text_release(&seen->cases);
    text_release(&seen->cached);
}

// ---- judging -----------------------------------------------------------------------------------

static bool same(const struct text *a, const struct text *b) {
    return strcmp(text_get(a), text_get(b)) == 0;
}

// Compares a case with the expected one: only a broken one, with a reason, may replace it.
static char *judge_case(const json_t *got, const struct text *expected, bool *ret_told) {
    const char *verdict = text_of(got, "verdict");
    cleanup_free char *line = xprintf("%s %s\n", text_of(got, "id"), verdict);
    if (strstr(text_get(expected), line))
        return NULL;
    if (strcmp(verdict, "broken") != 0 || !*text_of(got, "why"))
        return xprintf("%s is '%s': %s", text_of(got, "id"), verdict, text_of(got, "why"));
    *ret_told = true;
    return NULL;
}

static char *judge_json(const char *path, const struct text *expected, bool *ret_told) {
    cleanup_text struct text data = {0};
    struct err err;
    if (file_read(path, MOST_BYTES, &data, &err) < 0)
        return NULL; // not written; the messages must say so
    char *rest = data.data, *wrong = NULL;
    bool ended = false;
    for (char *line; !wrong && rest && *rest && (line = strsep(&rest, "\n"));) {
        json_error_t error;
        json_t *object = json_loads(line, 0, &error);
        if (!object)
            wrong = xprintf("the json report is not valid: %s", error.text);
        else if (strcmp(text_of(object, "type"), "case") == 0)
            wrong = judge_case(object, expected, ret_told);
        ended |= strcmp(text_of(object, "type"), "summary") == 0;
        json_decref(object);
    }
    return wrong || ended ? wrong : xstrdup("the json report has no end");
}

static char *judge_xml(const char *path) {
    if (!file_exists(path))
        return NULL;
    xmlDoc *document =
        xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!document)
        return xstrdup("the junit report is not valid");
    xmlFreeDoc(document);
    return NULL;
}

// Every entry present must be complete.
static char *judge_cache(const struct fail_seen *seen, const struct fail_seen *expected) {
    cleanup_free char *all = xstrdup(text_get(&expected->cached));
    char *rest = all;
    cleanup_free char *present = NULL;
    for (char *line; (line = strsep(&rest, "\n"));) {
        cleanup_free char *whole = xprintf("%s\n", line);
        bool there = strstr(text_get(&seen->cached), whole) != NULL;
        bool top = strchr(line + (*line == '/'), '/') == NULL;
        if (top) {
            free(present);
            present = there ? xstrdup(line) : NULL;
        } else if (present && !there && !text_starts(line, "/locks")) {
            return xprintf("an entry of the cache is not whole: %s is not there", line);
        }
    }
    if (strstr(text_get(&seen->cached), "/tmp-"))
        return xstrdup("a temporary folder is left in the cache");
    return NULL;
}

static char *judge_told(const struct fail_run *run, const struct fail_seen *seen,
                        const struct fail_seen *expected) {
    cleanup_free char *json = xprintf("%s/files/report.json", run->folder);
    cleanup_free char *junit = xprintf("%s/files/report.xml", run->folder);
    bool told = seen->err.length > 0 || seen->status == expected->status;
    char *wrong = judge_json(json, &expected->cases, &told);
    if (!wrong)
        wrong = judge_xml(junit);
    if (!wrong && run->command->prepares)
        wrong = judge_cache(seen, expected);
    return wrong || told ? wrong : xstrdup("exit status 3 without a message");
}

static char *describe_difference(const char *what, const char *got, const char *expected) {
    enum { BEFORE = 40, SHOWN = 120 };
    size_t at = 0;
    while (got[at] && got[at] == expected[at])
        at++;
    at = at > BEFORE ? at - BEFORE : 0;
    return xprintf("%s differs: \"..%.*s..\" instead of \"..%.*s..\"", what, SHOWN, got + at, SHOWN,
                   expected + at);
}

// Whether the program says that something failed: by the text of an errno, or libnl's for ENOMEM.
static bool admits(const struct fail_seen *seen, const struct fail_seen *expected) {
    enum { MOST_ERRNO = 133 };
    for (int number = 1; number <= MOST_ERRNO; number++) {
        const char *text = strerror(number);
        if ((strstr(text_get(&seen->err), text) && !strstr(text_get(&expected->err), text)) ||
            (strstr(text_get(&seen->out), text) && !strstr(text_get(&expected->out), text)))
            return true;
    }
    return strstr(text_get(&seen->err), "an earlier write failed") ||
           (strstr(text_get(&seen->out), "Out of memory") &&
            !strstr(text_get(&expected->out), "Out of memory"));
}

static char *judge_harmless(const struct fail_seen *seen, const struct fail_seen *expected) {
    if (!same(&seen->out, &expected->out))
        return describe_difference("its output", text_get(&seen->out), text_get(&expected->out));
    if (!same(&seen->files, &expected->files))
        return describe_difference("a report", text_get(&seen->files), text_get(&expected->files));
    if (!same(&seen->cached, &expected->cached))
        return describe_difference("the cache", text_get(&seen->cached),
                                   text_get(&expected->cached));
    return NULL;
}

char *fail_judge(const struct fail_run *run, const struct fail_seen *seen,
                 const struct fail_seen *expected) {
    char text[64];
    if (seen->hung)
        return xprintf("hangs: killed after %d s", run->deadline_ms / 1000);
    if (seen->left)
        return xprintf("leaves %s", seen->left);
    if (strstr(text_get(&seen->err), "defect of goneaway") ||
        strstr(text_get(&seen->out), "defect of goneaway"))
        return xprintf("is told as a defect of goneaway: %s%s", text_get(&seen->err),
                       text_get(&seen->out));
    char *differs = seen->status == expected->status ? judge_harmless(seen, expected) : NULL;
    if (seen->status == expected->status && !differs)
        return NULL;
    if (WIFEXITED(seen->status) && WEXITSTATUS(seen->status) == MACHINE) {
        free(differs);
        return judge_told(run, seen, expected);
    }
    bool unmet = WIFEXITED(seen->status) && WEXITSTATUS(seen->status) == NOTHING_RAN;
    if ((differs || unmet) && admits(seen, expected)) { // a warning, or a need that was not met
        free(differs);
        return NULL;
    }
    if (differs)
        return differs;
    return xprintf("%s: %s%s", proc_status_text(seen->status, text, sizeof text),
                   text_get(&seen->err), text_get(&seen->out));
}
