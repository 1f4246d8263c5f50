// SPDX-License-Identifier: Apache-2.0
// hex.c - reads hexadecimal digits
#include "base/hex.h"

#include <ctype.h>
#include <string.h>

static unsigned value_of(char digit) {
    static const char digits[] = "0123456789abcdef";
    return (unsigned)(strchr(digits, tolower((unsigned char)digit)) - digits);
}

enum hex hex_read(const char *hex, struct text *ret_bytes) {
    while (*(hex += strspn(hex, " "))) {
        if (!isxdigit((unsigned char)hex[0]))
            return HEX_NO_DIGIT;
        if (!isxdigit((unsigned char)hex[1]))
            return hex[1] ? HEX_NO_DIGIT : HEX_HALF;
        char byte = (char)(value_of(hex[0]) << 4 | value_of(hex[1]));
        if (ret_bytes)
            text_append(ret_bytes, &byte, 1);
        hex += 2;
    }
    return HEX_FINE;
}
