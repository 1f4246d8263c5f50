// SPDX-License-Identifier: Apache-2.0
// proc.c - child processes
#include "base/proc.h"

#include "base/clock.h"
#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

// Runs in the child between clone and exec, so only async-signal-safe calls. Returns only on
// failure.
static void become(const struct proc_spec *spec, const char *path) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    struct rlimit descriptors = {spec->descriptors, spec->descriptors};
    if (spec->new_session)
        setsid();
    if (spec->descriptors && setrlimit(RLIMIT_NOFILE, &descriptors) < 0)
        return;
    if (spec->netns >= 0 && setns(spec->netns, CLONE_NEWNET) < 0)
        return;
    int in = spec->in >= 0 ? spec->in : open("/dev/null", O_RDONLY);
    if (in < 0 || dup2(in, 0) < 0 || (spec->out >= 0 && dup2(spec->out, 1) < 0) ||
        (spec->err >= 0 && dup2(spec->err, 2) < 0))
        return;
    // client libraries open their sockets without close-on-exec
    if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return;
    for (const int *fd = spec->keep; fd && *fd >= 0; fd++)
        if (fcntl(*fd, F_SETFD, 0) < 0)
            return;
    // without PR_SET_NO_NEW_PRIVS, which bubblewrap sets itself: the caller has all capabilities
    if (spec->syscalls && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, spec->syscalls) < 0)
        return;
    execve(path, (char *const *)spec->argv, spec->env ? (char *const *)spec->env : environ);
}

// Ends the process where a guess could decide a verdict.
_Noreturn static void end(const char *what) {
    struct err err;
    err_errno(&err, "%s", what);
    err_end(&err);
}

// waitpid() that signals do not interrupt.
static pid_t reap(pid_t pid, int *ret_status, int options) {
    pid_t reaped;
    while ((reaped = waitpid(pid, ret_status, options)) < 0 && errno == EINTR)
        ;
    return reaped;
}

/** What a child is to become. */
struct child {
    const struct proc_spec *spec;
    const char *path;
    int tell; ///< errno, if that failed
};

static int run_child(void *context) {
    const struct child *child = context;
    become(child->spec, child->path);
    int number = errno;
    if (write(child->tell, &number, sizeof number) < 0)
        _exit(126);
    _exit(127);
}

// The child's frames never return, so what they poisoned on the stack must be unpoisoned here.
#if defined(__SANITIZE_ADDRESS__)
#define UNMARK(stack) __asan_unpoison_memory_region(stack, sizeof(stack))
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNMARK(stack) __asan_unpoison_memory_region(stack, sizeof(stack))
#endif
#endif
#ifdef UNMARK
void __asan_unpoison_memory_region(const volatile void *from, size_t size);
#else
#define UNMARK(stack) (void)(stack)
#endif

// Like vfork(), but with a stack of its own: the child shares our memory, and we wait until it
// executes the program. Copying the page tables of a process that holds the catalogue would take
// longer than everything else here.
static pid_t clone_child(struct child *child) {
    enum { STACK_BYTES = 64 << 10 };
    alignas(max_align_t) char stack[STACK_BYTES];
    pid_t pid = clone(run_child, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD, child);
    UNMARK(stack);
    return pid;
}

int proc_spawn(const struct proc_spec *spec, pid_t *ret_pid, struct err *err) {
    cleanup_free char *path = proc_find_program(spec->argv[0]);
    if (!path)
        return err_is_exhaustion(errno) ? err_errno(err, "look for %s", spec->argv[0])
                                        : err_set(err, "%s: program not found", spec->argv[0]);
    int failed[2];
    if (pipe2(failed, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    struct child child = {spec, path, failed[1]};
    pid_t pid = clone_child(&child);
    if (pid < 0)
        err_errno(err, "clone");
    close(failed[1]);
    cleanup_close int told = failed[0];
    if (pid < 0)
        return -1;
    int number = 0;
    if (read(told, &number, sizeof number) == (ssize_t)sizeof number) {
        reap(pid, NULL, 0);
        errno = number;
        return err_errno(err, "exec %s", path);
    }
    *ret_pid = pid;
    return 0;
}

static int least_from(const int *fds, int from) {
    int least = INT_MAX;
    for (; *fds >= 0; fds++)
        if (*fds >= from && *fds < least)
            least = *fds;
    return least;
}

int proc_close_others(const int *keep, struct err *err) {
    for (int from = STDERR_FILENO + 1, next; from < INT_MAX; from = next + 1) {
        next = least_from(keep, from);
        if (next > from && close_range((unsigned)from, (unsigned)next - 1, 0) < 0)
            return err_errno(err, "close_range");
        if (next == INT_MAX)
            break;
    }
    return 0;
}

int proc_pidfd(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

bool proc_pidfd_status(int pidfd, int *ret_status) {
    // struct pidfd_info from linux/pidfd.h, which libc headers do not have yet
    struct {
        uint64_t mask, cgroup;
        uint32_t ids[11];
        int32_t status;
    } info = {.mask = 1 << 3}; // PIDFD_INFO_EXIT
    if (ioctl(pidfd, _IOWR(0xff, 11, info), &info) < 0 || !(info.mask & 1 << 3))
        return false;
    *ret_status = info.status;
    return true;
}

int proc_wait(pid_t pid, double deadline_ms, int *ret_status) {
    cleanup_close int pidfd = proc_pidfd(pid);
    struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
    if (pidfd < 0 && err_is_exhaustion(errno))
        end("pidfd_open");
    while (poll(&poll_fd, 1, clock_left_ms(deadline_ms)) < 0)
        if (errno != EINTR)
            end("poll");
    return reap(pid, ret_status, WNOHANG) == pid;
}

// A killed child ends soon, even if many others end with it. But a machine under pressure may fail
// to send the signal, and then we would wait forever.
void proc_kill(pid_t pid) {
    enum { KILL_DEADLINE_MS = 60000, AGAIN_MS = 100 };
    double deadline_ms = clock_ms() + KILL_DEADLINE_MS;
    if (pid <= 0)
        return;
    cleanup_close int pidfd = proc_pidfd(pid);
    do {
        kill(pid, SIGKILL);
        clock_wait(AGAIN_MS, pidfd);
        pid_t ended = waitpid(pid, NULL, WNOHANG);
        if (ended == pid || (ended < 0 && errno == ECHILD))
            return;
    } while (clock_ms() < deadline_ms);
}

int proc_status_of_shell(int status) {
    int number = WIFEXITED(status) ? WEXITSTATUS(status) - 128 : 0;
    return number > 0 && number < NSIG ? number : status; // a bare signal number is its own wait
                                                          // status
}

const char *proc_status_text(int status, char *buffer, size_t size) {
    if (WIFSIGNALED(status))
        snprintf(buffer, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(buffer, size, "exit status %d", WEXITSTATUS(status));
    return buffer;
}

int proc_collect(int fd, double deadline_ms, struct text *output) {
    char buffer[4096];
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int ready = poll(&poll_fd, 1, clock_left_ms(deadline_ms));
        if (ready == 0)
            return 0;
        ssize_t got = ready > 0 ? read(fd, buffer, sizeof buffer) : -1;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            end("read what a program says");
        if (got == 0)
            return 1;
        text_append(output, buffer, (size_t)got);
        if (clock_ms() >= deadline_ms)
            return 0; // checked here too, or endless output would never meet the deadline
    }
}

int proc_run(const struct proc_spec *spec, double deadline_ms, struct text *output,
             struct err *err) {
    cleanup_text struct text own = {0};
    if (!output)
        output = &own;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    struct proc_spec used = *spec;
    used.out = ends[1];
    used.err = ends[1];
    pid_t pid = 0;
    int spawned = proc_spawn(&used, &pid, err);
    close(ends[1]);
    cleanup_close int from = ends[0];
    if (spawned < 0)
        return -1;
    int status = 0;
    char buffer[64];
    if (!proc_collect(from, deadline_ms, output) || !proc_wait(pid, deadline_ms, &status)) {
        proc_kill(pid);
        return err_set(err, "%s: not done before its deadline\n%s", spec->argv[0],
                       text_tail(text_get(output), 10));
    }
    if (status != 0)
        return err_set(err, "%s: %s\n%s", spec->argv[0],
                       proc_status_text(status, buffer, sizeof buffer),
                       text_tail(text_get(output), 10));
    return 0;
}

char *proc_ask(const char *const *argv) {
    enum { ASK_DEADLINE_MS = 10000 };
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    cleanup_text struct text output = {0};
    struct err ignored;
    if (proc_run(&spec, clock_ms() + ASK_DEADLINE_MS, &output, &ignored) < 0)
        return NULL;
    size_t length = output.length;
    while (length > 0 && output.data[length - 1] == '\n')
        length--;
    return xprintf("%.*s", (int)length, text_get(&output));
}

char *proc_find_program(const char *name) {
    if (strchr(name, '/'))
        return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
    const char *path = getenv("PATH");
    cleanup_free char *folders =
        xprintf("%s:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin", path ? path : "");
    char *rest = folders;
    int number = ENOENT;
    for (char *folder; (folder = strsep(&rest, ":"));) {
        cleanup_free char *full = xprintf("%s/%s", *folder ? folder : ".", name);
        if (*folder == '/' && access(full, X_OK) == 0)
            return xstrdup(full);
        number = err_is_exhaustion(errno) ? errno : number;
    }
    errno = number;
    return NULL;
}

// Reads the fields of /proc/.../stat that follow the command's name: state letter and parent.
static char read_stat(const char *path, pid_t *ret_parent) {
    cleanup_text struct text data = {0};
    struct err err;
    if (file_read(path, 65536, &data, &err) < 0) {
        if (err.exhausted)
            err_end(&err);
        return 0;
    }
    const char *after = strrchr(text_get(&data), ')');
    char state = 0;
    int parent = 0;
    if (!after || sscanf(after, ") %c %d", &state, &parent) != 2)
        return 0;
    if (ret_parent)
        *ret_parent = parent;
    return state;
}

bool proc_zombie_status(pid_t pid, int *ret_status) {
    cleanup_free char *path = xprintf("/proc/%d/stat", pid);
    cleanup_text struct text data = {0};
    struct err err;
    if (proc_state(pid) != 'Z' || file_read(path, 65536, &data, &err) < 0)
        return false;
    const char *last = strrchr(text_get(&data), ' '); // the last field is the exit code
    *ret_status = last ? atoi(last + 1) : 0;
    return last != NULL;
}

char proc_state(pid_t pid) {
    cleanup_free char *path = xprintf("/proc/%d/stat", pid);
    return read_stat(path, NULL);
}

static int is_number(const struct dirent *entry) {
    return isdigit((unsigned char)entry->d_name[0]) != 0;
}

// Lists the processes or threads in a folder of /proc; none if there is no such folder.
static int list_numbers(const char *folder, struct dirent ***ret_entries) {
    int count = scandir(folder, ret_entries, is_number, NULL);
    if (count < 0 && err_is_exhaustion(errno))
        end(folder);
    return count;
}

static void free_entries(struct dirent **entries, int count) {
    for (int i = 0; i < count; i++)
        free(entries[i]);
    if (count >= 0)
        free(entries);
}

// Whether all threads of a process (or, with `any`, one of them) are in one of the `wanted` states.
static bool threads_are(pid_t pid, const char *wanted, bool any) {
    cleanup_free char *folder = xprintf("/proc/%d/task", pid);
    struct dirent **tasks;
    int count = list_numbers(folder, &tasks);
    bool result = count >= 0 && !any;
    for (int i = 0; i < count && result == !any; i++) {
        cleanup_free char *path = xprintf("%s/%s/stat", folder, tasks[i]->d_name);
        char state = read_stat(path, NULL);
        if (state != 0 && (strchr(wanted, state) != NULL) == any)
            result = any;
    }
    free_entries(tasks, count);
    return result;
}

bool proc_all_threads_stopped(pid_t pid) {
    return threads_are(pid, "Tt", false);
}

bool proc_any_thread_running(pid_t pid) {
    return threads_are(pid, "R", true);
}

pid_t proc_first_child(pid_t parent) {
    struct dirent **all;
    int count = list_numbers("/proc", &all);
    pid_t found = 0;
    for (int i = 0; i < count && !found; i++) {
        cleanup_free char *path = xprintf("/proc/%s/stat", all[i]->d_name);
        pid_t its_parent = 0;
        if (read_stat(path, &its_parent) && its_parent == parent)
            found = atoi(all[i]->d_name);
    }
    free_entries(all, count);
    return found;
}

struct family {
    pid_t pid, parent;
};

static size_t read_families(struct family **ret) {
    struct dirent **all;
    int count = list_numbers("/proc", &all);
    size_t kept = 0;
    *ret = xcalloc(count > 0 ? (size_t)count : 1, sizeof **ret);
    for (int i = 0; i < count; i++) {
        cleanup_free char *path = xprintf("/proc/%s/stat", all[i]->d_name);
        struct family *one = &(*ret)[kept];
        one->pid = atoi(all[i]->d_name);
        kept += read_stat(path, &one->parent) != 0;
    }
    free_entries(all, count);
    return kept;
}

static bool is_among(pid_t pid, const pid_t *pids, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

size_t proc_descendants(pid_t ancestor, const pid_t *left_out, size_t left_out_count,
                        pid_t **ret_pids) {
    cleanup_free struct family *families = NULL;
    size_t count = read_families(&families), found = 0;
    pid_t *pids = xcalloc(count + 1, sizeof *pids);
    pids[0] = ancestor; // each process found is then asked for its own children
    for (size_t next = 0; next <= found; next++)
        for (size_t i = 0; i < count; i++)
            if (families[i].parent == pids[next] &&
                !is_among(families[i].pid, left_out, left_out_count) &&
                !is_among(families[i].pid, pids, found + 1))
                pids[++found] = families[i].pid;
    memmove(pids, pids + 1, found * sizeof *pids);
    *ret_pids = pids;
    return found;
}
