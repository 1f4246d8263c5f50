// SPDX-License-Identifier: Apache-2.0
// places.h - the places at which the harness calls something that can fail
#ifndef GONEAWAY_TEST_FAIL_PLACES_H
#define GONEAWAY_TEST_FAIL_PLACES_H

#include "base/err.h"
#include "base/text.h"
#include "test/fail/calls.h"

/** One place (see calls.h), as noted and for people. */
struct place {
    char key[sizeof((struct fail_place *)0)->text];
    uint32_t count; ///< how often it was reached
    char *name;     ///< "file_read (base/file.c:15) of read_version (image/prepare.c:21): open"
};
struct places {
    struct place *items;
    size_t count, capacity;
};

/** Whether every function that the program calls has its row in calls.def. */
int places_check(const char *program, struct err *err);
/** Appends what a run noted in its shared file, unless `places` or `known` has it, sorted by
 * name. */
int places_add(struct places *places, const char *shared, const struct places *known,
               const char *program, struct err *err);
/** How many places in the program call such functions; and how many of them no place in `places`
 * starts with, which are printed if asked for. */
int places_count_unmet(const struct places *places, const char *program, bool print,
                       size_t *ret_all, size_t *ret_unmet, struct err *err);
void places_release(struct places *places);

#endif
