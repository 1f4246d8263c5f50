// SPDX-License-Identifier: Apache-2.0
// iptables.c - iptables and ip6tables: building commands, and reading the counters they list
#include "world/iptables.h"

#include "base/clock.h"
#include "base/proc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// iptables answers in milliseconds; on a loaded machine it may take a while.
enum { IPTABLES_DEADLINE_MS = 20000 };

/** The programs for a version of IP. */
static const struct {
    const char *command, *restore;
} programs[] = {
    [false] = {"iptables -w", "iptables-restore"},
    [true] = {"ip6tables -w", "ip6tables-restore"},
};

// ---- commands ----------------------------------------------------------------------------------

void iptables_add_word(struct iptables *command, const char *word) {
    if (command->count + 1 < IPTABLES_MOST_WORDS)
        command->argv[command->count++] = word;
}

void iptables_add_words(struct iptables *command, const char *words) {
    char *rest = arena_text(command->arena, words, strlen(words));
    for (char *word; (word = strsep(&rest, " "));)
        iptables_add_word(command, word);
}

void iptables_add_number(struct iptables *command, const char *words, int64_t number) {
    iptables_add_words(command, words);
    iptables_add_word(command, arena_printf(command->arena, "%lld", (long long)number));
}

void iptables_add_comment(struct iptables *command, const char *id) {
    iptables_add_words(command, "-m comment --comment");
    iptables_add_word(command, id);
}

struct iptables iptables_begin(const struct netns *netns, bool ipv6, const char *words) {
    struct iptables command = {.arena = arena_new(), .netns = netns};
    iptables_add_words(&command, programs[ipv6].command);
    iptables_add_words(&command, words);
    return command;
}

static int run(const char *const *argv, int in, const struct netns *netns, struct text *output,
               struct err *err) {
    struct proc_spec spec = {
        .argv = argv, .in = in, .out = -1, .err = -1, .netns = netns ? netns->fd : -1};
    return proc_run(&spec, clock_ms() + IPTABLES_DEADLINE_MS, output, err);
}

int iptables_run(struct iptables command, struct text *output, struct err *err) {
    int ret = run(command.argv, -1, command.netns, output, err);
    arena_free(command.arena);
    return ret;
}

// ---- many at once ------------------------------------------------------------------------------

// In the syntax of iptables-restore: without the program's name and its option -w.
void iptables_write(struct iptables command, struct text *lines) {
    for (size_t i = 2; i < command.count; i++) {
        text_add(lines, i > 2 ? " \"" : "\"");
        for (const char *c = command.argv[i]; *c; c++)
            text_printf(lines, strchr("\"\\", *c) ? "\\%c" : "%c", *c);
        text_add(lines, "\"");
    }
    text_add(lines, "\n");
    arena_free(command.arena);
}

int iptables_restore(const char *rules, bool ipv6, const struct netns *netns, struct err *err) {
    const char *argv[] = {programs[ipv6].restore, "-w", "--noflush", NULL};
    size_t length = strlen(rules);
    cleanup_close int in = memfd_create("rules", MFD_CLOEXEC);
    if (in < 0 || write(in, rules, length) != (ssize_t)length || lseek(in, 0, SEEK_SET) < 0)
        return err_errno(err, "write rules");
    return run(argv, in, netns, NULL, err);
}

// ---- counters ----------------------------------------------------------------------------------

int iptables_count(const struct netns *netns, bool ipv6, const char *table, const char *chain,
                   const char *id, int64_t *ret_packets, struct err *err) {
    cleanup_text struct text listing = {0};
    struct iptables command = iptables_begin(netns, ipv6, "-t");
    iptables_add_word(&command, table);
    iptables_add_words(&command, "-v -S");
    iptables_add_word(&command, chain);
    if (iptables_run(command, &listing, err) < 0)
        return -1;
    return iptables_read_count(text_get(&listing), id, ret_packets, err);
}

// Takes the next word of a rule listed by `-S`, without quotation marks. False: end of the rule.
static bool take_word(const char **rest, struct text *word) {
    bool quoted = false;
    const char *at = *rest + strspn(*rest, " ");
    const char *from = at;
    text_release(word);
    for (; *at && (quoted || !strchr(" \n", *at)); at++) {
        if (*at == '\\' && quoted && at[1])
            text_append(word, ++at, 1);
        else if (*at == '"')
            quoted = !quoted;
        else
            text_append(word, at, 1);
    }
    *rest = at;
    return at > from;
}

static bool is(const struct text *word, const char *text) {
    return strcmp(text_get(word), text) == 0;
}

// Takes a rule. Returns whether it has the comment `id` and "-c PACKETS BYTES".
static bool take_rule(const char **rest, const char *id, int64_t *ret_packets) {
    cleanup_text struct text word = {0}, value = {0};
    bool found = false, counted = false;
    while (take_word(rest, &word)) {
        // the text searched for in packets may look like an option
        bool searched = is(&word, "--string") || is(&word, "--hex-string");
        bool comment = is(&word, "--comment"), counters = is(&word, "-c");
        if ((searched || comment || counters) && take_word(rest, &value)) {
            found |= comment && is(&value, id);
            counted |= counters;
            if (counters)
                *ret_packets = strtoll(text_get(&value), NULL, 10);
        }
    }
    *rest += **rest == '\n';
    return found && counted;
}

int iptables_read_count(const char *listing, const char *id, int64_t *ret_packets,
                        struct err *err) {
    int64_t packets = 0;
    for (const char *rest = listing; *rest;)
        if (take_rule(&rest, id, &packets)) {
            *ret_packets = packets;
            return 0;
        }
    return err_set(err, "iptables does not list the rule of '%s':\n%s", id, listing);
}
