// SPDX-License-Identifier: Apache-2.0
// commands.h - the commands of the program; each returns an exit status, or -1 with an error
#ifndef GONEAWAY_MAIN_COMMANDS_H
#define GONEAWAY_MAIN_COMMANDS_H

#include "base/err.h"
#include "main/options.h"

/** Exit statuses of the program. */
enum status {
    STATUS_OK = 0,
    STATUS_UNEXPECTED = 1, ///< some case was not as expected
    STATUS_USAGE = 2,
    STATUS_MACHINE = ERR_STATUS, ///< the harness or the machine failed
    STATUS_NOTHING = 4,          ///< nothing ran
};

int command_run(const struct options *options, struct err *err);
int command_check(const struct options *options, struct err *err);
int command_list(const struct options *options, struct err *err);
int command_explain(const struct options *options, struct err *err);
int command_doctor(const struct options *options, struct err *err);
int command_prepare(const struct options *options, struct err *err);
int command_merge(const struct options *options, struct err *err);
int command_completion(const struct options *options, struct err *err);

#endif
