// SPDX-License-Identifier: Apache-2.0
// programs.c - adapts the chosen cases to --program
#include "batch/programs.h"

#include "base/pattern.h"
#include "base/text.h"
#include "program/program.h"

#include <string.h>

static int refuse_beside_program(const struct options *options, struct err *err) {
    const char *other = options->adapter_count > 0 ? "--adapter"
                        : options->connectors      ? "--connector"
                        : options->baseline        ? "--baseline"
                                                   : NULL;
    if (other && strcmp(other, "--baseline") == 0) {
        err_usage(err, "--baseline holds what a connector shows in each step of a case, and a "
                       "--program shows no steps");
        return err_remedy(err, "--expect-output says what it must print");
    }
    return other ? err_usage(err,
                             "--program stands in the place of a connector, so there is no %s "
                             "beside it",
                             other)
                 : 0;
}

int programs_check(const struct options *options, struct err *err) {
    const char *own = options->at ? "--at" : options->expect_output ? "--expect-output" : NULL;
    struct program_moment moment;
    if (options->program_count == 0)
        return own ? err_usage(err, "%s is of a --program, and there is none", own) : 0;
    if (refuse_beside_program(options, err) < 0 ||
        (options->at && program_moment_read(options->at, &moment, err) < 0))
        return -1;
    cleanup_pattern struct pattern *pattern =
        options->expect_output ? pattern_open(options->expect_output, err) : NULL;
    if (!options->expect_output || pattern)
        return 0;
    return err_context(err, "--expect-output");
}

// Prefers tcp: whether a program connects over the Unix socket is seldom the question.
void programs_prefer_tcp(const struct selection *item) {
    bool tcp = false;
    for (size_t k = 0; k < item->scenario->case_count; k++)
        tcp |= item->chosen[k] && item->scenario->cases[k].transport == TRANSPORT_TCP;
    for (size_t k = 0; tcp && k < item->scenario->case_count; k++)
        item->chosen[k] &= item->scenario->cases[k].transport == TRANSPORT_TCP;
}

void programs_fit(struct run_item *item, const struct options *options) {
    struct arena *arena = item->plan->scenario->arena;
    struct program_moment moment;
    struct program_options how = {.expect_output = options->expect_output,
                                  .deadline_ms = options->deadline_ms};
    struct plan_case *derived = arena_alloc(arena, sizeof *derived);
    struct err refused; // programs_check() has already reported it
    if (options->at && program_moment_read(options->at, &moment, &refused) == 0)
        how.moment = &moment;
    cleanup_free char *why = program_derive(item->plan, &how, derived);
    if (why)
        item->unfit = arena_printf(arena, "not for a --program: %s", why);
    else
        item->plan = derived;
}
