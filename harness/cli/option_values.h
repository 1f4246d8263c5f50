// SPDX-License-Identifier: Apache-2.0
// option_values.h - values of options that are more than a string
#ifndef GONEAWAY_CLI_OPTION_VALUES_H
#define GONEAWAY_CLI_OPTION_VALUES_H

#include "cli/options.h"

// Each parses a value, or refuses it with a usage error.
int options_read_number(const char *text, const char *name, int *ret, struct err *err);
int options_set_shard(struct options *options, const char *text, struct err *err);
int options_set_scale(struct options *options, const char *text, struct err *err);
int options_set_timeout(struct options *options, const char *text, struct err *err);
int options_set_deadline(struct options *options, const char *text, struct err *err);
int options_set_memory(struct options *options, const char *text, struct err *err);
int options_set_netem(struct options *options, const char *text, struct err *err);
/** Refuses options that contradict each other, or the arguments. */
int options_check_together(const struct options *options, struct err *err);

#endif
