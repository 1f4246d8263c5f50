// SPDX-License-Identifier: Apache-2.0
// contents.h - what every server's data has: its accounts, and a table with rows
#ifndef GONEAWAY_IMAGE_CONTENTS_H
#define GONEAWAY_IMAGE_CONTENTS_H

#include "base/err.h"
#include "cache/key.h"

#include <mysql.h>

/** Adds what decides it. */
void contents_add_key(struct key *key);
/** Makes it in a server's new data, as root without a password, who has this one in the end. */
int contents_make(MYSQL *mysql, const char *password, struct err *err);

#endif
