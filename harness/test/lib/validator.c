// SPDX-License-Identifier: Apache-2.0
// validator.c - asks validate.py and load.py
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

// `packages`: what the script needs.
static void run(const char *script, FILE *in, const char *packages, struct text *ret_said) {
    const char *const argv[] = {"python3", script, NULL};
    struct proc_spec spec = {.argv = argv, .in = fileno(in), .out = -1, .err = -1, .netns = -1};
    struct err err = {0};
    int ret = proc_run(&spec, clock_ms() + 300000, ret_said, &err);
    fclose(in);
    ck_assert_msg(ret == 0, "%s (`make setup` installs %s)", err.what, packages);
}

void validator_ask(const json_t *questions, struct text *ret_answers) {
    run("harness/test/lib/validate.py", write_questions(questions), "python3-jsonschema",
        ret_answers);
}

json_t *validator_load(const char *const *paths, size_t count) {
    cleanup_text struct text said = {0};
    json_t *answers = json_array();
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%s\n", paths[i]);
    rewind(file);
    run("harness/test/lib/load.py", file, "python3-yaml", &said);
    for (const char *line = text_get(&said); *line; line += strcspn(line, "\n") + 1)
        json_array_append_new(answers, json_loadb(line, strcspn(line, "\n"), 0, NULL));
    ck_assert_uint_eq(json_array_size(answers), count);
    return answers;
}
