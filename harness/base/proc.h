// SPDX-License-Identifier: Apache-2.0
// proc.h - child processes
#ifndef GONEAWAY_BASE_PROC_H
#define GONEAWAY_BASE_PROC_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <sys/types.h>

struct sock_fprog;

/** How a child is started. Start with `= {.in = -1, .out = -1, .err = -1, .netns = -1}`. */
struct proc_spec {
    const char *const *argv;           ///< argv[0] is looked up in PATH
    const char *const *env;            ///< NULL: as the caller's
    int in, out, err;                  ///< -1: /dev/null for in; the caller's for out and err
    int netns;                         ///< network namespace to run in; -1: the caller's
    const int *keep;                   ///< further descriptors that it has, ended by -1; NULL: none
    bool new_session;                  ///< own session and process group
    unsigned descriptors;              ///< how many it may have open; 0: as the caller
    const struct sock_fprog *syscalls; ///< a filter for seccomp(2); NULL: none
};
/** Starts a program. A program that cannot be executed is an error here. Sets `ret_pid`. */
int proc_spawn(const struct proc_spec *spec, pid_t *ret_pid, struct err *err);

/** Closes all descriptors of this process but 0 to 2 and those of `keep`, ended by -1. */
int proc_close_others(const int *keep, struct err *err);
/** A pidfd of a process, close-on-exec; -1 with errno. */
int proc_pidfd(pid_t pid);
/** How a process that need not be a child of ours has ended, as of waitpid(), by a pidfd that was
 * opened before. False if that is not known: before Linux 6.15 the kernel does not tell. */
bool proc_pidfd_status(int pidfd, int *ret_status);
/** The same of a process that nobody has waited for yet, by its number. */
bool proc_zombie_status(pid_t pid, int *ret_status);
/** Waits for a child until a deadline (clock_ms()); 1 ended, 0 not yet. Sets `ret_status` as
 * waitpid() does. */
int proc_wait(pid_t pid, double deadline_ms, int *ret_status);
/** Kills a child with SIGKILL and reaps it; gives up after a minute if that cannot be done. */
void proc_kill(pid_t pid);
/** The end that a program which behaves like a shell tells of its child by its own: its exit status
 * is then 128 and the child's signal. Which of the two it was cannot be told apart. */
int proc_status_of_shell(int status);
/** How a child ended, "exit status 3" or "signal 9 (Killed)". */
const char *proc_status_text(int status, char *buffer, size_t size);

/** Runs a program to its end with stdout and stderr collected in `output` (may be NULL). An exit
 * status other than 0 is an error that shows the output's last lines. */
int proc_run(const struct proc_spec *spec, double deadline_ms, struct text *output,
             struct err *err);
/** Reads what a child prints to a pipe until nobody holds its other end; 1, or 0 at the deadline.
 */
int proc_collect(int fd, double deadline_ms, struct text *output);
/** Asks a program a question: what it prints, without the line feed at its end, to be freed; NULL
 * if it fails or does not answer within 10 s. */
char *proc_ask(const char *const *argv);
/** The absolute path of a program in PATH or the sbin folders, or NULL with errno. Free it. */
char *proc_find_program(const char *name);

// What these find out decides verdicts; where /proc cannot be read, they end the process
// (err_end()).

/** State letter of a process in /proc (R, S, D, T, Z ..), 0 if there is none. */
char proc_state(pid_t pid);
/** Whether every thread of a process is stopped (state T, or t under a tracer, which may let it go
 * on). */
bool proc_all_threads_stopped(pid_t pid);
/** Whether some thread of a process is running or could run (state R). */
bool proc_any_thread_running(pid_t pid);
/** The only or first child of a process, 0 if it has none. */
pid_t proc_first_child(pid_t parent);
/** The processes below `ancestor`, each behind the one that started it, without what lies below
 * those of `left_out`, nor they themselves. Returns how many, with `ret_pids` to be freed. */
size_t proc_descendants(pid_t ancestor, const pid_t *left_out, size_t left_out_count,
                        pid_t **ret_pids);

#endif
