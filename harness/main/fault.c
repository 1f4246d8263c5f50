// SPDX-License-Identifier: Apache-2.0
// fault.c - `goneaway fault`: makes a fault happen in the lab that it is called in
#include "base/text.h"
#include "lab/ask.h"
#include "main/commands.h"

#include <stdio.h>
#include <string.h>

// "drop: in force, has fired 3 times"
static void print_fault(const json_t *fault) {
    long long fired = json_integer_value(json_object_get(fault, "fired"));
    const char *waits = json_string_value(json_object_get(fault, "waits"));
    const char *error = json_string_value(json_object_get(fault, "error"));
    printf("%s: %s, has fired %lld %s%s%s%s%s\n", json_string_value(json_object_get(fault, "id")),
           json_is_true(json_object_get(fault, "armed")) ? "in force" : "lifted", fired,
           fired == 1 ? "time" : "times", waits ? "; " : "", waits ? waits : "", error ? "; " : "",
           error ? error : "");
}

int command_fault(const struct options *options, struct err *err) {
    cleanup_free char *typed = lab_typed(options);
    json_auto_t *answer = NULL;
    int ret = lab_ask(*typed ? "POST" : "GET", "/v1/faults", *typed ? typed : NULL, &answer, err);
    if (ret != 0)
        return -1;
    const json_t *list = json_object_get(answer, "faults");
    for (size_t i = 0; i < json_array_size(list); i++)
        print_fault(json_array_get(list, i));
    if (*typed)
        print_fault(answer);
    return STATUS_OK;
}
