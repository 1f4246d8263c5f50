// SPDX-License-Identifier: Apache-2.0
// mistakes.h - all that is wrong in a file, not only what comes first
//
// A reader of parts that do not depend on each other (keys, steps, rows, cases) hands the error of
// a broken part over by mistakes_keep(), leaves the part out and goes on. What cannot be found only
// because a broken part would define it is no mistake of its own: an error of that sort says by
// mistakes_misses() what it misses, and is dropped if a broken part has that name or is called so.
// Of each place in the file one error is kept, the first: every case of a file reads it again.
#ifndef GONEAWAY_YAML_MISTAKES_H
#define GONEAWAY_YAML_MISTAKES_H

#include "yaml/yaml.h"

/** Most mistakes that are shown, and that are looked for in a file. */
enum { MISTAKES_SHOWN = 20, MISTAKES_MOST = 200 };

/** A list for one file; its nodes know it, see yaml_parse(). */
struct mistakes *mistakes_new(struct arena *arena);
/** Notes where the latest error stands; node_error() does that. */
void mistakes_note(struct mistakes *mistakes, const struct node *node);
/** Says of the error that was just set by node_error(`node`, ..) that it would not be one if
 * something were called `name`. Returns -1. */
int mistakes_misses(const struct node *node, const char *name);
/** Keeps the latest error, of a part of the file that is called `label` (a key, or what it would
 * define). False if reading has to end with this error: the node's file has no list, or it is full,
 * or closed. */
bool mistakes_keep(const struct node *part, const char *label, const struct err *err);
/** Says that also what is right in a part is left out with it. */
void mistakes_spoil(const struct node *part);
/** Whether a part has been left out. */
bool mistakes_has(const struct node *part);
/** Whether there are any in a node's file. */
bool mistakes_any(const struct node *node);
/** Ends the reading of a file with its next error: what follows would fail for the same reason. */
void mistakes_close(const struct node *node);
/** What became of reading a file; `done`: -1 if it ended with an error. -1 if anything was wrong,
 * as one error with a line for each mistake, by their place in the file. */
int mistakes_end(struct mistakes *mistakes, int done, struct err *err);

#endif
