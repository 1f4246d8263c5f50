// SPDX-License-Identifier: Apache-2.0
// shelf.h - where baselines lie, and which of them is for a connector and a server
//
// A shelf is a file, or a folder with CONNECTOR-VERSION/SERVER-VERSION.yml in it. What a file is
// for is decided by its content; folder and file names only say where to look.
#ifndef GONEAWAY_BASELINE_SHELF_H
#define GONEAWAY_BASELINE_SHELF_H

#include "baseline/baseline.h"

struct shelf;

/** Opens a shelf, which need not exist yet. Files are read when they are asked for. */
struct shelf *shelf_open(const char *path);
void shelf_close(struct shelf *shelf);
/** Whether it is a folder, or would become one; a path that does not exist yet is a file if it ends
 * in .yml. */
bool shelf_is_folder(const struct shelf *shelf);
/** Reads all files. A usage error if one is refused, or if there are none. */
int shelf_read_all(struct shelf *shelf, struct err *err);

/** The file for a place: its connector's by name, else by family, on its server. If there is none
 * of the same versions, the nearest: an older one of the same major version, else a newer one, else
 * an older one; `ret_borrowed` is then set. NULL if there is none. A file that is refused is skipped,
 * with the error in `warning` (or NULL), to be freed; one that cannot be read for want of memory or
 * descriptors ends the program (err_end()). */
const struct baseline *shelf_find(struct shelf *shelf, const struct place *place,
                                  bool *ret_borrowed, char **ret_warning);
/** The same; for a server that no file names, such as one by reference, it takes the nearest
 * version by the same vendor. If that has the very same version, it is not borrowed. */
const struct baseline *shelf_find_kin(struct shelf *shelf, const struct place *place,
                                      bool *ret_borrowed, char **ret_warning);
/** Where the file for a place belongs: relative to the folder, to be freed. */
char *shelf_path(const struct shelf *shelf, const struct place *place);
/** Whether a file lies in the shelf's folder, all links resolved; else a usage error, so that a
 * stranger's folder cannot have other files read or written. */
int shelf_holds(const struct shelf *shelf, const char *path, struct err *err);

#endif
