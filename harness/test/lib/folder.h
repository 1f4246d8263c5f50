// SPDX-License-Identifier: Apache-2.0
// folder.h - a folder of the test's own, and files in it
//
// Each test has a process of its own, and one folder is enough for it.
#ifndef GONEAWAY_TEST_LIB_FOLDER_H
#define GONEAWAY_TEST_LIB_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

/** Absolute; "": there is none. */
extern char test_folder[64];

/** Makes it: `prefix`, such as "/tmp/goneaway-run", and what makes the name unique. */
void folder_make(const char *prefix, mode_t mode);
/** Makes it and works in it. */
void folder_enter(const char *prefix, mode_t mode);
/** Removes it with all that is in it, and goes back to where folder_enter() was called. */
void folder_remove(void);

/** Its path with `name` behind; to be freed. */
char *folder_path(const char *name);
/** Writes a file in it, anew, and makes the folders on its way. */
void folder_put(const char *name, const char *content);
/** How many files a glob(7) pattern finds, in the folder if it is not absolute. */
size_t folder_count(const char *pattern);

#endif
