// SPDX-License-Identifier: Apache-2.0
// reference.c - the reference of the scenario language, from its tables
//
// The language is divided into sections, each the walk of one type. A walk does not descend into a
// type that has its own section. The manual page is all sections in order; the explanation of a
// name is every place in them where it appears.
#include "explain/reference.h"

#include "cli/page.h"
#include "plan/codes.h"
#include "plan/plan.h"

#include <string.h>

static const struct type type_steps = {.name = "step", .kind = TYPE_CHOICE, .verbs = step_verbs};

struct section {
    const char *title, *place; ///< `place`: what its names are
    const struct type *type;
    const char *intro;
};
static const struct section sections[] = {
    {"THE FILE", "a key of a scenario", &type_scenario,
     "A scenario is a YAML 1.2 file without anchors and aliases. It describes one failure. Unknown "
     "keys, wrong types and names that mean nothing are errors. `$name` stands for a parameter of "
     "the variant, `\"$name?\"` for one that some variants lack (what holds it is left out there), "
     "`$$` for a dollar sign. Readers of YAML 1.1 refuse `$name?` without quotes in braces, and "
     "take `off`, `on`, `yes` and `no` without them for booleans; to goneaway it is all the same. "
     "A file is at most 256 KiB long, a text in it 64 KiB, "
     "one for people (title, source, remedy, claim, why) 1000 bytes, a key 200 bytes, a name 100 "
     "bytes; a list or mapping has at most 1000 items where nothing else is said. What becomes of "
     "the file with the parameters of all variants put in takes at most 128 MiB."},
    {"STEPS", "a step", &type_steps,
     "`steps` is a list of mappings. Each has exactly one of the following keys, or the name of an "
     "app; what an app does is described below. Steps happen one after the other."},
    {"KEYS OF EVERY STEP", "a key beside a step's verb", &type_step_common,
     "These may stand beside the key that says what the step does."},
    {"APPS", "what an app does", &type_app,
     "An app is the client under test. Its step is `app: VERB` or `app: {VERB: ARGUMENTS}`, with "
     "the app's name for `app`; a forked child is an app too."},
    {"ADMIN", "what the admin does", &type_admin, "`admin: {VERB: ARGUMENTS}`"},
    {"SERVER", "what happens to the server", &type_server_act, "`server: {VERB: ARGUMENTS}`"},
    {"PROXY", "what happens to the proxy", &type_proxy_act,
     "`proxy: {VERB: ARGUMENTS}`, where the scenario has `wire: {proxy: ..}`. Apps connect to the "
     "proxy then, and it to the server."},
    {"RAW STEPS", "what a raw step does", &type_raw,
     "`raw: {VERB: ARGUMENTS}` talks to the server without a connector, over one connection."},
    {"FAULTS", "a fault", &type_fault,
     "`fault: {KIND: ARGUMENTS}` arms a fault; `lift: ID` takes it away. A fault that did not fire "
     "makes the case broken, not passed."},
    {"STATES", "a state to wait for", &type_until,
     "`until: {STATE: ARGUMENTS}` waits for something that can be observed. A state that does not "
     "come before the step's deadline makes the case broken."},
    {"OUTCOMES", "a key of an outcome", &type_cell,
     "`outcomes` is a table. Its columns are the ids of steps; the first row whose `if` holds is "
     "the one that counts. A cell is `ok`, `hang`, `crash`, `unsupported`, an error code as a "
     "number or symbol, or a mapping with the following keys."},
    {"CONDITIONS", "a key of `if`", &type_condition,
     "Keys of a row's `if`. All that are given must hold; of a list, one. The versions in "
     "comparisons are compared number by number."},
    {"EVIDENCE", "a key of `evidence`", &type_evidence,
     "Keys of a row's `evidence`: what the server's side must show after the case."},
};

static bool has_section(const struct type *type) {
    if (type && type->kind == TYPE_NODE && type->item)
        type = type->item;
    for (size_t i = 1; i < COUNT_OF(sections); i++)
        if (sections[i].type == type)
            return true;
    return false;
}

// The verb that this name pointer belongs to, for its flags; the walk passes only the name.
static const struct verb *verb_of(const struct section *section, const char *name) {
    const struct verb *const *verbs = section->type->verbs;
    for (const struct field *field = section->type->fields; field && field->name; field++)
        if (field->flags & FIELD_SPREAD)
            verbs = field->type->verbs;
    for (; verbs && *verbs; verbs++)
        if ((*verbs)->name == name)
            return *verbs;
    return NULL;
}

static const char *restriction(const struct section *section, const char *name) {
    const struct verb *verb = verb_of(section, name);
    unsigned flags = verb ? verb->flags : 0;
    if (flags & VERB_NEEDS_TCP)
        return "Not over the transport socket.";
    if (flags & VERB_FRESH)
        return "The server serves no other case, before or afterwards.";
    return flags & VERB_DIRTIES ? "The server serves no other case afterwards." : "";
}

// ---- what a value is ---------------------------------------------------------------------------

static void add_words(struct text *text, const struct word *words) {
    for (const struct word *word = words; word->name; word++)
        text_printf(text, "%s%s", word == words ? "" : word[1].name ? ", " : " or ", word->name);
}

static void add_type(struct text *text, const struct type *type) {
    switch (type->kind) {
    case TYPE_WORD:
        add_words(text, type->words);
        return;
    case TYPE_LIST:
        add_type(text, type->item);
        text_add(text, ", or a list");
        return;
    case TYPE_DICT:
        text_add(text, type->item->kind == TYPE_NODE || type->item->kind == TYPE_VALUE
                           ? "a mapping from names to values"
                           : "a mapping from names, each to the following");
        return;
    case TYPE_RECORD:
        text_add(text, "a mapping");
        if (type->shorthand)
            text_printf(text, ", or only its `%s`", type->shorthand);
        return;
    case TYPE_NODE:
        if (type->item && !has_section(type))
            add_type(text, type->item);
        else
            text_add(text, !type->item  ? type->name
                           : type->most ? "a list, see below"
                                        : "a mapping, see below");
        return;
    case TYPE_CHOICE:
        text_add(text, "a mapping");
        return;
    default:
        text_add(text, type->name);
    }
}

// Bounds that apply to all texts or all lists are explained once, elsewhere.
static void add_bounds(struct text *text, const struct type *type) {
    static const int64_t usual[] = {YAML_TEXT_MAX_BYTES, LINE_MAX_BYTES, NAME_MAX_BYTES,
                                    LIST_MAX_ITEMS};
    bool number = type->kind >= TYPE_COUNT && type->kind <= TYPE_RATE;
    for (size_t i = 0; i < COUNT_OF(usual); i++)
        if (!number && type->most == usual[i])
            return;
    cleanup_free char *bounds = table_bounds(type);
    text_printf(text, "%s%s", *bounds ? "; " : "", bounds);
}

// "(a duration such as 500ms; 1ms to 1h; required)"; nothing for a value's word.
static void add_note(struct text *text, const struct type *type, unsigned flags) {
    if (!type)
        return;
    text_add(text, " (");
    add_type(text, type);
    add_bounds(text, type);
    text_add(text, flags & FIELD_REQUIRED ? "; required)" : ")");
}

// ---- plain text --------------------------------------------------------------------------------

struct lookup {
    FILE *out;
    const char *wanted;
    const struct section *section;
    const char *path[16]; // enclosing names
    int silent_below;     // deeper entries belong to another section; -1: none do
    int match;            // depth of the entry whose parts are being printed; -1: none
    int parts_to;         // depth to which its parts are printed
    int found;
};

static void print_match(struct lookup *lookup, int depth, const struct type *type, unsigned flags,
                        const char *doc) {
    cleanup_text struct text head = {0};
    text_printf(&head, "%s - ", lookup->wanted);
    for (int i = depth - 1; i >= 0; i--)
        text_printf(&head, "%s %s%s", i == depth - 1 ? "in" : " of", lookup->path[i],
                    i > 0 ? "" : ", ");
    text_add(&head, lookup->section->place);
    add_note(&head, type, flags);
    if (lookup->found++)
        fputc('\n', lookup->out);
    print_indented(lookup->out, 0, text_get(&head));
    print_indented(lookup->out, 4, doc);
    if (*restriction(lookup->section, lookup->path[depth]))
        print_indented(lookup->out, 4, restriction(lookup->section, lookup->path[depth]));
}

static void print_part(const struct lookup *lookup, int depth, const char *name,
                       const struct type *type, unsigned flags, const char *doc) {
    cleanup_text struct text head = {0};
    int indent = (depth - lookup->match) * 4;
    text_add(&head, name);
    add_note(&head, type, flags);
    print_indented(lookup->out, indent, text_get(&head));
    print_indented(lookup->out, indent + 4, doc);
}

static void lookup_visit(void *context, int depth, const char *name, const struct type *type,
                         unsigned flags, const char *doc) {
    struct lookup *lookup = context;
    lookup->path[depth] = name;
    if (lookup->match >= 0 && depth > lookup->match) {
        if (depth <= lookup->parts_to)
            print_part(lookup, depth, name, type, flags, doc);
        return;
    }
    lookup->match = -1;
    if (depth > 0 && strcmp(lookup->path[depth - 1], "cause") == 0)
        return; // causes have their own answer
    if (lookup->silent_below >= 0 && depth > lookup->silent_below)
        return;
    lookup->silent_below = has_section(type) ? depth : -1;
    if (strcmp(name, lookup->wanted) != 0)
        return;
    lookup->match = depth;
    lookup->parts_to = has_section(type) ? depth + 1 : (int)COUNT_OF(lookup->path);
    print_match(lookup, depth, type, flags, doc);
}

int reference_print_word(FILE *out, const char *name, bool before) {
    struct lookup lookup = {.out = out, .wanted = name, .found = before};
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        lookup.section = &sections[i];
        lookup.match = lookup.silent_below = -1;
        table_walk(sections[i].type, lookup_visit, &lookup);
    }
    return lookup.found - before;
}

// ---- the manual page ---------------------------------------------------------------------------

struct walk {
    FILE *out;
    const struct section *section;
    int depth;        // of the latest entry
    int silent_below; // as in struct lookup
};

static void walk_level(struct walk *walk, int depth) {
    for (; walk->depth < depth; walk->depth++)
        fputs(".RS\n", walk->out);
    for (; walk->depth > depth; walk->depth--)
        fputs(".RE\n", walk->out);
}

static void walk_visit(void *context, int depth, const char *name, const struct type *type,
                       unsigned flags, const char *doc) {
    struct walk *walk = context;
    if (walk->silent_below >= 0 && depth > walk->silent_below)
        return;
    walk->silent_below = has_section(type) ? depth : -1;
    walk_level(walk, depth);
    cleanup_text struct text head = {0};
    text_printf(&head, "`%s`", name);
    add_note(&head, type, flags);
    page_entry(walk->out, text_get(&head), doc);
    if (*restriction(walk->section, name))
        page_text(walk->out, restriction(walk->section, name));
}

static void print_section(FILE *out, const struct section *section) {
    struct walk walk = {.out = out, .section = section, .silent_below = -1};
    page_section(out, section->title);
    page_text(out, section->intro);
    table_walk(section->type, walk_visit, &walk);
    walk_level(&walk, 0);
}

static void print_codes(FILE *out) {
    page_section(out, "ERROR CODES");
    page_text(out, "Other numbers may be written too; these have symbols.");
    for (const struct code *code = codes; code->number; code++) {
        cleanup_free char *head = xprintf("`%d` %s", code->number, code->symbol);
        page_entry(out, head, code->meaning);
    }
}

static void print_example(FILE *out) {
    static const char *const lines[] = {
        "goneaway: 1",
        "title: An administrator kills an idle connection",
        "cause: killed",
        "source: [\"MySQL Reference Manual, KILL Statement\"]",
        "transport: [tcp, socket]",
        "steps:",
        "  - app: connect",
        "  - fault: {kill: app}",
        "  - until: {app-socket: closed-by-peer}",
        "  - {id: first, app: {query: SELECT 1}}",
        "  - {id: again, app: connect}",
        "outcomes:",
        "  - {first: 2013, again: ok}",
    };
    page_section(out, "EXAMPLE");
    page_text(out,
              "The codes are for showing the notation; which ones appear is what runs find out.");
    page_lines(out, lines, COUNT_OF(lines));
}

void reference_visit_words(table_visitor *visit, void *context) {
    for (size_t i = 0; i < COUNT_OF(sections); i++)
        table_walk(sections[i].type, visit, context);
}

void reference_print(FILE *out) {
    page_begin(out, &(const struct page){.name = "goneaway-scenario",
                                         .section = "5",
                                         .purpose = "a file that makes a MySQL connection die",
                                         .kind = "File formats",
                                         .source = "the tables of its scenario language"});
    for (size_t i = 0; i < COUNT_OF(sections); i++)
        print_section(out, &sections[i]);
    print_codes(out);
    print_example(out);
    page_see(out, "goneaway", "1");
}
