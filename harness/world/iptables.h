// SPDX-License-Identifier: Apache-2.0
// iptables.h - iptables and ip6tables: building commands, and reading the counters they list
//
// Nothing else runs these programs. A rule whose packets are counted is identified by a comment.
#ifndef GONEAWAY_WORLD_IPTABLES_H
#define GONEAWAY_WORLD_IPTABLES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "world/netns.h"

#include <stdbool.h>
#include <stdint.h>

enum { IPTABLES_MOST_WORDS = 64 };

/** A command being built; finish it with iptables_run() or iptables_write(). */
struct iptables {
    struct arena *arena;
    const struct netns *netns; ///< NULL: the caller's
    const char *argv[IPTABLES_MOST_WORDS];
    size_t count;
};

/** Starts a command, with words that are separated by spaces. */
struct iptables iptables_begin(const struct netns *netns, bool ipv6, const char *words);
/** Adds words that are separated by spaces. */
void iptables_add_words(struct iptables *command, const char *words);
/** Adds one word, which may contain spaces and must stay valid until the command is run. */
void iptables_add_word(struct iptables *command, const char *word);
/** Adds words, followed by a number. */
void iptables_add_number(struct iptables *command, const char *words, int64_t number);
/** Adds the comment by which iptables_count() finds the rule. */
void iptables_add_comment(struct iptables *command, const char *id);
/** Runs the command. `output` may be NULL. */
int iptables_run(struct iptables command, struct text *output, struct err *err);
/** Instead of running it, appends it to the input for iptables_restore(). */
void iptables_write(struct iptables command, struct text *lines);

/** Adds `rules`, in the format of iptables-restore(8), all or nothing. */
int iptables_restore(const char *rules, bool ipv6, const struct netns *netns, struct err *err);
/** How many packets the rule with the comment `id` in a chain has caught so far. */
int iptables_count(const struct netns *netns, bool ipv6, const char *table, const char *chain,
                   const char *id, int64_t *ret_packets, struct err *err);
/** The packets of the rule with the comment `id` in the output of `-v -S`. */
int iptables_read_count(const char *listing, const char *id, int64_t *ret_packets, struct err *err);

#endif
