// SPDX-License-Identifier: Apache-2.0
// precedent.c - judging by a baseline
//
// Its cells take precedence over the scenario's rows; of a case that is `unstable`, any that was
// seen will do. Besides, it may say of a case that its cells violate the promise (which need not be
// stated), and that a deviation is `known`. Both make it pass, with a note. Cases that are not in
// the file are judged by the promise.
#include "verdict/precedent.h"

#include "baseline/cell.h"

#include <stdlib.h>
#include <string.h>

// ---- which outcomes ----------------------------------------------------------------------------

static const struct baseline_known *find_known(const struct precedent *precedent,
                                               const struct plan_case *plan) {
    const struct baseline *baseline = precedent ? precedent->baseline : NULL;
    for (size_t i = 0; baseline && i < baseline->known_count; i++)
        if (baseline_means(baseline->known[i].id, plan))
            return &baseline->known[i];
    return NULL;
}

static void choose_unlisted(struct standard *standard, const struct plan_row *row) {
    const struct baseline *baseline = standard->precedent->baseline;
    bool says_so = baseline_ends_in_rows(baseline);
    bool rows = standard->precedent->judge == JUDGE_MEASURED || says_so;
    standard->row = rows ? row : NULL;
    standard->judge = standard->row ? JUDGE_ROW : JUDGE_PROMISE;
    standard->borrowed = standard->row && says_so && standard->precedent->borrowed;
    if (!standard->row)
        standard->reason = xprintf("new: not in the baseline %s", baseline->path);
}

struct standard standard_choose(const struct precedent *precedent, const struct plan_case *plan,
                                const struct plan_row *row) {
    struct standard standard = {.row = row,
                                .judge = row ? JUDGE_ROW : JUDGE_PROMISE,
                                .precedent = precedent,
                                .of_scenario = row};
    if (!precedent)
        return standard;
    standard.listed = baseline_find(precedent->baseline, plan);
    if (precedent->as_seen) {
        standard.how = STANDARD_AS_SEEN;
        standard.row = NULL;
        standard.judge = precedent->judge;
    } else if (!standard.listed) {
        choose_unlisted(&standard, row);
    } else {
        standard.row = standard.listed->row;
        standard.judge = precedent->judge;
        standard.borrowed = precedent->borrowed;
    }
    return standard;
}

// ---- sessions ----------------------------------------------------------------------------------

char *precedent_differs_in_session(const struct expectation *expected,
                                   const struct record_step *step) {
    if (expected->kind != OUTCOME_OK || expected->session >= 0 || !cell_is_renewed(step))
        return NULL;
    return xprintf("expected the session of the step before, saw session %lld after %lld",
                   (long long)step->thread, (long long)step->thread_before);
}

// ---- recorded violations -----------------------------------------------------------------------

// The alternative that a step has shown; NULL: none.
static const struct expectation *find_shown(const struct plan_row *row,
                                            const struct record_step *step) {
    const struct expectation *one = plan_find_expectation(row, step->id);
    for (; one; one = one->or_else) {
        cleanup_free char *kind = differs_in_kind(one, step);
        cleanup_free char *session = precedent_differs_in_session(one, step);
        bool wants_new = one->kind == OUTCOME_OK && one->session == SESSION_NEW;
        if (!kind && !session && (!wants_new || cell_is_renewed(step)))
            return one;
    }
    return NULL;
}

// Whether a cell records a violation of the promise, or of the rows in it.
static bool is_recorded(const struct promise *promise, const struct expectation *cell,
                        bool renewed) {
    if (!cell || (cell->kind == OUTCOME_OK && cell->rows))
        return cell != NULL; // rows are recorded only if they are what is wrong
    struct expectation exact = *cell;
    if (exact.kind == OUTCOME_OK && exact.session < 0)
        exact.session = SESSION_SAME;
    return promise && !promise_allows(promise, &exact, renewed);
}

/** How a record violates the promise. */
struct violations {
    char *recorded;   ///< the first violation that the row records, as a sentence; NULL: none
    char *unrecorded; ///< the first that it does not record
    int step;         ///< of the latter, in the record
};

static struct violations find_violations(const struct plan_case *plan, const struct record *record,
                                         const struct plan_row *row, struct judging *judging) {
    struct violations found = {.step = -1};
    bool renewed = false;
    for (size_t i = 0; i < record->step_count && !found.unrecorded; i++) {
        const struct record_step *step = &record->steps[i];
        char *why = promise_violation(plan, record, i, judging);
        const struct expectation *cell = find_shown(row, step);
        bool fits = why && is_recorded(promise_of_step(plan, record, i), cell, renewed);
        if (why && !fits) {
            found.unrecorded = why;
            found.step = (int)i;
        } else if (why && !found.recorded) {
            found.recorded = why;
        } else {
            free(why);
        }
        renewed |= cell_is_renewed(step);
    }
    return found;
}

// A set of outcomes grows by other codes, and not by what no correct client shows.
static bool is_unsound_beyond(struct verdict *verdict, const struct plan_case *plan,
                              const struct record *record, const struct standard *standard,
                              struct judging *judging) {
    const struct baseline_case *listed = standard->listed;
    if (!listed || !listed->unstable || verdict->promise != PROMISE_VIOLATED)
        return false;
    struct violations found = find_violations(plan, record, listed->row, judging);
    bool ret = found.unrecorded != NULL;
    if (ret)
        verdict_decide(verdict, verdict_of_violation(&record->steps[found.step]), found.step,
                       xprintf("%s; %s:%d does not record that", found.unrecorded,
                               listed->key->file, listed->key->line));
    free(found.recorded);
    free(found.unrecorded);
    return ret;
}

static void set_note(struct verdict *verdict, char *note) {
    free(verdict->note);
    verdict->note = note;
}

// Amends a verdict that would be `pass`, or that only the promise decided.
static void judge_violations(struct verdict *verdict, const struct plan_case *plan,
                             const struct record *record, const struct standard *standard,
                             struct judging *judging) {
    const struct node *key = standard->listed->key;
    struct violations found = find_violations(plan, record, standard->listed->row, judging);
    if (found.unrecorded) {
        verdict_decide(
            verdict, verdict_of_violation(&record->steps[found.step]), found.step,
            xprintf("%s; %s:%d does not record that", found.unrecorded, key->file, key->line));
    } else if (found.recorded) {
        verdict_decide(verdict, VERDICT_PASS, -1, xstrdup(""));
        set_note(verdict, xprintf("violates the promise, as %s:%d records: %s", key->file,
                                  key->line, found.recorded));
        verdict->judged_by = standard->precedent->judge;
        verdict->tolerated = true;
    }
    free(found.recorded);
    free(found.unrecorded);
}

void verdict_judge_seen(struct verdict *verdict, const struct plan_case *plan,
                        const struct record *record, struct judging *judging) {
    int step;
    char *why;
    verdict->promise = promise_judge(plan, record, judging, &step, &why);
    verdict->tolerated = why != NULL;
    if (why)
        set_note(verdict, xprintf("violates the promise, which is recorded: %s", why));
    free(why);
}

// ---- accepted deviations -----------------------------------------------------------------------

static bool keeps_promise(const struct plan_case *plan, const struct record *record,
                          const struct plan_row *row) {
    for (size_t i = 0; i < record->step_count; i++) {
        const struct promise *promise = promise_of_step(plan, record, i);
        const struct expectation *cell = plan_find_expectation(row, record->steps[i].id);
        for (; promise && cell; cell = cell->or_else)
            if (is_recorded(promise, cell, false))
                return false;
    }
    return true;
}

// What an accepted case deviates from: the file that this one builds on, else its own cells, unless
// they are the violation itself; NULL: only the promise.
static const struct plan_row *find_reference(const struct plan_case *plan,
                                             const struct record *record,
                                             const struct standard *standard,
                                             enum judge *ret_judge) {
    const struct baseline *baseline = standard->precedent->baseline;
    const struct baseline_case *before = baseline_find(baseline->like, plan);
    const struct baseline_case *own = baseline_find_own(baseline, plan);
    *ret_judge = JUDGE_BASELINE;
    if (before)
        return before->row;
    *ret_judge = JUDGE_ROW;
    if (baseline_ends_in_rows(baseline) && standard->of_scenario)
        return standard->of_scenario;
    *ret_judge = JUDGE_BASELINE;
    return own && keeps_promise(plan, record, own->row) ? own->row : NULL;
}

static bool deviates(const struct verdict *verdict, const struct plan_case *plan,
                     const struct record *record, const struct standard *standard,
                     struct judging *judging) {
    struct verdict other = {.kind = VERDICT_PASS, .step = -1};
    other.row = find_reference(plan, record, standard, &other.judged_by);
    if (verdict->promise == PROMISE_VIOLATED || !other.row)
        return verdict->promise == PROMISE_VIOLATED;
    verdict_judge_cells(&other, plan, record, judging);
    bool differs = other.kind != VERDICT_PASS;
    verdict_release(&other);
    return differs;
}

// A hang or a crash is accepted only if the cells record it.
static void judge_known(struct verdict *verdict, const struct baseline_known *known,
                        bool is_deviation) {
    if (!is_deviation) {
        verdict_decide(
            verdict, VERDICT_FAIL, -1,
            xprintf("fixed: remove it from `known`, %s:%d", known->node->file, known->node->line));
        return;
    }
    if (verdict->kind == VERDICT_HANG || verdict->kind == VERDICT_CRASH)
        return;
    const char *seen = *verdict->why || !verdict->note ? verdict->why : verdict->note;
    set_note(verdict, xprintf("known: %s%s%s%s%s%s", known->because, known->link ? " (" : "",
                              known->link ? known->link : "", known->link ? ")" : "",
                              *seen ? "; " : "", seen));
    verdict_decide(verdict, VERDICT_PASS, -1, xstrdup(""));
    verdict->tolerated = false;
}

void precedent_excuse(struct verdict *verdict, const struct precedent *precedent,
                      const struct plan_case *plan) {
    const struct baseline_known *known = find_known(precedent, plan);
    if (known)
        judge_known(verdict, known, true);
}

static const struct baseline *lender_of(const struct precedent *precedent) {
    return precedent->lender ? precedent->lender : precedent->baseline;
}

char *precedent_lender(const struct precedent *precedent) {
    const struct baseline *baseline = lender_of(precedent);
    return xprintf("%s %s with %s %s", baseline->server, baseline->server_version,
                   baseline->connector, baseline->connector_version);
}

// ---- all of it ---------------------------------------------------------------------------------

// Says which file the expectation is from, and which version it was measured with if that differs.
static void tell_place(struct verdict *verdict, const struct standard *standard) {
    const struct baseline *baseline = lender_of(standard->precedent);
    const struct node *key = standard->listed ? standard->listed->key : NULL;
    cleanup_free char *place =
        key ? xprintf("; expected by %s:%d", key->file, key->line) : xstrdup("");
    cleanup_free char *lender =
        standard->borrowed
            ? xprintf("%s measured with %s %s on %s %s", key ? "," : ";", baseline->connector,
                      baseline->connector_version, baseline->server, baseline->server_version)
            : xstrdup("");
    bool is_new = standard->listed && standard->listed->unstable;
    char *why =
        xprintf("%s%s%s%s", verdict->why, place, lender,
                is_new ? "; repetitions differ there, and --update-baseline adds this" : "");
    verdict_decide(verdict, verdict->kind, verdict->step, why);
}

void precedent_judge(struct verdict *verdict, const struct plan_case *plan,
                     const struct record *record, const struct standard *standard,
                     struct judging *judging) {
    if (!standard->precedent || standard->how == STANDARD_AS_SEEN ||
        verdict->kind == VERDICT_BROKEN || verdict->kind == VERDICT_SKIP)
        return;
    bool by_cells = standard->listed || standard->borrowed;
    if (by_cells && verdict->kind != VERDICT_PASS) {
        if (!is_unsound_beyond(verdict, plan, record, standard, judging))
            tell_place(verdict, standard);
    } else if (standard->listed && verdict->promise == PROMISE_VIOLATED)
        judge_violations(verdict, plan, record, standard, judging);
    if (verdict->kind == VERDICT_UNMEASURED)
        set_note(verdict, xstrdup(standard->reason));
    const struct baseline_known *known = find_known(standard->precedent, plan);
    if (known)
        judge_known(verdict, known, deviates(verdict, plan, record, standard, judging));
}
