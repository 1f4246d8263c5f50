// SPDX-License-Identifier: Apache-2.0
// mistakes.h - collects all mistakes in a file, not only the first
//
// A reader of independent parts (keys, steps, rows, cases) passes the error of a broken part to
// mistakes_keep(), leaves the part out and continues. Something that is missing only because a
// broken part would have defined it is no mistake: such an error declares by mistakes_misses() what
// it misses, and is dropped if a broken part contains that name or is labelled with it. Only the
// first error at each place in the file is kept, since every case of a file reads it again.
#ifndef GONEAWAY_YAML_MISTAKES_H
#define GONEAWAY_YAML_MISTAKES_H

#include "yaml/yaml.h"

/** How many mistakes are shown, and how many are looked for in a file. */
enum { MISTAKES_SHOWN = 20, MISTAKES_MOST = 200 };

/** A list for one file, known to its nodes; see yaml_parse(). */
struct mistakes *mistakes_new(struct arena *arena);
/** Notes the position of the latest error; called by node_error(). */
void mistakes_note(struct mistakes *mistakes, const struct node *node);
/** Declares that the error just set by node_error(`node`, ..) would vanish if something were called
 * `name`. Returns -1. */
int mistakes_misses(const struct node *node, const char *name);
/** Keeps the latest error, in a part of the file labelled `label` (a key, or what it would define).
 * False if reading must end with this error: the node's file has no list, or the list is full or
 * closed. */
bool mistakes_keep(const struct node *part, const char *label, const struct err *err);
/** Declares that valid parts inside a part are left out with it. */
void mistakes_spoil(const struct node *part);
/** Whether a part has been left out. */
bool mistakes_has(const struct node *part);
/** Whether a node's file has any. */
bool mistakes_any(const struct node *node);
/** Makes the next error the last one, since everything after it would fail for the same reason. */
void mistakes_close(const struct node *node);
/** Ends reading; `done` is -1 if that ended with an error. Returns -1 if there were any mistakes,
 * as one error with a line for each, by position in the file. */
int mistakes_end(struct mistakes *mistakes, int done, struct err *err);

#endif
