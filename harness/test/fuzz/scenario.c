// SPDX-License-Identifier: Apache-2.0
// scenario.c - whatever is in a scenario file, `goneaway check` handles it safely
#include "catalog/known.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

static struct images images;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    struct err err = {0};
    (void)argc, (void)argv;
    setenv("GONEAWAY_CACHE", "/tmp", 0); // never looked into
    fuzz_require(images_open(&images, "fixtures", &err) == 0, "the recipes can be read", err.what);
    return 0;
}

// What reading a file yields must be complete: this asks for everything that the program would.
static void look_at(const struct scenario *scenario) {
    static const struct place places[] = {{.server = "mysql-9.7",
                                           .vendor = "mysql",
                                           .server_version = "9.7.4",
                                           .connector = "libmysqlclient",
                                           .family = "libmysqlclient",
                                           .connector_version = "9.7.4"},
                                          {.server = "mariadb-10.11",
                                           .vendor = "mariadb",
                                           .server_version = "10.11.14",
                                           .connector = "mariadb-c",
                                           .family = "mariadb-c",
                                           .connector_version = "3.3.14"}};
    for (size_t i = 0; i < scenario->case_count; i++) {
        const struct plan_case *plan = &scenario->cases[i];
        for (size_t k = 0; k < plan->step_count; k++) {
            const struct choice *act = &plan->steps[k].act;
            if (act->verb && act->verb->args)
                json_decref(table_to_json(act->verb->args, act->verb->args->kind == TYPE_RECORD
                                                               ? (const void *)&act->args
                                                               : act->args));
        }
        for (size_t k = 0; k < COUNT_OF(places); k++)
            if (plan_is_for_server(scenario, &places[k]))
                plan_find_expectation(plan_find_row(plan, &places[k]), "q");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err err = {0};
    struct scenario *scenario = scenario_parse("f.yml", (const char *)data, size, &err);
    if (scenario)
        look_at(scenario);
    if (!scenario || known_check(scenario, &images, &err) < 0)
        fuzz_require(err.kind == ERR_USAGE && text_starts(err.what, "f.yml:"),
                     "a refusal is a usage error that says where", err.what);
    scenario_free(scenario);
    return 0;
}
