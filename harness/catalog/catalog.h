// SPDX-License-Identifier: Apache-2.0
// catalog.h - the scenarios and images that a command works on
#ifndef GONEAWAY_CATALOG_CATALOG_H
#define GONEAWAY_CATALOG_CATALOG_H

#include "image/image.h"
#include "plan/plan.h"

#include <stdbool.h>

/** The folder with scenarios/ and fixtures/: $GONEAWAY_HOME, near the program, or where it was
 * installed. To be freed. NULL with an error if there is none. */
char *catalog_home(struct err *err);

/** A scenario, and which of its cases are selected. */
struct selection {
    struct scenario *scenario;
    bool *chosen; ///< for each case
    bool by_file; ///< the user named its file
};
/** A file of the catalogue that could not be read. */
struct unread {
    char *name; ///< the name that its scenario would have
    char *what; ///< the error
};
/** Most memory for all scenarios of a catalogue together; goneaway's own take 30 MB. */
enum { CATALOG_MAX_BYTES = 512 << 20 };
struct catalog {
    size_t count, bytes;
    struct selection *items;
    size_t unread_count;
    struct unread *unread;
};

/** Reads the scenarios that the arguments name: files, folders, scenarios, cases, globs and tags;
 * without arguments, the whole catalogue. Of the catalogue, it reads only files that could hold
 * what is asked for, by name or tag. If one of them cannot be read, that is an error if the
 * arguments could refer to it, else a warning on stderr. */
int catalog_select(struct catalog *catalog, const char *home, int count, char **arguments,
                   struct err *err);
/** A catalogue of one scenario, which becomes its own, with all cases chosen. */
struct catalog catalog_of(struct scenario *scenario);
void catalog_release(struct catalog *catalog);
/** Whether a name, glob or tag refers to a case, directly or by its variant or scenario. */
bool catalog_fits(const struct scenario *scenario, const struct plan_case *plan,
                  const char *pattern);
/** Whether one of these (const char *) refers to a case; true if there are none. */
bool catalog_fits_any(const struct plan_case *plan, const struct list *patterns);
/** Whether some case of a scenario is chosen. */
bool selection_has_chosen(const struct selection *item);
/** The .yml files at a path: the file itself, or all files in the folder and its subfolders, sorted
 * by file name; ended by NULL. */
char **catalog_files(const char *path, struct err *err);
void catalog_free_files(char **files);
/** A file's path as it is within its repository, to be freed: relative to the current folder if it
 * is below that, else to `home`, else unchanged. */
char *catalog_relative(const char *home, const char *file);
/** Reads one of the files of `named`, the file or folder that the user named. A link that leads out
 * of that folder is refused, since somebody else may have made it. */
struct scenario *catalog_read(const char *path, const char *named, struct err *err);

#endif
