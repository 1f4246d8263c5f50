// SPDX-License-Identifier: Apache-2.0
// hex.h - bytes written as pairs of hexadecimal digits, with blanks between the pairs
#ifndef GONEAWAY_BASE_HEX_H
#define GONEAWAY_BASE_HEX_H

#include "base/text.h"

enum hex {
    HEX_FINE,
    HEX_NO_DIGIT, ///< a character that is neither a digit nor a blank between pairs
    HEX_HALF,     ///< the last digit is alone
};
/** Appends the bytes, including those before a mistake, unless `ret_bytes` is NULL. */
enum hex hex_read(const char *hex, struct text *ret_bytes);

#endif
