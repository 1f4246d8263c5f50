// SPDX-License-Identifier: Apache-2.0
// digest.h - SHA-256 of files and bytes, by libcrypto
#ifndef GONEAWAY_CACHE_DIGEST_H
#define GONEAWAY_CACHE_DIGEST_H

#include "base/err.h"

#include <openssl/evp.h>
#include <stddef.h>

/** Hexadecimal digits of a digest; text with it needs one byte more. */
enum { DIGEST_LENGTH = 64 };

/** State for digesting, usable for one thing after another. May be closed even if it failed to
 * open. */
struct digester {
    EVP_MD_CTX *context;
    unsigned char *buffer;
    int number; ///< errno of the file that failed; 0: another failure
};
int digester_open(struct digester *digester, struct err *err);
void digester_close(struct digester *digester);

int digest_bytes(struct digester *digester, const char *data, size_t length, char *ret_hex,
                 struct err *err);
/** The digest of a regular file's content; `at` as for openat(). */
int digest_file(struct digester *digester, int at, const char *path, char *ret_hex,
                struct err *err);
/** The digest of a symbolic link's target. */
int digest_link(struct digester *digester, const char *path, char *ret_hex, struct err *err);
/** Sets an error, and keeps errno in `number`. Always returns -1. */
int digest_failed(struct digester *digester, const char *what, struct err *err);
/** Opens a regular file for reading, close-on-exec; -1 with errno. Even if something else has
 * replaced it, this never blocks or follows a link: EINVAL if it is no regular file, ELOOP for a
 * link. */
int digest_open_regular(int at, const char *path);

#endif
