// SPDX-License-Identifier: Apache-2.0
// tags.h - servers that a tag of a registry names
#ifndef GONEAWAY_IMAGE_TAGS_H
#define GONEAWAY_IMAGE_TAGS_H

#include "cache/keeper.h"
#include "image/image.h"

/** Whether a server is named by a tag of a registry. */
bool tag_is_needed(const struct server_recipe *recipe);
/** Fills `pinned`, if it is not yet, with what is known of its tag; false: nothing, and it has one.
 */
bool tag_recall(struct images *images, struct server_recipe *recipe);
/** Asks the registry for the digest that its tag has now, DIGEST_LENGTH characters and a 0. */
int tag_ask(struct keeper *keeper, const struct server_recipe *recipe, char *ret_digest,
            struct err *err);
/** Fills `pinned` with such an answer, for this process alone. */
void tag_pin(struct images *images, struct server_recipe *recipe, const char *digest);
/** Keeps it for tag_recall(), now that the image has proved usable. */
int tag_keep(const struct images *images, const struct server_recipe *recipe, const char *digest,
             struct err *err);

#endif
