// SPDX-License-Identifier: Apache-2.0
// guesses.c - words that people try, and what they should have written
#include "plan/guesses.h"

#include "plan/kind.h"
#include "yaml/flow.h"

#include <ctype.h>
#include <string.h>

/** Words that people try with one thing in mind. A hint's <..> becomes the value written. */
struct guess {
    const char *words, *hint;
};

static const struct guess of_scenario[] = {
    {"name description summary", "write `title: <It breaks>`; the scenario's name is that of its "
                                 "file"},
    {"step actions commands test script run", "write `steps:`, a list such as `- app: connect`"},
    {"expect expected expects results asserts assertions",
     "give a step an id, `- {id: first, app: {query: SELECT 1}}`, and say what it shows: "
     "`outcomes: [{first: 2013}]`"},
    {"version", "write `goneaway: 1`"},
    {"reference link url see bug", "write `source: <a manual, a bug or a source file>`"},
    {"category reason", "write `cause: killed`; `goneaway list causes` shows them"},
    {"protocol network", "write `transport: [tcp, socket, tls]`"},
    {"before setup prepare", "steps without an `id` are the set-up: `- app: connect`"},
    {"after teardown cleanup", "nothing has to be cleaned up: every case has a world of its own"},
    {"parameters params matrix parametrize", "write `variants: {small: {with: {size: 1KiB}}, "
                                             "large: {with: {size: 17MiB}}}`; `$size` stands "
                                             "for it"},
    {"client clients driver drivers connector library",
     "write `connectors: [<libmysqlclient>]` only if it is for no other"},
    {"image docker container", "a scenario names no image: `goneaway run FILE --server "
                               "docker://mysql:8.4` does"},
    {"timeout", "a step has a `deadline: <10s>`; a run has `--timeout <10s>`"},
    {"fault faults", "a fault is a step: `- fault: {kill: app}`"},
    {"needs requires", "what a case needs of the machine follows from its faults: leave it out"},
    {"if when", "a row of `outcomes` has an `if`: `- {if: {server: mysql}, first: 2013}`"},
    {0},
};

static const struct guess of_step[] = {
    {"wait sleep delay pause",
     "write `idle: <3s>` where time itself is the fault; to wait for something that happens, write "
     "`until: {app-socket: closed-by-peer}`"},
    {"wait_for wait_until waitfor", "write `until: {app-socket: closed-by-peer}`"},
    {"as", "it stands beside the app's verb: `app: {query: SELECT 1, as: <p>}`"},
    {"background async", "name the call, `app: {query: SELECT 1, as: late}`, and take its answer "
                         "later: `- {id: first, await: late}`"},
    {"expect assert check verify result returns",
     "give the step an id, `- {id: first, app: {query: SELECT 1}}`, and say what it shows in a row "
     "of outcomes: `- {first: 2013}`"},
    {"error errno code", "give the step an id, `- {id: first, app: {query: SELECT 1}}`, and expect "
                         "the error in a row of outcomes: `- {first: <2013>}`"},
    {"name label", "write `id: <first>`"},
    {"timeout",
     "write `deadline: <5s>` for the step, or `app: {connect: {read_timeout: <5s>}}` for "
     "the client"},
    {"sql select statement", "write `app: {query: <SELECT 1>}`"},
    {"client session connection", "write `app: <connect>`"},
    {"disconnect", "write `app: close`; for the server to end it `fault: {kill: app}`"},
    {"kill", "write `fault: {kill: app}`; of the server's process `server: {stop: KILL}`"},
    {"restart", "write `server: {restart: <KILL>}`"},
    {"stop", "write `server: {stop: <KILL>}`"},
    {"rows affected", "what a call shows stands in a row of outcomes: `- {first: {ok: true, rows: "
                      "1}}`"},
    {"pool", "write `app: acquire`, or `app: {acquire: {validate: true}}` to ping it first; later "
             "`app: release`"},
    {"begin transaction start_transaction", "write `app: {query: BEGIN}`"},
    {"commit", "write `app: {query: COMMIT}`"},
    {"rollback", "write `app: {query: ROLLBACK}`"},
    {"reconnect", "write `app: connect`; `app: {connect: {reconnect: true}}` lets the library do "
                  "it"},
    {"mysql mysqld mariadb database db", "write `server: {restart: KILL}` for its process, `admin: "
                                         "{query: SELECT 1}` for a session of the harness"},
    {"firewall iptables block network", "write `fault: {drop: {from: app}}`"},
    {"latency netem slow", "write `fault: {netem: {towards: app, delay: 100ms}}`"},
    {"set set_variable", "write `admin: {set_global: {wait_timeout: 1}}`; for the app's session "
                         "`app: {connect: {session: {wait_timeout: 1}}}`"},
    {"wait_timeout", "write `app: {connect: {session: {wait_timeout: <1>}}}`"},
    {"variant", "write `variants: [<name>]`"},
    {"if when only", "write `variants: [name]` or `transport: [tcp]` beside the step's verb"},
    {"repeat loop times", "a step happens once; `goneaway run --repeat <20>` repeats a case"},
    {"exec shell bash cmd",
     "a scenario runs nothing of the host; `goneaway explain app` shows what "
     "an app can do"},
    {"comment note description", "write it behind a `#`"},
    {"unlock undo remove clear heal unfault unblock",
     "write `lift: <drop>`, with the id of the fault"},
    {0},
};

static const struct guess of_app[] = {
    {"sql statement select exec run send insert", "write `app: {query: <SELECT 1>}`"},
    {"sleep wait", "write the step `idle: <3s>`, or `app: {query: SELECT SLEEP(3)}`"},
    {"disconnect quit end", "write `app: close`"},
    {"begin transaction start_transaction", "write `app: {query: BEGIN}`"},
    {"commit", "write `app: {query: COMMIT}`"},
    {"rollback", "write `app: {query: ROLLBACK}`"},
    {"reconnect", "write `app: connect`, or `app: {connect: {reconnect: true}}` before"},
    {"kill", "write `fault: {kill: app}`"},
    {"timeout", "write `app: {connect: {read_timeout: <3s>}}`"},
    {"login", "write `app: {connect: {user: app}}`"},
    {"use database db", "write `app: {select_db: <goneaway>}`"},
    {"id name deadline", "it stands beside the app: `- {id: <first>, app: {query: SELECT 1}}`"},
    {"pool", "write `app: acquire`, or `app: {acquire: {validate: true}}` to ping it first; later "
             "`app: release`"},
    {"rows affected", "what a call shows stands in a row of outcomes: `- {first: {ok: true, rows: "
                      "1}}`"},
    {"mysql_stmt_execute", "write `app: stmt_execute`"},
    {"mysql_stmt_fetch", "write `app: {stmt_fetch: 1}`"},
    {"mysql_stmt_store_result store_result", "write `app: stmt_store`"},
    {"function api method native_call invoke mysql_stat mysql_info mysql_get_server_info "
     "mysql_set_server_option mysql_refresh mysql_next_result mysql_more_results",
     "write `app: {call: mysql_stat}`, with `args: [..]` if there are any"},
    {0},
};

static const struct guess of_connect[] = {
    {"timeout", "write `connect_timeout: <3s>`, `read_timeout: <3s>` or `write_timeout: <3s>`"},
    {"wait_timeout interactive_timeout net_read_timeout net_write_timeout autocommit sql_mode",
     "it is a variable of the session: `connect: {session: {wait_timeout: <1>}}`"},
    {"port socket unix_socket protocol", "the scenario's `transport: [tcp, socket, tls]` decides"},
    {"ssl tls ssl_mode use_ssl", "write `transport: [tls]` in the scenario"},
    {"ssl_ca cafile", "write `ca: own`"},
    {"db schema", "write `database: <goneaway>`"},
    {"username login", "write `user: <app>`"},
    {"passwd pass", "write `password: <secret>`"},
    {"charset", "write `init_command: SET NAMES <utf8mb4>`"},
    {"retries retry", "a pool tries again: `app: {acquire: {retries: <3>}}`"},
    {"address ip", "write `host: address`, `host: name` or `host: address6`"},
    {0},
};

static const struct guess of_acquire[] = {
    {"ping check test pre_ping test_on_borrow", "write `acquire: {validate: true}`"},
    {"max_age max_lifetime lifetime maxAge", "write `acquire: {recycle: <10s>}`"},
    {0},
};

static const struct guess of_value[] = {
    {"blob bytes size repeat", "write a large one as \"$blob(<2MiB>)\""},
    {0},
};

static const struct guess of_server[] = {
    {"kill crash",
     "write `server: {stop: <KILL>}`, or `server: {restart: <KILL>}` to have it back"},
    {"shutdown terminate down end", "write `server: {stop: TERM}`, or `server: {restart: TERM}` to "
                                    "have it back"},
    {"up begin", "write `server: start`"},
    {"reboot", "write `server: {restart: TERM}`"},
    {"query sql", "write `admin: {query: <SELECT 1>}`"},
    {"options option variables set", "options stand in the file's own key: `server: {options: "
                                     "{max_connections: 20}}`; while it runs: `admin: {set_global: "
                                     "{max_connections: 20}}`"},
    {"pause freeze", "write `fault: {pause: server}`"},
    {0},
};

// `*`: any single value.
static const struct guess of_own_server[] = {
    {"*", "write `servers: [<mysql>]` for the servers that the scenario is for, `server: {options: "
          "{max_connections: 20}}` for options of its server"},
    {0},
};

static const struct guess of_admin[] = {
    {"sql statement exec", "write `admin: {query: <SELECT 1>}`"},
    {"kill", "write `fault: {kill: app}`, which proves that it took effect"},
    {"set variable global", "write `admin: {set_global: {wait_timeout: 1}}`"},
    {"restart stop start", "write `server: {restart: KILL}`"},
    {"wait sleep", "write the step `until: {session: {of: app, is: gone}}`"},
    {0},
};

static const struct guess of_fault[] = {
    {"firewall block iptables blackhole", "write `fault: {drop: {from: app}}` or, with an answer, "
                                          "`fault: {reject: {from: app}}`"},
    {"reset rst", "write `fault: {reject: {from: app, with: tcp-reset}}`"},
    {"delay latency", "write `fault: {netem: {towards: app, delay: <100ms>}}`"},
    {"loss packet_loss", "write `fault: {netem: {towards: app, loss: <30%>}}`"},
    {"bandwidth throttle slow", "write `fault: {netem: {towards: app, rate: <64kbit>}}`"},
    {"disconnect close", "write `fault: {kill: app}`; for the socket alone `fault: {destroy: "
                         "{socket-of: app, side: app}}`"},
    {"restart stop start crash", "it is not a fault but a step: `server: {restart: KILL}`"},
    {"query sql", "write the step `admin: {query: <SELECT 1>}`"},
    {"timeout wait_timeout", "write the steps `app: {connect: {session: {wait_timeout: 1}}}` and "
                             "`idle: 2s`"},
    {"sleep wait idle", "write the step `idle: <3s>`"},
    {"partition unplug cable", "write `fault: {link: {of: app, is: down}}`"},
    {"dns resolver", "write `fault: {names: silent}`"},
    {"freeze stop_process sigstop", "write `fault: {pause: server}`"},
    {"nat proxy", "it is in the wire from the start: `wire: {nat: {idle_timeout: 1s}}`"},
    {0},
};

static const struct guess of_filter[] = {
    {"to towards destination",
     "write whose packets are meant: `from: app` are those to the server, `from: server` those to "
     "the app"},
    {"source src side of", "write `from: <app>`"},
    {"port protocol", "leave it out: only the server's port is meant"},
    {"chance probability percent loss", "write `fault: {netem: {towards: app, loss: <30%>}}`"},
    {"count packets bytes", "write `after: {packets: <3>}` or `after: {bytes: <3>}`"},
    {"where place", "write `at: <wire>`"},
    {"id name", "it stands beside: `fault: {id: <back>, drop: {from: app}}`"},
    {"both all any", "write one for each direction: `fault: {drop: {from: app}}` and `fault: {id: "
                     "back, drop: {from: server}}`"},
    {0},
};

static const struct guess of_kill[] = {
    {"connection", "write `fault: {kill: app}`, with the app's name: it kills the connection"},
    {"query statement", "write `fault: {kill: {of: app, what: query}}`"},
    {"app who id session target", "write `fault: {kill: {of: <app>}}`"},
    {"signal", "write `server: {stop: KILL}` to end the server's process"},
    {0},
};

static const struct guess of_until[] = {
    {"closed disconnected gone dead lost eof", "write `until: {app-socket: closed-by-peer}`"},
    {"connected open established", "write `until: {app-socket: established}`"},
    {"killed", "write `until: {session: {of: app, is: gone}}`"},
    {"running query busy", "write `until: {session: {of: app, is: running}}`"},
    {"up started ready", "write `until: {server: up}`"},
    {"down stopped crashed", "write `until: {server: gone}`"},
    {"time timeout sleep seconds duration for", "write `idle: <3s>`"},
    {"socket connection app", "write `until: {app-socket: closed-by-peer}`"},
    {"error message log_line", "write `until: {log: <Aborted connection>}`"},
    {"variable counter", "write `until: {status: {name: Aborted_clients, grown_by: 1}}`"},
    {"fired", "write `until: {fault: kill}`"},
    {0},
};

static const struct guess of_outcome[] = {
    {"errno code err error_code number",
     "write the code alone, `first: <2013>`, or `first: {error: <2013>}`"},
    {"status result success", "write `first: ok`, or `first: {ok: true}`"},
    {"exception class type", "write `{error: 2013, native: <OperationalError>}`"},
    {"state sql_state", "write `{error: 2013, sqlstate: <HY000>}`"},
    {"text msg contains matches", "write `{error: 2013, message: <Lost connection>}`"},
    {"timeout time duration ms max", "write `{error: 2013, within: {max: <3s>}}`"},
    {"count row value values", "write `{ok: true, rows: <1>}`"},
    {"signal", "write `{crash: <SIGSEGV>}`"},
    {"reconnected reconnect", "write `{ok: true, session: new}`"},
    {"because reason comment", "it stands in the row: `- {first: 2013, because: it is so}`"},
    {"alternatives any_of one_of", "write `{error: 2013, or: [2006], why: which race it is}`"},
    {0},
};

static const struct guess of_cell[] = {
    {"success pass true fine", "write `ok`"},
    {"fail failure error false exception",
     "write the code that the client shows, such as 2013; any error will do only in `promise`"},
    {"timeout blocked stuck", "write `hang`, or the client's code for its own timeout"},
    {"gone", "write `2006` or `CR_SERVER_GONE_ERROR`"},
    {"lost", "write `2013` or `CR_SERVER_LOST`"},
    {"segfault abort", "write `crash`, or `{crash: SIGSEGV}`"},
    {"skip skipped", "write `unsupported`"},
    {0},
};

static const struct guess of_promise[] = {
    {"success pass", "write `ok`"},
    {"fail failure lost hang", "write `error`; `unbounded` if nothing bounds the call"},
    {"new reconnect", "write `error-or-new`"},
    {0},
};

static const struct guess of_condition[] = {
    {"version", "write `if: {server: \"mysql >= 8.0.24\"}`"},
    {"client library driver", "write `if: {connector: <mariadb-c>}`"},
    {"protocol network", "write `if: {transport: <tcp>}`"},
    {"vendor database", "write `if: {server: <mysql>}`"},
    {0},
};

static const struct guess of_evidence[] = {
    {"error_log errors message", "write `evidence: {log: <Aborted connection>}`"},
    {"uptime restarted restart", "write `evidence: {uptime_reset: true}`"},
    {"status variable counter", "write `evidence: {Aborted_clients: 1}`; the counters are "
                                "Aborted_clients and Aborted_connects"},
    {"packet packets network", "write `evidence: {wire: {packets: [COM_QUIT]}}`"},
    {0},
};

/** Where words are tried: the names of types, separated by bars, and how people call that place. */
static const struct scene {
    const char *names, *where;
    const struct guess *guesses;
} scenes[] = {
    {"|a scenario|", "in a scenario", of_scenario},
    {"|server|", "in the file's `server`", of_own_server},
    {"|a step|", "in a step", of_step},
    {"|verb of an app|an app's step|", "of an app", of_app},
    {"|connect|", "of connect", of_connect},
    {"|acquire|", "of acquire", of_acquire},
    {"|a single value|", "as a value", of_value},
    {"|verb of the server|a server's step|", "of the server", of_server},
    {"|verb of the admin|an admin's step|", "of the admin", of_admin},
    {"|kind of fault|a fault|", "as a fault", of_fault},
    {"|drop|reject|", "of drop and reject", of_filter},
    {"|kill|", "of kill", of_kill},
    {"|thing to wait for|until|", "in until", of_until},
    {"|an outcome|", "in an outcome", of_outcome},
    {"|word of an outcome|", "as an outcome", of_cell},
    {"|word of a promise|", "as a promise", of_promise},
    {"|if|", "in if", of_condition},
    {"|evidence|", "in evidence", of_evidence},
};

// Whether a text contains this part, between separators.
static bool has_part(const char *all, const char *part, char separator) {
    size_t length = strlen(part);
    for (const char *at = all; length && (at = strstr(at, part)); at++)
        if ((at == all || at[-1] == separator) && (!at[length] || at[length] == separator))
            return true;
    return false;
}

// ---- the value as it was written ---------------------------------------------------------------

static bool is_all_of(const char *text, const char *characters) {
    return *text && strspn(text, characters) == strlen(text);
}

// The value that was written, if it has the form of an example such as 3s, 30%, 64kbit or KILL;
// else NULL.
static char *fit(const struct node *value, const char *example, size_t length) {
    if (!value || value->kind != NODE_SCALAR || !*value->text || strlen(value->text) > FLOW_BYTES)
        return NULL;
    const char *text = value->text;
    char last = isdigit((unsigned char)example[0]) ? example[length - 1] : '\0';
    if (last == 's' && is_all_of(text, "0123456789."))
        return xprintf("%ss", text);
    cleanup_free char *size = xprintf("%siB", text);
    if (last == 'B' && text_size_bytes(text) < 0)
        return text_size_bytes(size) < 0 ? NULL : xstrdup(size);
    if ((last == 's' && text_duration_ms(text) <= 0) ||
        (last == '%' && text_percent_ppm(text) < 0) || (last == 't' && text_rate_bits(text) <= 0))
        return NULL;
    if (strncmp(example, "KILL", length) != 0)
        return xstrdup(text);
    text += text_starts(text, "SIG") ? 3 : 0;
    return has_part("TERM KILL ABRT", text, ' ') ? xstrdup(text) : NULL;
}

// Replaces <..> by the value, or else by the example inside the brackets.
static char *fill(const char *hint, const struct node *value) {
    struct text text = {0};
    while (*hint) {
        size_t plain = strcspn(hint, "<"), example = strcspn(hint + plain, ">");
        text_append(&text, hint, plain);
        hint += plain;
        if (!*hint)
            break;
        cleanup_free char *written = fit(value, hint + 1, example - 1);
        if (written)
            text_add(&text, written);
        else
            text_append(&text, hint + 1, example - 1);
        hint += example + 1;
    }
    return text.data;
}

// ---- looking them up ---------------------------------------------------------------------------

static bool is_statement(const char *word) {
    static const char first[] = "SELECT INSERT UPDATE DELETE SET SHOW KILL CALL FLUSH DO CREATE";
    cleanup_free char *verb = xprintf("%.*s", (int)strcspn(word, " "), word);
    for (char *c = verb; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return strchr(word, ' ') && has_part(first, verb, ' ');
}

// A statement or an option in the place of a verb: suggests the verb that takes it.
static char *guess_within(const char *place, const char *word, const struct node *value) {
    if (strlen(word) > FLOW_BYTES)
        return NULL;
    if (is_statement(word) && has_part("|verb of an app|an app's step|", place, '|'))
        return xprintf("write `app: {query: %s}`", word);
    if (is_statement(word) && has_part("|verb of the admin|an admin's step|", place, '|'))
        return xprintf("write `admin: {query: %s}`", word);
    if (!has_part("|server|a server's step|", place, '|') || !strpbrk(word, "_-") || !value ||
        value->kind != NODE_SCALAR)
        return NULL;
    cleanup_free char *flow = node_flow(value);
    return xprintf("write `server: {options: {%s: %s}}`, a key of the file", word, flow);
}

char *guess_hint(const char *place, const char *word, const struct node *value) {
    for (size_t i = 0; i < COUNT_OF(scenes); i++)
        for (const struct guess *guess = scenes[i].guesses;
             has_part(scenes[i].names, place, '|') && guess->words; guess++)
            if (has_part(guess->words, word, ' '))
                return fill(guess->hint, value);
    return guess_within(place, word, value);
}

// The step that the verb belongs to, with the value that was written if it fits there.
static char *show_step(const char *key, const struct verb *verb, const struct node *value) {
    const struct node none = {.kind = NODE_SCALAR, .file = value->file, .text = ""};
    cleanup_free char *flow = node_flow(value);
    if (*flow && flow_fits_verb(verb, value))
        return xprintf("write `%s: {%s: %s}`", key, verb->name, flow);
    if (!verb->args || (value->kind == NODE_SCALAR && flow_fits_verb(verb, &none)))
        return xprintf("write `%s: %s`", key, verb->name);
    char *guess =
        value->kind == NODE_SCALAR ? guess_hint(verb->args->name, value->text, NULL) : NULL;
    if (guess)
        return guess;
    return xprintf("write `%s: {%s: ..}`; `goneaway explain %s` shows what it takes", key,
                   verb->name, verb->name);
}

char *guess_step(const char *word, const struct node *value) {
    const struct {
        const char *key;
        const struct verb *const *verbs;
    } steps[] = {
        {"app", app_verbs},
        {"fault", fault_verbs},
        {"server", type_server_act.fields[0].type->verbs},
        {"admin", type_admin.fields[0].type->verbs},
        {"until", state_verbs},
    };
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const struct verb *verb = table_find_verb(steps[i].verbs, word);
        if (verb)
            return show_step(steps[i].key, verb, value);
    }
    return NULL;
}

static void visit_words(const struct guess *guess, const char *where, guess_visitor *visit,
                        void *context) {
    cleanup_free char *words = xstrdup(guess->words), *hint = fill(guess->hint, NULL);
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        visit(context, word, where, hint);
}

void guesses_visit(guess_visitor *visit, void *context) {
    for (size_t i = 0; i < COUNT_OF(scenes); i++)
        for (const struct guess *guess = scenes[i].guesses; guess->words; guess++)
            visit_words(guess, scenes[i].where, visit, context);
}
