// SPDX-License-Identifier: Apache-2.0
// json.c - changes JSON at random so that it stays JSON, and other things that targets share
//
// Random changes of bytes hardly ever yield JSON, so a reader of JSON would see little except its
// own first refusal. So a line is parsed, one place in its tree is changed, and it is written
// again.
#include "test/fuzz/fuzz.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

// libFuzzer's own changes: bits, bytes, words of the dictionary, what the program compared with.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

void fuzz_fail(const char *promise, const char *by) {
    fprintf(stderr, "broken promise: %s\n%s\n", promise, by);
    abort();
}

// goneaway exits by itself only if it is out of memory, and libFuzzer would then not keep the
// input; the linker's --wrap redirects that here.
_Noreturn void __wrap__exit(int status);
void __wrap__exit(int status) {
    fuzz_fail("no input ends the program", status == 3 ? "with status 3" : "with another status");
}

bool fuzz_is_harmless(const char *text) {
    for (uint32_t character; *text;) {
        text += utf8_next(text, &character);
        if (character == UTF8_INVALID ||
            (character < ' ' && character != '\n' && character != '\t') ||
            (character >= 0x7f && character < 0xa0))
            return false;
    }
    return true;
}

// ---- random places -----------------------------------------------------------------------------

struct dice {
    uint32_t state; // never 0
};

// Marsaglia's xorshift32: the same seed must give the same change.
static uint32_t roll(struct dice *dice, uint32_t sides) {
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 17;
    dice->state ^= dice->state << 5;
    return dice->state % sides;
}

/** A place in a tree: the item of a list, or the value of a key. */
struct slot {
    json_t *parent; // NULL: the root
    size_t index;
    const char *key; // NULL: of a list
    json_t *value;
};

struct choosing {
    struct dice *dice;
    const char *key; // only places with this key; NULL: any
    uint32_t seen;
    struct slot slot;
};

static void consider(struct choosing *choosing, json_t *parent, size_t index, const char *key,
                     json_t *value) {
    bool fits = !choosing->key || (key && strcmp(key, choosing->key) == 0);
    if (fits && roll(choosing->dice, ++choosing->seen) == 0)
        choosing->slot = (struct slot){parent, index, key, value};
}

// Considers every place below a value once, so that all are equally likely.
static void walk(struct choosing *choosing, json_t *parent) {
    size_t i;
    const char *key;
    json_t *value;
    json_array_foreach(parent, i, value) {
        consider(choosing, parent, i, NULL, value);
        walk(choosing, value);
    }
    json_object_foreach(parent, key, value) {
        consider(choosing, parent, 0, key, value);
        walk(choosing, value);
    }
}

// A random place in the tree, with `key` if there is one. Without a parent if there is none at all.
static struct slot choose(struct dice *dice, json_t *root, const char *key) {
    struct choosing choosing = {.dice = dice, .key = key, .slot = {.value = root}};
    walk(&choosing, root);
    if (choosing.seen == 0 && key)
        return choose(dice, root, NULL);
    return choosing.slot;
}

// ---- changes -----------------------------------------------------------------------------------

// Steals the value.
static void put(const struct slot *slot, json_t *value) {
    if (slot->key)
        json_object_set_new(slot->parent, slot->key, value);
    else if (slot->parent)
        json_array_set_new(slot->parent, slot->index, value);
    else
        json_decref(value);
}

static json_t *any_literal(struct dice *dice) {
    static const char *const literals[] = {"null",
                                           "true",
                                           "false",
                                           "\"\"",
                                           "[]",
                                           "{}",
                                           "[[]]",
                                           "0",
                                           "1",
                                           "-1",
                                           "2",
                                           "2013",
                                           "1e300",
                                           "0.04",
                                           "4294967296",
                                           "9223372036854775807",
                                           "-9223372036854775808",
                                           "\"\\u001b[31m\"",
                                           "\"\\u009b\\u007f\"",
                                           "\"a\\nb\""};
    return json_loads(literals[roll(dice, COUNT_OF(literals))], JSON_DECODE_ANY, NULL);
}

// A text or number similar to the old one; anything at all for other values.
static json_t *alter(struct dice *dice, const json_t *value) {
    uint8_t bytes[512];
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        LLVMFuzzerMutate((uint8_t *)&number, sizeof number, sizeof number);
        return json_integer(number);
    }
    size_t length = json_string_length(value);
    if (!json_is_string(value) || length > sizeof bytes / 2)
        return any_literal(dice);
    memcpy(bytes, json_string_value(value), length);
    length = LLVMFuzzerMutate(bytes, length, sizeof bytes);
    json_t *text = json_stringn((const char *)bytes, length);
    return text ? text : any_literal(dice);
}

static void remove_from(const struct slot *slot) {
    if (slot->key)
        json_object_del(slot->parent, slot->key);
    else if (slot->parent)
        json_array_remove(slot->parent, slot->index);
}

static void change(struct dice *dice, json_t *root) {
    struct slot slot = choose(dice, root, NULL);
    switch (roll(dice, 6)) {
    case 0:
        put(&slot, any_literal(dice));
        break;
    case 1:
        remove_from(&slot);
        break;
    case 2: // duplicate it
        if (slot.parent && !slot.key)
            json_array_insert_new(slot.parent, slot.index, json_deep_copy(slot.value));
        break;
    case 3: // a value from elsewhere
        put(&slot, json_deep_copy(choose(dice, root, slot.key).value));
        break;
    default:
        put(&slot, alter(dice, slot.value));
    }
}

// ---- lines -------------------------------------------------------------------------------------

static json_t *read_line(const uint8_t *data, size_t size) {
    return json_loadb((const char *)data, size, 0, NULL);
}

// Writes a tree over the bytes `from` to `to` of `out`; 0 if there is no room.
static size_t replace(uint8_t *out, size_t size, size_t most, size_t from, size_t to,
                      const json_t *root) {
    size_t length = json_dumpb(root, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY), rest = size - to;
    if (length == 0 || from + length + rest > most)
        return 0;
    memmove(out + from + length, out + to, rest);
    json_dumpb(root, (char *)out + from, length, JSON_COMPACT | JSON_ENCODE_ANY);
    return from + length + rest;
}

size_t fuzz_json_mutate(uint8_t *data, size_t size, size_t most, unsigned int seed) {
    struct dice dice = {seed | 1};
    size_t from = size ? roll(&dice, (uint32_t)size) : 0;
    while (from > 0 && data[from - 1] != '\n')
        from--;
    const uint8_t *end = memchr(data + from, '\n', size - from);
    size_t to = end ? (size_t)(end - data) : size;
    json_auto_t *root = roll(&dice, 16) ? read_line(data + from, to - from) : NULL;
    if (!root)
        return LLVMFuzzerMutate(data, size, most);
    for (uint32_t changes = 1 + roll(&dice, 3); changes > 0; changes--)
        change(&dice, root);
    size_t changed = replace(data, size, most, from, to, root);
    return changed ? changed : LLVMFuzzerMutate(data, size, most);
}

size_t fuzz_json_cross(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size,
                       uint8_t *out, size_t most, unsigned int seed) {
    struct dice dice = {seed | 1};
    const uint8_t *one_end = memchr(one, '\n', one_size);
    const uint8_t *other_end = memchr(other, '\n', other_size);
    size_t length = one_end ? (size_t)(one_end - one) : one_size;
    json_auto_t *root = read_line(one, length);
    json_auto_t *donor = read_line(other, other_end ? (size_t)(other_end - other) : other_size);
    if (!root || !donor || one_size > most)
        return 0;
    struct slot slot = choose(&dice, root, NULL);
    put(&slot, json_deep_copy(choose(&dice, donor, slot.key).value));
    memcpy(out, one, one_size);
    return replace(out, one_size, most, 0, length, root);
}
