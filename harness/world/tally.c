// SPDX-License-Identifier: Apache-2.0
// tally.c - packets counted in the wire, by iptables
#include "world/tally.h"

#include "base/clock.h"
#include "base/proc.h"

#include <string.h>

// iptables answers in milliseconds; on a loaded machine it may take a while.
enum { IPTABLES_DEADLINE_MS = 20000 };

static int run_iptables(const char *const *argv, struct text *output, struct err *err) {
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    return proc_run(&spec, clock_ms() + IPTABLES_DEADLINE_MS, output, err);
}

// Before the routing decision there is only `mangle` and `raw`; `filter` sees nothing of a packet
// that no route takes.
static const char *table_of(const struct tally *tally) {
    return tally->arriving ? "mangle" : "filter";
}

static const char *chain_of(const struct tally *tally) {
    return tally->arriving ? "PREROUTING" : "OUTPUT";
}

static int change(const char *what, const struct tally *tally, struct err *err) {
    const char *argv[32] = {
        "iptables", "-w",      "-t", table_of(tally), what,        chain_of(tally),
        "-d",       tally->to, "-m", "comment",       "--comment", tally->id};
    const char *const arriving[] = {"-i", tally->link, "-p", "tcp"};
    const char *const leaving[] = {"-p", "icmp", "--icmp-type", "fragmentation-needed"};
    size_t count = 12;
    for (size_t i = 0; i < COUNT_OF(arriving); i++)
        argv[count++] = tally->arriving ? arriving[i] : leaving[i];
    if (tally->drop) {
        argv[count++] = "-j";
        argv[count++] = "DROP";
    }
    return run_iptables(argv, NULL, err);
}

int tally_add(const struct tally *tally, struct err *err) {
    return change("-A", tally, err);
}

// The packets of the rule's line, "-c PACKETS BYTES"; -1 if it is not there.
static int64_t read_count(const char *listing, const char *id) {
    cleanup_free char *plain = xprintf("--comment %s ", id);
    cleanup_free char *quoted = xprintf("--comment \"%s\" ", id);
    const char *rule = strstr(listing, plain);
    if (!rule)
        rule = strstr(listing, quoted);
    const char *counters = rule ? strstr(rule, "-c ") : NULL;
    return counters && counters < strchrnul(rule, '\n')
               ? strtoll(counters + strlen("-c "), NULL, 10)
               : -1;
}

int tally_count(const struct tally *tally, int64_t *ret_packets, struct err *err) {
    const char *argv[] = {"iptables",      "-w", "-t", table_of(tally), "-v", "-S",
                          chain_of(tally), NULL};
    cleanup_text struct text output = {0};
    if (run_iptables(argv, &output, err) < 0)
        return -1;
    int64_t packets = read_count(text_get(&output), tally->id);
    if (packets < 0)
        return err_set(err, "iptables does not list the rule of '%s':\n%s", tally->id,
                       text_get(&output));
    *ret_packets = packets;
    return 0;
}

int tally_remove(const struct tally *tally, int64_t *ret_packets, struct err *err) {
    if (tally_count(tally, ret_packets, err) < 0)
        return -1;
    return change("-D", tally, err);
}
