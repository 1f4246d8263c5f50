// SPDX-License-Identifier: Apache-2.0
// recipe.h - what a server or a connector is
#ifndef GONEAWAY_EXPLAIN_RECIPE_H
#define GONEAWAY_EXPLAIN_RECIPE_H

#include "catalog/view.h"

#include <stdio.h>

/** Prints where a server comes from, how it is started, and which scenarios do not run on it. */
void answer_server(FILE *out, const struct view *view, size_t server);
/** Prints where a connector comes from, and when it is used. */
void answer_connector(FILE *out, const struct connector_recipe *recipe);
/** Prints the keys of all kinds of recipes. */
void answer_recipe_keys(FILE *out);

#endif
