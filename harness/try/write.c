// SPDX-License-Identifier: Apache-2.0
// write.c - writes a scenario from a case on one line and what was seen
//
// Everything in it is a proposal: a comment at the top lists what to review before it is kept.
#include "try/write.h"

#include "base/file.h"
#include "try/sql.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- what was seen -----------------------------------------------------------------------------

static struct record *copy_record(const struct record *record) {
    struct err err;
    json_t *json = record_to_json(record);
    struct record *copy = record_from_json(json, &err);
    json_decref(json);
    return copy;
}

void try_seen_add(struct try_seen *seen, const struct run_item *item, const struct record *record,
                  const struct verdict *verdict) {
    if (verdict->kind == VERDICT_BROKEN || verdict->kind == VERDICT_SKIP || record->broken)
        return;
    struct record *copy = copy_record(record);
    bool violated = verdict->promise == PROMISE_VIOLATED;
    seen->items = xgrow(seen->items, seen->count, sizeof *seen->items);
    seen->items[seen->count++] = (struct try_sight){
        .item = item, .record = copy, .violates = violated ? xstrdup(verdict->why) : NULL};
}

void try_seen_release(struct try_seen *seen) {
    for (size_t i = 0; i < seen->count; i++) {
        record_free(seen->items[i].record);
        free(seen->items[i].violates);
    }
    free(seen->items);
    *seen = (struct try_seen){0};
}

static const struct record_step *find_step(const struct record *record, const char *id,
                                           bool *ret_follows_hang) {
    for (size_t i = 0; i < record->step_count; i++)
        if (record->steps[i].id && strcmp(record->steps[i].id, id) == 0) {
            *ret_follows_hang = record_follows_hang(record, i);
            return &record->steps[i];
        }
    return NULL;
}

/** What all cases together say about a call. */
struct sum {
    bool any_ok, any_error, any_other, follows_hang;
};

static struct sum sum_up(const struct try_seen *seen, const char *id) {
    struct sum sum = {0};
    for (size_t i = 0; i < seen->count; i++) {
        bool follows = false;
        const struct record_step *step = find_step(seen->items[i].record, id, &follows);
        sum.follows_hang |= follows;
        sum.any_ok |= step && step->outcome == OUTCOME_OK;
        sum.any_error |= step && step->outcome == OUTCOME_ERROR;
        sum.any_other |= !step || step->outcome > OUTCOME_ERROR;
    }
    return sum;
}

// ---- rows --------------------------------------------------------------------------------------

static void add_error(struct text *out, const struct record_step *step) {
    if (step->error) {
        text_printf(out, "%d", step->error);
        return;
    }
    text_add(out, "{error: 0, native: ");
    try_quote(out, step->native ? step->native : "");
    text_add(out, "}");
}

static bool has_new_session(const struct record_step *step) {
    const struct app_verb *verb = step->verb ? app_verb_named(step->verb) : NULL;
    return verb && !verb->connects && step->thread >= 0 && step->thread_before >= 0 &&
           (step->thread != step->thread_before || step->start != step->start_before);
}

static const struct plan_step *find_judged(const struct plan_case *plan, const char *id) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].id && strcmp(plan->steps[i].id, id) == 0)
            return &plan->steps[i];
    return NULL;
}

// What a statement has read from a table, if that is short; NULL: nothing worth telling.
static char *read_rows(const struct plan_case *plan, const struct record_step *step) {
    enum { MOST_BYTES = 60 };
    const struct plan_step *said = find_judged(plan, step->id);
    bool reads = said && said->act.verb && strcasestr(try_sql_of(said), " FROM ");
    char *rows = reads && step->rows ? json_dumps(step->rows, 0) : NULL;
    if (rows && strlen(rows) <= MOST_BYTES)
        return rows;
    free(rows);
    return NULL;
}

static void add_success(struct text *out, const struct plan_case *plan,
                        const struct record_step *step) {
    cleanup_free char *rows = read_rows(plan, step);
    bool is_new = has_new_session(step);
    if (!rows && !is_new) {
        text_add(out, outcome_names[OUTCOME_OK]);
        return;
    }
    text_printf(out, "{ok: true%s%s%s}", is_new ? ", session: new" : "", rows ? ", rows: " : "",
                rows ? rows : "");
}

static void add_cell(struct text *out, const struct plan_case *plan,
                     const struct record_step *step) {
    const char *signal = step->signal ? sigabbrev_np(step->signal) : NULL;
    if (step->outcome == OUTCOME_ERROR)
        add_error(out, step);
    else if (step->outcome == OUTCOME_CRASH && signal)
        text_printf(out, "{crash: %s}", signal);
    else if (step->outcome == OUTCOME_OK)
        add_success(out, plan, step);
    else
        text_add(out, outcome_names[step->outcome]);
}

static void add_row(struct text *out, const struct try_plan *plan, const bool *set_up,
                    const struct try_sight *sight) {
    const struct record *record = sight->record;
    text_printf(out, "  - {if: {server: %s, connector: ", record->server);
    try_quote(out, record->connector);
    if (plan->scenario->transport_count > 1)
        text_printf(out, ", transport: %s", transport_words[sight->item->plan->transport].name);
    text_add(out, "}");
    for (size_t i = 0; i < plan->part_count; i++) {
        bool follows;
        const char *id = plan->parts[i].until || set_up[i] ? NULL : plan->parts[i].step->id;
        const struct record_step *step = id ? find_step(record, id, &follows) : NULL;
        if (!step)
            continue;
        text_printf(out, ", %s: ", id);
        add_cell(out, sight->item->plan, step);
    }
    if (sight->violates) {
        cleanup_free char *why =
            xprintf("seen, and still to be explained: %.600s", sight->violates);
        text_add(out, ",\n     violates: ");
        try_quote(out, why);
    }
    text_add(out, "}\n");
}

// ---- the file ----------------------------------------------------------------------------------

// Calls that succeeded before anything happened are set-up.
static void find_set_up(const struct try_plan *plan, const struct try_seen *seen, bool *set_up) {
    size_t first = 0;
    while (first < plan->part_count &&
           (plan->parts[first].step->is_app || plan->parts[first].step->quiet))
        first++;
    for (size_t i = 0; first < plan->part_count && i < first; i++) {
        const char *id = plan->parts[i].step->id;
        struct sum sum = id ? sum_up(seen, id) : (struct sum){0};
        set_up[i] = !sum.any_error && !sum.any_other;
    }
}

static bool some_call_is_judged(const struct try_plan *plan, const bool *set_up) {
    for (size_t i = 0; i < plan->part_count; i++)
        if (plan->parts[i].step->id && !plan->parts[i].until && !set_up[i])
            return true;
    return false;
}

static int64_t times_fired(const struct try_seen *seen, const char *id) {
    int64_t most = 0;
    for (size_t i = 0; i < seen->count; i++)
        for (size_t k = 0; k < seen->items[i].record->fault_count; k++) {
            const struct record_fault *fault = &seen->items[i].record->faults[k];
            if (fault->id && strcmp(fault->id, id) == 0 && fault->fired > most)
                most = fault->fired;
        }
    return most;
}

static void find_fires(const struct try_plan *plan, const struct try_seen *seen,
                       const char **fires) {
    const struct plan_step *steps = plan->scenario->cases[0].steps;
    for (size_t i = 0; i < plan->part_count; i++)
        if (steps[i].kind == STEP_FAULT && times_fired(seen, steps[i].name) == 0)
            fires[i] = "never";
}

// What may end in any way is left so, with its reason: what one server showed is no promise.
static void find_promises(const struct try_plan *plan, const struct try_seen *seen,
                          const char **promises) {
    for (size_t i = 0; i < plan->promise_count; i++) {
        struct sum sum = sum_up(seen, plan->promises[i].id);
        promises[i] = sum.follows_hang ? "unbounded" : plan->promises[i].text;
    }
}

// For a comment: on one line, shortened.
static char *line_of(const struct try_plan *plan) {
    enum { MOST = 300 };
    char *line = xprintf("%.*s", MOST, plan->line->text);
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = ' ';
    for (size_t length = strlen(line); length && (unsigned char)line[length - 1] >= 0x80;)
        line[--length] = '\0';
    return line;
}

static char *head_of(const char *line) {
    return xprintf(
        "# Made of: goneaway try '%s'\n"
        "# It is a proposal. Review, before it is kept:\n"
        "# - title, source: what fails, in one sentence, and where that is described\n"
        "# - cause: `goneaway list causes` shows all of them\n"
        "# - promise: what any correct client must do, whatever its codes; which rows it reads\n"
        "# - outcomes: what was seen once; `goneaway run FILE --repeat 20` shows whether "
        "it is always so\n",
        line);
}

int try_write_check(const char *path, struct err *err) {
    const char *dot = strrchr(path, '.');
    if (!dot || strcmp(dot, ".yml") != 0)
        return err_usage(err, "--write needs the name of a file that ends in .yml, not '%s'", path);
    const char *slash = strrchr(path, '/');
    cleanup_free char *folder = slash ? xprintf("%.*s/", (int)(slash - path), path) : xstrdup(".");
    if (access(folder, W_OK) < 0) {
        err_errno(err, "--write: %s", folder);
        err->kind = ERR_USAGE;
        return -1;
    }
    if (!file_exists(path))
        return 0;
    err_usage(err, "--write: %s is there already", path);
    return err_remedy(err, "name another file; nothing is overwritten");
}

// Does not overwrite a file that somebody made meanwhile.
static int write_new(const char *path, const struct text *text, struct err *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_errno(err, "create %s", path);
    close(fd);
    if (file_write(path, text_get(text), text->length, err) == 0)
        return 0;
    unlink(path); // half a file would be in the way next time
    return -1;
}

static int write_script(const char *path, const struct try_plan *plan,
                        const struct try_script *script, struct err *err) {
    cleanup_text struct text plain = {0}, text = {0};
    try_plan_write(&plain, plan, script);
    try_spell_alike(&text, text_get(&plain));
    struct scenario *scenario = scenario_parse(path, text_get(&text), text.length, err);
    if (!scenario)
        return err_context(err, "the line does not make a scenario");
    scenario_free(scenario);
    return write_new(path, &text, err);
}

int try_write(const char *path, const struct try_plan *plan, const struct try_seen *seen,
              struct err *err) {
    if (seen->count == 0)
        return err_set(err, "%s was not written: no case came to its end", path);
    size_t count = plan->part_count + plan->promise_count + 1;
    cleanup_free bool *set_up = xcalloc(count, sizeof *set_up);
    cleanup_free const char **fires = xcalloc(count, sizeof *fires);
    cleanup_free const char **promises = xcalloc(count, sizeof *promises);
    cleanup_text struct text rows = {0};
    find_set_up(plan, seen, set_up);
    if (!some_call_is_judged(plan, set_up))
        memset(set_up, 0, count * sizeof *set_up);
    find_fires(plan, seen, fires);
    find_promises(plan, seen, promises);
    for (size_t i = 0; i < seen->count; i++)
        add_row(&rows, plan, set_up, &seen->items[i]);
    cleanup_free char *line = line_of(plan), *head = head_of(line);
    cleanup_free char *source = xprintf("goneaway try '%s'", line);
    cleanup_free char *title = try_title(plan, seen, set_up);
    const struct try_script script = {.title = title,
                                      .source = source,
                                      .head = head,
                                      .outcomes = text_get(&rows),
                                      .set_up = set_up,
                                      .fires = fires,
                                      .promises = promises};
    return write_script(path, plan, &script, err);
}
