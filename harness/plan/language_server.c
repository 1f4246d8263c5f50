// SPDX-License-Identifier: Apache-2.0
// language_server.c - what happens to the processes of the server and of the proxy
#include "plan/kind.h"
#include "plan/language_tables.h"

static const struct word signal_words[] = {
    [SIGNAL_TERM] = {"TERM", "an orderly shutdown"},
    [SIGNAL_KILL] = {"KILL", "a crash: no clean-up of any kind"},
    [SIGNAL_ABRT] = {"ABRT",
                     "a crash that the server itself notices: it logs a stack trace and ends"},
    END,
};
ONE_WORD_EACH(signal_words, SIGNAL_WORDS);
static const struct type type_signal = {.name = "signal", .kind = TYPE_WORD, .words = signal_words};
static const struct type type_restart = {
    .name = "restart",
    .kind = TYPE_RECORD,
    .size = sizeof(struct restart_args),
    .shorthand = "signal",
    .fields = (const struct field[]){FIELD(struct restart_args, signal, "signal", &type_signal,
                                           FIELD_REQUIRED, "what ends the running server"),
                                     END}};
static const struct type type_stop = {
    .name = "stop",
    .kind = TYPE_RECORD,
    .size = sizeof(struct restart_args),
    .shorthand = "signal",
    .fields = (const struct field[]){FIELD(struct restart_args, signal, "signal", &type_signal,
                                           FIELD_REQUIRED, "what ends the running server"),
                                     END}};
static const struct word install_words[] = {
    [INSTALL_CRASH] = {"crash", "the function goneaway_crash(): it writes to where no memory is "
                                "(SIGSEGV)"},
    END,
};
ONE_WORD_EACH(install_words, INSTALL_WORDS);
static const struct type type_install = {
    .name = "thing to install", .kind = TYPE_WORD, .words = install_words};
// MySQL's shutdown gives sessions two seconds to end.
static int64_t guess_stop_ms(const struct choice *act) {
    enum { SHUTDOWN_MS = 2500 };
    return ((const struct restart_args *)act->args)->signal == SIGNAL_TERM ? SHUTDOWN_MS : 0;
}

static int64_t guess_start_ms(const struct choice *act) {
    enum { BOOT_MS = 600 };
    (void)act;
    return BOOT_MS;
}

static int64_t guess_restart_ms(const struct choice *act) {
    return guess_stop_ms(act) + guess_start_ms(act);
}

static const struct kind_effect *effect_of_stop(const struct choice *act) {
    static const struct kind_effect effects[] = {
        [SIGNAL_TERM] = {.until = "app-socket: {of: {app}, is: closed-by-peer}",
                         .words = "the server closed the app's socket",
                         .cause = "shutdown",
                         .promise = PROMISE_ERROR,
                         .because = "the server is down",
                         .lasts = true},
        [SIGNAL_KILL] = {.until = "app-socket: {of: {app}, is: closed-by-peer}",
                         .words = "the server closed the app's socket",
                         .cause = "crash",
                         .promise = PROMISE_ERROR,
                         .because = "the server is gone",
                         .lasts = true},
        [SIGNAL_ABRT] = {.until = "app-socket: {of: {app}, is: closed-by-peer}",
                         .words = "the server closed the app's socket",
                         .cause = "crash",
                         .promise = PROMISE_ERROR,
                         .because = "the server is gone",
                         .lasts = true},
    };
    return &effects[((const struct restart_args *)act->args)->signal];
}

static const struct kind_effect *effect_of_restart(const struct choice *act) {
    static const struct kind_effect effect = {.until =
                                                  "app-socket: {of: {app}, is: closed-by-peer}",
                                              .words = "the server closed the app's socket",
                                              .cause = "restart",
                                              .promise = PROMISE_ERROR_OR_NEW};
    (void)act;
    return &effect;
}

#define SERVER(...) (&(const struct server_verb){.word = __VA_ARGS__}.word)
static const struct type type_server_choice = {
    .name = "verb of the server",
    .kind = TYPE_CHOICE,
    .verbs = (const struct verb *const[]){
        SERVER(
            {"restart", 0, &type_restart, VERB_DIRTIES,
             "ends the server by a signal and starts it again: same address, same data"},
            .tale =
                "is ended by SIG{signal} and starts again, at the same address with the same data",
            .effect = effect_of_restart, .guess_ms = guess_restart_ms, .ends = true,
            .begins = true),
        SERVER({"stop", 0, &type_stop, VERB_DIRTIES,
                "ends the server by a signal; it stays away until `start`"},
               .tale = "is ended by SIG{signal} and stays away", .effect = effect_of_stop,
               .guess_ms = guess_stop_ms, .ends = true),
        SERVER({"start", 0, NULL, VERB_DIRTIES,
                "starts the server again after `stop` or a crash: same address, same data"},
               .tale = "starts again", .guess_ms = guess_start_ms, .begins = true),
        SERVER({"install", 0, &type_install, VERB_DIRTIES,
                "puts a loadable function into the server; a restart does not remove it"},
               .tale = "is given a loadable function: {}", .installs = true),
        NULL}};
struct server_act {
    struct choice op;
};
const struct type type_server_act = {
    .name = "a server's step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct server_act),
    .fields = (const struct field[]){FIELD(struct server_act, op, "op", &type_server_choice,
                                           FIELD_SPREAD | FIELD_REQUIRED, "verb"),
                                     END}};

static const struct type type_proxy_choice = {
    .name = "verb of the proxy",
    .kind = TYPE_CHOICE,
    .verbs = (const struct verb *const[]){
        VERB("restart", PROXY_RESTART, &type_restart, 0,
             "ends the proxy by a signal and starts it again, at the same address"),
        VERB("stop", PROXY_STOP, &type_restart, 0, "ends the proxy by a signal"), NULL}};
struct proxy_act {
    struct choice op;
};
const struct type type_proxy_act = {
    .name = "a proxy's step",
    .kind = TYPE_RECORD,
    .size = sizeof(struct proxy_act),
    .fields = (const struct field[]){FIELD(struct proxy_act, op, "op", &type_proxy_choice,
                                           FIELD_SPREAD | FIELD_REQUIRED, "verb"),
                                     END}};
