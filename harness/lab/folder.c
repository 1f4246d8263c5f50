// SPDX-License-Identifier: Apache-2.0
// folder.c - the folder of a lab on the host: where its control listens, and what its command sees
#include "lab/folder.h"

#include "base/file.h"
#include "base/proc.h"
#include "world/addresses.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

// ---- where it is -------------------------------------------------------------------------------

// A variable may have been inherited from another user, as under sudo.
static bool is_mine(const char *folder) {
    struct stat info;
    return folder && *folder == '/' && stat(folder, &info) == 0 && info.st_uid == geteuid() &&
           access(folder, W_OK) == 0;
}

static const char *find_parent(void) {
    const char *runtime = getenv("XDG_RUNTIME_DIR"), *temporary = getenv("TMPDIR");
    if (is_mine(runtime))
        return runtime;
    return temporary && *temporary == '/' && access(temporary, W_OK) == 0 ? temporary : "/tmp";
}

static int make(struct lab_folder *folder, struct err *err) {
    char *path = xprintf("%s/goneaway-lab-XXXXXX", find_parent());
    if (!mkdtemp(path)) {
        err_errno(err, "make the lab's folder %s", path);
        free(path);
        return -1;
    }
    folder->path = path;
    folder->control = xprintf("%s/control", path);
    folder->sockets = xprintf("%s/mysql", path);
    return mkdir(folder->sockets, 0700) < 0 ? err_errno(err, "make %s", folder->sockets) : 0;
}

// ---- removed whatever happens ------------------------------------------------------------------

_Noreturn static void sweep(const char *path, int parent) {
    struct pollfd end = {.fd = parent, .events = POLLIN};
    struct err unheard;
    setsid(); // a Ctrl-C is for the lab
    if (proc_close_others((const int[]){parent, -1}, &unheard) < 0)
        _exit(1);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        close(fd); // somebody may read the lab's output to its end
    while (poll(&end, 1, -1) < 0 && errno == EINTR)
        ;
    file_remove_tree(path, &unheard);
    _exit(0);
}

static int start_sweeper(struct lab_folder *folder, struct err *err) {
    cleanup_close int self = proc_pidfd(getpid());
    pid_t pid = self < 0 ? -1 : fork();
    if (pid < 0)
        return err_errno(err, "watch over the lab's folder");
    if (pid == 0)
        sweep(folder->path, self);
    folder->sweeper = pid;
    return 0;
}

// ---- what is in it -----------------------------------------------------------------------------

static int listen_there(struct lab_folder *folder, struct err *err) {
    enum { QUEUE = 64 };
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(folder->control) >= sizeof address.sun_path) {
        err_set(err, "the path of the control would be too long: %s", folder->control);
        return err_remedy(err, "set TMPDIR to a folder with a shorter path");
    }
    strcpy(address.sun_path, folder->control);
    folder->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (folder->listener < 0 ||
        bind(folder->listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(folder->listener, QUEUE) < 0)
        return err_errno(err, "listen at %s", folder->control);
    return 0;
}

// What the user's file says stays, except for the lines about `but`.
static int write_with(const char *path, const char *own, const char *but, const char *line,
                      struct err *err) {
    enum { MOST_BYTES = 1 << 20 };
    cleanup_text struct text before = {0}, after = {0};
    struct err missing;
    if (file_read(own, MOST_BYTES, &before, &missing) < 0)
        text_release(&before);
    char *rest = before.data;
    for (char *one; (one = strsep(&rest, "\n"));)
        if (*one && !(but && text_starts(one, but)))
            text_printf(&after, "%s\n", one);
    text_add(&after, line);
    return file_write(path, text_get(&after), after.length, err);
}

// Users, services and the like are looked up as the host does; names of hosts in files, and then
// from the lab's name service. A cache on the host (nscd, systemd-resolved) knows other networks.
static int write_names(struct lab_folder *folder, bool served, struct err *err) {
    const struct names_resolver usual = {-1, -1};
    if (names_write(folder->path, SIDE_APP, usual, folder->names, err) < 0)
        return -1;
    return write_with(folder->names[1], names_files[1], NULL,
                      served ? "" : SERVER_ADDRESS " " SERVER_NAME "\n", err) < 0
               ? -1
               : write_with(folder->names[2], names_files[2], "hosts:", "hosts: files dns\n", err);
}

int lab_folder_open(struct lab_folder *folder, bool served, struct err *err) {
    *folder = (struct lab_folder){.listener = -1};
    return make(folder, err) < 0 || start_sweeper(folder, err) < 0 ||
                   listen_there(folder, err) < 0 || write_names(folder, served, err) < 0
               ? -1
               : 0;
}

void lab_folder_close(struct lab_folder *folder) {
    struct err left;
    if (!folder->path)
        return;
    if (folder->listener >= 0)
        close(folder->listener);
    file_remove_tree(folder->path, &left);
    if (folder->sweeper > 0)
        proc_kill(folder->sweeper);
    for (int i = 0; i < NAMES_FILES; i++)
        free(folder->names[i]);
    free(folder->path);
    free(folder->control);
    free(folder->sockets);
    *folder = (struct lab_folder){.listener = -1};
}
