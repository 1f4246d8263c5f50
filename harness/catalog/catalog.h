// SPDX-License-Identifier: Apache-2.0
// catalog.h - the scenarios and images that a command works on
#ifndef GONEAWAY_CATALOG_CATALOG_H
#define GONEAWAY_CATALOG_CATALOG_H

#include "image/image.h"
#include "plan/plan.h"

#include <stdbool.h>

/** Folder with scenarios/ and fixtures/: $GONEAWAY_HOME, the program's neighbourhood, or where it
 * was installed. Free it. NULL and an error if there is none. */
char *catalog_home(struct err *err);

/** A scenario with the cases of it that were selected. */
struct selection {
    struct scenario *scenario;
    bool *chosen; ///< for each case
    bool by_file; ///< was named by its file
};
/** A file of the catalogue that could not be read. */
struct unread {
    char *name; ///< as its scenario would be called
    char *what; ///< the error
};
/** Memory that the scenarios of a catalog may take together; goneaway's own take 30 MB. */
enum { CATALOG_MAX_BYTES = 512 << 20 };
struct catalog {
    size_t count, bytes;
    struct selection *items;
    size_t unread_count;
    struct unread *unread;
};

/** Reads the scenarios that the arguments name: files, folders, scenarios, cases, globs and tags;
 * no argument: all of the catalogue. Of the catalogue, only files are read that could hold what is
 * asked for, by their name or a tag; one of them that cannot be read is an error if it could be
 * meant, else a warning is printed to stderr. */
int catalog_select(struct catalog *catalog, const char *home, int count, char **arguments,
                   struct err *err);
/** A catalogue of one scenario, which becomes its own, with all cases chosen. */
struct catalog catalog_of(struct scenario *scenario);
void catalog_release(struct catalog *catalog);
/** Whether a name, glob or tag means a case: as its scenario, its variant or itself. */
bool catalog_fits(const struct scenario *scenario, const struct plan_case *plan,
                  const char *pattern);
/** Whether some case of a scenario is chosen. */
bool selection_has_chosen(const struct selection *item);
/** Files with the ending .yml of a file's or folder's path, those of the folders in it included,
 * sorted by their own names; ended by NULL. */
char **catalog_files(const char *path, struct err *err);
void catalog_free_files(char **files);
/** A file's path as its repository has it, to be freed: relative to the current folder if it lies
 * below that, else to `home`, else as it is. */
char *catalog_relative(const char *home, const char *file);
/** Reads one of the files of `named`, which is what the user named: that file, or its folder. In a
 * folder, a link that leads out of it is refused: whoever made it is not the user. */
struct scenario *catalog_read(const char *path, const char *named, struct err *err);

#endif
