// SPDX-License-Identifier: Apache-2.0
// needs.c - probes what a machine must be able to do, by doing it
#include "world/needs.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"
#include "world/needs_rules.h"
#include "world/sockdiag.h"
#include "world/threads.h"
#include "world/world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

const char *const need_names[NEED_COUNT] = {
    [NEED_NAMESPACES] = "namespaces",
    [NEED_OVERLAY] = "overlay",
    [NEED_CONTAINER] = "container",
    [NEED_LINKS] = "links",
    [NEED_FIREWALL] = "firewall",
    [NEED_SOCKETS] = "sockets",
    [NEED_CONNTRACK] = "conntrack",
    [NEED_CONNBYTES] = "connbytes",
    [NEED_STRING] = "string",
    [NEED_CONNLIMIT] = "connlimit",
    [NEED_RECENT] = "recent",
    [NEED_NAT] = "nat",
    [NEED_IPV6] = "ipv6",
    [NEED_NAMES] = "names",
    [NEED_NETEM] = "netem",
    [NEED_PACKETS] = "packets",
    [NEED_MEMORY_CGROUP] = "memory-cgroup",
    [NEED_THREADS] = "threads",
};
const char *const need_docs[NEED_COUNT] = {
    [NEED_NAMESPACES] = "user, mount, PID and network namespaces",
    [NEED_OVERLAY] = "overlay mounts in a user namespace",
    [NEED_CONTAINER] = "containers by bubblewrap",
    [NEED_LINKS] = "virtual links, addresses and routes",
    [NEED_FIREWALL] = "iptables rules that reject, with counters",
    [NEED_SOCKETS] = "the kernel's list of sockets (INET_DIAG, UNIX_DIAG)",
    [NEED_NAMES] = "a name service that can be slow and can fail (dnsmasq)",
    [NEED_NETEM] = "a network with delay, loss and little bandwidth (netem)",
    [NEED_CONNTRACK] = "firewall rules by state of a connection, and the list of connections",
    [NEED_CONNBYTES] = "firewall rules by packets and bytes of a connection",
    [NEED_STRING] = "firewall rules by content of a packet",
    [NEED_CONNLIMIT] = "firewall rules by number of open connections",
    [NEED_RECENT] = "firewall rules by number of recent connections",
    [NEED_NAT] = "source NAT that forgets idle connections",
    [NEED_IPV6] = "IPv6, with a firewall",
    [NEED_PACKETS] = "packet sockets, for evidence on the wire",
    [NEED_MEMORY_CGROUP] =
        "memory cgroups, for a server killed by the kernel (`all` does not ask it)",
    [NEED_THREADS] = "a limit of threads, for a server that can start no more",
};

static int try_overlay(struct err *err) {
    cleanup_free char *root =
        container_overlay(SANDBOX_DIR "/probe", (const char *const[]){"/etc", NULL}, err);
    return root ? 0 : -1;
}

static int try_container(struct err *err) {
    const char *argv[] = {"/bin/true", NULL};
    struct container_spec spec = {.root = "/",
                                  .argv = argv,
                                  .netns = -1,
                                  .in = -1,
                                  .out = -1,
                                  .err = open("/dev/null", O_WRONLY | O_CLOEXEC)};
    struct container container;
    int status = 0;
    int ret = container_open(&container, &spec, err);
    if (ret == 0 && (!container_ended(&container, clock_ms() + 10000, &status) || status != 0))
        ret = err_set(err, "bubblewrap could not run /bin/true (status %d)", WEXITSTATUS(status));
    container_close(&container);
    close(spec.err);
    return ret < 0 ? err_remedy(err, "install the package bubblewrap") : 0;
}

static int try_links(struct err *err) {
    struct world world;
    int ret = world_open(&world, err);
    if (ret == 0)
        ret = world_begin_case(&world, 0, err);
    struct err ignored;
    if (ret == 0)
        ret = world_end_case(&world, err);
    else
        world_end_case(&world, &ignored);
    world_close(&world);
    return ret < 0 ? err_remedy(err, "the kernel needs CONFIG_VETH (module veth)") : 0;
}

static int try_sockets(struct err *err) {
    struct netns own;
    struct sock_query nothing = {.inode = 1};
    struct sock_info info;
    int ret = netns_open_own(&own, err);
    if (ret == 0 && (sockdiag_find_tcp(&own, &nothing, &info, err) < 0 ||
                     sockdiag_find_unix(&own, &nothing, &info, err) < 0))
        ret = -1;
    netns_close(&own);
    return ret;
}

static int try_packets(struct err *err) {
    cleanup_close int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        return 0;
    err_errno(err, "open a packet socket");
    return err_remedy(err, "the kernel needs CONFIG_PACKET (as root: modprobe af_packet), and "
                           "nothing must forbid packet sockets, such as a container's seccomp "
                           "profile");
}

// Tries the behaviours that demand most of dnsmasq's version and of the kernel.
static int try_names(struct err *err) {
    static const int ways[] = {NAMES_SERVFAIL, NAMES_SLOW, NAMES_CLOSED};
    struct world world;
    int ret = world_open(&world, err);
    if (ret == 0)
        ret = world_begin_case(&world, 0, err);
    for (size_t i = 0; ret == 0 && i < COUNT_OF(ways); i++)
        ret = names_become(&world.names, SIDE_APP, ways[i], -1, err);
    struct err ignored;
    world_end_case(&world, &ignored);
    world_close(&world);
    return ret < 0 ? err_remedy(err, "install the packages dnsmasq-base (2.88 or later) and "
                                     "iptables; the kernel needs the match hashlimit (as root: "
                                     "modprobe xt_hashlimit)")
                   : 0;
}

// The kernel's own comes first: it costs nothing.
static int try_netem(struct need_state *state, struct err *err) {
    cleanup_text struct text why = {0};
    bool exhausted = false;
    for (enum netem_backend backend = NETEM_KERNEL; backend < NETEM_BACKENDS; backend++) {
        if (state->only != NETEM_NONE && state->only != backend)
            continue;
        struct err refused = {0};
        state->netem = backend;
        if (netem_try(backend, &refused) == 0)
            return 0;
        exhausted |= refused.exhausted;
        text_printf(&why, "%s%s: %s", why.length ? "; " : "", netem_name(backend), refused.what);
    }
    state->netem = NETEM_NONE;
    err_set(err, "%.1000s", text_get(&why));
    err->exhausted = exhausted;
    return err_remedy(err, "either a kernel with CONFIG_NET_SCH_NETEM (as root: modprobe "
                           "sch_netem), or install the package user-mode-linux");
}

// The cgroups of the probing sandbox.
static struct cgroup_home cgroups;

static int try_memory_cgroup(struct err *err) {
    struct cgroup cgroup;
    int64_t kills;
    if (cgroup_open(&cgroup, &cgroups, CGROUP_MEMORY, 0, (int64_t)64 << 20, err) < 0)
        return -1;
    int ret = cgroup_count(&cgroup, &kills, err);
    struct err ignored;
    int closed = cgroup_close(&cgroup, clock_ms() + 1000, ret < 0 ? &ignored : err);
    return ret < 0 ? ret : closed;
}

static int try_threads(struct err *err) {
    return thread_limit_try(&cgroups, err);
}

// NULL: the need is a firewall rule.
static int (*const tries[NEED_COUNT])(struct err *) = {
    [NEED_OVERLAY] = try_overlay, [NEED_CONTAINER] = try_container,
    [NEED_LINKS] = try_links,     [NEED_SOCKETS] = try_sockets,
    [NEED_NAMES] = try_names,     [NEED_MEMORY_CGROUP] = try_memory_cgroup,
    [NEED_THREADS] = try_threads, [NEED_PACKETS] = try_packets,
};

static void note(struct need_state *state, int ret, const struct err *err) {
    state->met = ret == 0;
    if (state->met)
        return;
    state->exhausted = err->exhausted;
    snprintf(state->how, sizeof state->how, "%.500s", err->what);
    snprintf(state->remedy, sizeof state->remedy, "%.500s", err->remedy);
}

// ---- trying ------------------------------------------------------------------------------------

// Whether a need is to be probed at all.
static bool is_tried(const struct need_state *state) {
    return !state->unasked && !state->recalled;
}

// Marks needs that are firewall rules as met in `ret_met`, if all those asked for are.
static void meet_by_rules(const struct need_state *asked, bool *ret_met) {
    bool tried[NEED_COUNT] = {0}, any = false;
    struct err told_by_each = {0};
    for (int i = 0; i < NEED_COUNT; i++)
        any |= tried[i] = needs_are_rules((enum need)i) && is_tried(&asked[i]);
    if (any && needs_try_rules_together(tried, &told_by_each) == 0)
        memcpy(ret_met, tried, sizeof tried);
}

static int try_one(enum need need, struct need_state *state, struct err *err) {
    if (need == NEED_NETEM)
        return try_netem(state, err);
    return tries[need] ? tries[need](err) : needs_try_rules(need, err);
}

// How many processes this PID namespace has had besides its first.
static int processes_so_far(void) {
    cleanup_text struct text load = {0};
    struct err unknown;
    if (file_read("/proc/loadavg", 256, &load, &unknown) < 0)
        return -1;
    const char *last = strrchr(text_get(&load), ' ');
    return last ? atoi(last) - 1 : -1;
}

struct probe {
    const struct need_state *asked;
    int tell;
};

static int probe_main(void *context) {
    const struct probe *probe = context;
    bool met[NEED_COUNT] = {0};
    limits_enter(&cgroups);
    meet_by_rules(probe->asked, met);
    for (int i = NEED_NAMESPACES + 1; i < NEED_COUNT; i++) {
        struct need_state state = probe->asked[i];
        struct err err = {0};
        if (is_tried(&state))
            note(&state, met[i] ? 0 : try_one((enum need)i, &state, &err), &err);
        if (write(probe->tell, &state, sizeof state) != (ssize_t)sizeof state)
            return 1;
    }
    int processes = processes_so_far();
    return write(probe->tell, &processes, sizeof processes) != (ssize_t)sizeof processes;
}

// A need that could not be probed does not count as missing, or its cases would be skipped and the
// run would be green.
static int check_tried(const struct need_state *states, struct err *err) {
    for (int i = 0; i < NEED_COUNT; i++)
        if (states[i].exhausted)
            return err_set(err, "cannot try whether this machine has %s: %s", need_docs[i],
                           states[i].how);
    return 0;
}

static int read_states(int from, struct need_state *states, int *ret_processes, struct err *err) {
    for (int i = NEED_NAMESPACES + 1; i < NEED_COUNT; i++)
        if (read(from, &states[i], sizeof states[i]) != (ssize_t)sizeof states[i])
            return err_set(err, "the process that tries whether this machine has %s has ended",
                           need_docs[i]);
    if (read(from, ret_processes, sizeof *ret_processes) != (ssize_t)sizeof *ret_processes)
        return err_set(err, "the process that tries what this machine has has ended");
    return 0;
}

// `ret_processes`: how many it started inside; the sandbox itself is one more.
static int try_in_sandbox(struct need_state *states, struct limits *limits, int *ret_processes,
                          struct err *err) {
    int ends[2];
    struct sandbox sandbox;
    struct err refused = {0};
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    cleanup_close int from = ends[0];
    struct probe probe = {.asked = states, .tell = ends[1]};
    limits_give(limits, &cgroups);
    cleanup_free struct sandbox_place *places = limits_places(&cgroups, NULL);
    const struct sandbox_spec spec = {.body = probe_main,
                                      .context = &probe,
                                      .places = places,
                                      .keep = (const int[]){ends[1], -1}};
    int opened = sandbox_open(&sandbox, &spec, &refused);
    close(ends[1]);
    note(&states[NEED_NAMESPACES], opened, &refused);
    for (int i = NEED_NAMESPACES + 1; opened < 0 && i < NEED_COUNT; i++)
        states[i] = (struct need_state){.how = "not tried, because an earlier need is missing"};
    int told = opened == 0 ? read_states(from, states, ret_processes, err) : 0;
    if (opened == 0)
        sandbox_close(&sandbox);
    limits_take(&cgroups);
    return told;
}

int needs_probe(struct need_state *states, struct limits *limits, struct need_cost *ret_cost,
                struct err *err) {
    double began = clock_ms();
    *ret_cost = (struct need_cost){0};
    for (int i = 0; i < NEED_COUNT; i++)
        ret_cost->tried += is_tried(&states[i]);
    if (ret_cost->tried > 0 && try_in_sandbox(states, limits, &ret_cost->processes, err) < 0)
        return -1;
    ret_cost->processes += ret_cost->tried > 0;
    ret_cost->ms = clock_ms() - began;
    return check_tried(states, err);
}
