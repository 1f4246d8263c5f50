// SPDX-License-Identifier: Apache-2.0
// reset.c - `goneaway reset`: makes the world of the lab that it is called in as new
#include "base/text.h"
#include "lab/ask.h"
#include "main/commands.h"

#include <stdio.h>

int command_reset(const struct options *options, struct err *err) {
    json_auto_t *answer = NULL;
    if (options->argument_count > 0)
        return err_usage(err, "`goneaway reset` takes no arguments");
    if (lab_ask("POST", "/v1/reset", NULL, &answer, err) != 0)
        return -1;
    printf("as new, on %s server, in %.0f ms\n",
           json_is_true(json_object_get(answer, "fresh")) ? "a fresh" : "the same",
           json_real_value(json_object_get(answer, "ms")));
    return STATUS_OK;
}
