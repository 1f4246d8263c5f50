// SPDX-License-Identifier: Apache-2.0
// validator.c - asks validate.py
#include "test/lib/validator.h"

#include "base/clock.h"
#include "base/proc.h"

#include <check.h>
#include <stdio.h>

static FILE *write_questions(const json_t *questions) {
    FILE *file = tmpfile();
    size_t i;
    json_t *question;
    ck_assert_ptr_nonnull(file);
    json_array_foreach((json_t *)questions, i, question) {
        json_dumpf(question, file, JSON_COMPACT);
        fputc('\n', file);
    }
    rewind(file);
    return file;
}

void validator_forbid_other_keys(json_t *schema) {
    const char *key;
    size_t i;
    json_t *part;
    json_object_foreach(schema, key, part) {
        validator_forbid_other_keys(part);
    }
    json_array_foreach(schema, i, part) {
        validator_forbid_other_keys(part);
    }
    if (json_is_object(json_object_get(schema, "properties")))
        json_object_set_new(schema, "additionalProperties", json_false());
}

void validator_ask(const json_t *questions, struct text *ret_answers) {
    FILE *file = write_questions(questions);
    const char *const argv[] = {"python3", "harness/test/lib/validate.py", NULL};
    struct proc_spec spec = {.argv = argv, .in = fileno(file), .out = -1, .err = -1, .netns = -1};
    struct err err = {0};
    int ret = proc_run(&spec, clock_ms() + 300000, ret_answers, &err);
    fclose(file);
    ck_assert_msg(ret == 0, "%s (`make setup` installs python3-jsonschema)", err.what);
}
