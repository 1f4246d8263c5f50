// SPDX-License-Identifier: Apache-2.0
// registry.h - what a registry has under a name, before any of it is fetched
#ifndef GONEAWAY_IMAGE_REGISTRY_H
#define GONEAWAY_IMAGE_REGISTRY_H

#include "base/text.h"
#include "cache/keeper.h"

/** Appends a manifest, or an index, as the registry has it; `ret_digest` (DIGEST_LENGTH + 1 bytes)
 * gets its SHA-256. */
int registry_ask(struct keeper *keeper, const char *reference, struct text *manifest,
                 char *ret_digest, struct err *err);
/** The reference, docker://NAME@sha256:DIGEST, of the image for this machine that a reference leads
 * to, after its manifest was examined; to be freed. NULL on error. */
char *registry_pick(struct keeper *keeper, const char *reference, struct err *err);
/** A reference with its tag or digest replaced by this digest; to be freed. */
char *registry_pin(const char *reference, const char *digest);

#endif
