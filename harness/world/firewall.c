// SPDX-License-Identifier: Apache-2.0
// firewall.c - packet filter rules between the hosts, by iptables
#include "world/firewall.h"

#include "base/clock.h"
#include "base/proc.h"
#include "image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// iptables answers in milliseconds; on a loaded machine it may take a while.
enum { IPTABLES_DEADLINE_MS = 20000 };

static int run_iptables(const char *const *argv, struct text *output, struct err *err) {
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    return proc_run(&spec, clock_ms() + IPTABLES_DEADLINE_MS, output, err);
}

// Adds (-A) or removes (-D) the rule of a fault. The app's packets come in from the link `app`.
static int change(const char *what, const char *id, enum side from, const char *answer,
                  struct err *err) {
    const char *argv[32] = {"iptables", "-w",  what, "FORWARD",
                            "-p",       "tcp", "-i", from == SIDE_APP ? "app" : "server"};
    size_t count = 8;
    char port[16];
    snprintf(port, sizeof port, "%d", SERVER_PORT);
    const char *const match[] = {from == SIDE_APP ? "--dport" : "--sport",
                                 port,
                                 "-m",
                                 "comment",
                                 "--comment",
                                 id,
                                 "-j",
                                 answer ? "REJECT" : "DROP"};
    for (size_t i = 0; i < COUNT_OF(match); i++)
        argv[count++] = match[i];
    if (answer) {
        argv[count++] = "--reject-with";
        argv[count++] = answer;
    }
    return run_iptables(argv, NULL, err);
}

int firewall_add(const char *id, enum side from, const char *answer, struct err *err) {
    return change("-A", id, from, answer, err);
}

int firewall_remove(const char *id, enum side from, const char *answer, int64_t *ret_packets,
                    struct err *err) {
    if (firewall_count(id, ret_packets, err) < 0)
        return -1;
    return change("-D", id, from, answer, err);
}

int firewall_count(const char *id, int64_t *ret_packets, struct err *err) {
    static const char *const argv[] = {"iptables", "-w", "-v", "-S", "FORWARD", NULL};
    cleanup_text struct text output = {0};
    if (run_iptables(argv, &output, err) < 0)
        return -1;
    cleanup_free char *comment = xprintf("--comment %s ", id);
    cleanup_free char *quoted = xprintf("--comment \"%s\" ", id);
    const char *rule = strstr(text_get(&output), comment);
    if (!rule)
        rule = strstr(text_get(&output), quoted);
    // "-c PACKETS BYTES" stands somewhere in the rule's line
    const char *end = rule ? strchrnul(rule, '\n') : NULL;
    const char *counters = rule ? strstr(rule, "-c ") : NULL;
    if (!counters || counters > end)
        return err_set(err, "iptables does not list the rule of '%s':\n%s", id, text_get(&output));
    *ret_packets = strtoll(counters + strlen("-c "), NULL, 10);
    return 0;
}

int firewall_flush(struct err *err) {
    static const char *const argv[] = {"iptables", "-w", "-F", NULL};
    return run_iptables(argv, NULL, err);
}
