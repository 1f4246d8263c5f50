// SPDX-License-Identifier: Apache-2.0
// main.c - finds the command, runs it, prints its error
#include "main/commands.h"

#include "base/nearest.h"
#include "base/outlet.h"
#include "base/text.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libxml/xmlmemory.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command *find_command(const char *name) {
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static int unknown_command(const char *name, struct err *err) {
    struct nearest nearest = {.wanted = name, .edits = NEAR_WORD};
    for (const struct command *command = commands; command->name; command++)
        nearest_try(&nearest, command->name);
    err_usage(err, "there is no command '%s'", name);
    if (nearest_word(&nearest))
        err_remedy(err, "did you mean `goneaway %s`?", nearest_word(&nearest));
    return err_remedy(err, "`goneaway --help` shows the commands");
}

static int fail(const struct err *err) {
    cleanup_free char *what = utf8_shown(err->what, true), *remedy = utf8_shown(err->remedy, true);
    fprintf(stderr, "goneaway: %s\n", what);
    if (*remedy)
        fprintf(stderr, "goneaway: remedy: %s\n", remedy);
    return err->kind == ERR_USAGE && !err->exhausted ? STATUS_USAGE : STATUS_MACHINE;
}

// To git, every status from 1 to 127 except 125 means a bad commit.
static int bisect_status(int status, int ret, bool parsed) {
    if (!parsed)
        return STATUS_ABORT;
    return ret < 0 || fflush(stdout) != 0 ? STATUS_UNTESTED : status;
}

// Ends silently, as any program whose output pipe has no reader: nobody is there to be told.
static void end_unread(void) {
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

// `explain --program` asks about an option that `explain` itself does not have.
static void take_option_for_word(const struct command *command, int argc, char **argv) {
    const struct option_row *row;
    if (strcmp(command->name, "explain") != 0 || argc != 2 || !text_starts(argv[1], "--"))
        return;
    for (size_t i = 0; (row = option_row_at(i)); i++)
        if (strcmp(row->name, argv[1] + 2) == 0 && !(row->commands & command->bit)) {
            argv[1] += 2;
            return;
        }
}

static int run_command(const struct command *command, mode_t mask, int argc, char **argv) {
    struct err err = {0};
    struct options options;
    take_option_for_word(command, argc, argv);
    int ret = options_parse(command, argc, argv, &options, &err);
    if (ret > 0)
        return STATUS_OK;
    bool parsed = ret == 0;
    options.umask = mask;
    if (parsed)
        ret = command->run(&options, &err);
    if (ret < 0 && err.unread && !options.bisect)
        end_unread();
    int status = ret < 0 ? fail(&err) : ret;
    return options.bisect ? bisect_status(status, ret, parsed) : status;
}

static void *reallocate(void *pointer, size_t size) {
    return xrealloc(pointer, size, 1);
}

// A library that runs out of memory might silently omit something from a record or a report, unless
// each of its calls were checked. So that ends the process, as our own allocations do.
static void bound_libraries(void) {
    json_set_alloc_funcs(xmalloc, free);
    xmlMemSetup(free, xmalloc, reallocate, xstrdup);
}

// If standard output or error is closed, a report that got its number would receive messages meant
// for people. The placeholder opened here cannot be used either, so lost output is still reported.
static void hold_standard(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(STATUS_MACHINE);
}

// With too small a stack a run would end by SIGSEGV. The limit applies to the first thread at once.
static int ensure_stack(struct err *err) {
    enum { LEAST_BYTES = 512 << 10, USUAL_BYTES = 8 << 20 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= LEAST_BYTES)
        return 0;
    limit.rlim_cur = limit.rlim_max < USUAL_BYTES ? limit.rlim_max : USUAL_BYTES;
    if (limit.rlim_cur >= LEAST_BYTES && setrlimit(RLIMIT_STACK, &limit) == 0)
        return 0;
    err_set(err, "the stack is limited to %llu KiB, which is too little",
            (unsigned long long)limit.rlim_cur >> 10);
    return err_remedy(
        err, "`ulimit -s 8192` in the shell that starts it; its hard limit has to allow that");
}

// Lost standard output is an error, whatever the command was. errno no longer says why if an
// earlier write failed.
static int end(int status) {
    bool flushed = fflush(stdout) == 0;
    if (flushed && !ferror(stdout))
        return status;
    const char *why = flushed ? "an earlier write failed" : strerror(errno);
    if (outlet_is_deserted(STDOUT_FILENO))
        end_unread();
    fprintf(stderr, "goneaway: write to stdout: %s\n", why);
    return status == STATUS_OK ? STATUS_MACHINE : status;
}

int main(int argc, char **argv) {
    struct err err = {0};
    hold_standard();
    bound_libraries();
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a file that exceeds its limit is reported by write()
    signal(SIGCHLD, SIG_DFL); // inherited as ignored, it would lose the ends of our children
    mode_t mask = umask(022);
    if (ensure_stack(&err) < 0)
        return fail(&err);
    const char *name = argc > 1 ? argv[1] : "";
    if (!*name) {
        options_print_help(stderr, NULL);
        return STATUS_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        options_print_help(stdout, NULL);
        return end(STATUS_OK);
    }
    if (strcmp(name, "--version") == 0) {
        printf("goneaway %s\n", goneaway_version);
        return end(STATUS_OK);
    }
    const struct command *command = find_command(name);
    if (!command) {
        unknown_command(name, &err);
        return fail(&err);
    }
    return end(run_command(command, mask, argc - 1, argv + 1));
}
