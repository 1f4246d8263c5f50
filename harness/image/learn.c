// SPDX-License-Identifier: Apache-2.0
// learn.c - derives the options a server is started with from what it prints about itself
#include "image/learn.h"

#include "base/text.h"
#include "plan/condition.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void list_add(struct list *list, struct arena *arena, const char *item) {
    const char **items = arena_alloc(arena, (list->count + 1) * sizeof *items);
    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    items[list->count++] = item;
    list->items = items;
}

// ---- version -----------------------------------------------------------------------------------

// Follows "Ver ", or in newer clients of MariaDB "from ".
static const char *find_version(const char *line) {
    static const char *const before[] = {" Ver ", " from "};
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        const char *at = strstr(line, before[i]);
        if (at && isdigit((unsigned char)at[strlen(before[i])]))
            return at + strlen(before[i]);
    }
    return NULL;
}

static bool is_of_version(char c) {
    return isalnum((unsigned char)c) || (c && strchr(".-+~_:", c));
}

int learn_version(struct learned *learned, struct arena *arena, const char *printed,
                  struct err *err) {
    enum { MOST = 63 };
    const char *version = find_version(printed);
    size_t length = version ? strspn(version, "0123456789.") : 0, full = length;
    while (version && is_of_version(version[full]))
        full++;
    if (length < 3 || full > MOST || !memchr(version, '.', length))
        return err_set(err, "its --version names no version of a MySQL or MariaDB server");
    cleanup_free char *rest = xprintf("%.*s", (int)strcspn(version, "\n"), version);
    learned->version = arena_text(arena, version, length);
    learned->full = arena_text(arena, version, full);
    learned->vendor = strstr(rest, "MariaDB") ? "mariadb" : "mysql";
    learned->flavour = strstr(rest, "MariaDB")   ? "MariaDB"
                       : strstr(rest, "Percona") ? "Percona Server"
                                                 : "MySQL";
    return 0;
}

// ---- options -----------------------------------------------------------------------------------

/** An option that goneaway's own servers have too. */
struct wish {
    const char *vendor; ///< NULL: both
    const char *option;
    const char *unless; ///< only for servers without this option; NULL: for all
    bool rare;          ///< only one flavour has it, so its absence is not worth mentioning
};

// As in the recipes: small, quick to start, and safe against SIGKILL. The last ones make it log as
// much as possible, and keep it from calling home.
static const struct wish wishes[] = {
    {.option = "skip-log-bin"},
    {.option = "performance-schema=OFF"},
    {.option = "innodb-flush-log-at-trx-commit=2"},
    {.option = "innodb-use-native-aio=0"},
    {.vendor = "mysql", .option = "mysqlx=0"},
    {.vendor = "mysql", .option = "innodb-redo-log-capacity=8M"},
    {.vendor = "mysql", .option = "innodb-doublewrite-pages=4"},
    {.vendor = "mysql", .option = "innodb-buffer-pool-load-at-startup=0"},
    {.vendor = "mysql", .option = "innodb-buffer-pool-dump-at-shutdown=0"},
    {.vendor = "mysql", .option = "innodb-buffer-pool-size=24M"},
    {.vendor = "mysql", .option = "innodb-log-buffer-size=1M"},
    {.vendor = "mysql", .option = "table-open-cache=64"},
    {.vendor = "mysql", .option = "innodb-adaptive-hash-index=OFF"},
    {.vendor = "mysql", .option = "log-error-verbosity=3"},
    {.vendor = "mysql", .option = "log-warnings=2", .unless = "log-error-verbosity"},
    {.vendor = "mysql", .option = "percona-telemetry-disable=1", .rare = true},
    {.vendor = "mariadb", .option = "innodb-buffer-pool-size=16M"},
    {.vendor = "mariadb", .option = "aria-pagecache-buffer-size=1M"},
    {.vendor = "mariadb", .option = "innodb-log-file-size=4M"},
    {.vendor = "mariadb", .option = "innodb-undo-tablespaces=0"},
    {.vendor = "mariadb", .option = "log-warnings=2"},
};

/** What goneaway relies on, and what is impossible without it. */
static const struct {
    const char *option, *purpose;
} musts[] = {
    {"datadir", "its data"},
    {"socket", "the transport socket"},
    {"port", "the transports tcp and tls"},
    {"bind-address", "the transports tcp and tls"},
    {"pid-file", "its start"},
    {"skip-name-resolve", "accounts by address"},
    {"secure-file-priv", "statements that write files"},
    {"ssl-ca", "the transport tls"},
    {"ssl-cert", "the transport tls"},
    {"ssl-key", "the transport tls"},
};

// Whether a line of the help describes an option: "  --port=#", "  -P, --port=#  Port number ..".
static bool is_line_of(const char *line, const char *name, size_t length) {
    line += strspn(line, " ");
    if (line[0] == '-' && line[1] && line[2] == ',')
        line += 3 + strspn(line + 3, " ");
    if (line[0] != '-' || line[1] != '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (line[2 + i] != name[i] && !(line[2 + i] == '_' && name[i] == '-'))
            return false;
    char end = line[2 + length];
    return !isalnum((unsigned char)end) && end != '-' && end != '_';
}

static bool is_listed(const char *help, const char *name, size_t length) {
    for (const char *line = help; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (is_line_of(line, name, length))
            return true;
    }
    return false;
}

// Every option that can be switched off accepts a "skip-" prefix, which no help lists.
static bool knows(const char *help, const char *option) {
    static const char skip[] = "skip-";
    size_t length = strcspn(option, "=");
    return is_listed(help, option, length) ||
           (text_starts(option, skip) &&
            is_listed(help, option + strlen(skip), length - strlen(skip)));
}

static int refuse_without(const struct learned *learned, const char *help, struct err *err) {
    for (size_t i = 0; i < COUNT_OF(musts); i++)
        if (!knows(help, musts[i].option))
            return err_set(err,
                           "%s %s does not know the option %s, without which goneaway lacks %s",
                           learned->flavour, learned->full, musts[i].option, musts[i].purpose);
    return 0;
}

int learn_options(struct learned *learned, struct arena *arena, const char *printed,
                  struct err *err) {
    if (refuse_without(learned, printed, err) < 0)
        return -1;
    if (learned->base)
        list_add(&learned->options, arena, arena_printf(arena, "basedir=%s", learned->base));
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        const struct wish *wish = &wishes[i];
        if ((wish->vendor && strcmp(wish->vendor, learned->vendor) != 0) ||
            (wish->unless && knows(printed, wish->unless)))
            continue;
        if (knows(printed, wish->option))
            list_add(&learned->options, arena, wish->option);
        else if (!wish->unless && !wish->rare)
            list_add(&learned->left_out, arena,
                     arena_text(arena, wish->option, strcspn(wish->option, "=")));
    }
    return 0;
}

const char *learn_base(struct arena *arena, const char *daemon) {
    size_t length = strlen(daemon);
    for (int parts = 0; parts < 2; parts++)
        while (length > 0 && daemon[--length] != '/')
            ;
    return arena_text(arena, daemon, length);
}

// ---- initialising ------------------------------------------------------------------------------

// Older scripts know fewer options, and fail at unknown ones.
static void add_known(struct learned *learned, struct arena *arena, const char *script,
                      const char *option) {
    cleanup_free char *name = xprintf("%.*s", (int)strcspn(option, "="), option);
    if (strstr(script, name))
        list_add(&learned->initialise, arena, option);
}

int learn_initialise(struct learned *learned, struct arena *arena, const char *installer,
                     const char *script, struct err *err) {
    static const char *const usual[] = {"--no-defaults", "--user=root", "--datadir=/var/lib/mysql"};
    const char *base = learn_base(arena, learned->daemon);
    bool is_mariadb = strcmp(learned->vendor, "mariadb") == 0;
    bool by_itself = !is_mariadb && version_compare(learned->version, "5.7.6") >= 0;
    if (!by_itself && !installer)
        return err_set(err, "%s %s needs %s to initialise its data, which is missing",
                       learned->flavour, learned->full,
                       is_mariadb ? "mariadb-install-db" : "mysql_install_db");
    list_add(&learned->initialise, arena, by_itself ? learned->daemon : installer);
    for (size_t i = 0; i < COUNT_OF(usual); i++)
        list_add(&learned->initialise, arena, usual[i]);
    if (by_itself) {
        list_add(&learned->initialise, arena, "--initialize-insecure");
        return 0;
    }
    if (*base && strcmp(base, "/usr") != 0)
        list_add(&learned->initialise, arena, arena_printf(arena, "--basedir=%s", base));
    add_known(learned, arena, script, "--auth-root-authentication-method=normal");
    add_known(learned, arena, script, "--skip-test-db");
    return 0;
}
