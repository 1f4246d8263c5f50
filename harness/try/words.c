// SPDX-License-Identifier: Apache-2.0
// words.c - the words of a case on one line
#include "try/parts.h"

#include "base/nearest.h"
#include "base/text.h"
#include "cli/page.h"
#include "plan/kind.h"

#include <string.h>

static const struct try_word rows[] = {
    {"connect", NULL, "connect", NULL, BEHIND_YAML, false, "the app connects"},
    {"query", NULL, "query", "SELECT 1", BEHIND_SQL, false,
     "the app runs a statement: `query "
     "SELECT 2`; without one, SELECT 1"},
    {"stream", NULL, "stream", "SELECT n FROM `rows`", BEHIND_SQL, false,
     "runs a statement and leaves its rows on the wire"},
    {"fetch", NULL, "fetch", "rest", BEHIND_YAML, false, "fetches the rest of them, or so many"},
    {"prepare", NULL, "prepare", "SELECT 1", BEHIND_SQL, false, "prepares a statement"},
    {"execute", NULL, "execute", NULL, BEHIND_YAML, false, "executes it"},
    {"fork", NULL, "fork", "child", BEHIND_YAML, false,
     "forks; `child: query` is a call of the child"},
    {"reset-connection", NULL, "reset", NULL, BEHIND_NOTHING, false, "mysql_reset_connection()"},
    {"await", "await", NULL, NULL, BEHIND_YAML, false,
     "waits for the call in the background, as the app's next call does too"},
    {"kill", "fault", "kill", "app", BEHIND_YAML, false, "another session kills the app's"},
    {"kill-query", "fault", "kill", "{of: app, what: query}", BEHIND_NOTHING, false,
     "another session kills the app's statement"},
    {"drop", "fault", "drop", "{from: app}", BEHIND_YAML, false,
     "a firewall drops all packets, both ways; `drop {from: server}`: one way"},
    {"reject", "fault", "reject", "{from: app}", BEHIND_YAML, false,
     "a firewall answers the app's packets with a RST"},
    {"reset", "fault", "destroy", "{socket-of: app, side: server}", BEHIND_NOTHING, false,
     "the connection is reset: the server's host sends a RST"},
    {"destroy", "fault", "destroy", "{socket-of: app, side: server}", BEHIND_YAML, false,
     "the same, or with `side: app` at the app's host"},
    {"pause", "fault", "pause", "server", BEHIND_YAML, false, "the server, or an app, is stopped"},
    {"forget", "fault", "forget", "app", BEHIND_YAML, false, "a NAT forgets the connection"},
    {"lift", "lift", NULL, NULL, BEHIND_YAML, false,
     "takes the latest fault away, or the one of that id"},
    {"restart", "server", "restart", "TERM", BEHIND_YAML, false,
     "the server ends in good order and starts again; `restart KILL`: it crashes"},
    {"stop", "server", "stop", "TERM", BEHIND_YAML, false, "it ends and stays away until `start`"},
    {"crash", "server", "stop", "KILL", BEHIND_NOTHING, false, "it is killed by SIGKILL, likewise"},
    {"start", "server", "start", NULL, BEHIND_NOTHING, false, "it starts again"},
    {"install", "server", "install", "crash", BEHIND_YAML, false,
     "puts a function into it that crashes it: `query SELECT goneaway_crash()`"},
    {"wait", "idle", NULL, NULL, BEHIND_YAML, true, "time passes: `wait 3s`"},
    {"idle", "idle", NULL, NULL, BEHIND_YAML, true, "the same: `idle 3s`"},
    {"sleep", "idle", NULL, NULL, BEHIND_YAML, true, "the same: `sleep 3s`"},
    {"set", "admin", "set_global", NULL, BEHIND_PAIR, true,
     "SET GLOBAL, which is for sessions that begin afterwards: `set wait_timeout=1` before "
     "`connect`"},
    {"option", NULL, NULL, NULL, BEHIND_PAIR, true,
     "an option of the server's command line: `option max_connections=5`"},
    {"admin", "admin", "query", NULL, BEHIND_SQL, true,
     "root runs a statement in a session of its own"},
    {"fault", "fault", NULL, NULL, BEHIND_YAML, true,
     "any fault: `fault {netem: {towards: app, delay: 1s}}`"},
    {"server", "server", NULL, NULL, BEHIND_YAML, true,
     "any verb of the server: `server {restart: ABRT}`"},
    {"until", "until", NULL, NULL, BEHIND_YAML, true, "waits for a state: `until {server: gone}`"},
    {"raw", "raw", NULL, NULL, BEHIND_YAML, true, "a raw step"},
};

// For --program. What a program does on its own is left to it; a line can wait for it.
static const struct try_word moments[] = {
    {"connect", NULL, "connect", NULL, BEHIND_YAML, false,
     "the program starts here; without it, before the first step that is not `set` or `admin`. "
     "What comes before is there when it starts: `stop; connect`"},
    {"connected", NULL, "connect", NULL, BEHIND_NOTHING, false, "waits until it has a session"},
    {"idle", NULL, "connect", NULL, BEHIND_NOTHING, false,
     "waits until it has done a statement and rests (what the first step waits for, unless --at "
     "or a word says otherwise)"},
    {"running", NULL, "connect", NULL, BEHIND_SQL, false,
     "waits until a statement of it runs, or one that holds a text: `running INSERT INTO orders`"},
    {"statement", NULL, "connect", NULL, BEHIND_YAML, true,
     "waits until its so many-th statement has begun, not counting SET: `statement 3`"},
    {"end", NULL, "connect", NULL, BEHIND_NOTHING, false,
     "waits until it has ended, so that `admin` can look at what it has done: `kill; end; admin "
     "SELECT * FROM orders`"},
};

const struct try_word *try_find_moment(const char *word, const char *rest) {
    for (size_t i = 0; i < COUNT_OF(moments); i++)
        if (strcmp(moments[i].word, word) == 0)
            return strcmp(word, "idle") == 0 && *rest ? NULL : &moments[i];
    return NULL;
}

const struct try_word *try_find_word(const char *word) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].word, word) == 0)
            return &rows[i];
    return NULL;
}

// For a verb of apps or a kind of fault without a row of its own.
bool try_make_word(const char *word, struct try_word *ret) {
    const struct verb *app = table_find_verb(app_verbs, word);
    const struct verb *verb = app ? app : table_find_verb(fault_verbs, word);
    if (!verb)
        return false;
    *ret = (struct try_word){.word = verb->name,
                             .key = app ? NULL : "fault",
                             .verb = verb->name,
                             .behind = verb->args ? BEHIND_YAML : BEHIND_NOTHING,
                             .doc = verb->doc};
    return true;
}

static void near_words(struct nearest *nearest) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        nearest_try(nearest, rows[i].word);
    for (const struct verb *const *verb = app_verbs; *verb; verb++)
        nearest_try(nearest, (*verb)->name);
    for (const struct verb *const *verb = fault_verbs; *verb; verb++)
        nearest_try(nearest, (*verb)->name);
}

static bool is_sql(const char *word) {
    static const char *const words[] = {"select", "insert", "update",   "delete", "replace",
                                        "begin",  "commit", "rollback", "create", "show",
                                        "do",     "load",   "call",     "lock",   "truncate",
                                        "alter",  "with"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcasecmp(words[i], word) == 0)
            return true;
    return false;
}

// What to write for a cause that has no word, judging by a part of the word typed.
static const char *remedy_for(const char *word) {
    static const struct {
        const char *part, *remedy;
    } all[] = {
        {"max_allowed_packet", "write `option max_allowed_packet=1MiB`, which is the server's"},
        {"timeout", "write `set wait_timeout=2` before `connect`, and `sleep 3s` behind it"},
        {"packet", "write `query SELECT '$blob(64MiB)'`, which makes a statement so large"},
        {"blob", "write `query SELECT '$blob(64MiB)'`, which makes a statement so large"},
        {"large", "write `query SELECT '$blob(64MiB)'`, which makes a statement so large"},
        {"oversize", "write `query SELECT '$blob(64MiB)'`, which makes a statement so large"},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (strcasestr(word, all[i].part))
            return all[i].remedy;
    return NULL;
}

int try_unknown(const struct try_line *line, size_t at, const char *word, const char *rest,
                struct err *err) {
    struct nearest nearest = {.wanted = word, .edits = NEAR_WORD};
    cleanup_text struct text names = {0};
    try_error(line, at, err, "there is no word '%.40s'", word);
    if (try_find_moment(word, rest))
        return err_remedy(err, TRY_MOMENT_REMEDY);
    if (is_sql(word))
        return err_remedy(err, "a statement stands behind `query`: `query %s%s%.60s`", word,
                          *rest ? " " : "", rest);
    cleanup_free char *both = xprintf("%s %s", word, rest);
    if (remedy_for(both))
        return err_remedy(err, "%s", remedy_for(both));
    near_words(&nearest);
    for (size_t i = 0; i < nearest.count; i++)
        text_printf(&names, "%s`%s`", i ? " or " : "", nearest.words[i]);
    if (nearest.count)
        return err_remedy(err, "did you mean %s?", text_get(&names));
    return err_remedy(err, "`goneaway explain try` shows the words");
}

// ---- the reference -----------------------------------------------------------------------------

void try_explain(FILE *out) {
    fprintf(out, "try - a case on one line\n");
    print_indented(out, 4,
                   "`goneaway try 'connect; kill; query; query'` carries out statements that are "
                   "parted by `;` or line ends. Each is a word, mostly of the scenario language, "
                   "with its value as YAML behind it. After a fault it waits until the effect "
                   "shows. A call that ends in `&` goes on in the background. `other: connect` is "
                   "a call of another app. `query SELECT '$blob(64MiB)'` is a large statement. "
                   "With --write FILE the line becomes a scenario.");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        fprintf(out, "    %-17s", rows[i].word);
        print_folded(out, 21, rows[i].doc);
    }
    print_indented(out, 4,
                   "Every other verb of an app and kind of fault is a word too, such as "
                   "`netem {towards: app, delay: 200ms}`, or for short `netem towards=app "
                   "delay=200ms`; `goneaway explain netem` shows what it takes.");
    fputc('\n', out);
    print_indented(out, 4,
                   "With --program, as in `goneaway try --program 'php x.php' 'kill'`, the app is "
                   "that program, which makes its calls itself. What the line does to it comes at "
                   "moments of the program's:");
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        fprintf(out, "    %-17s", moments[i].word);
        print_folded(out, 21, moments[i].doc);
    }
}

int try_check_background(const struct try_line *line, size_t at, size_t end, struct err *err) {
    const char *text = line->text;
    for (size_t i = at; i + 2 < end; i++) {
        size_t next = i + 1 + strspn(text + i + 1, " \t");
        size_t length = strcspn(text + next, " \t\r\n;&{"), before = i;
        cleanup_free char *word = xprintf("%.*s", (int)length, text + next);
        if (text[i] != '&' || next == i + 1 || !try_find_word(word))
            continue;
        while (before > at && text[before - 1] == ' ')
            before--;
        return try_error(line, i, err,
                         "`&` ends a statement that goes on in the background: write `%.*s &; %s`",
                         (int)(before - at < 60 ? before - at : 60), text + at, word);
    }
    return 0;
}
