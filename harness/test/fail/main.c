// SPDX-License-Identifier: Apache-2.0
// main.c - `make faults`: lets each call of the harness that can fail do so, in each command
//
// usage: goneaway-faults [--jobs N] [--late|--always] [--verbose] PROGRAM FOLDER [PATTERN]
//
// Each command runs once undisturbed, and the places of its calls are noted. Then it runs once for
// each place, whose call fails: the first time it is made; with --late one of the last times, where
// there are several; or always. PATTERN, a regular expression, chooses places by their lines:
// "COMMAND: CALL: FUNCTION (FILE:LINE) of ..". FOLDER is for files of the runs. With --verbose also
// tells what went well, and what no command comes to. Exit status 0: all ended as run.c wants
// it; 1: some did not, with a line for each; 3: this program could not do its work.
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "test/fail/places.h"
#include "test/fail/run.h"

#include <getopt.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { DEADLINE_MS = 30000, MOST_JOBS = 16, CACHE_DEADLINE_MS = 120000, NOTHING_RAN = 4 };

#define ONE "--server", "mariadb-10.11", "--connector", "mariadb-c", "--jobs", "1"
#define REPORTED ONE, "--report", "json=@/report.json"

static const struct fail_command commands[] = {
    {.name = "check", .every = true, .arguments = {"check", "scenarios/server/kill-idle.yml"}},
    {.name = "run", // the second and third show how a need that could not be tried is treated
     .every = true,
     .arguments = {"run", "kill-idle@tcp", "firewall-block/reset@tcp", "name-lookup/nxdomain@tcp",
                   ONE, "--report", "human", "--report", "json=@/report.json", "--report",
                   "junit=@/report.xml", "--report", "tap=@/report.tap"}},
    {.name = "prepare",
     .every = true,
     .prepares = true,
     .arguments = {"prepare", "--server", "mariadb-10.11", "--connector", "mariadb-c"}},
    {.name = "run-wrong",
     .arguments = {"run", "fixtures/test/fail/wrong-code.yml", "fixtures/test/fail/crash.yml",
                   "fixtures/test/fail/other-rows.yml", REPORTED, "--report", "junit=@/report.xml",
                   "--report", "tap=@/report.tap"}},
    {.name = "run-forked",
     .arguments = {"run", "forked-connection/own@socket", "kill-running/sleeping@socket",
                   REPORTED}},
    {.name = "run-path",
     .arguments = {"run", "no-route/link@tcp", "mtu-black-hole/sent@tls", "route-cut/brief@tcp",
                   REPORTED}},
    {.name = "run-peer",
     .arguments = {"run", "malformed-login/login@socket", "malformed-command@tcp",
                   "out-of-order/answer@socket", REPORTED}},
    {.name = "run-nat", .arguments = {"run", "nat-flushed@tcp", REPORTED}},
    {.name = "run-proxy", .arguments = {"run", "proxy-idle/client@tcp", REPORTED}},
    {.name = "run-limits",
     .arguments = {"run", "memory/thread@socket", "descriptors/some@tcp",
                   "too-many-connections/full@socket", REPORTED}},
    {.name = "run-cgroup",
     .arguments = {"run", "threads/none@tcp", "oom-kill/enough@tcp", REPORTED}},
    {.name = "run-restart",
     .arguments = {"run", "server-restart/kill@tcp", "socket-destroyed/app@tcp", REPORTED}},
    {.name = "run-netem", .arguments = {"run", "lossy-link-heals/answer@tls", REPORTED}},
    {.name = "run-names",
     .arguments = {"run", "reverse-lookup/skipped@tcp", "net-write-timeout/raised@tcp", REPORTED}},
    {.name = "check-all", .arguments = {"check", "scenarios"}},
    {.name = "check-bad", .arguments = {"check", "fixtures/test/bad"}},
    {.name = "list", .arguments = {"list"}},
    {.name = "list-causes", .arguments = {"list", "causes", "--markdown"}},
    {.name = "explain-code", .arguments = {"explain", "2013"}},
    {.name = "explain", .arguments = {"explain"}},
    {.name = "schema", .arguments = {"check", "--schema"}},
    {.name = "doctor", .arguments = {"doctor"}},
};

/** The result of a place, and the exit status of the process that tried it. */
enum end { HARMLESS, TOLD, NOT_MET, WRONG, END_COUNT };
static const char *const ends[] = {[HARMLESS] = "harmless", [NOT_MET] = "not met again"};

struct session {
    const char *program, *folder;
    const regex_t *pattern; // NULL: all
    int jobs;
    enum { FIRST, LATE, ALWAYS } when;
    bool verbose;
    struct places known; // of all commands so far
};

static int fail(const struct err *err) {
    fprintf(stderr, "goneaway-faults: %s\n", err->what);
    if (err->remedy[0])
        fprintf(stderr, "goneaway-faults: remedy: %s\n", err->remedy);
    return 3;
}

static bool fits(const struct session *session, const struct fail_command *command,
                 const struct place *place) {
    cleanup_free char *line = xprintf("%s: %s", command->name, place->name);
    return (session->when == FIRST || place->count > 1) &&
           (!session->pattern || regexec(session->pattern, line, 0, NULL, 0) == 0);
}

// ---- one place, in a process of its own --------------------------------------------------------

static void print_end(const struct fail_command *command, const struct place *place,
                      const char *why) {
    enum { MOST_SHOWN = 700 };
    cleanup_text struct text line = {0};
    for (const char *c = why; *c && line.length < MOST_SHOWN; c++)
        text_append(&line, *c == '\n' ? " / " : c, *c == '\n' ? 3 : 1);
    printf("%s: %s: %s\n", command->name, place->name, text_get(&line));
    fflush(stdout);
}

// After a failure that was reported, the same command must work on the cache that it left.
static int try_again(struct fail_run run, const struct fail_seen *expected, char **ret_why,
                     struct err *err) {
    struct fail_seen seen;
    run.place = "";
    run.keeps_cache = true;
    if (fail_run(&run, &seen, err) < 0)
        return -1;
    if (seen.status != 0 || strcmp(text_get(&seen.cached), text_get(&expected->cached)) != 0)
        *ret_why = xprintf("the next prepare does not mend it: %s", text_get(&seen.err));
    fail_seen_release(&seen);
    return 0;
}

// The message that the program printed, for people.
static const char *told(const struct fail_seen *seen) {
    const char *why = strstr(text_get(&seen->out), "\n why ");
    return seen->err.length > 0 ? seen->err.data : why ? why + 1 : text_get(&seen->out);
}

static int try_place(const struct fail_run *run, const struct place *place,
                     const struct fail_seen *expected, bool verbose) {
    struct fail_seen seen;
    struct err err;
    if (fail_run(run, &seen, &err) < 0)
        return fail(&err);
    cleanup_free char *why = fail_judge(run, &seen, expected);
    enum end end = why ? WRONG : seen.status == expected->status ? HARMLESS : TOLD;
    if (end == TOLD && run->command->prepares && try_again(*run, expected, &why, &err) < 0)
        return fail(&err);
    if (!why && !seen.fired)
        end = NOT_MET;
    if (why || verbose)
        print_end(run->command, place, why ? why : end == TOLD ? told(&seen) : ends[end]);
    return why ? WRONG : end;
}

// ---- all places of a command -------------------------------------------------------------------

static char *folder_of(const struct session *session, const char *what, int slot) {
    return xprintf("%s/%s-%d", session->folder, what, slot);
}

// Late, but not the very last time: a place that polls is not reached equally often in each run.
static unsigned number_of(const struct session *session, const struct place *place) {
    return session->when == FIRST    ? 1
           : session->when == ALWAYS ? 0
                                     : place->count - place->count / 4;
}

static pid_t start_place(const struct session *session, const struct fail_command *command,
                         const struct place *place, const struct fail_seen *expected, int slot) {
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct fail_run run = {.command = command,
                           .program = session->program,
                           .folder = folder_of(session, "run", slot),
                           .cache = folder_of(session, "cache", slot),
                           .place = place->key,
                           .number = number_of(session, place),
                           .deadline_ms = DEADLINE_MS};
    int status = try_place(&run, place, expected, session->verbose);
    fflush(NULL);
    _exit(status < 0 ? 10 : status);
}

static void take_end(pid_t *slots, int jobs, size_t *counts) {
    int status = 0;
    pid_t pid = wait(&status);
    for (int i = 0; i < jobs; i++)
        if (slots[i] == pid)
            slots[i] = 0;
    counts[WIFEXITED(status) && WEXITSTATUS(status) < END_COUNT ? WEXITSTATUS(status) : WRONG]++;
}

static void try_places(const struct session *session, const struct fail_command *command,
                       const struct places *places, const struct fail_seen *expected,
                       size_t *counts) {
    pid_t slots[MOST_JOBS] = {0};
    int running = 0;
    for (size_t i = 0; i < places->count; i++) {
        if (!fits(session, command, &places->items[i]))
            continue;
        if (running == session->jobs) {
            take_end(slots, session->jobs, counts);
            running--;
        }
        int slot = 0;
        while (slots[slot])
            slot++;
        slots[slot] = start_place(session, command, &places->items[i], expected, slot);
        running++;
    }
    for (; running > 0; running--)
        take_end(slots, session->jobs, counts);
}

// ---- commands ----------------------------------------------------------------------------------

// Makes a cache for each job; what takes long to make and is only read is shared.
static int make_caches(const struct session *session, struct err *err) {
    const char *from = getenv("GONEAWAY_CACHE"), *home = getenv("HOME");
    cleanup_free char *cache =
        from && *from ? xstrdup(from) : xprintf("%s/.cache/goneaway", home ? home : "");
    for (int slot = 0; slot < session->jobs; slot++) {
        cleanup_free char *to = folder_of(session, "cache", slot);
        cleanup_free char *command =
            xprintf("mkdir -p '%s' && { cp -al '%s'/mariadb-10.11-root-* '%s' || "
                    "cp -a '%s'/mariadb-10.11-root-* '%s'; }",
                    to, cache, to, cache, to);
        const char *const argv[] = {"sh", "-c", command, NULL};
        struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
        if (file_remove_tree(to, err) < 0 ||
            proc_run(&spec, clock_ms() + CACHE_DEADLINE_MS, NULL, err) < 0)
            return -1;
    }
    return 0;
}

// Returns 1 if the command cannot do its work on this machine.
static int note_places(struct session *session, const struct fail_command *command,
                       struct places *ret_places, struct fail_seen *ret_expected, struct err *err) {
    cleanup_free char *folder = folder_of(session, "run", 0);
    cleanup_free char *cache = folder_of(session, "cache", 0);
    cleanup_free char *shared = xprintf("%s/shared", folder);
    struct fail_run run = {.command = command,
                           .program = session->program,
                           .folder = folder,
                           .cache = cache,
                           .place = "",
                           .deadline_ms = DEADLINE_MS};
    char text[64];
    if (fail_run(&run, ret_expected, err) < 0)
        return -1;
    int status = ret_expected->status;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOTHING_RAN)
        return 1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 3)
        return err_set(err, "%s fails undisturbed: %s\n%s", command->name,
                       proc_status_text(status, text, sizeof text), text_get(&ret_expected->err));
    if (places_add(ret_places, shared, command->every ? NULL : &session->known, session->program,
                   err) < 0)
        return -1;
    return places_add(&session->known, shared, NULL, session->program, err);
}

static int run_command(struct session *session, const struct fail_command *command, size_t *all,
                       struct err *err) {
    struct places places = {0};
    struct fail_seen expected = {0};
    size_t counts[END_COUNT] = {0}, tried = 0;
    double began_ms = clock_ms();
    int ret = note_places(session, command, &places, &expected, err);
    if (ret > 0)
        printf("%s: not tried, since this machine lacks a need of it\n", command->name);
    if (ret == 0)
        try_places(session, command, &places, &expected, counts);
    for (int i = 0; i < END_COUNT; i++) {
        tried += counts[i];
        all[i] += counts[i];
    }
    if (tried > 0)
        printf("%s: %zu of %zu places: %zu harmless, %zu told, %zu not met again, %zu wrong "
               "(%.0f s)\n",
               command->name, tried, places.count, counts[HARMLESS], counts[TOLD], counts[NOT_MET],
               counts[WRONG], (clock_ms() - began_ms) / 1e3);
    fail_seen_release(&expected);
    places_release(&places);
    return ret < 0 ? -1 : 0;
}

static int run_all(struct session *session, struct err *err) {
    size_t all[END_COUNT] = {0}, sites = 0, unmet = 0;
    if (places_check(session->program, err) < 0 || make_caches(session, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (run_command(session, &commands[i], all, err) < 0)
            return -1;
    if (places_count_unmet(&session->known, session->program, session->verbose, &sites, &unmet,
                           err) < 0)
        return -1;
    printf("%zu harmless, %zu told, %zu not met again, %zu wrong; %zu of the program's %zu calls "
           "were met\n",
           all[HARMLESS], all[TOLD], all[NOT_MET], all[WRONG], sites - unmet, sites);
    return all[WRONG] > 0;
}

int main(int argc, char **argv) {
    static const struct option longs[] = {{"jobs", required_argument, NULL, 'j'},
                                          {"late", no_argument, NULL, 'l'},
                                          {"always", no_argument, NULL, 'a'},
                                          {"verbose", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    struct session session = {.jobs = 2};
    struct err err = {0};
    for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (option == '?')
            return 2;
        if (option == 'l' || option == 'a')
            session.when = option == 'l' ? LATE : ALWAYS;
        session.verbose |= option == 'v';
        if (option == 'j')
            session.jobs = atoi(optarg);
    }
    if (argc - optind < 2 || session.jobs < 1 || session.jobs > MOST_JOBS) {
        fprintf(stderr, "usage: goneaway-faults [--jobs N] [--late|--always] [--verbose] PROGRAM "
                        "FOLDER [PATTERN]\n");
        return 2;
    }
    session.program = argv[optind];
    cleanup_free char *folder = realpath(argv[optind + 1], NULL);
    session.folder = folder;
    regex_t pattern;
    if (argv[optind + 2] && regcomp(&pattern, argv[optind + 2], REG_EXTENDED | REG_NOSUB) != 0) {
        fprintf(stderr, "goneaway-faults: '%s' is not a regular expression\n", argv[optind + 2]);
        return 2;
    }
    session.pattern = argv[optind + 2] ? &pattern : NULL;
    int ret = run_all(&session, &err);
    if (session.pattern)
        regfree(&pattern);
    places_release(&session.known);
    return ret < 0 ? fail(&err) : ret;
}
