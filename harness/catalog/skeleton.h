// SPDX-License-Identifier: Apache-2.0
// skeleton.h - adapters to start one's own with
#ifndef GONEAWAY_CATALOG_SKELETON_H
#define GONEAWAY_CATALOG_SKELETON_H

#include "cli/options.h"
#include "image/image.h"

/** `goneaway adapter new`: lists the skeletons, or copies one. */
int skeleton_command(const struct options *options, struct err *err);
/** The same, writing to `out`. `arguments`: none, or a language and a folder. */
int skeleton_new(FILE *out, const struct images *images, int count, char **arguments,
                 struct err *err);

/** Called for each language that has a skeleton, with its connector. */
typedef void skeleton_visitor(void *context, const char *language,
                              const struct connector_recipe *recipe);
void skeletons_visit(const struct images *images, skeleton_visitor *visit, void *context);

#endif
