// SPDX-License-Identifier: Apache-2.0
// enter.c - `goneaway enter`: a shell in a host of a case that is held
#include "base/proc.h"
#include "base/text.h"
#include "batch/kept.h"
#include "main/commands.h"
#include "sandbox/enter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const hosts[] = {"app", "wire", "server", "admin"};

static const char *text_of(const struct visit *visit, const char *key) {
    const char *text = json_string_value(json_object_get(visit->about, key));
    return text ? text : "";
}

static int number_of(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? (int)json_integer_value(value) : -1;
}

// ---- which case --------------------------------------------------------------------------------

// "kill-idle@tcp on mysql-9.7 with mariadb-c (123)", one after the other.
static char *list(const struct visit *visits, size_t count) {
    struct text text = {0};
    for (size_t i = 0; i < count; i++)
        text_printf(&text, "%s%s on %s with %s (%d)", i ? ", " : "", text_of(&visits[i], "case"),
                    text_of(&visits[i], "server"), text_of(&visits[i], "connector"),
                    number_of(visits[i].about, "process"));
    return text.data ? text.data : xstrdup("none");
}

// `name`: a case's id, or the number of the process that holds it.
static bool is_named(const struct visit *visit, const char *name) {
    cleanup_free char *process = xprintf("%d", number_of(visit->about, "process"));
    return strcmp(name, text_of(visit, "case")) == 0 || strcmp(name, process) == 0;
}

static const struct visit *choose(const struct visit *visits, size_t count, const char *host,
                                  const char *name, struct err *err) {
    const struct visit *found = NULL;
    size_t matches = 0;
    for (size_t i = 0; i < count; i++) {
        if (name && !is_named(&visits[i], name))
            continue;
        found = &visits[i];
        matches++;
    }
    if (matches == 1)
        return found;
    cleanup_free char *all = list(visits, count);
    if (count == 0) {
        err_usage(err, "no case is held");
        err_remedy(err, "`goneaway run CASE --keep`, or --keep-at STEP, holds one");
    } else if (matches == 0) {
        err_usage(err, "no case '%s' is held", name);
        err_remedy(err, "held: %s", all);
    } else {
        err_usage(err, "several cases are held: %s", all);
        err_remedy(err, "say which by its number: goneaway enter %s %d", host,
                   number_of(found->about, "process"));
    }
    return NULL;
}

// ---- where, and what ---------------------------------------------------------------------------

/** A program, its environment and its folder. */
struct errand {
    const char *argv[6];
    const char *env[8];
    char *prompt, *option, *password, *term;
};

static void errand_release(struct errand *errand) {
    free(errand->prompt);
    free(errand->option);
    free(errand->password);
    free(errand->term);
}

static int refuse_host(const struct visit *visit, const char *host, struct err *err) {
    err_usage(err, "%s has no %s at the moment", text_of(visit, "case"), host);
    return err_remedy(err, strcmp(host, "admin") == 0
                               ? "its server does not run; `goneaway enter server` may show why"
                               : "the case ended before it was made; --keep-at STEP holds a case "
                                 "earlier");
}

static void fill_shell(struct errand *errand, const struct visit *visit, const char *host) {
    errand->prompt = xprintf("PS1=%s %s\\$ ", host, text_of(visit, "case"));
    errand->argv[0] = access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
    if (strcmp(errand->argv[0], "/bin/bash") == 0) {
        errand->argv[1] = "--norc";
        errand->argv[2] = "--noprofile";
    }
}

static int fill_client(struct errand *errand, const struct visit *visit, const json_t *server,
                       struct err *err) {
    const char *socket = json_string_value(json_object_get(server, "socket"));
    if (!socket)
        return refuse_host(visit, "admin", err);
    errand->argv[0] = access("/usr/bin/mysql", X_OK) == 0     ? "/usr/bin/mysql"
                      : access("/usr/bin/mariadb", X_OK) == 0 ? "/usr/bin/mariadb"
                                                              : NULL;
    if (!errand->argv[0]) {
        err_set(err, "there is neither /usr/bin/mysql nor /usr/bin/mariadb, the client");
        return err_remedy(err, "install the package default-mysql-client");
    }
    errand->option = xprintf("--socket=%s", socket);
    errand->password = xprintf("MYSQL_PWD=%s", text_of(visit, "password"));
    errand->argv[1] = "--no-defaults";
    errand->argv[2] = errand->option;
    errand->argv[3] = "--user=root";
    errand->argv[4] = "goneaway";
    return 0;
}

// Nothing else of the user's environment gets into the sandbox.
static void fill_environment(struct errand *errand) {
    const char *term = getenv("TERM");
    size_t count = 0;
    errand->term = xprintf("TERM=%s", term ? term : "dumb");
    errand->env[count++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    errand->env[count++] = "HOME=/";
    errand->env[count++] = "LC_ALL=C.UTF-8";
    errand->env[count++] = "HISTFILE=/dev/null";
    errand->env[count++] = errand->term;
    if (errand->prompt)
        errand->env[count++] = errand->prompt;
    if (errand->password)
        errand->env[count++] = errand->password;
}

static int enter(const struct visit *visit, const char *name, struct err *err) {
    bool admin = strcmp(name, "admin") == 0;
    const json_t *host =
        json_object_get(json_object_get(visit->about, "hosts"), admin ? "server" : name);
    struct errand errand = {0};
    const char *root = json_string_value(json_object_get(host, "root"));
    int status, worker = number_of(visit->about, "worker");
    struct enter_spec spec = {worker, number_of(host, "net"), .argv = errand.argv,
                              .env = errand.env, .until = visit->fd};
    if (worker <= 0 || spec.netns_fd < 0)
        return refuse_host(visit, name, err);
    int ret = admin ? fill_client(&errand, visit, host, err) : 0;
    if (!admin)
        fill_shell(&errand, visit, name);
    fill_environment(&errand);
    spec.folder = root && !admin ? root : "/";
    if (ret == 0 && send(visit->fd, "e", 1, MSG_NOSIGNAL) < 0)
        ret = err_set(err, "%s is no longer held", text_of(visit, "case"));
    if (ret == 0)
        ret = sandbox_enter(&spec, &status, err);
    if (ret == 1)
        fprintf(stderr, "\ngoneaway: %s is no longer held, so the %s has been ended\n",
                text_of(visit, "case"), admin ? "client" : "shell");
    errand_release(&errand);
    return ret < 0 ? -1 : ret == 1 ? STATUS_OK : status;
}

static bool is_host(const char *name) {
    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        if (strcmp(hosts[i], name) == 0)
            return true;
    return false;
}

int command_enter(const struct options *options, struct err *err) {
    struct visit *visits;
    size_t count;
    const char *host = options->argument_count > 0 ? options->arguments[0] : "";
    if (options->argument_count < 1 || options->argument_count > 2 || !is_host(host)) {
        err_usage(err, "`goneaway enter` needs a host: app, wire, server or admin");
        return err_remedy(err, "goneaway enter app; with a case behind it if several are held");
    }
    if (kept_find(&visits, &count, err) < 0)
        return -1;
    const char *name = options->argument_count > 1 ? options->arguments[1] : NULL;
    const struct visit *visit = choose(visits, count, host, name, err);
    int ret = visit ? enter(visit, host, err) : -1;
    kept_leave(visits, count);
    return ret;
}
