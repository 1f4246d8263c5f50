// SPDX-License-Identifier: Apache-2.0
// guess.c - derives from a line's steps which state shows an effect, and what any correct client
// then does
//
// The usual effect of a fault is declared by its kind (struct kind_effect). This file tracks who is
// connected, what is in the way, and what a session would lose.
//
// longer than 450 lines, because each guess rests on what the steps before have left
#include "try/plan.h"
#include "try/sql.h"

#include "base/text.h"
#include "plan/language_tables.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_ACTORS = MOST_APPS + MOST_FORKS };

/** The state of an app after the steps so far. */
struct client {
    const char *name;
    bool connected, closed;         // it was told to connect, to close
    bool bounded;                   // it has a read timeout short enough to wait for
    bool pending;                   // a call of it is in the background, ..
    bool pending_reads;             // .. which changes nothing, ..
    const struct kind_effect *met;  // .. and has met this effect
    const struct plan_step *joins;  // that call is this connect
    const struct kind_effect *lost; // what its session has ended by
    bool shared;                    // with a child or its parent
    bool doubtful;                  // it may have given up its session
    const char *uncertain;          // why its next outcome cannot be known; NULL: it can
    const char *held;               // what is lost with its session
    int64_t timeout_ms;             // its session's idle timeout; 0: hours
};

/** An effect that lasts. */
struct force {
    const char *id; // the fault's; NULL: the server is down
    const struct kind_effect *effect;
    bool network;
};

struct foresight {
    struct try_plan *plan;
    size_t client_count, force_count, most_parts;
    struct client clients[MOST_ACTORS];
    struct force forces[MOST_STEPS + 1];
    int64_t timeout_ms; // for later sessions
    bool unusual;       // the server may refuse later sessions, or treat them differently
};

// ---- what a step sets, as far as is known what that does ---------------------------------------

// The value of wait_timeout among variables or options (or NULL), in milliseconds; 0: it is not
// there.
static int64_t timeout_in(const struct dict *values) {
    for (size_t i = 0; values && i < values->count; i++)
        if (strcmp(values->keys[i], "wait_timeout") == 0) {
            const struct node *value = ((const struct node **)values->items)[i];
            return value->kind == NODE_SCALAR ? (int64_t)atoi(value->text) * 1000 : 0;
        }
    return 0;
}

// Whether more is set than that one, of which is known what it does.
static bool sets_more(const struct dict *values) {
    return values && values->count > (timeout_in(values) ? 1 : 0);
}

// Whether nothing about a step that connects may keep the app out.
static bool connects_plainly(const struct plan_step *step) {
    const struct connect_args *args = step->act.args;
    return !args || (!args->user && !args->password && args->ca < 0 && args->plugins < 0 &&
                     !args->init_command && args->to <= TO_SERVER && !args->database &&
                     args->connect_timeout_ms <= 0 && !sets_more(&args->session));
}

// ---- apps --------------------------------------------------------------------------------------

static struct client *find_client(struct foresight *guess, const char *name) {
    for (size_t i = 0; i < guess->client_count; i++)
        if (strcmp(guess->clients[i].name, name) == 0)
            return &guess->clients[i];
    return NULL;
}

static struct client *client_of(struct foresight *guess, const char *name) {
    struct client *found = find_client(guess, name);
    if (found || guess->client_count == MOST_ACTORS)
        return found ? found : &guess->clients[0];
    guess->clients[guess->client_count] = (struct client){.name = name};
    return &guess->clients[guess->client_count++];
}

// The lasting effect that a call meets first: a server that is down before one that is unreachable,
// and that before a merely bad network. NULL: none.
static const struct kind_effect *in_force(const struct foresight *guess) {
    static const enum promise_word order[] = {PROMISE_ERROR, PROMISE_UNBOUNDED, PROMISE_ANY};
    for (size_t k = 0; k < COUNT_OF(order); k++)
        for (size_t i = guess->force_count; i-- > 0;)
            if (guess->forces[i].effect->promise == order[k])
                return guess->forces[i].effect;
    return NULL;
}

static bool network_is_bad(const struct foresight *guess) {
    for (size_t i = 0; i < guess->force_count; i++)
        if (guess->forces[i].network)
            return true;
    return false;
}

// ---- what is added -----------------------------------------------------------------------------

static void add_part(struct foresight *guess, struct try_part part) {
    struct try_plan *plan = guess->plan;
    if (plan->part_count < guess->most_parts)
        plan->parts[plan->part_count++] = part;
}

// `until` with the app's name for {app}; for `app` itself, the short form.
static const char *state_of(struct foresight *guess, const char *until, const char *app) {
    struct arena *arena = guess->plan->line->arena;
    const char *at = strstr(until, "{app}"), *open = strchr(until, '{');
    const char *is = strstr(until, ", is: ");
    if (!at)
        return until;
    if (strcmp(app, "app") == 0 && is && open < at)
        return arena_printf(arena, "%.*s%.*s", (int)(open - until), until,
                            (int)strcspn(is + 6, "}"), is + 6);
    return arena_printf(arena, "%.*s%s%s", (int)(at - until), until, app, at + strlen("{app}"));
}

// Waits until an app shows an effect, unless it cannot notice, or its own answer shows it.
static void wait_for(struct foresight *guess, const struct try_step *step,
                     const struct kind_effect *effect, const struct client *client) {
    if (!effect->until || !client->connected || client->closed || client->pending || client->lost ||
        network_is_bad(guess))
        return;
    add_part(guess, (struct try_part){.step = step,
                                      .effect = effect,
                                      .until = state_of(guess, effect->until, client->name)});
}

static void add_promise(struct foresight *guess, const char *id, enum promise_word word,
                        const char *because) {
    struct try_plan *plan = guess->plan;
    struct try_promise *promise = &plan->promises[plan->promise_count++];
    cleanup_text struct text text = {0};
    bool reason = because && (word == PROMISE_ERROR || word == PROMISE_ANY);
    text_printf(&text, reason ? "{%s: " : "%s", promise_names[word]);
    if (reason) {
        try_quote(&text, because);
        text_add(&text, "}");
    }
    *promise = (struct try_promise){
        .id = id, .text = arena_text(plan->line->arena, text_get(&text), text.length)};
}

// ---- calls -------------------------------------------------------------------------------------

/** What is promised for a call. */
struct promised {
    enum promise_word word;
    const char *because;
};

static struct promised word_in_force(const struct client *client, const struct kind_effect *effect,
                                     bool reaches) {
    if (effect->promise == PROMISE_UNBOUNDED && client->bounded && reaches)
        return (struct promised){PROMISE_ERROR, "no answer comes within read_timeout"};
    return (struct promised){effect->promise, effect->because};
}

static struct promised word_of_lost(struct client *client) {
    if (client->lost->promise == PROMISE_UNBOUNDED)
        return word_in_force(client, client->lost, true);
    const char *held = client->held;
    client->held = NULL; // after that error the session may be a new one
    return held ? (struct promised){PROMISE_ERROR, held}
                : (struct promised){PROMISE_ERROR_OR_NEW, NULL};
}

static const char what_was_set[] = "what was set decides";

static struct promised word_of_connect(const struct foresight *guess, const struct client *client,
                                       const struct plan_step *step, const struct app_verb *verb) {
    const struct kind_effect *effect = in_force(guess);
    if (effect)
        return word_in_force(client, effect, false);
    if (guess->unusual || (verb->addressed && !connects_plainly(step)))
        return (struct promised){PROMISE_ANY, "how it connects decides"};
    return (struct promised){PROMISE_OK, NULL};
}

static struct promised word_of_call(struct foresight *guess, struct client *client,
                                    const struct try_step *said, const struct app_verb *verb) {
    const struct kind_effect *effect = in_force(guess);
    if (client->closed || !client->connected)
        return verb->reaches_server ? (struct promised){PROMISE_ERROR, "the app has no connection"}
                                    : (struct promised){PROMISE_ANY, "there is no connection"};
    if (client->shared)
        return (struct promised){PROMISE_ANY, "two processes share one connection"};
    if (!verb->reaches_server && (client->lost || effect))
        return (struct promised){PROMISE_ANY, "the call need not reach the server"};
    if (client->lost && (!effect || effect->promise != PROMISE_UNBOUNDED))
        return effect ? word_in_force(client, effect, true) : word_of_lost(client);
    if (effect) {
        client->doubtful = true;
        return word_in_force(client, effect, verb->reaches_server);
    }
    if (client->uncertain)
        return (struct promised){PROMISE_ANY, client->uncertain};
    if (client->doubtful)
        return (struct promised){PROMISE_ANY,
                                 "whether the client has given its session up decides"};
    return said->call_is_sql ? (struct promised){PROMISE_ANY, "the statement decides"}
                             : (struct promised){PROMISE_OK, NULL};
}

static void note_connect(const struct foresight *guess, struct client *client,
                         const struct plan_step *step, const struct app_verb *verb) {
    const struct connect_args *args = verb->addressed ? step->act.args : NULL;
    int64_t own = args ? timeout_in(&args->session) : 0;
    *client = (struct client){
        .name = client->name,
        .connected = true,
        .bounded = args && args->read_timeout_ms > 0 && args->read_timeout_ms < STEP_DEADLINE_MS,
        .uncertain = guess->unusual || (args && sets_more(&args->session)) ? what_was_set : NULL,
        .timeout_ms = own ? own : guess->timeout_ms};
}

// Without a fault nothing tells which session a statement ends, and when.
static void note_statement(struct foresight *guess, const char *sql) {
    guess->unusual |= try_may_keep_out(sql);
    for (size_t i = 0; i < guess->client_count && try_may_end_sessions(sql); i++)
        guess->clients[i].uncertain = "a statement may have ended the session";
}

static void note_call(struct foresight *guess, struct client *client, const struct plan_step *step,
                      const struct app_verb *verb) {
    const char *held = try_held_by(try_sql_of(step));
    if (verb->connects)
        note_connect(guess, client, step, verb);
    note_statement(guess, try_sql_of(step));
    if (held && !client->lost)
        client->held = *held ? held : NULL;
    client->uncertain = try_sets_variable(try_sql_of(step)) ? what_was_set : client->uncertain;
    if (verb->beside) {
        client->uncertain = "what the connector keeps of a cancelled call's session decides";
        if (strcmp(guess->plan->cause, "other") == 0)
            guess->plan->cause = "cancelled";
    }
    client->closed |= verb->ends || strcmp(verb->word.name, "close") == 0;
    if (verb->child) {
        client->shared = true;
        struct client copy = *client;
        struct client *child = client_of(guess, verb->child(&step->act));
        copy.name = child->name;
        *child = copy;
    }
}

static void guess_call(struct foresight *guess, const struct try_step *said,
                       const struct plan_step *step) {
    const struct app_verb *verb = app_verb_of(step);
    struct client *client = client_of(guess, step->actor);
    if (step->as) {
        client->pending = true;
        client->pending_reads = try_only_reads(try_sql_of(step));
        client->met = in_force(guess);
        client->joins = verb->connects ? step : NULL;
        note_statement(guess, try_sql_of(step));
        if (client->connected && !client->met && !client->lost && verb->reaches_server &&
            step->act.verb->args == &type_sql)
            add_part(guess, (struct try_part){.step = said,
                                              .until = arena_printf(
                                                  guess->plan->line->arena,
                                                  "session: {of: %s, is: running}", client->name)});
        return;
    }
    struct promised word = verb->connects ? word_of_connect(guess, client, step, verb)
                                          : word_of_call(guess, client, said, verb);
    add_promise(guess, said->id, word.word, word.because);
    note_call(guess, client, step, verb);
}

// What a background call has met on its way.
static void guess_await(struct foresight *guess, const struct try_step *said,
                        const struct plan_step *step) {
    struct client *client = client_of(guess, step->actor);
    const struct kind_effect *met = client->met;
    const struct plan_step *joins = client->joins;
    client->pending = false;
    client->met = NULL;
    client->joins = NULL;
    if (joins)
        note_connect(guess, client, joins, app_verb_of(joins));
    if (joins && met)
        client->uncertain = "whether it had connected by then decides";
    if (joins && met && met->promise == PROMISE_ERROR_OR_NEW)
        add_promise(guess, said->id, PROMISE_ANY, "whether it had connected by then decides");
    else if (!met)
        add_promise(guess, said->id, PROMISE_ANY, "the statement decides");
    else if (met->promise == PROMISE_ERROR_OR_NEW && !client->pending_reads)
        add_promise(guess, said->id, PROMISE_ERROR, "the statement was lost in flight");
    else
        add_promise(guess, said->id, word_in_force(client, met, true).word,
                    word_in_force(client, met, true).because);
}

// ---- what happens to them ----------------------------------------------------------------------

static void note_cause(struct foresight *guess, const struct kind_effect *effect, bool network) {
    bool connected = false;
    for (size_t i = 0; i < guess->client_count; i++)
        connected |= guess->clients[i].connected;
    if (strcmp(guess->plan->cause, "other") != 0)
        return;
    bool firewall = network && strcmp(effect->cause, "firewall-established") == 0;
    guess->plan->cause = firewall && !connected ? "firewall-connect" : effect->cause;
}

// Applies an effect to one app's session, or to all.
static void take_effect(struct foresight *guess, const struct try_step *said,
                        const struct kind_effect *effect, const char *app) {
    for (size_t i = 0; i < guess->client_count; i++) {
        struct client *client = &guess->clients[i];
        if (app && strcmp(client->name, app) != 0)
            continue;
        wait_for(guess, said, effect, client);
        if (client->pending)
            client->met = effect;
        bool ends = effect->until || (effect->promise == PROMISE_UNBOUNDED && !effect->lasts);
        if (ends && client->connected && !client->closed)
            client->lost = effect;
    }
}

static void guess_fault(struct foresight *guess, const struct try_step *said,
                        const struct plan_step *step) {
    const struct fault_kind *kind = fault_kind_of(step);
    const struct kind_effect *effect = kind->effect(&step->act);
    bool network = (kind->word.flags & VERB_NEEDS_TCP) != 0 && effect->lasts;
    note_cause(guess, effect, network);
    guess->plan->parts[guess->plan->part_count - 1].effect = effect;
    take_effect(guess, said, effect, kind->app ? kind->app(&step->act) : NULL);
    if (effect->lasts)
        guess->forces[guess->force_count++] =
            (struct force){.id = step->name, .effect = effect, .network = network};
}

// Starting the server again undoes what stopped it.
static void start_server(struct foresight *guess) {
    size_t kept = 0;
    for (size_t i = 0; i < guess->force_count; i++)
        if (guess->forces[i].id && !guess->forces[i].effect->until)
            guess->forces[kept++] = guess->forces[i];
    guess->force_count = kept;
}

static void guess_server(struct foresight *guess, const struct try_step *said,
                         const struct plan_step *step) {
    const struct server_verb *verb = server_verb_of(step);
    const struct kind_effect *effect = verb->effect ? verb->effect(&step->act) : NULL;
    if (effect) {
        note_cause(guess, effect, false);
        guess->plan->parts[guess->plan->part_count - 1].effect = effect;
        take_effect(guess, said, effect, NULL);
    }
    if (verb->begins)
        start_server(guess);
    if (effect && effect->lasts)
        guess->forces[guess->force_count++] = (struct force){.effect = effect};
}

static void guess_lift(struct foresight *guess, const char *id) {
    size_t kept = 0;
    for (size_t i = 0; i < guess->force_count; i++)
        if (!guess->forces[i].id || strcmp(guess->forces[i].id, id) != 0)
            guess->forces[kept++] = guess->forces[i];
    guess->force_count = kept;
}

// The server ends a session that is idle beyond its timeout.
static void guess_idle(struct foresight *guess, const struct try_step *said,
                       const struct plan_step *step) {
    static const struct kind_effect effect = {.until =
                                                  "app-socket: {of: {app}, is: closed-by-peer}",
                                              .words = "the server closed the app's socket",
                                              .cause = "wait-timeout",
                                              .promise = PROMISE_ERROR_OR_NEW};
    size_t mine = guess->plan->part_count - 1;
    for (size_t i = 0; i < guess->client_count; i++) {
        const struct client *client = &guess->clients[i];
        if (client->timeout_ms == 0 || step->idle.for_ms < client->timeout_ms || client->pending ||
            client->lost || !client->connected || client->closed ||
            step->idle.app_pings_every_ms > 0)
            continue;
        note_cause(guess, &effect, false);
        guess->plan->parts[mine].effect = &effect;
        take_effect(guess, said, &effect, client->name);
    }
}

// The effects of most variables are unknown, so that no client can be blamed for what follows.
static void note_values(struct foresight *guess, const struct dict *values) {
    if (!values)
        return;
    int64_t timeout = timeout_in(values);
    guess->timeout_ms = timeout ? timeout : guess->timeout_ms;
    for (size_t i = 0; sets_more(values) && i < values->count; i++)
        note_statement(guess, values->keys[i]);
    guess->unusual |= sets_more(values);
}

static void guess_admin(struct foresight *guess, const struct plan_step *step) {
    if (step->act.verb->id == ADMIN_SET_GLOBAL)
        note_values(guess, step->act.args);
    else
        note_statement(guess, try_sql_of(step));
}

static void guess_step(struct foresight *guess, const struct try_step *said,
                       const struct plan_step *step) {
    add_part(guess, (struct try_part){.step = said});
    switch (step->kind) {
    case STEP_APP:
        guess_call(guess, said, step);
        return;
    case STEP_AWAIT:
        guess_await(guess, said, step);
        return;
    case STEP_FAULT:
        guess_fault(guess, said, step);
        return;
    case STEP_SERVER:
        guess_server(guess, said, step);
        return;
    case STEP_LIFT:
        guess_lift(guess, step->name);
        return;
    case STEP_IDLE:
        guess_idle(guess, said, step);
        return;
    case STEP_ADMIN:
        guess_admin(guess, step);
        return;
    case STEP_UNTIL:
    case STEP_PROXY:
    case STEP_RAW:
    case STEP_PROGRAM:
        return;
    }
}

void try_guess(struct try_plan *plan, const struct plan_case *bare) {
    const struct try_line *line = plan->line;
    struct foresight *guess = arena_alloc(line->arena, sizeof *guess);
    *guess = (struct foresight){.plan = plan};
    guess->most_parts = line->count * (MOST_ACTORS + 1);
    note_values(guess, bare->server ? &bare->server->options : NULL);
    plan->parts = arena_alloc(line->arena, guess->most_parts * sizeof *plan->parts);
    plan->promises = arena_alloc(line->arena, (line->count + 1) * sizeof *plan->promises);
    plan->part_count = 0;
    for (size_t i = 0; i < bare->step_count; i++)
        guess_step(guess, &line->steps[i], &bare->steps[i]);
}
