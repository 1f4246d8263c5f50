// SPDX-License-Identifier: Apache-2.0
// recipe.h - reads the recipes of servers, connectors and proxies
#ifndef GONEAWAY_IMAGE_RECIPE_H
#define GONEAWAY_IMAGE_RECIPE_H

#include "image/image.h"

struct recipe_kind {
    const char *folder; ///< below the fixtures
    bool optional;      ///< there may be none of them
    bool strangers;     ///< they are of a folder of somebody's
    const struct type *type;
    int (*check)(const struct images *images, const void *recipe, const struct node *node,
                 struct err *err);
};
extern const struct recipe_kind recipes_of_servers, recipes_of_connectors, recipes_of_strangers,
    recipes_of_proxies;

/** Reads FOLDER/NAME/recipe.yml of every subfolder that has one, sorted by name, into an array of
 * the kind's structs. */
int recipes_read(struct images *images, const struct recipe_kind *kind, const char *folder,
                 void *ret_recipes, size_t *ret_count, struct err *err);
/** Fills what follows from where a connector's recipe is. */
void recipe_place(struct images *images, struct connector_recipe *recipe, const char *folder);
/** Whether a file lies, with all links followed, below a folder that has none; -1 with an error. */
int recipe_lies_below(const char *path, const char *folder, struct err *err);

#endif
