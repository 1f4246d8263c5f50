// SPDX-License-Identifier: Apache-2.0
// program.c - judges how a program in the place of an app ended
//
// How a script handles a failure shows in its end: an exit status other than 0 means that it
// noticed. Which codes its library showed is up to its output.
#include "verdict/program.h"

#include "base/pattern.h"
#include "program/program.h"
#include "verdict/precedent.h"

#include <string.h>

// The output that was kept; "" if none.
static const char *output_of(const struct record *record, const struct record_step *step) {
    for (size_t i = 0; i < record->said_count; i++)
        if (record->said[i].text && record->said[i].actor && step->actor &&
            strcmp(record->said[i].actor, step->actor) == 0)
            return record->said[i].text;
    return "";
}

static void judge_output(struct verdict *verdict, const char *wanted, const struct record *record,
                         int index) {
    struct err err = {0};
    cleanup_pattern struct pattern *pattern = pattern_open(wanted, &err);
    const char *output = output_of(record, &record->steps[index]);
    int found = pattern ? pattern_finds_line(pattern, output, strlen(output), &err) : -1;
    if (found < 0)
        verdict_decide(verdict, VERDICT_BROKEN, index, xprintf("--expect-output: %s", err.what));
    else if (!found)
        verdict_decide(verdict, VERDICT_FAIL, index,
                       xprintf("no line of the program's output matches '%s'", wanted));
}

static void judge_end(struct verdict *verdict, const struct plan_case *plan,
                      const struct record *record, int index) {
    const struct record_step *step = &record->steps[index];
    const char *native = step->native ? step->native : "an unknown status",
               *message = step->message;
    switch (step->outcome) {
    case OUTCOME_OK:
        if (plan->program->expect_output)
            judge_output(verdict, plan->program->expect_output, record, index);
        break;
    case OUTCOME_HANG:
    case OUTCOME_CRASH:
        verdict_decide(verdict, step->outcome == OUTCOME_HANG ? VERDICT_HANG : VERDICT_CRASH, index,
                       xstrdup(message ? message : outcome_names[step->outcome]));
        break;
    default:
        verdict_decide(verdict, VERDICT_FAIL, index, xprintf("the program ended with %s", native));
    }
}

void program_judge(struct verdict *verdict, const struct plan_case *plan,
                   const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++)
        if (record->steps[i].id && strcmp(record->steps[i].id, PROGRAM_STEP_ID) == 0) {
            judge_end(verdict, plan, record, (int)i);
            return;
        }
    verdict_decide(verdict, VERDICT_BROKEN, -1, xstrdup("the program's end was not waited for"));
}
