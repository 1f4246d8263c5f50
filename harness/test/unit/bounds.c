// SPDX-License-Identifier: Apache-2.0
// bounds.c - whatever a scenario file says, reading it takes bounded time and memory
//
// Each test is a process with kernel limits: exceeding them kills it. Files have the maximum size,
// and are generated here, since nobody would read them.
#include "base/file.h"
#include "catalog/catalog.h"
#include "plan/plan.h"
#include "test/lib/bound.h"
#include "test/lib/folder.h"
#include "test/lib/suites.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { SECONDS = 60, MEMORY = 400 << 20, FILE_BYTES = SCENARIO_MAX_BYTES - 4096 };

#define HEAD "goneaway: 1\ntitle: It breaks\ncause: killed\nsource: a manual\n"
#define ALL HEAD "transport: [tcp, socket, tls]\n"
#define STEPS "steps:\n  - app: connect\n  - {id: q, app: {query: SELECT 1}}\n"
#define OUTCOMES "outcomes:\n  - {q: 2013}\n"

static struct err err;

// ---- files -------------------------------------------------------------------------------------

/** Adds its content to a generated file; repeated names get a number. */
typedef void file_maker(struct text *file);

static void repeat(struct text *file, size_t most, const char *before, const char *after) {
    for (size_t i = 0; i < most && file->length < FILE_BYTES; i++)
        text_printf(file, "%s%zu%s", before, i, after);
}

static void variants(struct text *file, size_t most) {
    text_add(file, ALL "variants:\n");
    repeat(file, most, "  v", ": {}\n");
}

static void keys(struct text *file) {
    repeat(file, SIZE_MAX, "k", ": 1\n");
}

static void equal_keys(struct text *file) {
    repeat(file, 10000, "k", ": 1\n");
    text_add(file, "k7000: 1\n");
}

static void options(struct text *file) {
    text_add(file, ALL "server:\n  options:\n");
    repeat(file, SIZE_MAX, "    max_k", ": 1\n");
    text_add(file, STEPS OUTCOMES);
}

static void anchors(struct text *file) {
    text_add(file, "a: [");
    repeat(file, SIZE_MAX, "&a", " x, ");
}

static void directives(struct text *file) {
    repeat(file, SIZE_MAX, "%TAG !a", "! tag:x,2000:\n");
}

static void directives_behind_returns(struct text *file) {
    text_add(file, "\r");
    while (file->length < FILE_BYTES)
        text_add(file, "%");
}

static void escapes(struct text *file) {
    text_add(file, "goneaway: 1\ntitle: !a");
    while (file->length < FILE_BYTES)
        text_add(file, "%41");
    text_add(file, " a\n");
}

static void endless_tag(struct text *file) {
    text_add(file, "goneaway: 1\ntitle: !<");
    for (int i = 0; i < 100000; i++)
        text_add(file, "a");
}

static void verbatim_escapes(struct text *file) {
    text_add(file, "goneaway: 1\ntitle: !<");
    while (file->length < FILE_BYTES)
        text_add(file, "%41%7e");
    text_add(file, "> a\n");
}

// Anything but a tag may have as many as it likes.
static void percents(struct text *file) {
    text_add(file, ALL "steps:\n  - app: connect\n  - {id: q, app: {query: \"SELECT 'it breaks! ");
    for (int i = 0; i < 20000; i++)
        text_add(file, "%41");
    text_add(file, "'\"}}\n" OUTCOMES);
}

static void late_directives(struct text *file) {
    text_add(file, ALL STEPS OUTCOMES "...\n");
    repeat(file, SIZE_MAX, "%TAG !a", "! tag:x,2000:\n");
}

static void brackets(struct text *file) {
    while (file->length < FILE_BYTES)
        text_add(file, "[{a: ");
}

static void items(struct text *file) {
    text_add(file, ALL STEPS "outcomes:\n  - {q: {ok: true, rows: [");
    while (file->length < FILE_BYTES)
        text_add(file, "[],");
    text_add(file, "]}}\n");
}

static void long_text(struct text *file) {
    text_add(file, ALL "tags: ");
    while (file->length < YAML_TEXT_MAX_BYTES + 200)
        text_add(file, "xxxxxxxxxx");
}

static void many_variants(struct text *file) {
    variants(file, MOST_VARIANTS + 1);
    text_add(file, STEPS OUTCOMES);
}

static void many_steps(struct text *file) {
    text_add(file, ALL STEPS);
    repeat(file, MOST_STEPS, "  - app: {exit: 0} # ", "\n");
    text_add(file, OUTCOMES);
}

static void many_rows(struct text *file) {
    text_add(file, ALL STEPS OUTCOMES);
    repeat(file, MOST_ROWS, "  - {q: 2013} # ", "\n");
}

// Each alone is allowed.
static void many_of_all(struct text *file) {
    variants(file, MOST_VARIANTS);
    text_add(file, STEPS);
    repeat(file, MOST_STEPS - 2, "  - {app: {query: SELECT 1}, deadline: 1s} # ", "\n");
    text_add(file, OUTCOMES);
    repeat(file, MOST_ROWS - 1, "  - {q: {error: 2013, message: lost}} # ", "\n");
}

static void names(struct text *file) {
    variants(file, MOST_VARIANTS);
    text_add(file, STEPS);
    for (int i = 0; i < 100; i++) {
        text_add(file, "  - {app: ping, variants: [");
        repeat(file, MOST_VARIANTS, "v", ", ");
        text_add(file, "]}\n");
    }
    text_add(file, OUTCOMES);
}

static void columns(struct text *file) {
    variants(file, MOST_VARIANTS);
    text_add(file, "steps:\n  - app: connect\n  - {id: q, app: ping}\n");
    repeat(file, MOST_STEPS - 2, "  - {app: ping, id: s", "}\n");
    text_add(file, OUTCOMES);
    for (int i = 0; i < 30; i++) {
        text_add(file, "  - {q: ok, ");
        repeat(file, MOST_STEPS - 2, "s", ": ok, ");
        text_add(file, "}\n");
    }
}

static void with(struct text *file, size_t length) {
    text_add(file, ALL "variants:\n");
    for (int i = 0; i < 20; i++) {
        text_printf(file, "  v%d: {with: {a: ", i);
        for (size_t k = 0; k < length; k++)
            text_add(file, "x");
        text_add(file, "}}\n");
    }
}

static void growing_text(struct text *file) {
    with(file, 1000);
    text_add(file, STEPS "  - app: {query: \"");
    for (int i = 0; i < 30000; i++)
        text_add(file, "$a");
    text_add(file, "\"}\n" OUTCOMES);
}

static void growing_texts(struct text *file) {
    with(file, 5000);
    text_add(file, STEPS);
    for (int i = 0; i < MOST_STEPS - 2; i++)
        text_add(file, "  - app: {query: \"$a$a$a$a$a$a$a$a$a$a$a$a\"}\n");
    text_add(file, OUTCOMES);
}

static void shared_lists(struct text *file) {
    text_add(file, ALL "variants:\n  v: {with: {script: [");
    repeat(file, LIST_MAX_ITEMS, "{row: x", "}, ");
    text_add(file, "], values: {");
    repeat(file, LIST_MAX_ITEMS, "k", ": 1, ");
    text_add(file, "}}}\n" STEPS);
    for (int i = 0; i < MOST_STEPS / 3 - 1; i++)
        text_printf(file,
                    "  - app: {connect: {session: $values}}\n"
                    "  - fault: {id: s%d, stub: {does: $script}}\n  - lift: s%d\n",
                    i, i);
    text_add(file, OUTCOMES);
}

static void parameters(struct text *file) {
    text_add(file, ALL "variants:\n");
    for (int i = 0; i < 100; i++) {
        text_printf(file, "  v%d: {with: {", i);
        repeat(file, MOST_PARAMS, "parameter_number_", ": 1, ");
        text_add(file, "}}\n");
    }
    text_add(file, STEPS);
    repeat(file, 100, "  - app: {query: SELECT $parameter_number_", "}\n");
    text_add(file, OUTCOMES);
}

static void patterns(struct text *file) {
    variants(file, MOST_VARIANTS);
    text_add(file, STEPS OUTCOMES);
    repeat(file, MOST_ROWS - 1, "  - {q: {error: 2013, message: \"((a{1,20}){1,20}){1,10}",
           "\"}}\n");
}

static void different_patterns(struct text *file) {
    text_add(file, ALL "variants:\n");
    repeat(file, 20, "  v", ": {}\n");
    text_add(file, STEPS OUTCOMES);
    for (int i = 0; i < MOST_PATTERNS / 20 + 1; i++) {
        text_add(file, "  - {q: {error: 2013, or: [");
        for (int k = 0; k < 20; k++)
            text_printf(file, "{error: 2013, message: m%d}, ", i * 20 + k);
        text_add(file, "], why: a race}}\n");
    }
}

// Each uses nearly the whole budget of a match, and finds nothing.
static void dear_patterns(struct text *file) {
    text_add(file, ALL "variants: {v1: {with: {p: a}}, v2: {with: {p: b}}}\n" STEPS);
    for (int i = 0; i < MOST_STEPS - 2; i++) {
        text_printf(file, "  - until: {log: '(?#%d$p)", i);
        for (int k = 0; k < 11; k++)
            text_add(file, "(?:(?!\\b)|(?!\\b)|(?!\\b)|(?!\\b))");
        text_add(file, "\\b'}\n");
    }
    text_add(file, OUTCOMES);
}

static void dear_pattern(struct text *file) {
    text_add(file, ALL STEPS "  - until: {log: '");
    for (int k = 0; k < 20; k++)
        text_add(file, "(?:(?!\\b)|(?!\\b)|(?!\\b)|(?!\\b))");
    text_add(file, "\\b'}\n" OUTCOMES);
}

static void long_words(struct text *file) {
    text_add(file, ALL STEPS "outcomes:\n  - {q: ");
    for (int i = 0; i < YAML_TEXT_MAX_BYTES - 10; i++)
        text_add(file, "Q");
    text_add(file, "}\n");
}

static const struct {
    const char *name;
    file_maker *make;
    const char *refusal; ///< the message; NULL: the file is accepted
} made[] = {
    {"keys", keys, "this is not a scenario: the key 'goneaway'"},
    {"equal keys", equal_keys, "f.yml:10001:1: the same key stands in line 7001 already"},
    {"options", options, "f.yml:8:5: expected at most 1000 items, not "},
    {"anchors", anchors, "f.yml:1:6: anchors, aliases and tags are not part"},
    {"directives", directives, "f.yml:1:1: directives are not part"},
    {"directives behind returns", directives_behind_returns, "f.yml:1:1: directives are not part"},
    {"escapes", escapes, "f.yml:2:8: more than 100 %-escapes in one word behind a '!'"},
    {"endless tag", endless_tag, "f.yml:2:8: more than 1000 characters in one word behind a '!'"},
    {"verbatim escapes", verbatim_escapes, "f.yml:2:8: more than 100 %-escapes in one word"},
    {"percents", percents, NULL},
    {"late directives", late_directives, "f.yml:12:1: directives are not part"},
    {"brackets", brackets, "nested more than 32 levels deep"},
    {"items", items, NULL},
    {"long text", long_text, "f.yml:6:7: a text is at most 65536 bytes long"},
    {"variants", many_variants, "f.yml:7:3: expected at most 200 items, not 201"},
    {"steps", many_steps, "f.yml:7:5: a scenario has at most 500 steps, not 502; split it"},
    {"rows", many_rows, "f.yml:10:6: 'outcomes' has at most 500 rows, not 501; split the file"},
    {"all of them", many_of_all, "the cases of this file take more than 128 MiB"},
    {"names of variants", names, "the cases of this file take more than 128 MiB"},
    {"columns", columns, "the cases of this file take more than 128 MiB"},
    {"growing text", growing_text,
     "with its parameters put in, this text is longer than 65536 bytes"},
    {"growing texts", growing_texts, "the cases of this file take more than 128 MiB"},
    {"shared lists", shared_lists, NULL},
    {"parameters", parameters, NULL},
    {"patterns", patterns, "the cases of this file take more than 128 MiB"},
    {"different patterns", different_patterns, "more than 1000 different regular expressions"},
    {"dear patterns", dear_patterns, "takes too long"},
    {"dear pattern", dear_pattern, "takes too long"},
    {"long words", long_words, "expected ok, hang, crash, unsupported or an error code"},
};

START_TEST(is_bounded) {
    cleanup_text struct text file = {0};
    made[_i].make(&file);
    ck_assert_uint_le(file.length, SCENARIO_MAX_BYTES);
    bound_process(SECONDS, MEMORY);
    struct scenario *scenario = scenario_parse("f.yml", text_get(&file), file.length, &err);
    if (!made[_i].refusal) {
        ck_assert_msg(scenario != NULL, "%s: %s", made[_i].name, err.what);
    } else {
        ck_assert_msg(!scenario, "%s: not refused", made[_i].name);
        ck_assert_msg(strstr(err.what, made[_i].refusal) != NULL, "%s: %s", made[_i].name,
                      err.what);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_uint_lt(strlen(strrchr(err.what, '\n') ? strrchr(err.what, '\n') : err.what),
                          1000);
    }
    scenario_free(scenario);
}
END_TEST

// ---- what is no file ---------------------------------------------------------------------------

static void make_folder(void) {
    folder_make("/tmp/goneaway-bounds", 0700);
}

START_TEST(waits_for_no_fifo) {
    cleanup_free char *path = folder_path("f.yml");
    cleanup_free char *message = xprintf("%s: is not a regular file", path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_ptr_null(scenario_read(path, &err));
    ck_assert_str_eq(err.what, message);
    ck_assert_ptr_null(scenario_read("/dev/zero", &err));
    ck_assert_str_eq(err.what, "/dev/zero: is not a regular file");
    ck_assert_ptr_null(scenario_read(test_folder, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
}
END_TEST

START_TEST(does_not_follow_out_of_a_folder) {
    cleanup_free char *outside = folder_path("secret"), *below = folder_path("below");
    cleanup_free char *link = folder_path("below/link.yml"), *own = folder_path("below/own.yml");
    cleanup_free char *file = folder_path("below/file.yml");
    static const char text[] = ALL STEPS OUTCOMES;
    ck_assert_int_eq(mkdir(below, 0700), 0);
    ck_assert_int_eq(file_write(outside, "root: x\n", 8, &err), 0);
    ck_assert_int_eq(file_write(file, text, sizeof text - 1, &err), 0);
    ck_assert_int_eq(symlink(outside, link), 0);
    ck_assert_int_eq(symlink("file.yml", own), 0);
    ck_assert_ptr_null(catalog_read(link, below, &err));
    ck_assert_ptr_nonnull(strstr(err.what, "link.yml: is a link that leads out of its folder"));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_ptr_null(catalog_read(link, link, &err));
    ck_assert_ptr_nonnull(strstr(err.what, "this is not a scenario"));
    struct scenario *scenario = catalog_read(own, below, &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    scenario_free(scenario);
}
END_TEST

START_TEST(names_are_shown_harmless) {
    cleanup_free char *path = folder_path("\033[31m\n.yml");
    static const char text[] = ALL STEPS OUTCOMES;
    ck_assert_int_eq(file_write(path, text, sizeof text - 1, &err), 0);
    struct scenario *scenario = scenario_read(path, &err);
    ck_assert_msg(scenario != NULL, "%s", err.what);
    ck_assert_str_eq(scenario->name, "\\x1b[31m\\n");
    ck_assert_str_eq(scenario->cases[0].id, "\\x1b[31m\\n@tcp");
    scenario_free(scenario);
    ck_assert_int_eq(file_write(path, "goneaway: 2\n", 12, &err), 0);
    ck_assert_ptr_null(scenario_read(path, &err));
    ck_assert_ptr_nonnull(strstr(err.what, "/\\x1b[31m\\n.yml:1:11: this goneaway reads"));
}
END_TEST

// ---- no memory ---------------------------------------------------------------------------------

static void allocate(int which) {
    volatile size_t much = SIZE_MAX / 4;
    struct arena *arena = arena_new();
    if (which == 0)
        xcalloc(1, much);
    else if (which == 1)
        xrealloc(NULL, much, 1);
    else
        arena_alloc(arena, much);
}

START_TEST(says_that_memory_is_out) {
    int pipes[2], status;
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pipes[1], STDERR_FILENO);
        allocate(_i);
        _exit(0);
    }
    close(pipes[1]);
    char said[100] = "";
    ck_assert_int_gt(read(pipes[0], said, sizeof said - 1), 0);
    close(pipes[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_str_eq(said, "goneaway: out of memory\n");
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 3);
}
END_TEST

// ---- the tables --------------------------------------------------------------------------------

static void is_bounded_type(void *unused, int depth, const char *name, const struct type *type,
                            unsigned flags, const char *doc) {
    (void)unused, (void)depth, (void)flags, (void)doc;
    if (!type || type->kind == TYPE_PERCENT || type->kind == TYPE_FLAG || type->kind == TYPE_WORD)
        return;
    bool open = type->kind == TYPE_NODE || type->kind == TYPE_VALUE || type->kind == TYPE_RECORD ||
                type->kind == TYPE_CHOICE;
    ck_assert_msg(open || type->most > 0, "'%s' has no bound", name);
    ck_assert_int_le(type->least, type->most);
}

START_TEST(everything_in_the_tables_is_bounded) {
    static const struct type type_steps = {.kind = TYPE_CHOICE, .verbs = step_verbs};
    static const struct type *const types[] = {
        &type_scenario, &type_steps,      &type_step_common, &type_app,  &type_admin,
        &type_server,   &type_server_act, &type_proxy_act,   &type_raw,  &type_fault,
        &type_until,    &type_cell,       &type_condition,   &type_wire, &type_host,
        &type_evidence, &type_idle,
    };
    for (size_t i = 0; i < COUNT_OF(types); i++)
        table_walk(types[i], is_bounded_type, NULL);
}
END_TEST

Suite *suite_bounds(void) {
    Suite *suite = suite_create("bounds");
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 300); // they are limited by processor time
    tcase_add_loop_test(files, is_bounded, 0, COUNT_OF(made));
    TCase *places = tcase_create("places");
    tcase_add_checked_fixture(places, make_folder, folder_remove);
    tcase_add_test(places, waits_for_no_fifo);
    tcase_add_test(places, does_not_follow_out_of_a_folder);
    tcase_add_test(places, names_are_shown_harmless);
    TCase *others = tcase_create("others");
    tcase_add_loop_test(others, says_that_memory_is_out, 0, SANITIZED ? 0 : 3);
    tcase_add_test(others, everything_in_the_tables_is_bounded);
    suite_add_tcase(suite, files);
    suite_add_tcase(suite, places);
    suite_add_tcase(suite, others);
    return suite;
}
