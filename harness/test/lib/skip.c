// SPDX-License-Identifier: Apache-2.0
// skip.c - skips tests that cannot run here, and lists them
#include "test/lib/skip.h"

#include "base/text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MOST_SKIPS = 64, NAME_SIZE = 80, REASON_SIZE = 200 };

// Tests run one after the other, each in a process of its own.
static struct skips {
    int count, kinds;
    struct skip {
        char name[NAME_SIZE], reason[REASON_SIZE];
    } all[MOST_SKIPS];
} * skips;

void skips_open(void) {
    skips = mmap(NULL, sizeof *skips, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (skips == MAP_FAILED) {
        perror("goneaway-test: mmap");
        exit(3);
    }
}

void skip_note(const char *reason) {
    struct skip skip;
    snprintf(skip.name, sizeof skip.name, "%s", tcase_name());
    snprintf(skip.reason, sizeof skip.reason, "%s", reason);
    skip.reason[strcspn(skip.reason, "\n")] = '\0';
    skips->count++;
    for (int i = 0; i < skips->kinds; i++)
        if (strcmp(skips->all[i].name, skip.name) == 0 &&
            strcmp(skips->all[i].reason, skip.reason) == 0)
            return;
    if (skips->kinds < MOST_SKIPS)
        skips->all[skips->kinds++] = skip;
}

void skips_print(void) {
    for (int i = 0; i < skips->kinds; i++)
        printf("skipped: %s: %s\n", skips->all[i].name, skips->all[i].reason);
    if (skips->count > 0)
        printf("goneaway-test: %d skipped\n", skips->count);
}
