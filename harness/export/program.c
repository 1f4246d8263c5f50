// SPDX-License-Identifier: Apache-2.0
// program.c - the program of an exported case: the moves of its script in a language's fragments
#include "export/program.h"

#include <stdlib.h>
#include <string.h>

// ---- what the language has ---------------------------------------------------------------------

int program_check(const struct export *export, struct err *err) {
    for (size_t i = 0; i < export->script.count; i++) {
        const struct move *move = &export->script.moves[i];
        const char *why = export->dialect->cannot[move->kind];
        const struct fragment *fragment = &export->language->moves[move->kind];
        if (!why && !(move->id ? fragment->judged : fragment->set_up))
            why = "there is no plain form for it";
        if (!why && move->kind == MOVE_EXECUTE && move->params.count)
            why = "there is no short form for parameters";
        if (!why)
            continue;
        err_usage(err, "%s cannot be exported for %s: %s", export->plan->id,
                  export->dialect->connector, why);
        return err_remedy(err, "name another connector with --connector");
    }
    return 0;
}

// ---- values ------------------------------------------------------------------------------------

static void add_words(struct text *out, const struct language *language, const struct move *move,
                      const char *session) {
    if (language->add_words) {
        language->add_words(out, move, session);
        return;
    }
    for (size_t i = 0; i < move->word_count; i++) {
        text_add(out, i > 0 ? ", " : "");
        add_string(out, language, move->words[i]);
    }
    text_printf(out, "%s%s", move->of_session ? ", " : "", move->of_session ? session : "");
}

static void add_timeout(struct text *out, const char *fragment, int64_t ms,
                        const char *connection) {
    if (ms < 0 || !fragment)
        return;
    cleanup_free char *seconds = xprintf("%lld", (long long)(ms + 999) / 1000);
    cleanup_free char *exact = xprintf("%lld", (long long)ms);
    cleanup_free char *duration = xprintf("%lldms", (long long)ms);
    const struct slot slots[] = {{"seconds", seconds},
                                 {"ms", exact},
                                 {"duration", duration},
                                 {"connection", connection},
                                 {NULL, NULL}};
    fragment_add(out, fragment, slots);
}

// The options of a connect where it has no other arguments.
static char *wrapped(const struct language *language, const char *options) {
    const char *only = options + strspn(options, ", ");
    bool wraps = *only && language->wrap[0];
    return xprintf("%s%s%s", wraps ? language->wrap[0] : "", only, wraps ? language->wrap[1] : "");
}

/** The text under way, and which connections have been opened. */
struct writing {
    struct text *out;
    const struct export *export;
    size_t at; // the move
};

static bool has_been_opened(const struct writing *writing, const char *connection) {
    bool ret = false;
    for (size_t i = 0; i < writing->at; i++) {
        const struct move *move = &writing->export->script.moves[i];
        if (strcmp(move->connection, connection) == 0)
            ret = move->kind == MOVE_CONNECT || (ret && move->kind != MOVE_CLOSE);
    }
    return ret;
}

static bool is_named_later(const struct writing *writing, const char *connection) {
    const struct script *script = &writing->export->script;
    for (size_t i = writing->at + 1; i < script->count; i++) {
        const struct move *move = &script->moves[i];
        bool same = strcmp(move->connection, connection) == 0;
        if (same && move->kind == MOVE_CONNECT)
            return false;
        if (same && move->of_session)
            return true;
    }
    return false;
}

// ---- the moves ---------------------------------------------------------------------------------

// The slots of a dialect may have others in them.
static void add_twice(struct text *out, const char *fragment, const struct slot *slots) {
    cleanup_text struct text once = {0};
    fragment_add(&once, fragment, slots);
    fragment_add(out, text_get(&once), slots);
}

static void add_before(const struct writing *writing, const struct move *move,
                       const struct slot *slots) {
    const char *again = writing->export->language->again;
    if (again && move->kind == MOVE_CONNECT && has_been_opened(writing, move->connection))
        fragment_add(writing->out, again, slots);
}

static void add_after(const struct writing *writing, const struct move *move,
                      const struct slot *slots) {
    if (move->kind == MOVE_CONNECT && is_named_later(writing, move->connection))
        add_twice(writing->out, writing->export->language->session, slots);
}

static void add_move(const struct writing *writing, const struct move *move) {
    const struct language *language = writing->export->language;
    cleanup_text struct text words = {0}, sql = {0}, options = {0};
    cleanup_free char *session = session_of(move->connection);
    add_words(&words, language, move, session);
    if (move->sql)
        add_string(&sql, language, move->sql);
    add_timeout(&options, language->connect_timeout, move->connect_ms, move->connection);
    add_timeout(&options, language->read_timeout, move->read_ms, move->connection);
    add_timeout(&options, language->write_timeout, move->write_ms, move->connection);
    const struct slot *own = writing->export->dialect->slots;
    cleanup_free char *only = wrapped(language, text_get(&options));
    bool is_new = move->kind == MOVE_CONNECT && !has_been_opened(writing, move->connection);
    static const char *const verbs[MOVE_KINDS] = {
        [MOVE_CONNECT] = "connect", [MOVE_QUERY] = "query", [MOVE_PREPARE] = "prepare",
        [MOVE_EXECUTE] = "execute", [MOVE_PING] = "ping",   [MOVE_CLOSE] = "close"};
    bool has_blob = move->sql && script_find_blob(move->sql, NULL, NULL, NULL);
    struct slot slots[DIALECT_SLOTS + 13] = {
        {"id", move->id},
        {"expected", move->expected},
        {"connection", move->connection},
        {"session", session},
        {"words", text_get(&words)},
        {"sql", text_get(&sql)},
        {"options", text_get(&options)},
        {"only", only},
        {"let", is_new && language->first ? language->first : ""},
        {"query", has_blob ? "query_with_blob" : "query"},
        {"verb", verbs[move->kind]},
        {"ending", language->ending[move->ending]}};
    for (size_t i = 0, count = 12; i < DIALECT_SLOTS && own[i].name; i++)
        slots[count++] = own[i];
    const struct fragment *fragment = &language->moves[move->kind];
    add_before(writing, move, slots);
    add_twice(writing->out, move->id ? fragment->judged : fragment->set_up, slots);
    add_after(writing, move, slots);
}

// ---- the whole ---------------------------------------------------------------------------------

static unsigned uses_of(const struct script *script) {
    return script->kinds | (script->needs_ids ? USED_FOR_IDS : 0U) |
           (script->has_blob ? USED_FOR_BLOBS : 0U);
}

void program_write(struct text *out, const struct export *export) {
    const struct language *language = export->language;
    unsigned uses = uses_of(&export->script);
    cleanup_free char *about = xprintf("goneaway: %s, %s %s on %s %s", export->plan->id,
                                       export->place->connector, export->place->connector_version,
                                       export->place->server, export->place->server_version);
    struct slot slots[DIALECT_SLOTS + 3] = {{"title", export->plan->scenario->title},
                                            {"about", about}};
    const struct slot *own = export->dialect->slots;
    for (size_t i = 0; i < DIALECT_SLOTS && own[i].name; i++)
        slots[i + 2] = own[i];
    for (const struct piece *piece = language->pieces; piece->text; piece++)
        if (piece->uses == USED_ALWAYS || (piece->uses & uses))
            fragment_add(out, piece->text, slots);
    if (language->declare)
        language->declare(out, &export->script);
    struct writing writing = {out, export, 0};
    for (; writing.at < export->script.count; writing.at++)
        add_move(&writing, &export->script.moves[writing.at]);
    fragment_add(out, language->end, slots);
}
