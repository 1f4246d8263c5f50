// SPDX-License-Identifier: Apache-2.0
// told.c - what a preparing process tells its user, kept
#include "test/lib/told.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void told_take(void *context, const char *format, ...) {
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_printf(context, "%s\n", line);
}
