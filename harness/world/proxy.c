// SPDX-License-Identifier: Apache-2.0
// proxy.c - a real proxy in the wire: configuring, starting and stopping it
#include "world/proxy.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "sandbox/sandbox.h"
#include "world/sockdiag.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600000, PROXY_BYTES = 256 << 20 };

static char *log_path(const struct proxy *proxy) {
    return xprintf("%s/log", proxy->folder);
}

static char *config_path(const struct proxy *proxy) {
    return xprintf("%s/config", proxy->folder);
}

static void replace_all(struct text *text, const char *name, const char *value) {
    struct text replaced = {0};
    const char *at = text_get(text), *found;
    for (; (found = strstr(at, name)); at = found + strlen(name)) {
        text_append(&replaced, at, (size_t)(found - at));
        text_add(&replaced, value);
    }
    text_add(&replaced, at);
    text_release(text);
    *text = replaced;
}

static int put_timeout(struct text *config, const struct proxy_recipe *recipe, const char *name,
                       int64_t ms, struct err *err) {
    cleanup_free char *value = xprintf("%lld", (long long)(ms < 0 ? HOUR_MS : ms));
    if (ms >= 0 && !strstr(text_get(config), name))
        return err_set(err, "%s has no such timeout: its configuration does not use %s",
                       recipe->name, name);
    replace_all(config, name, value);
    return 0;
}

static int write_config(const struct proxy *proxy, struct err *err) {
    const struct proxy_setup *setup = &proxy->setup;
    cleanup_text struct text config = {0};
    cleanup_free char *listen = xprintf("%s:%d", setup->listen, SERVER_PORT);
    cleanup_free char *server = xprintf("%s:%d", setup->server, SERVER_PORT);
    cleanup_free char *path = config_path(proxy);
    text_add(&config, setup->recipe->config);
    replace_all(&config, "@LISTEN@", listen);
    replace_all(&config, "@SERVER@", server);
    if (put_timeout(&config, setup->recipe, "@CLIENT_TIMEOUT_MS@", setup->client_timeout_ms, err) <
            0 ||
        put_timeout(&config, setup->recipe, "@SERVER_TIMEOUT_MS@", setup->server_timeout_ms, err) <
            0)
        return -1;
    return file_write(path, text_get(&config), config.length, err);
}

static int start_container(struct proxy *proxy, struct err *err) {
    const struct proxy_recipe *recipe = proxy->setup.recipe;
    cleanup_free char *log = log_path(proxy), *config = config_path(proxy);
    cleanup_free const char **argv = xcalloc(recipe->command.count + 1, sizeof *argv);
    memcpy(argv, recipe->command.items, recipe->command.count * sizeof *argv);
    cleanup_close int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log_fd < 0)
        return err_errno(err, "create %s", log);
    struct container_bind binds[] = {{config, PROXY_CONFIG, false}, {NULL, NULL, false}};
    struct container_spec spec = {.root = recipe->root,
                                  .scratch = proxy->folder,
                                  .binds = binds,
                                  .argv = argv,
                                  .netns = proxy->netns->fd,
                                  .in = -1,
                                  .out = log_fd,
                                  .err = log_fd};
    return container_open(&proxy->container, &spec, err);
}

static int tell_log(const struct proxy *proxy, const char *what, struct err *err) {
    cleanup_text struct text log = {0};
    struct err unread;
    if (proxy_log_read(proxy, &log, &unread) < 0)
        text_add(&log, unread.what);
    return err_set(err, "%s; its log says:\n%s", what, text_tail(text_get(&log), 12));
}

static int wait_listening(struct proxy *proxy, double deadline_ms, struct err *err) {
    struct sock_query query = {.local_port = SERVER_PORT, .listening = true};
    struct sock_info info;
    int status;
    for (;;) {
        int found = sockdiag_find_tcp(proxy->netns, &query, &info, err);
        if (found != 0)
            return found < 0 ? -1 : 0;
        if (container_ended(&proxy->container, 0, &status))
            return tell_log(proxy, "it ended at once", err);
        if (clock_ms() > deadline_ms)
            return tell_log(proxy, "it does not listen in time", err);
        clock_wait(2, proxy->container.pidfd);
    }
}

int proxy_start(struct proxy *proxy, double deadline_ms, struct err *err) {
    if (start_container(proxy, err) < 0 || wait_listening(proxy, deadline_ms, err) < 0)
        return err_context(err, "start proxy %s", proxy->setup.recipe->name);
    return 0;
}

int proxy_open(struct proxy *proxy, const struct proxy_setup *setup, const struct netns *netns,
               double deadline_ms, struct err *err) {
    *proxy = (struct proxy){.setup = *setup,
                            .netns = netns,
                            .folder = xstrdup(SANDBOX_DIR "/proxy"),
                            .container = {.pidfd = -1}};
    if (container_scratch(proxy->folder, PROXY_BYTES, err) < 0 || write_config(proxy, err) < 0)
        return err_context(err, "start proxy %s", setup->recipe->name);
    return proxy_start(proxy, deadline_ms, err);
}

int proxy_stop(struct proxy *proxy, int signal, double deadline_ms, struct err *err) {
    int status;
    pid_t pid = proxy->folder ? container_program(&proxy->container) : 0;
    if (pid <= 0 || kill(pid, signal) < 0)
        return err_set(err, "stop the proxy: it is not running");
    if (!container_ended(&proxy->container, deadline_ms, &status))
        return err_set(err, "stop proxy %s: it has not ended in time", proxy->setup.recipe->name);
    container_close(&proxy->container);
    return 0;
}

void proxy_close(struct proxy *proxy) {
    if (!proxy->folder)
        return;
    container_close(&proxy->container);
    container_drop_scratch(proxy->folder);
    free(proxy->folder);
    *proxy = (struct proxy){0};
}

int proxy_log_read(const struct proxy *proxy, struct text *log, struct err *err) {
    if (!proxy->folder)
        return err_set(err, "there is no proxy in the wire");
    cleanup_free char *path = log_path(proxy);
    return file_read(path, 16 << 20, log, err);
}
