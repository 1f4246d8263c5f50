// SPDX-License-Identifier: Apache-2.0
// attack.c - reading the files of fixtures/test/hostile
#include "test/lib/attack.h"

#include "base/file.h"
#include "test/lib/head.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

enum { WITHIN_S = 20, MEMORY_BYTES = 1 << 30, HEAD_MAX_BYTES = 64 << 10 };

static const struct {
    const char *pattern, *ending;
    enum attack_kind kind;
} kinds[] = {
    {"scenarios/*.yml", ".yml", ATTACK_SCENARIO}, {"scenarios/*.sh", ".yml.sh", ATTACK_PRINTED},
    {"adapters/*.sh", ".sh", ATTACK_ADAPTER},     {"code/*.c", ".c", ATTACK_CODE},
    {"commands/*.sh", ".sh", ATTACK_COMMAND},
};

static void blame(struct attack *attack, const char *format, const char *word) {
    free(attack->mistake);
    attack->mistake = xprintf(format, word);
}

// Where the text of a key goes; NULL: no such key.
static char **text_of(struct attack *attack, const char *key) {
    const struct {
        const char *key;
        char **text;
    } keys[] = {{"tries", &attack->tries},       {"ends", &attack->ends},
                {"says", &attack->says},         {"options", &attack->options},
                {"scenario", &attack->scenario}, {"server", &attack->server},
                {"action", &attack->action}};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (strcmp(key, keys[i].key) == 0)
            return keys[i].text;
    return NULL;
}

__attribute__((nonnull)) static void set(void *context, const char *key, const char *value) {
    struct attack *attack = context;
    char **text = text_of(attack, key);
    if (text) {
        free(*text);
        *text = xstrdup(value);
    } else if (strcmp(key, "within") == 0) {
        attack->within_s = (int)(text_duration_ms(value) / 1000);
    } else if (strcmp(key, "memory") == 0) {
        attack->memory = text_size_bytes(value);
    } else if (strcmp(key, "SPDX-License-Identifier") != 0) {
        blame(attack, "there is no key '%s' in a head", key);
    }
}

static void check_head(struct attack *attack) {
    if (!attack->tries || !attack->ends)
        blame(attack, "a head says `tries` and `ends`%s", "");
    if (attack->within_s <= 0)
        blame(attack, "`within` is a duration of a second or more%s", "");
    if (attack->memory <= 0)
        blame(attack, "`memory` is a size%s", "");
}

static void add(struct attack **attacks, size_t *count, enum attack_kind kind, const char *path,
                const char *ending) {
    const char *base = strrchr(path, '/') + 1;
    cleanup_text struct text content = {0};
    struct err err;
    struct attack attack = {.kind = kind,
                            .path = xstrdup(path),
                            .name = xprintf("%.*s", (int)(strlen(base) - strlen(ending)), base),
                            .scenario = xstrdup("adapter"),
                            .server = xstrdup("mariadb-10.11"),
                            .action = xstrdup("run"),
                            .within_s = WITHIN_S,
                            .memory = MEMORY_BYTES};
    if (file_read(path, HEAD_MAX_BYTES, &content, &err) < 0)
        blame(&attack, "%s", err.what);
    head_read(content.data, set, &attack);
    check_head(&attack);
    *attacks = xrealloc(*attacks, *count + 1, sizeof **attacks);
    (*attacks)[(*count)++] = attack;
}

static int by_time(const void *a, const void *b) {
    const struct attack *one = a, *other = b;
    return one->within_s != other->within_s ? other->within_s - one->within_s
                                            : strcmp(one->name, other->name);
}

static void release(struct attack *attack) {
    free(attack->name);
    free(attack->path);
    free(attack->tries);
    free(attack->ends);
    free(attack->says);
    free(attack->options);
    free(attack->scenario);
    free(attack->server);
    free(attack->action);
    free(attack->mistake);
}

// Removes the latest attack if it is not wanted.
static void keep_wanted(struct attack *attacks, size_t *count, const char *pattern) {
    if (*count > 0 && fnmatch(pattern, attacks[*count - 1].name, 0) != 0)
        release(&attacks[--*count]);
}

struct attack *attacks_read(const char *folder, const char *pattern, size_t *ret_count) {
    struct attack *attacks = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        cleanup_free char *all = xprintf("%s/%s", folder, kinds[i].pattern);
        glob_t found = {0};
        glob(all, 0, NULL, &found);
        for (size_t k = 0; k < found.gl_pathc; k++) {
            add(&attacks, ret_count, kinds[i].kind, found.gl_pathv[k], kinds[i].ending);
            keep_wanted(attacks, ret_count, pattern);
        }
        globfree(&found);
    }
    if (attacks)
        qsort(attacks, *ret_count, sizeof *attacks, by_time);
    return attacks;
}

bool attack_may_end(const struct attack *attack, const char *end) {
    cleanup_free char *copy = xstrdup(attack->ends);
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " "));)
        if (strcmp(word, end) == 0)
            return true;
    return false;
}
