// SPDX-License-Identifier: Apache-2.0
// watch.c - how much the processes below one use, as far as occasional looks can tell
#include "test/lib/watch.h"

#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

static struct process {
    pid_t pid, parent;
    int threads;
    int64_t memory;
    bool counted;
} * processes;
static size_t process_count;

static int64_t own_memory(const char *pid) {
    cleanup_free char *path = xprintf("/proc/%s/statm", pid);
    cleanup_text struct text text = {0};
    struct err ignored;
    long long size, resident, shared;
    if (file_read(path, 4096, &text, &ignored) < 0 ||
        sscanf(text_get(&text), "%lld %lld %lld", &size, &resident, &shared) != 3)
        return 0;
    return (resident - shared) * sysconf(_SC_PAGESIZE);
}

static void add(const char *name) {
    struct process process = {.pid = atoi(name)};
    cleanup_free char *path = xprintf("/proc/%s/stat", name);
    cleanup_text struct text text = {0};
    struct err ignored;
    if (file_read(path, 4096, &text, &ignored) < 0)
        return;
    const char *rest = strrchr(text_get(&text), ')');
    if (!rest ||
        sscanf(rest, ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d",
               &process.parent, &process.threads) != 2)
        return;
    process.memory = own_memory(name);
    processes = xrealloc(processes, process_count + 1, sizeof *processes);
    processes[process_count++] = process;
}

void watch_begin(void) {
    DIR *folder = opendir("/proc");
    process_count = 0;
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        if (isdigit((unsigned char)entry->d_name[0]))
            add(entry->d_name);
    if (folder)
        closedir(folder);
}

static bool is_counted(pid_t pid) {
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].pid == pid)
            return processes[i].counted;
    return false;
}

// When pids have wrapped around, a child may come before its parent, so this repeats until nothing
// is added.
void watch_look(struct watch *watch, pid_t root) {
    struct watch sum = {0};
    for (size_t i = 0; i < process_count; i++)
        processes[i].counted = processes[i].pid == root;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < process_count; i++)
            if (!processes[i].counted && is_counted(processes[i].parent))
                processes[i].counted = more = true;
    }
    for (size_t i = 0; i < process_count; i++) {
        sum.memory += processes[i].counted ? processes[i].memory : 0;
        sum.threads += processes[i].counted ? processes[i].threads : 0;
    }
    watch->memory = sum.memory > watch->memory ? sum.memory : watch->memory;
    watch->threads = sum.threads > watch->threads ? sum.threads : watch->threads;
}
