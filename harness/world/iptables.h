// SPDX-License-Identifier: Apache-2.0
// iptables.h - the program iptables, and the counters that it lists
#ifndef GONEAWAY_WORLD_IPTABLES_H
#define GONEAWAY_WORLD_IPTABLES_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/** Runs a command, ended by NULL, in a network namespace (-1: the caller's). `output` may be NULL.
 */
int iptables_run(const char *const *argv, int netns, struct text *output, struct err *err);
/** Adds what `rules` says, as iptables-restore(8) has it, all or nothing. */
int iptables_restore(const char *rules, bool ipv6, int netns, struct err *err);
/** The packets of the rule with the comment `id` in what `-v -S` has listed. */
int iptables_read_count(const char *listing, const char *id, int64_t *ret_packets, struct err *err);

#endif
