// SPDX-License-Identifier: Apache-2.0
// try.c - `goneaway try`: a case on one line, carried out and shown step by step
//
//     line.c     the steps that the line stands for, by the words of words.c
//     plan.c     the scenario that it is, with what guess.c adds
//     program.c  the same for somebody's own program
//     show.c     what is shown while it runs
//     write.c    the scenario as a file, with what was seen
//
// These are in try/. It runs as any other case does, by batch/carry.c, one after the other.
#include "base/outlet.h"
#include "base/text.h"
#include "batch/carry.h"
#include "main/commands.h"
#include "try/program.h"
#include "try/show.h"
#include "try/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** All state of the command. */
struct trial {
    const struct options *options;
    struct options filled; // with defaults filled in
    struct try_line line;
    struct try_plan plan;
    struct carry carry;
    struct try_show show;
    struct try_seen seen;
    int counts[VERDICT_COUNT];
};

// ---- while it runs -----------------------------------------------------------------------------

static void show_step(void *context, const struct run_item *item, const struct record *step) {
    struct trial *trial = context;
    try_show_step(&trial->show, item, step);
}

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct trial *trial = context;
    struct verdict verdict;
    verdict_of(item->plan, record, trial->options->time_scale, &verdict);
    trial->counts[verdict.kind]++;
    try_show_end(&trial->show, item, record, &verdict);
    if (trial->options->timeline)
        try_show_timeline(&trial->show, item, record);
    try_seen_add(&trial->seen, item, record, &verdict);
    verdict_release(&verdict);
    return trial->options->keep;
}

// If nobody reads the output any more, the command ends, unless it is to write a file.
static enum pace pace(void *context) {
    const struct trial *trial = context;
    return !trial->options->write && outlet_is_deserted(STDOUT_FILENO) ? PACE_STOP : PACE_ON;
}

static bool hold(void *context, const struct run_item *item, const struct held *held) {
    const struct trial *trial = context;
    return attend_hold(&trial->carry.attend, item, held);
}

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context;
    fprintf(stderr, "goneaway: warning: %s: %s\n", item->plan->id, what);
}

// ---- what is chosen ----------------------------------------------------------------------------

// Joins the line's words as if they were one argument.
static char *join(const struct options *options) {
    struct text line = {0};
    for (int i = 0; i < options->argument_count; i++)
        text_printf(&line, "%s%s", i ? "; " : "", options->arguments[i]);
    return line.data ? line.data : xstrdup("");
}

static bool is_for_program(const struct trial *trial) {
    return trial->options->program_count > 0;
}

static int read_line(struct trial *trial, struct err *err) {
    if (trial->options->argument_count == 0) {
        err_usage(err, "`goneaway try` needs a line of what is to happen");
        return err_remedy(err, "goneaway try %s; `goneaway explain try` shows the words",
                          is_for_program(trial) ? "--program 'php x.php' 'idle; kill'"
                                                : "'connect; kill; query; query'");
    }
    if (try_program_check(trial->options, err) < 0)
        return -1;
    if (trial->options->write && try_write_check(trial->options->write, err) < 0)
        return -1;
    cleanup_free char *line = join(trial->options);
    if (cases_check_transports(trial->options->transports, err) < 0 ||
        try_read(&trial->line, line, is_for_program(trial), err) < 0 ||
        (is_for_program(trial) && try_program_take(&trial->line, trial->options, err) < 0) ||
        try_plan_make(&trial->plan, &trial->line, trial->options->transports, err) < 0 ||
        (is_for_program(trial) && try_program_check_plan(&trial->plan, trial->options, err) < 0))
        return -1;
    trial->carry.catalog = catalog_of(trial->plan.scenario);
    trial->show = (struct try_show){.out = stdout, .plan = &trial->plan};
    return 0;
}

static int fit_programs(struct trial *trial, struct err *err) {
    struct cases *cases = &trial->carry.cases;
    for (size_t i = 0; i < cases->count && is_for_program(trial); i++)
        if (try_program_fit(&cases->items[i], &trial->plan, &trial->filled, err) < 0)
            return -1;
    return 0;
}

static int choose(struct trial *trial, struct err *err) {
    struct options *filled = &trial->filled;
    struct carry *carry = &trial->carry;
    *filled = *trial->options;
    if (!filled->connectors && filled->adapter_count == 0 && !is_for_program(trial))
        filled->connectors = "libmysqlclient";
    if (carry_open(carry, filled, err) < 0 || carry_choose(carry, err) < 0)
        return -1;
    carry_choose_ready_server(carry);
    if (carry_prepare(carry, err) < 0)
        return -1;
    cases_add_all(&carry->cases, carry->home, &carry->catalog, &carry->lineup, filled);
    if (fit_programs(trial, err) < 0 || carry_equip(carry, err) < 0)
        return -1;
    return carry_check_needs(carry, err);
}

// ---- the trial ---------------------------------------------------------------------------------

static int carry_out_steps(struct trial *trial, struct err *err) {
    const struct dispatch_options how = {.overheard = trial->options->timeline,
                                         .step = show_step,
                                         .result = take,
                                         .pace = pace,
                                         .hold = hold,
                                         .warn = warn,
                                         .context = trial};
    if (carry_begin(&trial->carry, err) < 0)
        return -1;
    int ret = carry_out(&trial->carry, &how, err);
    carry_end(&trial->carry);
    return ret < 0 ? -1 : 0;
}

static int write_down(const struct trial *trial, struct err *err) {
    const char *path = trial->options->write;
    if (!path)
        return 0;
    if (try_write(path, &trial->plan, &trial->seen, err) < 0)
        return -1;
    printf("\n%s is a proposal for a scenario: review what its comments name, then\n"
           "  goneaway run %s\n",
           path, path);
    return 0;
}

static int try_all(struct trial *trial, struct err *err) {
    if (read_line(trial, err) < 0 || choose(trial, err) < 0 || carry_out_steps(trial, err) < 0)
        return -1;
    int status = verdict_exit_status(trial->counts, false, false);
    int written = status == STATUS_MACHINE ? 0 : write_down(trial, err);
    return written < 0 ? -1 : status;
}

int command_try(const struct options *options, struct err *err) {
    struct trial trial = {.options = options};
    int ret = try_all(&trial, err);
    try_seen_release(&trial.seen);
    if (trial.carry.catalog.count)
        trial.plan.scenario = NULL; // the catalog's
    try_plan_release(&trial.plan);
    carry_release(&trial.carry);
    try_release(&trial.line);
    return ret;
}
