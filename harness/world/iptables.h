// SPDX-License-Identifier: Apache-2.0
// iptables.h - the programs iptables and ip6tables: commands for them, and the counters that they
// list
//
// Nobody else runs them. A rule that is to be counted carries a comment, by which it is found
// again.
#ifndef GONEAWAY_WORLD_IPTABLES_H
#define GONEAWAY_WORLD_IPTABLES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "world/netns.h"

#include <stdbool.h>
#include <stdint.h>

enum { IPTABLES_MOST_WORDS = 64 };

/** A command in the making; iptables_run() and iptables_write() end it. */
struct iptables {
    struct arena *arena;
    const struct netns *netns; ///< NULL: the caller's
    const char *argv[IPTABLES_MOST_WORDS];
    size_t count;
};

/** Begins a command, with words that are separated by spaces. */
struct iptables iptables_begin(const struct netns *netns, bool ipv6, const char *words);
/** Adds words that are separated by spaces. */
void iptables_add_words(struct iptables *command, const char *words);
/** Adds one word, which may contain spaces and must live until the command is run. */
void iptables_add_word(struct iptables *command, const char *word);
/** Adds words, and a number behind them. */
void iptables_add_number(struct iptables *command, const char *words, int64_t number);
/** Adds the comment by which iptables_count() finds the rule. */
void iptables_add_comment(struct iptables *command, const char *id);
/** Carries it out. `output` may be NULL. */
int iptables_run(struct iptables command, struct text *output, struct err *err);
/** Appends it to what iptables_restore() is to carry out, instead. */
void iptables_write(struct iptables command, struct text *lines);

/** Adds what `rules` says, as iptables-restore(8) has it, all or nothing. */
int iptables_restore(const char *rules, bool ipv6, const struct netns *netns, struct err *err);
/** How many packets the rule of a chain with the comment `id` has caught so far. */
int iptables_count(const struct netns *netns, bool ipv6, const char *table, const char *chain,
                   const char *id, int64_t *ret_packets, struct err *err);
/** The packets of the rule with the comment `id` in what `-v -S` has listed. */
int iptables_read_count(const char *listing, const char *id, int64_t *ret_packets, struct err *err);

#endif
