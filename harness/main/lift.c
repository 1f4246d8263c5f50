// SPDX-License-Identifier: Apache-2.0
// lift.c - `goneaway lift`: ends a fault of the lab that it is called in
#include "base/text.h"
#include "lab/ask.h"
#include "main/commands.h"

#include <stdio.h>
#include <string.h>

int command_lift(const struct options *options, struct err *err) {
    const char *id = options->argument_count == 1 ? options->arguments[0] : "";
    if (!*id || strpbrk(id, "/ \t\r\n?#%"))
        return err_usage(err,
                         "`goneaway lift` needs the id of one fault, as `goneaway fault` lists "
                         "it");
    cleanup_free char *path = xprintf("/v1/faults/%s", id);
    json_auto_t *answer = NULL;
    if (lab_ask("DELETE", path, NULL, &answer, err) != 0)
        return -1;
    long long fired = json_integer_value(json_object_get(answer, "fired"));
    printf("%s: lifted, has fired %lld %s\n", id, fired, fired == 1 ? "time" : "times");
    return STATUS_OK;
}
