// SPDX-License-Identifier: Apache-2.0
// cli.c - the program as a user runs it: where it is, and what came of its latest run
#include "test/lib/cli.h"

#include "base/clock.h"
#include "base/proc.h"
#include "test/lib/contain.h"
#include "test/lib/folder.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { SAID_MAX_BYTES = 16 << 20, LOOK_EVERY_MS = 10 };

struct cli cli;
// What the latest command writes to, -1: nothing is kept of it.
static int said = -1, complained = -1;

// ---- where it is -------------------------------------------------------------------------------

void cli_find(void) {
    const char *asked = getenv("GONEAWAY");
    ck_assert_msg(realpath(asked && *asked ? asked : "build/goneaway", cli.program) != NULL,
                  "there is no program; set GONEAWAY");
    setenv("GONEAWAY", cli.program, 1);
    asked = getenv("GONEAWAY_HOME");
    ck_assert_ptr_nonnull(realpath(asked && *asked ? asked : ".", cli.home));
    setenv("GONEAWAY_HOME", cli.home, 1);
}

void cli_begin(const char *prefix, mode_t mode) {
    contain_begin();
    folder_enter(prefix, mode);
}

void cli_end(void) {
    contain_check();
    folder_remove();
}

// ---- running -----------------------------------------------------------------------------------

static void forget(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

// A file of no folder, since tests look at what is in theirs.
static int open_anew(int *fd, const char *name) {
    forget(fd);
    *fd = memfd_create(name, MFD_CLOEXEC);
    ck_assert_int_ge(*fd, 0);
    return *fd;
}

static void read_back(int fd, struct text *text) {
    char buffer[65536];
    ssize_t got;
    text_release(text);
    while (fd >= 0 && (got = pread(fd, buffer, sizeof buffer, (off_t)text->length)) > 0) {
        text_append(text, buffer, (size_t)got);
        ck_assert_uint_lt(text->length, SAID_MAX_BYTES);
    }
}

static pid_t spawn(const char *const *argv, int in, int out, bool apart) {
    struct err err = {0};
    pid_t pid = 0;
    forget(&said);
    forget(&complained);
    struct proc_spec spec = {.argv = argv, .in = in, .out = out, .netns = -1};
    if (out < 0)
        spec.out = open_anew(&said, "said");
    spec.err = apart ? open_anew(&complained, "complained") : spec.out;
    ck_assert_msg(proc_spawn(&spec, &pid, &err) == 0, "%s", err.what);
    return pid;
}

pid_t cli_start_on(const char *const *argv, int in, int out, bool apart) {
    cleanup_free char *report = folder_path("report.json");
    if (*test_folder)
        unlink(report);
    return spawn(argv, in, out, apart);
}

pid_t cli_start(const char *const *argv) {
    return cli_start_on(argv, -1, -1, false);
}

static void wait_end(pid_t pid, int within_ms) {
    int ended = 0;
    bool in_time = proc_wait(pid, clock_ms() + within_ms, &ended);
    if (!in_time)
        proc_kill(pid);
    cli.status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    cli.signal = WIFSIGNALED(ended) ? WTERMSIG(ended) : 0;
    read_back(said, &cli.said);
    read_back(complained, &cli.complained);
    ck_assert_msg(in_time, "did not end:\n%.3000s\n%.3000s", text_get(&cli.said),
                  text_get(&cli.complained));
}

static void read_report(void) {
    cleanup_free char *path = folder_path("report.json");
    FILE *file = *test_folder ? fopen(path, "r") : NULL;
    json_decref(cli.cases);
    json_decref(cli.summary);
    cli.cases = file ? json_array() : NULL;
    cli.summary = NULL;
    for (json_t *line; file && (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL));) {
        const char *type = json_string_value(json_object_get(line, "type"));
        if (type && strcmp(type, "case") == 0)
            json_array_append(cli.cases, line);
        else if (type && strcmp(type, "summary") == 0)
            cli.summary = json_incref(line);
        json_decref(line);
    }
    if (file)
        fclose(file);
}

void cli_finish(pid_t pid, int within_ms) {
    wait_end(pid, within_ms);
    read_report();
}

void cli_run(const char *const *argv, int within_ms) {
    cli_finish(cli_start(argv), within_ms);
}

void cli_shell_ends(const char *script, int within_ms) {
    const char *const argv[] = {"/bin/sh", "-ec", script, NULL};
    wait_end(spawn(argv, -1, -1, false), within_ms);
}

void cli_shell(const char *script, int within_ms) {
    cli_shell_ends(script, within_ms);
    ck_assert_msg(cli.status == 0, "exit status %d:\n%.6000s\nof the script\n%.3000s", cli.status,
                  text_get(&cli.said), script);
}

const char *cli_said(void) {
    read_back(said, &cli.said);
    return text_get(&cli.said);
}

bool cli_will_say(const char *phrase, int within_ms) {
    double deadline_ms = clock_ms() + within_ms;
    while (!strstr(cli_said(), phrase) && clock_ms() < deadline_ms)
        clock_wait(LOOK_EVERY_MS, -1);
    return strstr(cli_said(), phrase) != NULL;
}

// ---- looking -----------------------------------------------------------------------------------

void cli_check_status(int wanted) {
    ck_assert_msg(cli.status == wanted, "exit status %d instead of %d, signal %d\n%.6000s\n%.3000s",
                  cli.status, wanted, cli.signal, text_get(&cli.said), text_get(&cli.complained));
}

void cli_check_signal(int wanted) {
    ck_assert_msg(cli.signal == wanted, "signal %d instead of %d, exit status %d\n%.3000s\n%.3000s",
                  cli.signal, wanted, cli.status, text_get(&cli.said), text_get(&cli.complained));
}

void cli_check_said(const char *words) {
    ck_assert_msg(strstr(text_get(&cli.said), words) != NULL, "'%s' is not in:\n%.6000s", words,
                  text_get(&cli.said));
}

void cli_check_unsaid(const char *words) {
    ck_assert_msg(strstr(text_get(&cli.said), words) == NULL, "'%s' is in:\n%.6000s", words,
                  text_get(&cli.said));
}

void cli_check_order(const struct text *text, const char *const *phrases) {
    const char *at = text_get(text);
    for (; *phrases; phrases++) {
        const char *found = strstr(at, *phrases);
        ck_assert_msg(found != NULL, "'%s' is missing, or not at its place, in:\n%.3000s", *phrases,
                      text_get(text));
        at = found + strlen(*phrases);
    }
}

const char *cli_cache(void) {
    static char folder[PATH_MAX];
    const char *line = strstr(text_get(&cli.said), "\ncache: ");
    ck_assert_msg(line && sscanf(line, "\ncache: %4095[^\n]", folder) == 1, "%.3000s",
                  text_get(&cli.said));
    return folder;
}
