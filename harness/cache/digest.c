// SPDX-License-Identifier: Apache-2.0
// digest.c - SHA-256 of files and bytes, by libcrypto
#include "cache/digest.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK_BYTES = 256 * 1024 };

int digester_open(struct digester *digester, struct err *err) {
    *digester = (struct digester){.context = EVP_MD_CTX_new(), .buffer = xcalloc(1, CHUNK_BYTES)};
    return digester->context ? 0 : err_set(err, "no SHA-256 in libcrypto");
}

void digester_close(struct digester *digester) {
    EVP_MD_CTX_free(digester->context);
    free(digester->buffer);
}

int digest_failed(struct digester *digester, const char *what, struct err *err) {
    digester->number = errno;
    return err_errno(err, "%s", what);
}

static bool digest_start(struct digester *digester) {
    return EVP_DigestInit_ex(digester->context, EVP_sha256(), NULL) == 1;
}

static int digest_end(struct digester *digester, char *ret_hex, struct err *err) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_DigestFinal_ex(digester->context, digest, &length) != 1 || length * 2 != DIGEST_LENGTH)
        return err_set(err, "SHA-256 of libcrypto fails");
    for (unsigned i = 0; i < length; i++)
        sprintf(ret_hex + (size_t)i * 2, "%02x", digest[i]);
    return 0;
}

int digest_bytes(struct digester *digester, const char *data, size_t length, char *ret_hex,
                 struct err *err) {
    if (!digest_start(digester) || EVP_DigestUpdate(digester->context, data, length) != 1)
        return err_set(err, "SHA-256 of libcrypto fails");
    return digest_end(digester, ret_hex, err);
}

int digest_open_regular(int at, const char *path) {
    struct stat info;
    int fd = openat(at, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int number = fstat(fd, &info) < 0 ? errno : S_ISREG(info.st_mode) ? 0 : EINVAL;
    if (number == 0)
        return fd;
    close(fd);
    errno = number;
    return -1;
}

int digest_file(struct digester *digester, int at, const char *path, char *ret_hex,
                struct err *err) {
    cleanup_close int fd = digest_open_regular(at, path);
    if (fd < 0)
        return digest_failed(digester, "open", err);
    if (!digest_start(digester))
        return err_set(err, "SHA-256 of libcrypto fails");
    for (ssize_t got; (got = read(fd, digester->buffer, CHUNK_BYTES)) != 0;)
        if (got < 0)
            return digest_failed(digester, "read", err);
        else if (EVP_DigestUpdate(digester->context, digester->buffer, (size_t)got) != 1)
            return err_set(err, "SHA-256 of libcrypto fails");
    return digest_end(digester, ret_hex, err);
}

int digest_link(struct digester *digester, const char *path, char *ret_hex, struct err *err) {
    ssize_t length = readlink(path, (char *)digester->buffer, CHUNK_BYTES);
    if (length < 0)
        return digest_failed(digester, "read the link", err);
    return digest_bytes(digester, (char *)digester->buffer, (size_t)length, ret_hex, err);
}
