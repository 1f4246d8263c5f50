// SPDX-License-Identifier: Apache-2.0
// iptables.c - the program iptables, and the counters that it lists
#include "world/iptables.h"

#include "base/clock.h"
#include "base/proc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// iptables answers in milliseconds; on a loaded machine it may take a while.
enum { IPTABLES_DEADLINE_MS = 20000 };

int iptables_run(const char *const *argv, int netns, struct text *output, struct err *err) {
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = netns};
    return proc_run(&spec, clock_ms() + IPTABLES_DEADLINE_MS, output, err);
}

int iptables_restore(const char *rules, bool ipv6, int netns, struct err *err) {
    const char *argv[] = {ipv6 ? "ip6tables-restore" : "iptables-restore", "-w", "--noflush", NULL};
    size_t length = strlen(rules);
    cleanup_close int in = memfd_create("rules", MFD_CLOEXEC);
    if (in < 0 || write(in, rules, length) != (ssize_t)length || lseek(in, 0, SEEK_SET) < 0)
        return err_errno(err, "write rules");
    struct proc_spec spec = {.argv = argv, .in = in, .out = -1, .err = -1, .netns = netns};
    return proc_run(&spec, clock_ms() + IPTABLES_DEADLINE_MS, NULL, err);
}

int iptables_read_count(const char *listing, const char *id, int64_t *ret_packets,
                        struct err *err) {
    cleanup_free char *plain = xprintf("--comment %s ", id);
    cleanup_free char *quoted = xprintf("--comment \"%s\" ", id);
    const char *rule = strstr(listing, plain);
    if (!rule)
        rule = strstr(listing, quoted);
    // "-c PACKETS BYTES" stands somewhere in the rule's line
    const char *counters = rule ? strstr(rule, "-c ") : NULL;
    if (!counters || counters > strchrnul(rule, '\n'))
        return err_set(err, "iptables does not list the rule of '%s':\n%s", id, listing);
    *ret_packets = strtoll(counters + strlen("-c "), NULL, 10);
    return 0;
}
