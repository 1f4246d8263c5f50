// SPDX-License-Identifier: Apache-2.0
// recall.c - remembers needs that an earlier run found met, so that the next one need not probe
// them
#include "world/recall.h"

#include "base/file.h"
#include "base/proc.h"
#include "base/text.h"

#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifndef GONEAWAY_LIBEXECDIR
#define GONEAWAY_LIBEXECDIR "/usr/local/libexec/goneaway"
#endif

enum { MOST_BYTES = 64 << 10 };

/** All programs that decide whether a need is met. Cases may run others. */
static const char *const tools[] = {"bwrap",     "dnsmasq",          "iptables",
                                    "ip6tables", "iptables-restore", "ip6tables-restore",
                                    "linux.uml"};

/** What identifies the boot, the caller and its container, and settings that forbid namespaces. */
static const char *const facts[] = {"/proc/sys/kernel/random/boot_id",
                                    "/proc/version",
                                    "/proc/self/uid_map",
                                    "/proc/self/attr/current",
                                    "/proc/sys/user/max_user_namespaces",
                                    "/proc/sys/user/max_net_namespaces",
                                    "/proc/sys/kernel/unprivileged_userns_clone",
                                    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"};

// ---- the key -----------------------------------------------------------------------------------

static void add_file(struct text *key, const char *name, const char *path) {
    struct stat info;
    if (path && stat(path, &info) == 0)
        text_printf(key, "%s %s %llu:%llu %lld %lld.%09ld\n", name, path,
                    (unsigned long long)info.st_dev, (unsigned long long)info.st_ino,
                    (long long)info.st_size, (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    else
        text_printf(key, "%s -\n", name);
}

// What User-Mode Linux runs, next to the program or as installed.
static void add_guest(struct text *key) {
    static const char *const names[] = {"goneaway-netem", "goneaway-netem.so"};
    char self[PATH_MAX] = "";
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    const char *const folders[] = {dirname(self), GONEAWAY_LIBEXECDIR};
    for (size_t i = 0; i < COUNT_OF(folders) * COUNT_OF(names); i++) {
        cleanup_free char *path = xprintf("%s/%s", folders[i / 2], names[i % 2]);
        add_file(key, "guest", path);
    }
}

// For files in /proc, which have no size.
static void add_fact(struct text *key, const char *path) {
    char data[4096];
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, data, sizeof data - 1);
    data[got > 0 ? got : 0] = '\0';
    text_printf(key, "%s %s\n", path, data);
}

static void add_link(struct text *key, const char *path) {
    char target[256] = "";
    ssize_t length = readlink(path, target, sizeof target - 1);
    text_printf(key, "%s %.*s\n", path, length > 0 ? (int)length : 0, target);
}

// Capabilities, no_new_privs and seccomp, which a container or sudo may change.
static void add_rights(struct text *key) {
    static const char *const lines[] = {"CapEff:", "CapBnd:", "NoNewPrivs:", "Seccomp:", "Groups:"};
    cleanup_text struct text status = {0};
    struct err unknown;
    if (file_read("/proc/self/status", MOST_BYTES, &status, &unknown) < 0)
        text_add(key, "?");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const char *line = strstr(text_get(&status), lines[i]);
        text_printf(key, "%.*s\n", line ? (int)strcspn(line, "\n") : 0, line ? line : "");
    }
    text_printf(key, "uid %u %u\n", getuid(), geteuid());
}

static void make_key(const char *version, struct text *key) {
    text_printf(key, "goneaway %s\n", version);
    add_file(key, "program", "/proc/self/exe");
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        cleanup_free char *path = proc_find_program(tools[i]);
        add_file(key, tools[i], path);
    }
    add_guest(key);
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        add_fact(key, facts[i]);
    add_rights(key);
    add_link(key, "/proc/self/ns/user");
    add_link(key, "/proc/self/ns/mnt");
    add_link(key, "/proc/self/ns/pid");
}

// ---- the file ----------------------------------------------------------------------------------

static char *path_of(const char *cache) {
    return xprintf("%s/needs.json", cache);
}

// Whether nobody but the caller may have written it.
static bool is_ours(int fd) {
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           !(info.st_mode & (S_IWGRP | S_IWOTH)) && info.st_size <= MOST_BYTES;
}

// The needs known to be met, as an object: need -> how; NULL: none.
static json_t *load(const char *path, const char *key) {
    char data[MOST_BYTES];
    cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t got = fd >= 0 && is_ours(fd) ? read(fd, data, sizeof data) : -1;
    json_t *file = got > 0 ? json_loadb(data, (size_t)got, 0, NULL) : NULL;
    const char *its_key = json_string_value(json_object_get(file, "key"));
    json_t *met = its_key && strcmp(its_key, key) == 0 ? json_object_get(file, "met") : NULL;
    met = json_is_object(met) ? json_incref(met) : NULL;
    json_decref(file);
    return met;
}

// Written under another name and renamed, since another run may read it at any time. If it cannot
// be written, nothing is kept.
static void save(const char *path, json_t *file) {
    cleanup_free char *data = json_dumps(file, JSON_INDENT(1) | JSON_SORT_KEYS);
    cleanup_free char *aside = xprintf("%s.%d", path, getpid());
    struct err untold;
    if (!data)
        return;
    if (file_write(aside, data, strlen(data), &untold) < 0 || rename(aside, path) < 0)
        unlink(aside);
}

// ---- needs -------------------------------------------------------------------------------------

// A bad network by a particular backend is another need than one by any.
static char *name_of(int need, enum netem_backend only) {
    return need == NEED_NETEM ? xprintf("%s/%s", need_names[need], netem_name(only))
                              : xstrdup(need_names[need]);
}

// What meets it: a backend, or the caller's place among the cgroups. To be freed.
static char *how_met(int need, enum netem_backend by) {
    struct text how = {0};
    if (need == NEED_NETEM)
        text_add(&how, netem_name(by));
    else if (need == NEED_MEMORY_CGROUP || need == NEED_THREADS)
        add_fact(&how, "/proc/self/cgroup");
    return how.data ? how.data : xstrdup("");
}

static bool recalls(const json_t *met, int need, struct need_state *state) {
    cleanup_free char *name = name_of(need, state->only);
    const char *how = json_string_value(json_object_get(met, name));
    if (need == NEED_NETEM)
        state->netem = netem_backend_named(how);
    cleanup_free char *now = how_met(need, state->netem);
    return how && strcmp(how, now) == 0 && (need != NEED_NETEM || state->netem != NETEM_NONE);
}

void recall_needs(const char *cache, const char *version, struct need_state *states) {
    const char *asked = getenv("GONEAWAY_PROBE");
    cleanup_text struct text key = {0};
    cleanup_free char *path = path_of(cache);
    if (asked && strcmp(asked, "always") == 0)
        return;
    make_key(version, &key);
    json_t *met = load(path, text_get(&key));
    for (int i = 0; i < NEED_COUNT; i++) {
        struct need_state state = states[i];
        if (!state.unasked && recalls(met, i, &state)) {
            state.met = state.recalled = true;
            states[i] = state;
        }
    }
    json_decref(met);
}

void recall_keep(const char *cache, const char *version, const struct need_state *states) {
    cleanup_text struct text key = {0};
    cleanup_free char *path = path_of(cache);
    bool any = false;
    make_key(version, &key);
    json_t *met = load(path, text_get(&key));
    if (!met)
        met = json_object();
    for (int i = 0; i < NEED_COUNT; i++) {
        const struct need_state *state = &states[i];
        if (state->unasked || state->recalled || !state->met)
            continue;
        cleanup_free char *name = name_of(i, state->only);
        cleanup_free char *how = how_met(i, state->netem);
        json_object_set_new(met, name, json_string(how));
        any = true;
    }
    json_t *file = json_pack("{s:s, s:o}", "key", text_get(&key), "met", met);
    if (any && file)
        save(path, file);
    json_decref(file);
}

void recall_forget(const char *cache) {
    cleanup_free char *path = path_of(cache);
    unlink(path);
}
