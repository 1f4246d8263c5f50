// SPDX-License-Identifier: Apache-2.0
// adapter_test.h - the findings of `goneaway adapter test`, and their reports
#ifndef GONEAWAY_PROTOCOL_ADAPTER_TEST_H
#define GONEAWAY_PROTOCOL_ADAPTER_TEST_H

#include "base/text.h"
#include "cli/options.h"
#include "report/report.h"

#include <jansson.h>

/** The result of checking an adapter against the protocol. */
struct adapter_test_result {
    char *protocol;           ///< path of PROTOCOL.md
    struct text rules;        ///< its text
    const char *adapter;      ///< its command, or the name of its recipe
    char *server, *connector; ///< with their versions
    const json_t *findings;   ///< list of {operation, rule, saw}, all texts
    const json_t *operations; ///< object: the result for each name
};

/** `goneaway adapter test`: checks an adapter. */
int adapter_test_command(const struct options *options, struct err *err);

/** The number, from 1, of the protocol's line that contains a rule's words, and the heading above
 * it, to be freed; 0: none does. */
int adapter_test_find_line(const char *protocol, const char *words, char **ret_heading);
/** Whether it is what a worker sends: lists of texts, and not too many. */
bool adapter_test_is_sound(const json_t *found);

/** Terminated by NULL. */
extern const struct report_format *const adapter_test_formats[];

#endif
