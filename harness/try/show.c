// SPDX-License-Identifier: Apache-2.0
// show.c - shows a case on one line while it runs
//
// One line per step as it ends: when, what, and with what result. A fault's line is held until the
// state that shows its effect, which is the next step.
#include "try/show.h"

#include "program/program.h"
#include "report/detail.h"
#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHAT_WIDTH = 24, WHAT_MOST = 44, VALUES_MOST = 60 };

static struct sheet new_sheet(const struct try_show *show) {
    const char *plain = getenv("NO_COLOR");
    bool colour = isatty(fileno(show->out)) && !(plain && *plain);
    return (struct sheet){.colour = colour, .utf8 = detail_locale_is_utf8()};
}

static void print(const struct try_show *show, struct sheet *sheet) {
    sheet_end_line(sheet);
    fputs(text_get(&sheet->text), show->out);
    fflush(show->out);
    text_release(&sheet->text);
}

// The command of a program without a name.
static char *name_app(const struct run_item *item) {
    const struct connector_recipe *connector = item->connector;
    if (!connector->is_program || strcmp(connector->name, "program") != 0)
        return xstrdup(connector->name);
    const char *command = ((const char **)connector->command.items)[2];
    return xprintf("%.80s", command + (text_starts(command, "exec ") ? strlen("exec ") : 0));
}

static void show_head(struct try_show *show, const struct run_item *item) {
    struct sheet sheet = new_sheet(show);
    cleanup_free char *app = name_app(item);
    cleanup_free char *head =
        xprintf("%s %s, %s, over %s", item->server->name, item->server->version, app,
                transport_words[item->plan->transport].name);
    if (show->item)
        text_add(&sheet.text, "\n");
    sheet_foreign(&sheet, INK_BOLD, head);
    show->item = item;
    print(show, &sheet);
}

static void show_line(const struct try_show *show, double ms, const char *what, enum ink ink,
                      const char *came) {
    struct sheet sheet = new_sheet(show);
    cleanup_text struct text time = {0};
    detail_duration(&time, ms);
    cleanup_free char *cut = sheet_safe(&sheet, what, WHAT_MOST);
    text_printf(&sheet.text, "%9s  ", text_get(&time));
    sheet_ink(&sheet, INK_PLAIN, WHAT_WIDTH, cut);
    text_add(&sheet.text, "  ");
    sheet_foreign(&sheet, ink, came);
    print(show, &sheet);
}

// ---- calls -------------------------------------------------------------------------------------

static void add_rows(struct text *came, const struct record_step *step) {
    cleanup_free char *values = json_dumps(step->rows, JSON_COMPACT | JSON_ENCODE_ANY);
    if (step->row_count > 0 && values && strlen(values) <= VALUES_MOST)
        text_printf(came, "  %s", values);
    else if (step->row_count > 0)
        text_printf(came, "  %lld row%s", (long long)step->row_count,
                    step->row_count == 1 ? "" : "s");
}

static void show_call(const struct try_show *show, const struct try_part *part,
                      const struct record *record) {
    enum { LONG_MS = 500 };
    const struct record_step *step = &record->steps[0];
    cleanup_text struct text came = {0};
    bool again = step->thread >= 0 && step->thread_before >= 0 &&
                 (step->thread != step->thread_before || step->start != step->start_before);
    bool connects =
        step->verb && app_verb_named(step->verb) && app_verb_named(step->verb)->connects;
    detail_outcome(&came, step);
    if (step->ms >= LONG_MS) {
        text_add(&came, " after ");
        detail_duration(&came, step->ms);
    }
    if (step->outcome == OUTCOME_OK && again && !connects)
        text_add(&came, " in a new session");
    add_rows(&came, step);
    if (step->message && *step->message)
        text_printf(&came, "  %s", step->message);
    show_line(show, record->ms, part->step->said,
              step->outcome == OUTCOME_OK      ? INK_GOOD
              : step->outcome == OUTCOME_ERROR ? INK_DOUBTFUL
                                               : INK_BAD,
              text_get(&came));
}

// ---- other steps -------------------------------------------------------------------------------

// `shown`: the state that shows the effect was reached.
static void show_effect(const struct try_show *show, const struct try_part *part, double ms,
                        int64_t fired, bool shown) {
    const struct kind_effect *effect = part->effect;
    const char *words = effect && effect->words && (shown || !effect->until) ? effect->words : "";
    cleanup_free char *came =
        xprintf("%s%s%s", fired > 0 ? "fired" : "", fired > 0 && *words ? ", " : "", words);
    show_line(show, ms, part->step->said, INK_BOLD, *came ? came : "done");
}

static void show_note(const struct try_show *show, enum ink ink, const char *note) {
    struct sheet sheet = new_sheet(show);
    text_printf(&sheet.text, "%11s", "");
    sheet_foreign(&sheet, ink, note);
    print(show, &sheet);
}

static void show_output(const struct try_show *show, const char *output) {
    enum { MOST_LINES = 50 };
    const char *line = text_tail(output, MOST_LINES);
    if (line > output)
        show_note(show, INK_DIM, "(more lines before these)");
    while (*line) {
        struct sheet sheet = new_sheet(show);
        cleanup_free char *one = xprintf("%.*s", (int)strcspn(line, "\n"), line);
        line += strlen(one) + (line[strlen(one)] == '\n');
        text_printf(&sheet.text, "%9s  ", "|");
        sheet_foreign(&sheet, INK_DIM, one);
        print(show, &sheet);
    }
}

// Output that results from something done to a program is shown after that.
static void take_output(struct try_show *show, const char *output) {
    if (show->waited)
        text_printf(&show->held, "%s\n", output);
    else
        show_output(show, output);
}

// For a step whose effect has not shown before something else happened.
static void show_waited(struct try_show *show, bool shown, double ms) {
    const struct try_part *part = show->waited;
    show->waited = NULL;
    if (part)
        show_effect(show, part, shown ? ms : show->waited_ms, show->waited_fired, shown);
    show_output(show, text_get(&show->held));
    text_release(&show->held);
}

static const struct plan_step *plan_step(const struct try_show *show, const struct try_part *part) {
    return &show->plan->scenario->cases[0].steps[part - show->plan->parts];
}

// Whether the number of times that a fault fired is known once it is armed.
static bool fires_at_once(const struct plan_step *step) {
    return step->kind == STEP_FAULT && !fault_kind_of(step)->count && !fault_kind_of(step)->stands;
}

static bool is_wait_for(const struct try_part *part, const struct try_part *next,
                        const struct try_part *end) {
    return next < end && next->until && next->effect && next->step == part->step;
}

static void show_act(struct try_show *show, const struct try_part *part,
                     const struct record *record) {
    const struct try_plan *plan = show->plan;
    const struct try_part *end = plan->parts + plan->part_count;
    int64_t fired = record->fault_count ? record->faults[0].fired : 0;
    cleanup_text struct text came = {0};
    if (is_wait_for(part, part + 1, end)) {
        show->waited = part;
        show->waited_ms = record->ms;
        show->waited_fired = fired;
        return;
    }
    if (part->effect && (fired > 0 || !fires_at_once(plan_step(show, part)))) {
        show_effect(show, part, record->ms, fired, false);
        return;
    }
    bool set = part->step->verb && strcmp(part->step->verb, "set_global") == 0;
    bool idle = strcmp(part->step->key, "idle") == 0;
    text_add(&came, part->effect ? "did not fire"
                    : set        ? "for sessions that begin from now on"
                    : idle       ? ""
                                 : "done");
    add_rows(&came, &record->steps[0]);
    show_line(show, record->ms, part->step->said, INK_DIM, text_get(&came));
}

// Shows a wait for something other than an effect, such as a call being in progress.
static void show_wait(struct try_show *show, const struct try_part *part,
                      const struct record *record) {
    if (show->waited)
        show_waited(show, true, record->ms);
    else if (!part->effect)
        show_line(show, record->ms, part->step->said, INK_DIM, "runs in the background");
}

// ---- a program ---------------------------------------------------------------------------------

// As in the line, except that a program's start must differ from the server's `start`.
static char *name_program_step(const struct plan_step *step) {
    const struct program_moment *moment = step->act.args;
    if (step->act.verb->id == PROGRAM_STARTS)
        return xstrdup("program");
    if (!moment)
        return xstrdup(step->act.verb->name);
    const char *word = program_moment_word(moment);
    return moment->text  ? xprintf("%s %s", word, moment->text)
           : moment->nth ? xprintf("%s %lld", word, (long long)moment->nth)
                         : xstrdup(word);
}

static void show_program(const struct try_show *show, const struct plan_step *step,
                         const struct record *record) {
    const struct record_step *seen = &record->steps[0];
    const char *came = seen->message ? seen->message : seen->native ? seen->native : "";
    bool ends = step->act.verb->id == PROGRAM_ENDS;
    cleanup_free char *what = name_program_step(step);
    show_line(show, record->ms, what,
              !ends                            ? INK_PLAIN
              : seen->outcome == OUTCOME_OK    ? INK_GOOD
              : seen->outcome == OUTCOME_ERROR ? INK_DOUBTFUL
                                               : INK_BAD,
              step->act.verb->id == PROGRAM_STARTS ? "starts" : came);
}

static void show_counter(const struct try_show *show, const char *name, int64_t grown) {
    cleanup_free char *note = xprintf("the server counted %s +%lld", name, (long long)grown);
    if (grown > 0)
        show_note(show, INK_DIM, note);
}

// Shows the server's view of a program. A server that has ended, or booted, logs much that is no
// news.
static void show_server(const struct try_show *show, const struct record *record) {
    enum { MOST_LINES = 5 };
    show_counter(show, "Aborted_clients", record->aborted_clients);
    show_counter(show, "Aborted_connects", record->aborted_connects);
    size_t from = record->log_count > MOST_LINES ? record->log_count - MOST_LINES : 0;
    for (size_t i = from; i < record->log_count && record->uptime_reset == 0; i++) {
        cleanup_free char *note = xprintf("the server logged: %s", record->log[i]);
        show_note(show, INK_DIM, note);
    }
}

// The part of the line for a step that was carried out; NULL: it is the program's own, or none.
static const struct try_part *find_part(const struct try_show *show, const struct run_item *item,
                                        size_t number) {
    const struct program_plan *program = item->plan->program;
    if (number < 1 || number > item->plan->step_count)
        return NULL;
    number = program ? (size_t)program->origins[number - 1] : number;
    return number < 1 || number > show->plan->part_count ? NULL : &show->plan->parts[number - 1];
}

void try_show_step(struct try_show *show, const struct run_item *item,
                   const struct record *record) {
    size_t number = record->step_count ? (size_t)record->steps[0].number : 0;
    const struct try_part *part = find_part(show, item, number);
    if (show->item != item)
        show_head(show, item);
    if (!number && record->said_count > 0 && record->said[0].text)
        take_output(show, record->said[0].text);
    if (!part && number > 0 && number <= item->plan->step_count)
        show_program(show, &item->plan->steps[number - 1], record);
    if (!part)
        return;
    if (part->step->hidden && !part->until)
        return;
    if (part->until)
        show_wait(show, part, record);
    else if (!part->step->is_app)
        show_act(show, part, record);
    else if (!part->step->as)
        show_call(show, part, record);
    else if (part + 1 == show->plan->parts + show->plan->part_count || !part[1].until)
        show_line(show, record->ms, part->step->said, INK_DIM, "goes on in the background");
}

// ---- the end -----------------------------------------------------------------------------------

// A rule that belongs to another fault is worth a line only if it has fired.
static bool is_worth_showing(const struct try_show *show, const struct record_fault *fault) {
    for (size_t i = 0; i < show->plan->part_count && fault->id; i++) {
        const struct try_part *part = &show->plan->parts[i];
        const struct plan_step *step = plan_step(show, part);
        if (step->kind == STEP_FAULT && strcmp(step->name, fault->id) == 0)
            return !fires_at_once(step) && (fault->fired > 0 || !part->step->hidden);
    }
    return fault->id != NULL;
}

// Whether it is the DROP-back part of a `drop`, which is a single fault in the line.
static bool is_way_back(const struct try_show *show, const char *id) {
    for (size_t i = 0; i < show->plan->part_count; i++) {
        const struct plan_step *step = plan_step(show, &show->plan->parts[i]);
        if (show->plan->parts[i].step->hidden && step->kind == STEP_FAULT &&
            strcmp(step->name, id) == 0)
            return true;
    }
    return false;
}

// For effects that grow by themselves, the number is known when they have been lifted.
static void show_faults(const struct try_show *show, const struct record *record) {
    for (size_t i = 0; i < record->fault_count; i++) {
        const struct record_fault *fault = &record->faults[i];
        if (!is_worth_showing(show, fault))
            continue;
        const char *back = is_way_back(show, fault->id) ? strstr(fault->id, "-back") : NULL;
        cleanup_free char *name =
            back ? xprintf("%.*s%s", (int)(back - fault->id), fault->id, back + strlen("-back"))
                 : xstrdup(fault->id);
        cleanup_free char *line =
            fault->fired > 0 ? xprintf("%s fired %lld time%s%s", name, (long long)fault->fired,
                                       fault->fired == 1 ? "" : "s", back ? " on the way back" : "")
                             : xprintf("%s never fired: nothing met it", name);
        show_note(show, INK_DIM, line);
    }
}

// Names a step as typed, `query SELECT 1`, with its number if that was typed more than once.
static char *name_step(const struct try_show *show, const struct try_part *part) {
    const struct try_plan *plan = show->plan;
    struct sheet sheet = new_sheet(show);
    int number = 1, count = 0;
    for (const struct try_part *one = plan->parts; one < plan->parts + plan->part_count; one++) {
        bool same = !one->until && one->step->id && strcmp(one->step->said, part->step->said) == 0;
        number += same && one < part;
        count += same;
    }
    cleanup_free char *said = sheet_safe(&sheet, part->step->said, WHAT_MOST);
    return count > 1 ? xprintf("`%s` (number %d)", said, number) : xprintf("`%s`", said);
}

static const struct try_part *part_with_id(const struct try_plan *plan, const char *id,
                                           size_t length) {
    for (size_t i = 0; i < plan->part_count; i++) {
        const char *other = plan->parts[i].until ? NULL : plan->parts[i].step->id;
        if (other && strlen(other) == length && strncmp(other, id, length) == 0)
            return &plan->parts[i];
    }
    return NULL;
}

// Removes the ids, which the plan made up: "first: .." and "`first` ..".
static char *without_ids(const struct try_show *show, const char *why) {
    const struct try_plan *plan = show->plan;
    struct text text = {0};
    const struct try_part *part = part_with_id(plan, why, strcspn(why, ":"));
    if (part && why[strcspn(why, ":")]) {
        cleanup_free char *name = name_step(show, part);
        text_add(&text, name);
        why += strcspn(why, ":");
    }
    while (*why) {
        size_t plain = strcspn(why, "`"), length = why[plain] ? strcspn(why + plain + 1, "`") : 0;
        text_append(&text, why, plain);
        why += plain;
        part = length ? part_with_id(plan, why + 1, length) : NULL;
        cleanup_free char *name = part ? name_step(show, part) : NULL;
        size_t used = part ? length + 2 : *why != '\0';
        if (name)
            text_add(&text, name);
        else
            text_append(&text, why, used);
        why += used;
    }
    text_add(&text, "");
    return text.data;
}

static void show_why(const struct try_show *show, const char *word, const char *all) {
    static const char output[] = "; its output ends:\n"; // it was shown before
    bool program = show->item->plan->program != NULL;
    int prefix = 0; // the step's number means nothing in the line
    if (program && sscanf(all, "step %*d (%*[^)]): %n", &prefix) >= 0)
        all += prefix;
    const char *end = program ? strstr(all, output) : NULL;
    cleanup_free char *told = end ? xprintf("%.*s", (int)(end - all), all) : xstrdup(all);
    cleanup_free char *why = without_ids(show, told);
    struct sheet sheet = new_sheet(show);
    sheet.indent = 0;
    sheet_foreign(&sheet, INK_BAD, word);
    text_add(&sheet.text, ": ");
    for (const char *line = why; *line;) {
        cleanup_free char *one = xprintf("%.*s", (int)strcspn(line, "\n"), line);
        line += strlen(one) + (line[strlen(one)] == '\n');
        sheet_foreign(&sheet, INK_PLAIN, one);
        text_add(&sheet.text, *line ? "\n  " : "");
    }
    print(show, &sheet);
}

// Whether the case ended while waiting for a background call to be in progress.
static bool waited_for_call(const struct try_show *show, const struct record *record) {
    const struct try_plan *plan = show->plan;
    size_t next = record->step_count ? (size_t)record->steps[record->step_count - 1].number : 0;
    while (next < plan->part_count && plan->parts[next].step->as && !plan->parts[next].until)
        next++;
    return next < plan->part_count && plan->parts[next].until && !plan->parts[next].effect;
}

void try_show_end(struct try_show *show, const struct run_item *item, const struct record *record,
                  const struct verdict *verdict) {
    if (show->item != item)
        show_head(show, item);
    show_waited(show, false, 0);
    show_faults(show, record);
    if (item->plan->program && !record->skip) {
        if (record->said_count == 0)
            show_note(show, INK_DIM, "the program has written nothing");
        show_server(show, record);
    }
    switch (verdict->kind) {
    case VERDICT_PASS:
    case VERDICT_UNMEASURED:
        return;
    case VERDICT_UNSOUND:
        show_why(show, "No correct client does this", verdict->why);
        return;
    case VERDICT_SKIP:
        show_why(show, "It could not be tried", verdict->why);
        return;
    case VERDICT_BROKEN:
        show_why(show, "It went no further", verdict->why);
        if (waited_for_call(show, record))
            show_why(show, "Remedy",
                     "without `&` the call's answer is shown; with it, the call must last");
        return;
    default:
        show_why(show, verdict_names[verdict->kind], verdict->why);
    }
}

void try_show_timeline(struct try_show *show, const struct run_item *item,
                       const struct record *record) {
    struct sheet sheet = new_sheet(show);
    timeline_add(&sheet, item->plan, record);
    fputs(text_get(&sheet.text), show->out);
    text_release(&sheet.text);
}
