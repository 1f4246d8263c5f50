// SPDX-License-Identifier: Apache-2.0
// firewall.h - packet filter rules between the hosts, by iptables, that count what they catch
#ifndef GONEAWAY_WORLD_FIREWALL_H
#define GONEAWAY_WORLD_FIREWALL_H

#include "base/err.h"
#include "plan/language.h"

#include <stdint.h>

/** Adds the rule of a fault to the caller's namespace, which is the wire. `id` finds it again.
 * `answer` is an iptables name of `reject_words`, NULL: drop silently. */
int firewall_add(const char *id, enum side from, const char *answer, struct err *err);
/** Removes the rule and tells how many packets it has caught. */
int firewall_remove(const char *id, enum side from, const char *answer, int64_t *ret_packets,
                    struct err *err);
/** How many packets the rule has caught so far. */
int firewall_count(const char *id, int64_t *ret_packets, struct err *err);
/** Removes all rules. */
int firewall_flush(struct err *err);

#endif
