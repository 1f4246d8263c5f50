// SPDX-License-Identifier: Apache-2.0
// ask.h - asks the control of the lab that this process runs in
#ifndef GONEAWAY_LAB_ASK_H
#define GONEAWAY_LAB_ASK_H

#include "base/err.h"
#include "cli/options.h"

#include <jansson.h>

/** Sends a request to the control that GONEAWAY_LAB names; `body` may be NULL. 0: done, `ret_answer`
 * is its answer (new reference). 1: it cannot be done now (409), and err says why. -1: an error,
 * with wrong words (400, 404) a usage error. */
int lab_ask(const char *method, const char *path, const char *body, json_t **ret_answer,
            struct err *err);
/** What was typed behind the command's name, as one text; to be freed. */
char *lab_typed(const struct options *options);

#endif
