// SPDX-License-Identifier: Apache-2.0
// key.c - a short hash of what decides the content of an entry
#include "cache/key.h"

#include "base/file.h"
#include "base/text.h"

#include <string.h>

static void key_add_bytes(struct key *key, const char *data, size_t length) {
    for (size_t i = 0; i < length; i++)
        key->hash = (key->hash ^ (unsigned char)data[i]) * 0x100000001b3u;
}

void key_add(struct key *key, const char *text) {
    key_add_bytes(key, text ? text : "", text ? strlen(text) + 1 : 1);
}

void key_add_texts(struct key *key, const struct list *texts) {
    for (size_t i = 0; i < texts->count; i++)
        key_add(key, ((const char **)texts->items)[i]);
    key_add(key, "");
}

int key_add_file(struct key *key, const char *path, struct err *err) {
    cleanup_text struct text data = {0};
    if (file_read(path, 16 << 20, &data, err) < 0)
        return -1;
    key_add_bytes(key, text_get(&data), data.length + 1);
    return 0;
}
