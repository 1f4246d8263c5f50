// SPDX-License-Identifier: Apache-2.0
// alike.c - whether a scalar means the same to readers of YAML 1.1 and of YAML 1.2
//
// A plain `off` is a boolean to the former, `1_000` a number, `010` eight. Here they are texts, and
// `010` is ten. In quotes they are texts to all.
#include "yaml/yaml.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

// Booleans, the key that merges mappings, and the default value.
static bool is_word_of_1_1(const char *text) {
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "<<", "="};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcasecmp(words[i], text) == 0)
            return true;
    return false;
}

static bool is_all(const char *text, const char *characters) {
    return text[strspn(text, characters)] == '\0';
}

// Of numbers to other bases than ten each version knows another notation.
static bool has_another_base(const char *number) {
    return *number == '0' && ((number[1] == 'b' && is_all(number + 2, "01_")) ||
                              (number[1] == 'o' && is_all(number + 2, "01234567")) ||
                              (number[1] == 'x' && is_all(number + 2, "0123456789abcdefABCDEF_")));
}

// Times (1:30), dates, 1_000 and 1e3 are all of these characters. 1.5 and versions are read alike.
static bool is_odd_number(const char *text) {
    static const char digits[] = "0123456789";
    const char *number = text + (*text == '-' || *text == '+');
    if (!isdigit((unsigned char)number[*number == '.']))
        return false;
    if (is_all(number, digits))
        return *number == '0' && number[1];
    if (is_all(number, "0123456789."))
        return false;
    return has_another_base(number) || is_all(number, "0123456789_.:eE+-TtZz");
}

bool yaml_reads_alike(const char *text) {
    return !is_word_of_1_1(text) && !is_odd_number(text);
}
