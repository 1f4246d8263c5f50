// SPDX-License-Identifier: Apache-2.0
// verdict.c - judges a record against its plan
//
// Order of judgement: what could not be carried out (skip, broken set-up, a fault that did not
// fire) comes before any code, because a code seen without the fault proves nothing. Then the
// judged steps in order; the first that differs decides. Last, the evidence from the server's side.
// Where no row says what is right, the promise does.
#include "verdict/precedent.h"

#include "verdict/differs.h"
#include "verdict/fired.h"
#include "verdict/foreign.h"
#include "verdict/program.h"
#include "verdict/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_PASS] = "pass",     [VERDICT_WRONG_CODE] = "wrong-code", [VERDICT_FAIL] = "fail",
    [VERDICT_HANG] = "hang",     [VERDICT_CRASH] = "crash",           [VERDICT_UNSOUND] = "unsound",
    [VERDICT_BROKEN] = "broken", [VERDICT_UNMEASURED] = "unmeasured", [VERDICT_SKIP] = "skip",
};

const char *const judge_names[JUDGES] = {
    [JUDGE_NONE] = "-",
    [JUDGE_PROMISE] = "promise",
    [JUDGE_ROW] = "row",
    [JUDGE_MEASURED] = "measured",
    [JUDGE_BASELINE] = "baseline",
    [JUDGE_PROGRAM] = "program",
};

const char *const verdict_docs[VERDICT_COUNT] = {
    [VERDICT_PASS] = "every judged step, and the evidence asked for, is as expected",
    [VERDICT_WRONG_CODE] = "another error code than expected, or an error instead of success, or "
                           "the reverse (status 1)",
    [VERDICT_FAIL] = "the code is right, but rows, session, duration or evidence differ (status 1)",
    [VERDICT_HANG] = "a call did not come back before its deadline, which was not expected "
                     "(status 1)",
    [VERDICT_CRASH] = "the app died by a signal, which was not expected (status 1)",
    [VERDICT_UNSOUND] = "nobody has measured this server and connector, and the scenario's promise "
                        "is violated: the client did what no correct client may do, whatever its "
                        "codes. The sentence beside it says what (status 1)",
    [VERDICT_UNMEASURED] = "nobody has measured this server and connector, so no code is expected; "
                           "the scenario's promise is kept (status 0, or 1 with --strict)",
    [VERDICT_BROKEN] = "the case proves nothing: set-up failed, the fault never fired, the server "
                       "died of something else, or it took too long (status 3)",
    [VERDICT_SKIP] = "the machine or the connector lacks something; the report says what, and how "
                     "to get it (status 0, or 4 if nothing ran)",
};

// A record that was read back may lack any text.
static const char *known(const char *text) {
    return text ? text : "";
}

void verdict_decide(struct verdict *verdict, enum verdict_kind kind, int step, char *why) {
    verdict->kind = kind;
    verdict->step = step;
    free(verdict->why);
    verdict->why = why;
}

// ---- one step --------------------------------------------------------------------------------

// Whether the row stands in a baseline.
static bool is_of_baseline(const struct verdict *verdict) {
    return verdict->judged_by == JUDGE_BASELINE || verdict->judged_by == JUDGE_MEASURED;
}

// Judges one step; true if it matches the expectation or one of its alternatives.
static bool judge_step(struct verdict *verdict, const struct expectation *expected,
                       const struct record_step *step, int index, struct judging *judging) {
    cleanup_free char *reason = NULL;
    bool right_kind = false;
    for (const struct expectation *one = expected; one; one = one->or_else) {
        char *why = differs_in_kind(one, step);
        bool kind_fits = !why;
        if (!why)
            why = differs_in_detail(one, step, judging);
        if (!why && is_of_baseline(verdict))
            why = precedent_differs_in_session(one, step);
        if (!why)
            return true;
        if (judging->unclear) {
            free(why);
            verdict_decide(verdict, VERDICT_BROKEN, index,
                           xprintf("%s: %s", step->id, judging->unclear));
            return false;
        }
        // of several reasons, the nearest miss is reported
        if (!reason || (kind_fits && !right_kind)) {
            free(reason);
            reason = why;
            right_kind = kind_fits;
        } else {
            free(why);
        }
    }
    enum verdict_kind kind = right_kind                             ? VERDICT_FAIL
                             : step->outcome == OUTCOME_HANG        ? VERDICT_HANG
                             : step->outcome == OUTCOME_CRASH       ? VERDICT_CRASH
                             : step->outcome == OUTCOME_UNSUPPORTED ? VERDICT_FAIL
                                                                    : VERDICT_WRONG_CODE;
    verdict_decide(verdict, kind, index, xprintf("%s: %s", step->id, reason));
    return false;
}

// ---- the whole case ----------------------------------------------------------------------------

static bool expects(const struct expectation *expected, enum outcome_kind kind) {
    for (; expected; expected = expected->or_else)
        if (expected->kind == kind)
            return true;
    return false;
}

static void skip_for_connector(struct verdict *verdict, int step, char *why) {
    verdict_decide(verdict, VERDICT_SKIP, step, why);
    verdict->of_connector = true;
}

// What a connector lacks says nothing about how it would show the failure.
static bool connector_lacks(struct verdict *verdict, const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (step->outcome != OUTCOME_UNSUPPORTED ||
            expects(plan_find_expectation(verdict->row, step->id), OUTCOME_UNSUPPORTED))
            continue;
        skip_for_connector(verdict, (int)i,
                           xprintf("%s does not support step %d (%s: %s)%s%s",
                                   known(record->connector), step->number, known(step->actor),
                                   known(step->verb), step->message ? ": " : "",
                                   known(step->message)));
        return true;
    }
    return false;
}

// Whether a step is judged rather than set-up. A baseline may be older than the step.
static bool is_judged(const struct verdict *verdict, const struct record_step *step) {
    return verdict->row && !is_of_baseline(verdict)
               ? plan_find_expectation(verdict->row, step->id) != NULL
               : step->id != NULL;
}

// A step with an id is meant to be judged, so its row lacks a cell.
static char *why_must_succeed(const struct verdict *verdict, const struct record *record,
                              const struct record_step *step) {
    cleanup_free char *seen = differs_seen(step);
    const char *gap = step->message ? ": " : "";
    cleanup_free char *what = xprintf("ended as %s%s%s", seen, gap, known(step->message));
    if (!step->id || !verdict->row)
        return xprintf("step %d (%s: %s) is set-up and must succeed, but %s", step->number,
                       known(step->actor), known(step->verb), what);
    return xprintf("no row of `outcomes` names `%s` for %s: add it to the row in line %d, without "
                   "which step %d (%s: %s) must succeed; it %s",
                   step->id, known(record->connector), verdict->row->node->line, step->number,
                   known(step->actor), known(step->verb), what);
}

static bool set_up_failed(struct verdict *verdict, const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (step->outcome == OUTCOME_OK || is_judged(verdict, step) ||
            record_follows_hang(record, i))
            continue;
        verdict_decide(verdict, VERDICT_BROKEN, (int)i, why_must_succeed(verdict, record, step));
        return true;
    }
    return false;
}

// Whether an app that differs from one repetition to the next was ended by what it showed this time.
static bool ended_early(const struct plan_row *row, const struct record *record) {
    bool ended = false;
    for (size_t i = 0; row->unstable && i < record->step_count; i++)
        ended |=
            record->steps[i].outcome == OUTCOME_HANG || record->steps[i].outcome == OUTCOME_CRASH;
    return ended;
}

static bool steps_failed(struct verdict *verdict, const struct plan_case *plan,
                         const struct record *record, struct judging *judging) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        const struct expectation *expected = plan_find_expectation(verdict->row, step->id);
        if (expected && !judge_step(verdict, expected, step, (int)i, judging))
            return true;
        char *foreign = is_of_baseline(verdict) ? NULL : foreign_rows_of(plan, verdict->row, step);
        if (foreign) {
            verdict_decide(verdict, VERDICT_FAIL, (int)i, foreign);
            return true;
        }
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const char *id = plan->steps[i].id;
        bool seen = !plan_find_expectation(verdict->row, id) || ended_early(verdict->row, record);
        for (size_t k = 0; !seen && k < record->step_count; k++)
            seen = record->steps[k].id && strcmp(record->steps[k].id, id) == 0;
        if (!seen) {
            verdict_decide(verdict, VERDICT_BROKEN, -1,
                           xprintf("the step '%s' was never carried out", id));
            return true;
        }
    }
    return false;
}

static char *differs_in_evidence(const struct evidence_args *evidence, const struct plan_case *plan,
                                 const struct record *record, struct judging *judging) {
    char *why =
        differs_in_number("Aborted_clients +", evidence->aborted_clients, record->aborted_clients);
    if (!why)
        why = differs_in_number("Aborted_connects +", evidence->aborted_connects,
                                record->aborted_connects);
    if (!why && evidence->uptime_reset >= 0 && evidence->uptime_reset != record->uptime_reset)
        why =
            xprintf("the server %s started anew", record->uptime_reset < 0 ? "has ended and was not"
                                                  : record->uptime_reset   ? "was"
                                                                           : "was not");
    if (!why && evidence->log && !differs_log_has(record, evidence->log, judging))
        why = xprintf("no line of the server's error log matches '%s'", evidence->log);
    if (!why && evidence->no_log && differs_log_has(record, evidence->no_log, judging))
        why = xprintf("a line of the server's error log matches '%s'", evidence->no_log);
    if (!why && evidence->wire)
        why = wire_differs(evidence->wire, plan, record, judging);
    return why;
}

static const struct plan_row *find_row(const struct plan_case *plan, const struct record *record) {
    struct place place = record_place(record);
    return plan_find_row(plan, &place);
}

static void judge_evidence(struct verdict *verdict, const struct plan_case *plan,
                           const struct record *record, struct judging *judging) {
    if (!verdict->row->evidence)
        return;
    char *why = differs_in_evidence(verdict->row->evidence, plan, record, judging);
    if (judging->unclear) {
        free(why);
        verdict_decide(verdict, VERDICT_BROKEN, -1, xprintf("evidence: %s", judging->unclear));
    } else if (why) {
        verdict_decide(verdict, VERDICT_FAIL, -1, why);
    }
}

// Whether another connector is known to end like this here, perhaps because of what the scenario
// does to it.
static bool some_row_expects(const struct plan_case *plan, const struct record_step *step) {
    for (size_t i = 0; i < plan->row_count; i++)
        for (const struct expectation *one = plan_find_expectation(&plan->rows[i], step->id); one;
             one = one->or_else)
            if (one->kind == step->outcome && (!one->signal || one->signal == step->signal))
                return true;
    return false;
}

// No connector should hang or die, whatever else it does. For a judged step, the promise decides.
static bool is_lost(struct verdict *verdict, const struct plan_case *plan,
                    const struct record *record) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if ((step->outcome != OUTCOME_HANG && step->outcome != OUTCOME_CRASH) ||
            (plan->promise || is_of_baseline(verdict) ? step->id != NULL
                                                      : some_row_expects(plan, step)) ||
            record_follows_hang(record, i))
            continue;
        cleanup_free char *seen = differs_seen(step);
        verdict_decide(verdict, step->outcome == OUTCOME_HANG ? VERDICT_HANG : VERDICT_CRASH,
                       (int)i,
                       xprintf("%s: saw %s", step->id ? step->id : known(step->verb), seen));
        return true;
    }
    return false;
}

// Hangs and crashes are wrong in themselves; the promise says whether they are here.
enum verdict_kind verdict_of_violation(const struct record_step *step) {
    return step->outcome == OUTCOME_HANG    ? VERDICT_HANG
           : step->outcome == OUTCOME_CRASH ? VERDICT_CRASH
                                            : VERDICT_UNSOUND;
}

// `reason`: why no outcomes cover the case; NULL: there is no row.
static void judge_unmeasured(struct verdict *verdict, const struct plan_case *plan,
                             const struct record *record, const char *reason,
                             struct judging *judging) {
    int step;
    char *why;
    verdict->judged_by = JUDGE_PROMISE;
    verdict->promise = promise_judge(plan, record, judging, &step, &why);
    bool kept = verdict->promise == PROMISE_KEPT;
    if (judging->unclear) {
        free(why);
        verdict_decide(verdict, VERDICT_BROKEN, step, xprintf("promise: %s", judging->unclear));
    } else if (why) {
        verdict_decide(verdict, verdict_of_violation(&record->steps[step]), step, why);
    } else if (!is_lost(verdict, plan, record) && reason) {
        verdict_decide(verdict, VERDICT_UNMEASURED, -1,
                       xprintf("%s%s", reason, kept ? "; it keeps the promise" : ""));
    } else if (verdict->kind == VERDICT_PASS) {
        verdict_decide(verdict, VERDICT_UNMEASURED, -1,
                       xprintf("no row of `outcomes` is for %s %s with %s %s%s",
                               known(record->server), known(record->server_version),
                               known(record->connector), known(record->connector_version),
                               kept ? ", which keeps the promise" : ""));
    }
}

// In addition to what the row says.
static void judge_promise(struct verdict *verdict, const struct plan_case *plan,
                          const struct record *record, struct judging *judging) {
    int step;
    char *why;
    verdict->promise = promise_judge(plan, record, judging, &step, &why);
    free(why);
}

void verdict_judge_cells(struct verdict *verdict, const struct plan_case *plan,
                         const struct record *record, struct judging *judging) {
    if (!steps_failed(verdict, plan, record, judging))
        judge_evidence(verdict, plan, record, judging);
}

// Whether the case got far enough to be judged.
static bool is_carried_out(struct verdict *verdict, const struct plan_case *plan,
                           const struct record *record) {
    bool by_row = verdict->row && !is_of_baseline(verdict);
    return !connector_lacks(verdict, record) && (by_row || !is_lost(verdict, plan, record)) &&
           !set_up_failed(verdict, record) && fired_as_planned(verdict, plan, record);
}

static void judge_by(struct verdict *verdict, const struct plan_case *plan,
                     const struct record *record, const struct standard *standard,
                     struct judging *judging) {
    if (standard->how == STANDARD_AS_SEEN) {
        verdict_judge_seen(verdict, plan, record, judging);
    } else if (!verdict->row) {
        judge_unmeasured(verdict, plan, record, standard->reason, judging);
    } else {
        verdict_judge_cells(verdict, plan, record, judging);
        judge_promise(verdict, plan, record, judging);
    }
    precedent_judge(verdict, plan, record, standard, judging);
}

static void judge_program(struct verdict *verdict, const struct plan_case *plan,
                          const struct record *record) {
    verdict->judged_by = JUDGE_PROGRAM;
    if (!set_up_failed(verdict, record) && fired_as_planned(verdict, plan, record))
        program_judge(verdict, plan, record);
}

static void judge(struct verdict *verdict, const struct plan_case *plan,
                  const struct record *record, const struct precedent *precedent,
                  struct judging *judging) {
    struct standard standard = standard_choose(precedent, plan, find_row(plan, record));
    verdict->row = standard.row;
    verdict->judged_by = standard.judge;
    verdict->borrowed = standard.borrowed;
    if (is_carried_out(verdict, plan, record))
        judge_by(verdict, plan, record, &standard, judging);
    free(standard.reason);
}

// Whether a step says something about the connector although the case could not be carried out: an
// error may result from what broke the case, and success from a fault that never came.
static bool speaks_for_itself(const struct record *record, const struct record_step *step) {
    for (size_t i = 0; step->outcome == OUTCOME_OK && i < record->fault_count; i++)
        if (record->faults[i].fired == 0)
            return false;
    return step->outcome != OUTCOME_ERROR;
}

// A connector that violates its promise is often the reason why awaited states do not come.
static bool broke_by_violation(struct verdict *verdict, const struct plan_case *plan,
                               const struct record *record, struct judging *judging) {
    int step;
    char *why;
    if (!record->broken || find_row(plan, record))
        return false;
    enum promise_state state = promise_judge(plan, record, judging, &step, &why);
    bool ret = step >= 0 && speaks_for_itself(record, &record->steps[step]);
    if (ret) {
        verdict->promise = state;
        verdict_decide(verdict, verdict_of_violation(&record->steps[step]), step,
                       xprintf("%s; then the case went no further: %s", why, record->broken));
    }
    free(why);
    return ret;
}

void verdict_by(const struct plan_case *plan, const struct record *record, double time_scale,
                const struct precedent *precedent, struct verdict *ret_verdict) {
    struct judging judging = {.time_scale = time_scale, .pattern_steps = PATTERN_STEPS};
    *ret_verdict = (struct verdict){.kind = VERDICT_PASS, .why = xstrdup(""), .step = -1};
    if (record->skip)
        verdict_decide(ret_verdict, VERDICT_SKIP, -1, xstrdup(record->skip));
    else if (broke_by_violation(ret_verdict, plan, record, &judging)) {
        ret_verdict->judged_by = JUDGE_PROMISE;
        precedent_excuse(ret_verdict, precedent, plan);
    } else if (record->broken)
        verdict_decide(ret_verdict, VERDICT_BROKEN, -1, xstrdup(record->broken));
    else if (record->lacks)
        skip_for_connector(ret_verdict, -1, xstrdup(record->lacks));
    else if (plan->program)
        judge_program(ret_verdict, plan, record);
    else
        judge(ret_verdict, plan, record, precedent, &judging);
    if (ret_verdict->kind == VERDICT_SKIP || ret_verdict->kind == VERDICT_BROKEN)
        ret_verdict->judged_by = JUDGE_NONE;
    ret_verdict->borrowed &= ret_verdict->judged_by > JUDGE_PROMISE;
    if (ret_verdict->borrowed)
        ret_verdict->lender = precedent_lender(precedent);
    free(judging.unclear);
}

void verdict_of(const struct plan_case *plan, const struct record *record, double time_scale,
                struct verdict *ret_verdict) {
    verdict_by(plan, record, time_scale, NULL, ret_verdict);
}

void verdict_release(struct verdict *verdict) {
    free(verdict->why);
    free(verdict->note);
    free(verdict->lender);
    *verdict = (struct verdict){0};
}

const char *verdict_expected(const struct verdict *verdict, const struct record_step *step) {
    const struct expectation *expected = plan_find_expectation(verdict->row, step->id);
    return expected ? expected->text : NULL;
}

bool verdict_is_trouble(enum verdict_kind kind) {
    return kind != VERDICT_PASS && kind != VERDICT_UNMEASURED && kind != VERDICT_SKIP;
}
