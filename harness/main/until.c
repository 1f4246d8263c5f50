// SPDX-License-Identifier: Apache-2.0
// until.c - `goneaway until`: waits for a state in the lab that it is called in
#include "base/text.h"
#include "lab/ask.h"
#include "main/commands.h"

#include <stdio.h>

int command_until(const struct options *options, struct err *err) {
    cleanup_free char *typed = lab_typed(options);
    json_auto_t *answer = NULL;
    if (!*typed)
        return err_usage(err, "`goneaway until` needs a state, such as 'session: {of: 12, is: "
                              "gone}'");
    int ret = lab_ask("POST", "/v1/until", typed, &answer, err);
    if (ret > 0)
        fprintf(stderr, "goneaway: %s\n", err->what);
    if (ret != 0)
        return ret > 0 ? STATUS_UNEXPECTED : -1;
    printf("%s\n", json_string_value(json_object_get(answer, "seen")));
    return STATUS_OK;
}
