// SPDX-License-Identifier: Apache-2.0
// shelf.h - where baselines lie, and which of them is for a connector and a server
//
// A shelf is a file, or a folder with CONNECTOR-VERSION/SERVER-VERSION.yml in it. What a file says
// of itself decides what it is for; folders only say where to look.
#ifndef GONEAWAY_BASELINE_SHELF_H
#define GONEAWAY_BASELINE_SHELF_H

#include "baseline/baseline.h"

struct shelf;

/** A shelf; that nothing is there yet is no error. Its files are read when they are asked for. */
struct shelf *shelf_open(const char *path);
void shelf_close(struct shelf *shelf);
/** Whether it is a folder, or would become one: what is not there yet is a file by its ending. */
bool shelf_is_folder(const struct shelf *shelf);
/** Reads all files. Usage errors, also if there is none. */
int shelf_read_all(struct shelf *shelf, struct err *err);

/** The file for a place: of its connector's name, else of its family, on its server. If there is
 * none of these versions, that of the nearest: an older one of the same major version, else a newer
 * one, else an older one; `ret_borrowed` is set then. NULL: there is none. A file that cannot be
 * read is left out, with the error in `warning` (or NULL), to be freed. */
const struct baseline *shelf_find(struct shelf *shelf, const struct place *place,
                                  bool *ret_borrowed, char **ret_warning);
/** The same; for a server that no file names, such as one by reference, the nearest version of its
 * vendor's. That very version is not borrowed. */
const struct baseline *shelf_find_kin(struct shelf *shelf, const struct place *place,
                                      bool *ret_borrowed, char **ret_warning);
/** Where the file of a place belongs: relative to the folder, to be freed. */
char *shelf_path(const struct shelf *shelf, const struct place *place);
/** Whether a file of a folder lies in there, with links followed; else a usage error, so that no
 * stranger's folder has other files read or written. */
int shelf_holds(const struct shelf *shelf, const char *path, struct err *err);

#endif
