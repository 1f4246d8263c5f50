// SPDX-License-Identifier: Apache-2.0
// tags.h - servers that a tag of a registry names
#ifndef GONEAWAY_IMAGE_TAGS_H
#define GONEAWAY_IMAGE_TAGS_H

#include "cache/keeper.h"
#include "image/image.h"

/** Whether a server is named by a tag in a registry. */
bool tag_is_needed(const struct server_recipe *recipe);
/** Fills `pinned`, unless it is set, with what is known about its tag. False: it has a tag, but
 * nothing is known. */
bool tag_recall(struct images *images, struct server_recipe *recipe);
/** Asks the registry for the tag's present digest, DIGEST_LENGTH characters and a NUL. */
int tag_ask(struct keeper *keeper, const struct server_recipe *recipe, char *ret_digest,
            struct err *err);
/** Fills `pinned` from such an answer, for this process only. */
void tag_pin(struct images *images, struct server_recipe *recipe, const char *digest);
/** Keeps the digest for tag_recall(), once the image has proved usable. */
int tag_keep(const struct images *images, const struct server_recipe *recipe, const char *digest,
             struct err *err);

#endif
