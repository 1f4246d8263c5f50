// SPDX-License-Identifier: Apache-2.0
// adapter.c - `goneaway adapter`: helps authors of adapters

#include "catalog/skeleton.h"
#include "main/commands.h"
#include "protocol/adapter_test.h"

#include <string.h>

static const struct {
    const char *name;
    int (*run)(const struct options *options, struct err *err);
} verbs[] = {{"new", skeleton_command}, {"test", adapter_test_command}};

int command_adapter(const struct options *options, struct err *err) {
    const char *name = options->argument_count > 0 ? options->arguments[0] : "";
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return verbs[i].run(options, err);
    if (*name)
        err_usage(err, "`goneaway adapter` has no '%s'", name);
    else
        err_usage(err, "`goneaway adapter` needs to know what to do");
    return err_remedy(err, "`goneaway adapter new` lists the languages that it has a skeleton in, "
                           "`goneaway adapter test 'CMD'` holds an adapter against the protocol");
}
