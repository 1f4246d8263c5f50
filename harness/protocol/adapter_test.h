// SPDX-License-Identifier: Apache-2.0
// adapter_test.h - what `goneaway adapter test` found, and its reports
#ifndef GONEAWAY_PROTOCOL_ADAPTER_TEST_H
#define GONEAWAY_PROTOCOL_ADAPTER_TEST_H

#include "base/text.h"
#include "cli/options.h"
#include "report/report.h"

#include <jansson.h>

/** An adapter that has been held against the protocol. */
struct adapter_test_result {
    char *protocol;           ///< path of PROTOCOL.md
    struct text rules;        ///< what it says
    const char *adapter;      ///< its command, or the name of its recipe
    char *server, *connector; ///< with their versions
    const json_t *findings;   ///< list of {operation, rule, saw}, all texts
    const json_t *operations; ///< object, name to what became of it
};

/** `adapter test`: holds one against the protocol. */
int adapter_test_command(const struct options *options, struct err *err);

/** Which of the protocol's lines has a rule's words, from 1 on, and the heading that it stands
 * below, to be freed; 0: none has. */
int adapter_test_find_line(const char *protocol, const char *words, char **ret_heading);
/** Whether it is what a worker sends: lists of texts, and not too many. */
bool adapter_test_is_sound(const json_t *found);

/** Ended by NULL. */
extern const struct report_format *const adapter_test_formats[];

#endif
