// SPDX-License-Identifier: Apache-2.0
// kept.c - cases that are held, so that `goneaway enter` finds them
#include "batch/kept.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_BYTES = 65536, ANSWER_MS = 5000 };

// ---- both sides --------------------------------------------------------------------------------

static char *folder_path(void) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    return runtime && *runtime == '/' ? xprintf("%s/goneaway", runtime)
                                      : xprintf("/tmp/goneaway-%u", geteuid());
}

// In a folder of somebody else's, what is found could be anybody's.
static int check_folder(const char *folder, struct err *err) {
    struct stat about;
    if (lstat(folder, &about) < 0)
        return errno == ENOENT ? 1 : err_errno(err, "%s", folder);
    if (S_ISDIR(about.st_mode) && about.st_uid == geteuid() && (about.st_mode & 077) == 0)
        return 0;
    err_set(err, "%s is not a folder of your own that nobody else can enter", folder);
    return err_remedy(err, "remove it, or set XDG_RUNTIME_DIR to a folder of your own");
}

static int address_of(const char *path, struct sockaddr_un *ret, struct err *err) {
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof ret->sun_path) {
        err_set(err, "the path of the socket %s is too long", path);
        return err_remedy(err, "set XDG_RUNTIME_DIR to a folder with a shorter path");
    }
    memcpy(ret->sun_path, path, strlen(path) + 1);
    return 0;
}

static bool is_own(int fd) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

// ---- who holds a case --------------------------------------------------------------------------

static char *describe(const struct run_item *item, const struct held *held) {
    const char *password = item->server->password;
    json_auto_t *about =
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:O*}", "case", item->plan->id, "server",
                  item->server->name, "connector", item->connector->name, "process", (int)getpid(),
                  "worker", (int)held->worker, "step", held->step, "password",
                  password ? password : "", "hosts", held->hosts);
    cleanup_free char *json = json_dumps(about, JSON_COMPACT);
    return xprintf("%s\n", json ? json : "{}");
}

static int listen_at(const char *path, struct err *err) {
    struct sockaddr_un address;
    if (address_of(path, &address, err) < 0)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(path); // left by a process with the same number
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, SOMAXCONN) == 0)
        return fd;
    err_errno(err, "listen at %s", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

int kept_open(struct kept *kept, const struct run_item *item, const struct held *held,
              struct err *err) {
    cleanup_free char *folder = folder_path();
    *kept = (struct kept){.fd = -1};
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return err_errno(err, "make the folder %s", folder);
    if (check_folder(folder, err) < 0)
        return -1;
    kept->path = xprintf("%s/%d", folder, (int)getpid());
    kept->line = describe(item, held);
    kept->fd = listen_at(kept->path, err);
    return kept->fd < 0 ? -1 : 0;
}

void kept_answer(struct kept *kept) {
    int fd = accept4(kept->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (!is_own(fd) || send(fd, kept->line, strlen(kept->line), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        close(fd);
        return;
    }
    kept->visitors = xgrow(kept->visitors, kept->visitor_count, sizeof *kept->visitors);
    kept->visitors[kept->visitor_count++] = fd;
}

// Whoever only looked which cases there are has not said that it entered.
static bool has_entered(int fd) {
    char c;
    return recv(fd, &c, 1, MSG_DONTWAIT) == 1;
}

bool kept_close(struct kept *kept) {
    bool entered = false;
    for (size_t i = 0; i < kept->visitor_count; i++) {
        entered |= has_entered(kept->visitors[i]);
        close(kept->visitors[i]);
    }
    if (kept->fd >= 0) {
        close(kept->fd);
        unlink(kept->path);
        *strrchr(kept->path, '/') = '\0';
        rmdir(kept->path); // if it was the last
    }
    free(kept->visitors);
    free(kept->path);
    free(kept->line);
    *kept = (struct kept){.fd = -1};
    return entered;
}

// ---- who looks for one -------------------------------------------------------------------------

// The line that describes a case; NULL if none comes.
static json_t *read_line(int fd) {
    cleanup_text struct text line = {0};
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    while (line.length < MOST_BYTES && poll(&poller, 1, ANSWER_MS) > 0) {
        char c[1024];
        ssize_t got = recv(fd, c, sizeof c, 0);
        if (got <= 0)
            return NULL;
        text_append(&line, c, (size_t)got);
        if (line.data[line.length - 1] == '\n')
            return json_loadb(line.data, line.length, 0, NULL);
    }
    return NULL;
}

static int call(const char *path) {
    struct sockaddr_un address;
    struct err too_long;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || address_of(path, &address, &too_long) < 0)
        return fd;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 && is_own(fd))
        return fd;
    if (errno == ECONNREFUSED)
        unlink(path); // its process was killed
    close(fd);
    return -1;
}

static void add_visit(const char *path, struct visit **visits, size_t *count) {
    int fd = call(path);
    json_t *about = fd >= 0 ? read_line(fd) : NULL;
    if (!about) {
        if (fd >= 0)
            close(fd);
        return;
    }
    *visits = xgrow(*visits, *count, sizeof **visits);
    (*visits)[(*count)++] = (struct visit){fd, about};
}

int kept_find(struct visit **ret_visits, size_t *ret_count, struct err *err) {
    cleanup_free char *folder = folder_path();
    *ret_visits = NULL;
    *ret_count = 0;
    int missing = check_folder(folder, err);
    if (missing)
        return missing < 0 ? -1 : 0;
    DIR *entries = opendir(folder);
    if (!entries)
        return err_errno(err, "%s", folder);
    for (const struct dirent *entry; (entry = readdir(entries));) {
        cleanup_free char *path = xprintf("%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            add_visit(path, ret_visits, ret_count);
    }
    closedir(entries);
    return 0;
}

void kept_leave(struct visit *visits, size_t count) {
    for (size_t i = 0; i < count; i++) {
        close(visits[i].fd);
        json_decref(visits[i].about);
    }
    free(visits);
}
