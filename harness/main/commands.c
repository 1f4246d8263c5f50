// SPDX-License-Identifier: Apache-2.0
// commands.c - the commands: one table for parsing (options.c), --help and the man page (usage.c)
#include "cli/options.h"
#include "main/commands.h"

const struct command commands[] = {
    {"run", "[SCENARIO|CASE|TAG|FILE|DIR ...]",
     "reproduces failures and checks what the client sees; without arguments all scenarios", OF_RUN,
     command_run},
    {"check", "FILE|DIR ...", "reads and checks scenario files; runs nothing", OF_CHECK,
     command_check},
    {"list",
     "[scenarios|cases|causes|symptoms|promises|upgrades|matrix|lost|servers|connectors|proxies] "
     "[PATTERN ...]",
     "shows what there is (default: scenarios, by cause); scenarios and cases can be selected by a "
     "name, tag or glob such as 'kill-*'; `lost` shows which errors of a --connector mean that its "
     "connection is lost",
     OF_LIST, command_list},
    {"explain", "[CODE|WORD|CAUSE|SCENARIO|CASE]",
     "answers what something means: an error code (which causes show it, and how to tell them "
     "apart; CODE CAUSE goes into one), the message that an application shows, a verdict, a cause, "
     "a scenario (or its file) or case, a word of the language, an option; alone: what there is to "
     "explain; `reference`: "
     "goneaway-scenario(5); `goneaway`: goneaway(1)",
     OF_EXPLAIN, command_explain},
    {"doctor", "", "tests what this machine can do, and says how to get what is missing", OF_DOCTOR,
     command_doctor},
    {"prepare", "[SCENARIO|CASE|TAG|FILE|DIR ...]",
     "gets servers and connectors into the cache, so that runs start at once: all that these "
     "scenarios need; without arguments, what most scenarios need (runs fetch the rest on "
     "demand)",
     OF_PREPARE, command_prepare},
    {"prune", "", "frees damaged and superseded entries of the cache; entries in use stay",
     OF_PRUNE, command_prune},
    {"merge", "REPORT ...",
     "joins the json reports of all shards of a run into one report and one exit status; 3 if one "
     "is missing, or its run died",
     OF_MERGE, command_merge},
    {"compare", "OLD NEW",
     "shows what was seen differently in NEW than in OLD, each a json report of `run` or `merge`, "
     "a baseline or a folder of them: other versions, connectors or servers; verdicts play no "
     "part; status 1 if something differs, else 3 if a case that ran in OLD is broken in NEW",
     OF_COMPARE, command_compare},
    {"replay", "BUNDLE",
     "runs the case of a bundle, which `run --bundle` made here or elsewhere, once more, on the "
     "same server and with the same connector unless options name others; status 0 if its calls "
     "end as they did then, 1 if not",
     OF_REPLAY, command_replay},
    {"export", "CASE DIR",
     "writes a reproduction for somebody who has no goneaway: a short program in the connector's "
     "language, a script that starts a server by docker or podman, one that makes the fault, and a "
     "README; as measured with --connector (default: libmysqlclient) on --server (default: the "
     "newest that was measured)",
     OF_EXPORT, command_export},
    {"enter", "app|wire|server|admin [CASE]",
     "opens a shell in a host of the case that `run --keep` or --keep-at holds in another "
     "terminal: "
     "in its network, with this machine's programs (ss, tcpdump), in the folder that is its root; "
     "`admin` is the client as root at its server. CASE, an id or the number shown, is needed if "
     "several are held. The shell ends when the case goes on, and a world that somebody has "
     "entered "
     "serves no other case",
     OF_ENTER, command_enter},
    {"completion", "bash|zsh|fish",
     "prints a script that lets this shell complete what is typed after `goneaway`", OF_COMPLETION,
     command_completion},
    {"adapter", "new [LANGUAGE DIR] | test CMD",
     "`new` copies a working adapter into a new folder, as a start for your own (without LANGUAGE "
     "it lists the languages); `test` checks an adapter against fixtures/connectors/PROTOCOL.md, "
     "whatever its library does, with one server (default: the first that is prepared); status 1 "
     "if something is found",
     OF_ADAPTER, command_adapter},
    {"try", "LINE",
     "carries out what one line says and shows each step as it happens, for example "
     "'connect; kill; query; query', over tcp with libmysqlclient on the first server that is "
     "prepared, unless options name others; with --program it is about a program of your own: "
     "'idle; kill'. Its steps are words such as connect, query SELECT 2, kill, drop, restart, "
     "lift, wait 3s, set wait_timeout=1 and option max_connections=5 (one of the server's command "
     "line); `explain try` shows them all",
     OF_TRY, command_try},
    {"lab", "[-- COMMAND ARGUMENTS ..]",
     "runs a command of yours, such as a test suite, in a network with a server of its own, and "
     "ends with its exit status: your files and your user as they are, only the network is "
     "another. There it can ask for faults, over HTTP at the Unix socket that GONEAWAY_LAB names, "
     "or by `goneaway fault`, `lift`, `until` and `reset`. It finds the server by MYSQL_HOST, "
     "MYSQL_TCP_PORT, MYSQL_UNIX_PORT, MYSQL_USER, MYSQL_PWD, MYSQL_DATABASE and MYSQL_URL. "
     "Without COMMAND it is your shell",
     OF_LAB, command_lab},
    {"fault", "[FAULT]",
     "within a lab: makes a fault happen, written as in a scenario, for example 'kill: 12' "
     "(sessions by their connection ids) or 'drop: {from: server}'; without one, lists those that "
     "there were, and how often each has fired",
     OF_FAULT, command_fault},
    {"lift", "ID", "within a lab: ends a fault, by the id that `fault` has printed", OF_LIFT,
     command_lift},
    {"until", "STATE",
     "within a lab: waits for a state, written as in a scenario, for example 'session: {of: 12, "
     "is: gone}'; status 1 if it does not come about in time",
     OF_UNTIL, command_until},
    {"reset", "",
     "within a lab: makes the world as new for the next test: no fault, no session, and the "
     "server's data as at first",
     OF_RESET, command_reset},
    {0},
};
