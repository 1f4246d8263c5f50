// SPDX-License-Identifier: Apache-2.0
// traffic.c - whatever frames arrive, they are put into words that do not control a terminal
//
// Each frame is preceded by a byte that tells who sent it (lowest bit) and whether it was cut (next
// bit), and by a byte with its length.
#include "test/fuzz/fuzz.h"
#include "traffic/dialogue.h"

enum { CUT_BYTES = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dialogue *dialogue = dialogue_new();
    while (size > 2) {
        enum side from = data[0] & 1 ? SIDE_SERVER : SIDE_APP;
        size_t held = data[1] < size - 2 ? data[1] : size - 2;
        size_t length = data[0] & 2 ? held + CUT_BYTES : held;
        struct segment segment;
        cleanup_text struct text words = {0};
        if (segment_read(data + 2, held, length, &segment)) {
            struct heard heard = dialogue_hear(dialogue, from, &segment, &words);
            fuzz_require(heard.untold <= segment.length, "no more is untold than came", "");
            fuzz_require(fuzz_is_harmless(text_get(&words)), "words drive no terminal",
                         text_get(&words));
        }
        data += 2 + held;
        size -= 2 + held;
    }
    dialogue_free(dialogue);
    return 0;
}
