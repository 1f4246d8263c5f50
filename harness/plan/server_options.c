// SPDX-License-Identifier: Apache-2.0
// server_options.c - which options of a server a scenario may set
//
// A server parses its options generously (mysys/my_getopt.c): `-` and `_` are equal, a name may be
// abbreviated as long as it is unambiguous, and prefixes such as `loose-` are allowed. Options that
// belong to the harness, or that say where files are or what is loaded, are refused in any
// spelling.
#include "plan/parts.h"
#include "yaml/mistakes.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

// Where the server is and who talks to it is up to the harness.
static const char *const ours[] = {
    "admin-port", "basedir",     "bind-address", "daemonize",     "datadir",
    "extra-port", "log-error",   "mysqlx-port",  "pid-file",      "port",
    "socket",     "unix-socket", "user",         "mysqlx-socket", NULL,
};

// Files, folders, and modes other than serving. Those that are not listed are recognised by their
// ending.
static const char *const places[] = {
    "aria-log-dir-path",
    "bootstrap",
    "caching-sha2-password-private-key-path",
    "caching-sha2-password-public-key-path",
    "character-sets-dir",
    "chroot",
    "console",
    "core-file",
    "des-key-file",
    "ft-stopword-file",
    "gdb",
    "general-log-file",
    "help",
    "ignore-db-dirs",
    "init-file",
    "innodb-buffer-pool-filename",
    "innodb-data-file-path",
    "innodb-data-home-dir",
    "innodb-directories",
    "innodb-doublewrite-dir",
    "innodb-log-group-home-dir",
    "innodb-redo-log-archive-dirs",
    "innodb-temp-data-file-path",
    "innodb-temp-tablespaces-dir",
    "innodb-tmpdir",
    "innodb-undo-directory",
    "language",
    "lc-messages-dir",
    "log-bin",
    "log-bin-index",
    "log-isam",
    "log-slow-query-file",
    "log-tc",
    "master-info-file",
    "no-defaults",
    "print-defaults",
    "relay-log",
    "relay-log-index",
    "relay-log-info-file",
    "replica-load-tmpdir",
    "secure-file-priv",
    "sha256-password-private-key-path",
    "sha256-password-public-key-path",
    "slave-load-tmpdir",
    "slow-query-log-file",
    "tmpdir",
    "upgrade",
    "validate-config",
    "verbose",
    "version",
    NULL,
};

// These, and everything that starts with one of them and a dash, load or run something.
static const char *const families[] = {
    "debug",   "defaults", "early-plugin", "feedback",     "initialize", "install",
    "keyring", "plugin",   "remove",       "server-audit", "wsrep",      NULL,
};

// Harmless options that share such a beginning.
static const char *const whole[] = {
    "general-log", "innodb-doublewrite", "lc-messages", "log-slow-query",
    "mysqlx",      "slow-query-log",     NULL,
};

static const char *const endings[] = {
    "dir",  "dirs", "datadir",  "tmpdir", "directory", "directories",
    "file", "path", "filename", "socket", NULL,
};

static bool is_one_of(const char *name, const char *const *list) {
    for (; *list; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

// Whether it is a listed name, or may be an abbreviation of one.
static bool is_or_begins(const char *name, const char *const *list) {
    for (; *list; list++)
        if (text_starts(*list, name))
            return true;
    return false;
}

static bool is_of_family(const char *name) {
    for (const char *const *family = families; *family; family++)
        if (text_starts(name, *family) && name[strlen(*family)] == '-')
            return true;
    return is_or_begins(name, families);
}

// The name as a server understands it: `-` for `_`, without prefixes. NULL if it is only switched
// off, which takes no value. With two prefixes the last one counts, as in the server.
static const char *plain_name(char *name) {
    static const char *const prefixes[] = {"skip-",    "disable-", "enable-",
                                           "maximum-", "loose-",   "autoset-"};
    enum { SWITCH_OFF = 2 };
    size_t last = COUNT_OF(prefixes);
    for (char *c = name; *c; c++)
        *c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (text_starts(name, prefixes[i])) {
            name += strlen(prefixes[i]);
            last = i;
            i = (size_t)-1;
        }
    return last < SWITCH_OFF ? NULL : name;
}

static int check_name(const char *name, const struct node *at, struct err *err) {
    cleanup_free char *copy = xstrdup(name);
    const char *plain = plain_name(copy);
    if (!plain || is_one_of(plain, whole))
        return 0;
    const char *dash = strrchr(plain, '-');
    if (is_or_begins(plain, ours))
        return node_error(at, err, "the harness itself sets the server option '%s'; leave it out",
                          name);
    if (is_or_begins(plain, places) || is_of_family(plain) ||
        is_one_of(dash ? dash + 1 : plain, endings))
        return node_error(at, err,
                          "the server option '%s' says where files lie, or what is loaded or run; "
                          "a scenario cannot set it",
                          name);
    return 0;
}

bool option_is_off(const char *name, const struct node *value) {
    if (!value->quoted && strcmp(value->text, "false") == 0)
        return true;
    return option_is_name_resolve(name) &&
           (strcasecmp(value->text, "OFF") == 0 || strcmp(value->text, "0") == 0);
}

bool option_is_name_resolve(const char *name) {
    static const char *const plain = "skip_name_resolve";
    size_t i = 0;
    while (plain[i] &&
           (plain[i] == tolower((unsigned char)name[i]) || (plain[i] == '_' && name[i] == '-')))
        i++;
    return !plain[i] && !name[i];
}

bool options_look_up_names(const struct plan_case *plan) {
    for (size_t i = 0; plan->server && i < plan->server->options.count; i++)
        if (option_is_name_resolve(plan->server->options.keys[i]))
            return option_is_off(plan->server->options.keys[i],
                                 ((const struct node **)plan->server->options.items)[i]);
    return false;
}

static int check_option(const char *name, const struct node *value, struct err *err) {
    if (!condition_is_name(name))
        return node_error(value, err,
                          "'%s' is not the name of a server option; write it without --", name);
    if (value->kind != NODE_SCALAR)
        return node_error(value, err, "a server option has a single value");
    return check_name(name, value, err);
}

int check_options(const struct plan_case *plan, struct err *err) {
    int ret = 0;
    for (size_t i = 0; plan->server && i < plan->server->options.count; i++) {
        const char *name = plan->server->options.keys[i];
        const struct node *value = ((const struct node **)plan->server->options.items)[i];
        if (check_option(name, value, err) == 0)
            continue;
        ret = -1;
        if (!mistakes_keep(value, name, err))
            break;
    }
    return ret;
}
