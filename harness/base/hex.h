// SPDX-License-Identifier: Apache-2.0
// hex.h - bytes that are written as pairs of hexadecimal digits, with blanks between the pairs
#ifndef GONEAWAY_BASE_HEX_H
#define GONEAWAY_BASE_HEX_H

#include "base/text.h"

enum hex {
    HEX_FINE,
    HEX_NO_DIGIT, ///< something is neither a digit nor a blank between pairs
    HEX_HALF,     ///< the last digit is alone
};
/** Appends the bytes, if `ret_bytes` is not NULL; what came before a mistake too. */
enum hex hex_read(const char *hex, struct text *ret_bytes);

#endif
