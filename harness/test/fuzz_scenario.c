// SPDX-License-Identifier: Apache-2.0
// fuzz_scenario.c - a libFuzzer target: whatever stands in a scenario file, reading it is harmless
//
// No part of the test program. Build it from this file, harness/plan and harness/base with
// clang -fsanitize=fuzzer,address,undefined; the folders of fixtures and scenarios are a corpus.
#include "plan/plan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What reading a file leaves must be whole: everything the program would ask for is asked for.
static void look_at(const struct scenario *scenario) {
    static const struct place place = {"mysql-9.7", "mysql", "9.7.4", "libmysqlclient", "9.7.4"};
    for (size_t i = 0; i < scenario->case_count; i++) {
        const struct plan_case *plan = &scenario->cases[i];
        for (size_t k = 0; k < plan->step_count; k++) {
            const struct choice *act = &plan->steps[k].act;
            if (act->verb && act->verb->args)
                json_decref(table_to_json(act->verb->args, act->verb->args->kind == TYPE_RECORD
                                                               ? (const void *)&act->args
                                                               : act->args));
        }
        plan_find_expectation(plan_find_row(plan, &place), "q");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err err = {0};
    struct scenario *scenario = scenario_parse("f.yml", (const char *)data, size, &err);
    if (scenario)
        look_at(scenario);
    else if (err.kind != ERR_USAGE || !err.what[0])
        abort();
    scenario_free(scenario);
    return 0;
}
