// SPDX-License-Identifier: Apache-2.0
// commands.h - the commands of the program; each returns an exit status, or -1 with an error
#ifndef GONEAWAY_MAIN_COMMANDS_H
#define GONEAWAY_MAIN_COMMANDS_H

#include "base/err.h"
#include "base/status.h"
#include "cli/options.h"

int command_run(const struct options *options, struct err *err);
int command_check(const struct options *options, struct err *err);
int command_list(const struct options *options, struct err *err);
int command_explain(const struct options *options, struct err *err);
int command_doctor(const struct options *options, struct err *err);
int command_prepare(const struct options *options, struct err *err);
int command_merge(const struct options *options, struct err *err);
int command_compare(const struct options *options, struct err *err);
int command_try(const struct options *options, struct err *err);
int command_replay(const struct options *options, struct err *err);
int command_completion(const struct options *options, struct err *err);
int command_enter(const struct options *options, struct err *err);
int command_prune(const struct options *options, struct err *err);
int command_lab(const struct options *options, struct err *err);
int command_fault(const struct options *options, struct err *err);
int command_lift(const struct options *options, struct err *err);
int command_until(const struct options *options, struct err *err);
int command_reset(const struct options *options, struct err *err);
int command_export(const struct options *options, struct err *err);
int command_adapter(const struct options *options, struct err *err);

#endif
