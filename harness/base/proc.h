// SPDX-License-Identifier: Apache-2.0
// proc.h - child processes
#ifndef GONEAWAY_BASE_PROC_H
#define GONEAWAY_BASE_PROC_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <sys/types.h>

struct sock_fprog;

/** How a child is started. Initialise with `= {.in = -1, .out = -1, .err = -1, .netns = -1}`. */
struct proc_spec {
    const char *const *argv;           ///< argv[0] is looked up in PATH
    const char *const *env;            ///< NULL: as the caller's
    int in, out, err;                  ///< -1: /dev/null for in; the caller's for out and err
    int netns;                         ///< network namespace to run in; -1: the caller's
    const int *keep;                   ///< further descriptors to pass on, ended by -1; NULL: none
    bool new_session;                  ///< own session and process group
    unsigned descriptors;              ///< limit of open descriptors; 0: the caller's
    const struct sock_fprog *syscalls; ///< a filter for seccomp(2); NULL: none
};
/** Starts a program. A program that cannot be executed is an error here. Sets `ret_pid`. */
int proc_spawn(const struct proc_spec *spec, pid_t *ret_pid, struct err *err);

/** Closes all descriptors of this process except 0 to 2 and those in `keep`, ended by -1. */
int proc_close_others(const int *keep, struct err *err);
/** A pidfd of a process, close-on-exec; -1 with errno. */
int proc_pidfd(pid_t pid);
/** The wait status of a process, not necessarily our child, by a pidfd opened before it ended.
 * False if it is unknown: kernels before Linux 6.15 do not report it. */
bool proc_pidfd_status(int pidfd, int *ret_status);
/** The same for a process that has not been reaped yet, by its number. */
bool proc_zombie_status(pid_t pid, int *ret_status);
/** Waits for a child until a deadline (clock_ms()); 1 ended, 0 not yet. Sets `ret_status` as
 * waitpid() does. */
int proc_wait(pid_t pid, double deadline_ms, int *ret_status);
/** Kills a child with SIGKILL and reaps it; gives up after a minute if that cannot be done. */
void proc_kill(pid_t pid);
/** Decodes the exit of a program that behaves like a shell, which reports its child's death by a
 * signal as exit status 128 + signal. The two cases cannot be told apart. */
int proc_status_of_shell(int status);
/** How a child ended, "exit status 3" or "signal 9 (Killed)". */
const char *proc_status_text(int status, char *buffer, size_t size);

/** Runs a program to its end with stdout and stderr collected in `output` (may be NULL). An exit
 * status other than 0 is an error that shows the output's last lines. */
int proc_run(const struct proc_spec *spec, double deadline_ms, struct text *output,
             struct err *err);
/** Reads a child's output from a pipe until its last writer closes it; 1, or 0 at the deadline. */
int proc_collect(int fd, double deadline_ms, struct text *output);
/** Runs a program and returns what it prints, without the final line feed, to be freed; NULL if it
 * fails or does not finish within 10 s. */
char *proc_ask(const char *const *argv);
/** The absolute path of a program in PATH or the sbin folders, to be freed; NULL with errno. */
char *proc_find_program(const char *name);

// Verdicts depend on the answers below; if /proc cannot be read, they end the process (err_end()).

/** State letter of a process in /proc (R, S, D, T, Z ..), 0 if there is none. */
char proc_state(pid_t pid);
/** Whether every thread of a process is stopped (state T; or t, by a tracer, which may let it go
 * on). */
bool proc_all_threads_stopped(pid_t pid);
/** Whether some thread of a process is running or could run (state R). */
bool proc_any_thread_running(pid_t pid);
/** The only or first child of a process, 0 if it has none. */
pid_t proc_first_child(pid_t parent);
/** All descendants of `ancestor`, parents before their children, except those in `left_out` and
 * everything below them. Returns the count; `ret_pids` is to be freed. */
size_t proc_descendants(pid_t ancestor, const pid_t *left_out, size_t left_out_count,
                        pid_t **ret_pids);

#endif
