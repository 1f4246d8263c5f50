// SPDX-License-Identifier: Apache-2.0
// stuck.c - where the threads of a process are, by what the kernel says of them
//
// No debugger looks at them: an adapter is a stranger's program, and so are its symbols.
#include "run/stuck.h"

#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

// The system calls in which a client usually waits; `file`: the first argument is a descriptor.
static const struct call {
    const char *name;
    long number;
    bool file;
} calls[] = {
    {"read", SYS_read, true},
    {"readv", SYS_readv, true},
    {"write", SYS_write, true},
    {"writev", SYS_writev, true},
    {"recvfrom", SYS_recvfrom, true},
    {"recvmsg", SYS_recvmsg, true},
    {"sendto", SYS_sendto, true},
    {"sendmsg", SYS_sendmsg, true},
    {"connect", SYS_connect, true},
    {"accept4", SYS_accept4, true},
    {"epoll_pwait", SYS_epoll_pwait, true},
    {"ppoll", SYS_ppoll, false},
    {"pselect6", SYS_pselect6, false},
    {"futex", SYS_futex, false},
    {"nanosleep", SYS_nanosleep, false},
    {"clock_nanosleep", SYS_clock_nanosleep, false},
    {"wait4", SYS_wait4, false},
    {"restart_syscall", SYS_restart_syscall, false},
#ifdef SYS_poll // later architectures have only the p.. calls
    {"poll", SYS_poll, false},
    {"select", SYS_select, false},
    {"epoll_wait", SYS_epoll_wait, true},
    {"pause", SYS_pause, false},
#endif
};

static const struct call *call_numbered(long number) {
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        if (calls[i].number == number)
            return &calls[i];
    return NULL;
}

// A file of a thread in /proc, up to its first line feed; "" if it cannot be read.
static void read_thread(pid_t pid, const char *thread, const char *name, struct text *ret) {
    struct err ignored;
    cleanup_free char *path = xprintf("/proc/%d/task/%s/%s", pid, thread, name);
    if (file_read(path, 4096, ret, &ignored) < 0)
        text_release(ret);
    if (ret->length > 0)
        ret->data[strcspn(ret->data, "\n")] = '\0';
}

// "socket:[4711]"
static void add_file(struct text *out, pid_t pid, unsigned long descriptor) {
    char target[128];
    cleanup_free char *path = xprintf("/proc/%d/fd/%lu", pid, descriptor);
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length > 0)
        text_printf(out, " of %.*s", (int)length, target);
}

// The file `syscall` has "7 0x7ffe..", the call's number and its arguments; or "running".
static void add_call(struct text *out, pid_t pid, const char *said) {
    long number = -1;
    unsigned long first = 0;
    if (sscanf(said, "%ld %lx", &number, &first) < 1) {
        text_add(out, said);
        return;
    }
    const struct call *call = call_numbered(number);
    if (!call) {
        text_printf(out, number < 0 ? "no system call" : "system call %ld", number);
        return;
    }
    text_add(out, call->name);
    if (call->file)
        add_file(out, pid, first);
}

static void add_thread(struct text *out, pid_t pid, const char *thread) {
    cleanup_text struct text name = {0}, call = {0}, place = {0};
    read_thread(pid, thread, "comm", &name);
    read_thread(pid, thread, "syscall", &call);
    read_thread(pid, thread, "wchan", &place);
    if (!*text_get(&call))
        return;
    text_printf(out, "%s%s: ", out->length > 0 ? "\n" : "", text_get(&name));
    add_call(out, pid, text_get(&call));
    // "0": in none, or none that we may know; what follows a dot is the compiler's
    if (place.length > 0 && *place.data != '0')
        text_printf(out, ", in %.*s", (int)strcspn(place.data, "."), place.data);
}

char *stuck_tell(pid_t pid) {
    enum { MOST = 12 };
    struct text out = {0};
    cleanup_free char *path = xprintf("/proc/%d/task", pid);
    DIR *threads = opendir(path);
    int count = 0;
    for (struct dirent *entry; threads && count < MOST && (entry = readdir(threads));)
        if (isdigit((unsigned char)*entry->d_name)) {
            add_thread(&out, pid, entry->d_name);
            count++;
        }
    if (threads)
        closedir(threads);
    return out.data ? out.data : xstrdup("");
}
