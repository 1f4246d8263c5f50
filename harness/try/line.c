// SPDX-License-Identifier: Apache-2.0
// line.c - a case on one line: its statements, and the steps they stand for
#include "try/parts.h"

#include "plan/kind.h"

#include <stdlib.h>
#include <string.h>

static const char *keep(struct try_line *line, const struct text *text) {
    return arena_text(line->arena, text_get(text), text->length);
}

// ---- statements --------------------------------------------------------------------------------

/** More than anybody types on a line. */
enum { MOST_STATEMENTS = 200 };

/** One statement of the line. */
struct statement {
    size_t at;
    const char *app; // its app: "app", or what precedes a colon
    const char *word;
    const char *rest; // the text after the word, trimmed
    size_t rest_at;
    bool background; // ended by `&`
};

struct reading {
    struct try_line *line;
    struct err *err;
    bool disturbed;       // something other than a call has happened
    size_t calls;         // since then
    size_t pending_count; // background calls
    struct {
        const char *app, *name, *said;
    } pending[16];
    size_t fault_count;
    struct {
        const char *stem, *name; // as in `lift`
        bool with_next;          // the next one is lifted along with it
        bool lifted;
    } faults[64];
};

static struct try_step *add_step(struct reading *reading, const struct statement *one,
                                 const char *key, const char *verb, const char *value) {
    struct try_line *line = reading->line;
    line->steps = xgrow(line->steps, line->count, sizeof *line->steps);
    struct try_step *step = &line->steps[line->count++];
    *step = (struct try_step){.at = one->at, .key = key, .verb = verb, .value = value};
    step->said = arena_printf(line->arena, "%s%s%s", one->word, *one->rest ? " " : "", one->rest);
    return step;
}

// ---- calls of apps -----------------------------------------------------------------------------

static const char *unused_id(const struct try_line *line, const char *stem) {
    const char *id = stem;
    for (int number = 2;; number++) {
        bool used = false;
        for (size_t i = 0; i < line->count; i++)
            used |= line->steps[i].id && strcmp(line->steps[i].id, id) == 0;
        if (!used)
            return id;
        id = arena_printf(line->arena, "%s-%d", stem, number);
    }
}

// A call before anything has happened is named after its verb, later ones by number.
static const char *choose_id(struct reading *reading, const char *verb) {
    static const char *const ordinals[] = {"first", "second",  "third",  "fourth", "fifth",
                                           "sixth", "seventh", "eighth", "ninth",  "tenth"};
    if (!reading->disturbed)
        return unused_id(reading->line, verb);
    for (size_t i = 0; i < reading->line->count && strcmp(verb, "connect") == 0; i++)
        if (reading->line->steps[i].id && reading->line->steps[i].verb &&
            strcmp(reading->line->steps[i].verb, "connect") == 0)
            return unused_id(reading->line, "again");
    size_t number = reading->calls++;
    return unused_id(reading->line, number < COUNT_OF(ordinals) ? ordinals[number] : "call");
}

static void add_await(struct reading *reading, size_t which, size_t at) {
    const struct statement await = {
        .at = at, .word = "await", .rest = reading->pending[which].said};
    struct try_step *step = add_step(reading, &await, "await", NULL, reading->pending[which].name);
    step->is_app = true;
    step->call_is_sql = true;
    step->id = choose_id(reading, "first");
    reading->pending[which] = reading->pending[--reading->pending_count];
}

// An app does one thing at a time.
static void await_app(struct reading *reading, const char *app, size_t at) {
    for (size_t i = 0; i < reading->pending_count; i++)
        if (strcmp(reading->pending[i].app, app) == 0) {
            add_await(reading, i, at);
            return;
        }
}

static int note_app(struct reading *reading, const struct statement *one) {
    struct try_line *line = reading->line;
    for (size_t i = 0; i < line->app_count; i++)
        if (strcmp(line->apps[i], one->app) == 0)
            return 0;
    for (size_t i = 0; i < line->count; i++) // a child is created by its fork
        if (line->steps[i].verb && strcmp(line->steps[i].verb, "fork") == 0 &&
            strcmp(line->steps[i].value, one->app) == 0)
            return 0;
    if (line->app_count == COUNT_OF(line->apps))
        return try_error(line, one->at, reading->err, "a line has at most %zu apps",
                         COUNT_OF(line->apps));
    line->apps[line->app_count++] = one->app;
    return 0;
}

static int add_call(struct reading *reading, const struct statement *one, const char *verb,
                    const char *value, bool sql) {
    bool beside = app_verb_named(verb)->beside;
    if (!beside)
        await_app(reading, one->app, one->at);
    if (note_app(reading, one) < 0)
        return -1;
    struct try_step *step = add_step(reading, one, one->app, verb, value);
    step->is_app = true;
    step->call_is_sql = sql && *one->rest;
    if (sql && !*one->rest)
        step->said = arena_printf(reading->line->arena, "%s %s", one->word, value);
    if (strcmp(one->app, "app") != 0)
        step->said = arena_printf(reading->line->arena, "%s: %s", one->app, step->said);
    if (!one->background) {
        step->id = choose_id(reading, verb);
        reading->disturbed |= beside;
        return 0;
    }
    if (reading->pending_count == COUNT_OF(reading->pending))
        return try_error(reading->line, one->at, reading->err, "too many calls in the background");
    step->as = arena_printf(reading->line->arena, "call-%zu", reading->line->count);
    reading->pending[reading->pending_count].app = one->app;
    reading->pending[reading->pending_count].name = step->as;
    reading->pending[reading->pending_count++].said = step->said;
    return 0;
}

// ---- faults ------------------------------------------------------------------------------------

// Names a fault, if its kind has occurred before. `stem`: its base name.
static int note_fault(struct reading *reading, struct try_step *step, const char *kind,
                      const char *stem) {
    if (reading->fault_count == COUNT_OF(reading->faults))
        return try_error(reading->line, step->at, reading->err, "a line has at most %zu faults",
                         COUNT_OF(reading->faults));
    int before = 0;
    for (size_t i = 0; i < reading->fault_count; i++)
        before += strcmp(reading->faults[i].stem, stem) == 0;
    const char *name =
        before ? arena_printf(reading->line->arena, "%s-%d", stem, before + 1) : stem;
    step->name = strcmp(name, kind) == 0 ? NULL : name;
    reading->faults[reading->fault_count].stem = stem;
    reading->faults[reading->fault_count].lifted = false;
    reading->faults[reading->fault_count].with_next = false;
    reading->faults[reading->fault_count++].name = name;
    return 0;
}

// Without a value `drop` acts in both directions, which takes two rules.
static int add_drop_back(struct reading *reading, const struct statement *one) {
    reading->faults[reading->fault_count - 1].with_next = true;
    struct try_step *step = add_step(reading, one, "fault", "drop", "{from: server}");
    step->hidden = true;
    return note_fault(reading, step, "drop", "drop-back");
}

// The latest fault that no step has lifted, or the one with this name, as its index plus one; 0:
// none.
static size_t find_fault(const struct reading *reading, const char *name) {
    size_t last = reading->fault_count;
    while (last > 0 && (reading->faults[last - 1].lifted ||
                        (name && strcmp(reading->faults[last - 1].name, name) != 0)))
        last--;
    return last;
}

// Lifts a fault with everything that belongs to it.
static int add_lift(struct reading *reading, const struct statement *one, const char *name) {
    size_t found = find_fault(reading, name);
    if (found == 0 && name) { // the language's message lists the existing ones
        add_step(reading, one, "lift", NULL, name);
        return 0;
    }
    if (found == 0)
        return try_error(reading->line, one->at, reading->err, "there is no fault to lift here");
    size_t first = found - 1, last = found;
    while (first > 0 && reading->faults[first - 1].with_next)
        first--;
    while (reading->faults[last - 1].with_next)
        last++;
    for (size_t i = first; i < last; i++) {
        struct try_step *step = add_step(reading, one, "lift", NULL, reading->faults[i].name);
        step->said = arena_printf(reading->line->arena, "lift %s", reading->faults[i].name);
        step->hidden = i > first;
        reading->faults[i].lifted = true;
    }
    return 0;
}

// ---- one statement -----------------------------------------------------------------------------

static int add_pair(struct reading *reading, const struct statement *one,
                    const struct try_word *word) {
    struct try_line *line = reading->line;
    cleanup_free char *name = try_name_of_pair(one->rest);
    cleanup_text struct text pair = {0};
    if (!name)
        return try_error(line, one->rest_at, reading->err, "`%s` needs NAME=VALUE: %s", one->word,
                         word->doc);
    const char *value = strchr(one->rest, '=') + 1;
    const struct node *node = try_parse(line, one->rest_at + (size_t)(value - one->rest),
                                        value[strspn(value, " ")] ? value : "\"\"", reading->err);
    if (!node)
        return -1;
    text_printf(&pair, "%s: ", name);
    try_add_node(&pair, node);
    if (word->key) {
        const char *map = arena_printf(line->arena, "{%s}", text_get(&pair));
        add_step(reading, one, word->key, word->verb, map)->quiet = true;
    } else {
        line->options = arena_printf(line->arena, "%s%s%s", line->options ? line->options : "",
                                     line->options ? ", " : "", text_get(&pair));
    }
    return 0;
}

// Reads the value as YAML on one line; `ret_value` is NULL if there is none.
static int read_value(struct reading *reading, const struct statement *one, enum try_behind behind,
                      const char **ret_value) {
    struct try_line *line = reading->line;
    cleanup_text struct text value = {0};
    *ret_value = NULL;
    if (!*one->rest)
        return 0;
    if (behind == BEHIND_NOTHING)
        return try_error(line, one->rest_at, reading->err, "nothing stands behind `%s`", one->word);
    cleanup_text struct text pairs = {0};
    if (behind == BEHIND_SQL && !strchr("'\"{", *one->rest)) {
        try_quote(&value, one->rest);
    } else {
        bool mapping = try_add_pairs(&pairs, one->rest);
        const struct node *node =
            try_parse(line, one->rest_at, mapping ? text_get(&pairs) : one->rest, reading->err);
        if (!node)
            return -1;
        try_add_node(&value, node);
    }
    *ret_value = keep(line, &value);
    return 0;
}

// `fault {kill: app}` equals `kill app`; if it says more, `lift` needs its name.
static int add_fault(struct reading *reading, const struct statement *one, const char *value) {
    struct try_line *line = reading->line;
    struct try_word word = {0};
    cleanup_text struct text inner = {0};
    const struct node *node = try_parse(line, one->rest_at, value, reading->err);
    if (!node)
        return -1;
    reading->disturbed = true;
    if (node->kind == NODE_MAP && node->count == 1 && try_make_word(node->keys[0]->text, &word)) {
        const struct node *item = node->items[0];
        try_add_node(&inner, item);
        value = item->kind == NODE_SCALAR && !*item->text ? NULL : keep(line, &inner);
        struct try_step *step = add_step(reading, one, "fault", word.verb, value);
        return note_fault(reading, step, word.verb, word.verb);
    }
    const struct node *id = node_get(node, "id");
    struct try_step *step = add_step(reading, one, "fault", NULL, value);
    bool named = id && id->kind == NODE_SCALAR;
    return named ? note_fault(reading, step, id->text, id->text) : 0;
}

static int add_other(struct reading *reading, const struct statement *one,
                     const struct try_word *row, const char *value) {
    if (one->background)
        return try_error(reading->line, one->at, reading->err,
                         "only an app's call can go on in the background (`&`)");
    if (strcmp(row->key, "fault") == 0 && !row->verb)
        return add_fault(reading, one, value);
    struct try_step *step = add_step(reading, one, row->key, row->verb, value);
    step->quiet = strcmp(row->key, "admin") == 0;
    reading->disturbed |= !step->quiet;
    if (!*one->rest && row->verb && row->usual && strcmp(row->key, "fault") == 0 &&
        !strchr(row->usual, '{'))
        step->said = arena_printf(reading->line->arena, "%s %s", one->word, row->usual);
    if (strcmp(row->key, "fault") != 0 || !row->verb)
        return 0;
    reading->line->nat |= strcmp(row->verb, "forget") == 0;
    if (note_fault(reading, step, row->verb, row->verb) < 0)
        return -1;
    bool both = strcmp(row->word, "drop") == 0 && !*one->rest;
    return both ? add_drop_back(reading, one) : 0;
}

static int add_statement(struct reading *reading, const struct statement *one) {
    struct try_word made;
    const struct try_word *row =
        reading->line->for_program ? try_find_moment(one->word, one->rest) : NULL;
    const char *value;
    row = row ? row : try_find_word(one->word);
    if (!row && !try_make_word(one->word, &made))
        return try_unknown(reading->line, one->at, one->word, one->rest, reading->err);
    row = row ? row : &made;
    if (row->needed && !*one->rest) {
        try_error(reading->line, one->at, reading->err, "`%s` needs a value: %s", one->word,
                  row->doc);
        return strcmp(one->word, "idle") == 0
                   ? err_remedy(reading->err, "without one " TRY_MOMENT_REMEDY)
                   : -1;
    }
    if (row->behind == BEHIND_PAIR)
        return add_pair(reading, one, row);
    if (read_value(reading, one, row->behind, &value) < 0)
        return -1;
    bool sql = row->behind == BEHIND_SQL;
    if (!value)
        value = row->usual;
    if (!row->key)
        return add_call(reading, one, row->verb, value, sql);
    if (strcmp(row->key, "lift") == 0)
        return add_lift(reading, one, value);
    if (strcmp(row->key, "await") == 0) {
        if (reading->pending_count == 0)
            return try_error(reading->line, one->at, reading->err,
                             "no call is in the background; end one with `&`");
        add_await(reading, reading->pending_count - 1, one->at);
        return 0;
    }
    return add_other(reading, one, row, value);
}

// ---- the line ----------------------------------------------------------------------------------

static bool is_blank(char character) {
    return character == ' ' || character == '\t' || character == '\r';
}

// The end of a statement: a `;` or a line end outside of quotes.
static size_t find_end(const char *text, size_t at, size_t *ret_open) {
    char quote = '\0';
    *ret_open = 0;
    for (; text[at]; at++) {
        if (quote) {
            quote = text[at] == quote ? '\0' : quote;
        } else if (strchr("'\"`", text[at])) {
            quote = text[at];
            *ret_open = at;
        } else if (text[at] == ';' || text[at] == '\n') {
            return at;
        }
    }
    *ret_open = quote ? *ret_open : at;
    return at;
}

// Reads the app before a colon; "app" if there is none.
static size_t read_app(struct reading *reading, size_t at, struct statement *one) {
    const char *text = reading->line->text;
    size_t length = strspn(text + at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_-");
    one->app = "app";
    if (length == 0 || text[at + length] != ':' || !is_blank(text[at + length + 1]))
        return at;
    one->app = arena_text(reading->line->arena, text + at, length);
    at += length + 1;
    return at + strspn(text + at, " \t\r");
}

static int read_statement(struct reading *reading, size_t begin, size_t end) {
    struct try_line *line = reading->line;
    const char *text = line->text;
    while (begin < end && is_blank(text[begin]))
        begin++;
    while (begin < end && is_blank(text[end - 1]))
        end--;
    if (begin == end)
        return 0;
    if (try_check_background(line, begin, end, reading->err) < 0)
        return -1;
    struct statement one = {.at = begin, .background = text[end - 1] == '&'};
    size_t at = read_app(reading, begin, &one);
    if (one.background)
        end--;
    while (at < end && is_blank(text[end - 1]))
        end--;
    if (line->count >= MOST_STATEMENTS)
        return try_error(line, begin, reading->err,
                         "a line has at most %d statements; write a scenario", MOST_STATEMENTS);
    size_t length = strcspn(text + at, " \t\r\n;&'\"`{");
    length = length < end - at ? length : end - at;
    one.word = arena_text(line->arena, text + at, length);
    at += length;
    while (at < end && is_blank(text[at]))
        at++;
    one.rest_at = at;
    one.rest = arena_text(line->arena, text + at, at < end ? end - at : 0);
    return add_statement(reading, &one);
}

static int read_all(struct reading *reading) {
    struct try_line *line = reading->line;
    for (size_t at = 0;;) {
        size_t open, end = find_end(line->text, at, &open);
        if (!line->text[end] && open < end)
            return try_error(line, open, reading->err, "this quote is never closed");
        if (read_statement(reading, at, end) < 0)
            return -1;
        if (!line->text[end])
            break;
        at = end + 1;
    }
    while (reading->pending_count > 0)
        add_await(reading, 0, strlen(line->text));
    for (size_t i = 0; i < line->count; i++)
        if (line->steps[i].id)
            return 0;
    if (line->for_program)
        return 0;
    try_error(line, 0, reading->err, "no app does anything in this line");
    return err_remedy(reading->err, "goneaway try 'connect; kill; query; query'");
}

int try_read(struct try_line *line, const char *text, bool for_program, struct err *err) {
    *line = (struct try_line){.arena = arena_new(), .text = "", .for_program = for_program};
    if (strlen(text) > TRY_MAX_BYTES)
        return err_usage(err, "the line has more than %d bytes; write a scenario", TRY_MAX_BYTES);
    line->text = arena_text(line->arena, text, strlen(text));
    struct reading reading = {.line = line, .err = err};
    return read_all(&reading);
}

void try_release(struct try_line *line) {
    free(line->steps);
    arena_free(line->arena);
    *line = (struct try_line){0};
}
