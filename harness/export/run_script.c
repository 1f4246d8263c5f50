// SPDX-License-Identifier: Apache-2.0
// run_script.c - run.sh: starts a server, or takes one from the environment, and runs the program
#include "export/scripts.h"

#include <stdlib.h>
#include <string.h>

char *image_of(const struct place *place) {
    size_t length = strcspn(place->server_version, ".");
    if (place->server_version[length] == '.')
        length += 1 + strcspn(place->server_version + length + 1, ".");
    return xprintf("%s:%.*s", place->vendor, (int)length, place->server_version);
}

// A size such as 1MiB in bytes, as all versions take it.
static char *value_of(const struct node *value) {
    size_t length = strlen(value->text);
    int64_t bytes = length > 3 && strcmp(value->text + length - 2, "iB") == 0
                        ? text_size_bytes(value->text)
                        : -1;
    return bytes >= 0 ? xprintf("%lld", (long long)bytes) : xstrdup(value->text);
}

static bool is_word(const struct node *value, const char *word) {
    return !value->quoted && strcmp(value->text, word) == 0;
}

char *option_of(const char *name, const struct node *value) {
    if (is_word(value, "true"))
        return xprintf("--%s", name);
    if (is_word(value, "false"))
        return xprintf("--%s=OFF", name);
    cleanup_free char *text = value_of(value);
    return xprintf("--%s=%s", name, text);
}

// ---- options of the server ---------------------------------------------------------------------

// What SET GLOBAL can change for sessions to come.
static bool is_dynamic(const char *name) {
    static const char *const names[] = {
        "max_allowed_packet", "wait_timeout",     "interactive_timeout",
        "connect_timeout",    "net_read_timeout", "net_write_timeout",
        "max_connect_errors", "max_connections",  "max_user_connections"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static const struct node *option_at(const struct export *export, size_t i, const char **ret_name) {
    const struct server_args *server = export->plan->server;
    if (!server || i >= server->options.count)
        return NULL;
    *ret_name = server->options.keys[i];
    return ((const struct node *const *)server->options.items)[i];
}

static void add_options(struct text *out, const struct export *export) {
    const char *name;
    const struct node *value;
    for (size_t i = 0; (value = option_at(export, i, &name)); i++) {
        cleanup_free char *option = option_of(name, value);
        text_quote(out, option);
    }
}

// For a server of the user's: sets what can be set, and asks for what cannot.
static void add_settings(struct text *out, const struct export *export) {
    const char *name;
    const struct node *value;
    for (size_t i = 0; (value = option_at(export, i, &name)); i++) {
        cleanup_free char *text = value_of(value), *option = option_of(name, value);
        if (is_dynamic(name))
            text_printf(out,
                        "    before=$(./fault.sh sql 'SELECT @@GLOBAL.%s')\n"
                        "    trap './fault.sh sql \"SET GLOBAL %s = $before\"' EXIT\n"
                        "    ./fault.sh sql 'SET GLOBAL %s = %s'\n",
                        name, name, name, text);
        else
            text_printf(out,
                        "    : \"${CONFIGURED:?must be yes, once the server has been started "
                        "with %s}\"\n",
                        option);
    }
}

static bool sets_some(const struct export *export) {
    const char *name;
    bool ret = false;
    for (size_t i = 0; option_at(export, i, &name); i++)
        ret |= is_dynamic(name);
    return ret;
}

// ---- what must be there ------------------------------------------------------------------------

static void add_commands(struct text *out, const struct export *export) {
    const struct slot *command;
    for (size_t i = 0; (command = own_command(export->script.faults, i)); i++) {
        text_printf(out, "    : \"${%s:?must be a command that ", command->name);
        for (const char *at = command->value; *at; at++)
            text_printf(out, "%s%c", *at == '$' ? "\\" : "", *at);
        text_add(out, "}\"\n");
    }
    if ((export->script.faults & CAN_SQL) || sets_some(export))
        text_add(out,
                 "    [ -n \"${ADMIN:-}\" ] || : \"${ROOT_PWD?must be the password of root, or "
                 "ADMIN a command}\"\n");
}

static bool uses_table(const struct export *export, const char *table) {
    for (size_t i = 0; i < export->script.count; i++) {
        const char *sql = export->script.moves[i].sql;
        for (const char *at = sql; at && (at = strstr(at, table)); at++)
            if (at > sql && strchr(" `.", at[-1]) && strchr(" `(;,)", at[strlen(table)]))
                return true;
    }
    return false;
}

// The tables that statements may name.
static void add_tables(struct text *out, const struct export *export) {
    static const struct slot tables[] = {
        {"blobs",
         "CREATE TABLE IF NOT EXISTS blobs (id INT AUTO_INCREMENT PRIMARY KEY, data LONGBLOB)"},
        {"t", "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY, v INT)"},
        {"rows",
         "CREATE TABLE IF NOT EXISTS `rows` (n INT PRIMARY KEY) AS WITH d AS (SELECT 0 AS n UNION "
         "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 "
         "UNION "
         "SELECT 7 UNION SELECT 8 UNION SELECT 9) SELECT 1 + a.n + 10 * b.n + 100 * c.n + 1000 * "
         "e.n "
         "AS n FROM d a, d b, d c, d e"}};
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        if (uses_table(export, tables[i].name))
            text_printf(out, "./fault.sh sql '%s'\n", tables[i].value);
}

// ---- the whole ---------------------------------------------------------------------------------

static const char head[] =
    "#!/bin/sh\n"
    "# run.sh - starts a server, or takes the one at MYSQL_HOST, and runs @file\n"
    "# Exit status: 0 reproduced, 1 not reproduced, 2 something is missing (see README.md)\n"
    "set -eu\n"
    "cd \"$(dirname \"$0\")\"\n"
    "\n"
    "@check >/dev/null 2>&1 || {\n"
    "    echo '@library is missing: @get' >&2\n"
    "    exit 2\n"
    "}\n"
    "if [ -z \"${MYSQL_HOST:-}\" ]; then\n"
    "    ENGINE=${ENGINE:-$(command -v docker || command -v podman)} || {\n"
    "        echo 'neither docker nor podman is here: set MYSQL_HOST, or install one' >&2\n"
    "        exit 2\n"
    "    }\n"
    "    CONTAINER=repro-$$ ROOT_PWD=throw-away\n"
    "    MYSQL_USER=app MYSQL_PWD=throw-away MYSQL_DATABASE=test MYSQL_TCP_PORT=3306\n"
    "    export ENGINE CONTAINER ROOT_PWD MYSQL_DATABASE\n"
    "    trap '\"$ENGINE\" rm --force --volumes \"$CONTAINER\" >/dev/null' EXIT\n"
    "    trap 'exit 2' INT TERM\n"
    "    \"$ENGINE\" run --detach --name \"$CONTAINER\" --env MYSQL_ROOT_PASSWORD=\"$ROOT_PWD\" "
    "\\\n"
    "        --env MYSQL_USER=\"$MYSQL_USER\" --env MYSQL_PASSWORD=\"$MYSQL_PWD\" "
    "--env MYSQL_DATABASE=\"$MYSQL_DATABASE\" \\\n"
    "        \"${IMAGE:-docker.io/library/@image}\"@options >/dev/null\n"
    "    ./fault.sh ready\n"
    "    MYSQL_HOST=$(\"$ENGINE\" inspect --format \\\n"
    "        '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' \"$CONTAINER\")\n"
    "    [ -n \"$MYSQL_HOST\" ] || {\n"
    "        echo 'the container has no address of its own: run this as root, or set MYSQL_HOST' "
    ">&2\n"
    "        exit 2\n"
    "    }\n"
    "else\n"
    "    : \"${MYSQL_USER:?must be set beside MYSQL_HOST}\" "
    "\"${MYSQL_PWD?must be set beside MYSQL_HOST}\"\n"
    "    MYSQL_DATABASE=${MYSQL_DATABASE:-test} MYSQL_TCP_PORT=${MYSQL_TCP_PORT:-3306}\n"
    "    export MYSQL_HOST MYSQL_TCP_PORT MYSQL_USER MYSQL_PWD MYSQL_DATABASE\n";

static const char tail[] = "fi\n"
                           "export MYSQL_HOST MYSQL_TCP_PORT MYSQL_USER MYSQL_PWD MYSQL_DATABASE\n"
                           "\n"
                           "@tables"
                           "@build"
                           "@run || exit 1\n";

char *version_filled(const struct export *export, const char *text) {
    const struct slot slots[] = {{"version", export->place->connector_version}, {NULL, NULL}};
    struct text out = {0};
    fragment_add(&out, text, slots);
    return out.data;
}

void run_script_write(struct text *out, const struct export *export) {
    const struct language *language = export->language;
    cleanup_text struct text options = {0}, tables = {0}, build = {0};
    cleanup_free char *image = image_of(export->place);
    cleanup_free char *get = version_filled(export, export->dialect->get);
    add_options(&options, export);
    add_tables(&tables, export);
    cleanup_free char *steps = version_filled(export, language->build ? language->build : "");
    fragment_add(&build, steps, export->dialect->slots);
    text_add(&build, language->build ? "\n" : "");
    const struct slot slots[] = {{"file", language->file},
                                 {"check", export->dialect->check},
                                 {"library", export->dialect->library},
                                 {"get", get},
                                 {"image", image},
                                 {"options", text_get(&options)},
                                 {"tables", text_get(&tables)},
                                 {"build", text_get(&build)},
                                 {"run", language->run},
                                 {NULL, NULL}};
    fragment_add(out, head, slots);
    add_commands(out, export);
    add_settings(out, export);
    fragment_add(out, tail, slots);
}
