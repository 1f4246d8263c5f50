// SPDX-License-Identifier: Apache-2.0
// watchdog.c - what the workers use of the machine
#include "sandbox/watchdog.h"

#include "base/text.h"
#include "sandbox/room.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_BYTES_GIB = 4, FLOOR_BYTES = 512 << 20 };

// ---- reading -----------------------------------------------------------------------------------

// The number after a key in a file of /proc, such as "\nVmSwap:"; 0 if it is missing.
static int64_t number_of(const char *text, const char *key) {
    const char *found = strstr(text, key);
    return found ? strtoll(found + strlen(key), NULL, 10) : 0;
}

// A process chooses its own name, so only printable characters are kept.
static void read_name(const char *status, char name[16]) {
    const char *at = text_starts(status, "Name:\t") ? status + strlen("Name:\t") : "";
    size_t length = 0;
    for (; length < 15 && at[length] && at[length] != '\n'; length++)
        name[length] = at[length] > ' ' && at[length] < 127 ? at[length] : '?';
    name[length] = '\0';
}

static void add_process(struct watch_table *table, pid_t pid, const char *status) {
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? table->capacity * 2 : 512;
        table->processes = xrealloc(table->processes, table->capacity, sizeof *table->processes);
    }
    struct watch_process *process = &table->processes[table->count++];
    *process = (struct watch_process){
        .pid = pid,
        .parent = (pid_t)number_of(status, "\nPPid:"),
        .bytes = (number_of(status, "\nRssAnon:") + number_of(status, "\nRssShmem:") +
                  number_of(status, "\nVmPTE:") + number_of(status, "\nVmSwap:")) *
                 1024,
        .threads = number_of(status, "\nThreads:"),
        .owner = -1};
    read_name(status, process->name);
}

static bool read_file(int folder, const char *path, char *buffer, size_t size) {
    cleanup_close int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, buffer, size - 1);
    buffer[got > 0 ? got : 0] = '\0';
    return got > 0;
}

static int64_t meminfo(int folder, const char *key) {
    char text[4096];
    int64_t kilobytes = read_file(folder, "meminfo", text, sizeof text) ? number_of(text, key) : 0;
    return kilobytes > 0 ? kilobytes * 1024 : -1;
}

int watch_read(struct watch_table *table) {
    DIR *all = opendir("/proc");
    table->count = 0;
    if (!all)
        return -1;
    for (struct dirent *entry; (entry = readdir(all));) {
        static char status[1 << 20]; // its list of groups may be this long
        char path[64];
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "%.20s/status", entry->d_name);
        if (read_file(dirfd(all), path, status, sizeof status)) // otherwise it has ended meanwhile
            add_process(table, (pid_t)atoi(entry->d_name), status);
    }
    closedir(all);
    table->available_bytes = room_memory("/proc/meminfo");
    return 0;
}

int watch_fitting(int wanted, int64_t available_bytes) {
    int64_t fitting = available_bytes / ((int64_t)WATCH_WORKER_MIB << 20);
    if (available_bytes < 0 || fitting >= wanted)
        return wanted;
    return fitting < 1 ? 1 : (int)fitting;
}

void watch_release(struct watch_table *table) {
    free(table->processes);
    *table = (struct watch_table){0};
}

struct watch_limits watch_default_limits(void) {
    cleanup_close int folder = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int64_t total = meminfo(folder, "MemTotal:"), bytes = (int64_t)DEFAULT_BYTES_GIB << 30;
    // if the machine had little memory from the start, the workers are not to blame
    int64_t floor = room_memory("/proc/meminfo") / 4;
    return (struct watch_limits){.bytes =
                                     total > 0 && total / 4 * 3 < bytes ? total / 4 * 3 : bytes,
                                 .threads = WATCH_MOST_THREADS,
                                 .floor_bytes = floor < FLOOR_BYTES ? floor : FLOOR_BYTES};
}

// ---- owners ------------------------------------------------------------------------------------

static int by_pid(const void *a, const void *b) {
    const struct watch_process *one = a, *other = b;
    return (one->pid > other->pid) - (one->pid < other->pid);
}

static struct watch_process *find(const struct watch_table *table, pid_t pid) {
    struct watch_process key = {.pid = pid};
    return pid > 0 && table->count > 0
               ? bsearch(&key, table->processes, table->count, sizeof key, by_pid)
               : NULL;
}

enum { NOBODYS = -1, NOT_FOUND_YET = -2 };

static int worker_with_pid(pid_t pid, const pid_t *workers, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (workers[i] > 0 && workers[i] == pid)
            return (int)i;
    return NOT_FOUND_YET;
}

// The table was read while processes came and went, so a chain of parents may be broken, or
// circular.
static int owner_of(const struct watch_table *table, const struct watch_process *process) {
    size_t hops = 0;
    while (process && process->owner == NOT_FOUND_YET && hops++ < table->count)
        process = find(table, process->parent);
    return process && process->owner != NOT_FOUND_YET ? process->owner : NOBODYS;
}

// All processes on the way to a known owner get that owner too, so that no chain is followed twice,
// however long a stranger makes it.
static void set_owner(const struct watch_table *table, struct watch_process *process, int owner) {
    for (; process && process->owner == NOT_FOUND_YET; process = find(table, process->parent))
        process->owner = owner;
}

void watch_find_owners(struct watch_table *table, const pid_t *workers, size_t count) {
    if (table->count > 0)
        qsort(table->processes, table->count, sizeof *table->processes, by_pid);
    for (size_t i = 0; i < table->count; i++)
        table->processes[i].owner = worker_with_pid(table->processes[i].pid, workers, count);
    for (size_t i = 0; i < table->count; i++)
        set_owner(table, &table->processes[i], owner_of(table, &table->processes[i]));
}

// ---- too much ----------------------------------------------------------------------------------

struct use {
    int64_t bytes, threads;
};

// What is used below a worker: by all processes, or by those with one name.
static struct use use_of(const struct watch_table *table, int worker, const char *name) {
    struct use use = {0};
    for (size_t i = 0; i < table->count; i++) {
        const struct watch_process *one = &table->processes[i];
        if (one->owner != worker || (name && strcmp(one->name, name) != 0))
            continue;
        use.bytes += one->bytes;
        use.threads += one->threads;
    }
    return use;
}

// The process that uses most, by name: `adapter`, `mysqld` ..
static const struct watch_process *find_largest(const struct watch_table *table, int worker,
                                                bool threads) {
    enum { MOST_NAMES = 200 }; // how many are considered; a stranger can make thousands
    const struct watch_process *largest = NULL;
    int64_t most = -1;
    for (size_t i = 0, names = 0; i < table->count && names < MOST_NAMES; i++) {
        const struct watch_process *one = &table->processes[i];
        if (one->owner != worker)
            continue;
        struct use use = use_of(table, worker, one->name);
        int64_t size = threads ? use.threads : use.bytes;
        names++;
        if (size > most) {
            most = size;
            largest = one;
        }
    }
    return largest;
}

static char *reason_threads(const struct watch_table *table, int worker, int64_t threads,
                            int64_t limit) {
    const struct watch_process *largest = find_largest(table, worker, true);
    return xprintf("its processes had %lld threads, %lld of them those of `%s`; the limit is %lld",
                   (long long)threads, (long long)use_of(table, worker, largest->name).threads,
                   largest->name, (long long)limit);
}

static double gib(int64_t bytes) {
    return (double)bytes / (1 << 30);
}

static char *reason_bytes(const struct watch_table *table, int worker, int64_t bytes,
                          const char *limit) {
    const struct watch_process *largest = find_largest(table, worker, false);
    return xprintf("its processes took %.2f GiB of memory, %.2f of them `%s`; %s", gib(bytes),
                   gib(use_of(table, worker, largest->name).bytes), largest->name, limit);
}

int watch_judge(const struct watch_table *table, size_t workers, const struct watch_limits *limits,
                char **ret_reason) {
    struct use most = {0};
    int largest = -1;
    for (size_t i = 0; i < workers; i++) {
        struct use use = use_of(table, (int)i, NULL);
        if (use.threads > limits->threads) {
            *ret_reason = reason_threads(table, (int)i, use.threads, limits->threads);
            return (int)i;
        }
        if (use.bytes > most.bytes) {
            most = use;
            largest = (int)i;
        }
    }
    cleanup_free char *limit = NULL;
    if (largest < 0)
        return -1;
    if (most.bytes > limits->bytes)
        limit = xprintf("the limit is %.2f GiB", gib(limits->bytes));
    else if (table->available_bytes >= 0 && table->available_bytes < limits->floor_bytes)
        limit = xprintf("the machine had only %.2f GiB left", gib(table->available_bytes));
    if (!limit)
        return -1;
    *ret_reason = reason_bytes(table, largest, most.bytes, limit);
    return largest;
}
