// SPDX-License-Identifier: Apache-2.0
// attend.c - what a command does for its user while cases run: signals, and worlds that are held
#include "batch/attend.h"

#include "base/outlet.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

int attend_open(struct attend *attend, struct err *err) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, &attend->before);
    attend->fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (attend->fd < 0)
        return err_errno(err, "signalfd");
    outlet_heed(attend->fd);
    return 0;
}

void attend_close(struct attend *attend) {
    struct signalfd_siginfo info = {0};
    outlet_heed(-1);
    bool signalled = read(attend->fd, &info, sizeof info) == (ssize_t)sizeof info;
    close(attend->fd);
    if (signalled) {
        fflush(NULL);
        signal((int)info.ssi_signo, SIG_DFL);
        raise((int)info.ssi_signo);
    }
    sigprocmask(SIG_SETMASK, &attend->before, NULL);
}

// Returns on a signal too, which others will handle.
static void wait_for_enter(int stop_fd) {
    for (char c = 0; c != '\n';) {
        struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = stop_fd, .events = POLLIN}};
        if (poll(fds, COUNT_OF(fds), -1) < 0 && errno != EINTR)
            return;
        if (fds[1].revents || (fds[0].revents && read(STDIN_FILENO, &c, 1) <= 0))
            return;
    }
}

void attend_hold(const struct attend *attend, const struct run_item *item, pid_t worker) {
    fprintf(stderr,
            "\n%s is held. Enter its world with\n"
            "  nsenter --target %d --user --mount --net --pid --preserve-credentials\n"
            "where /run/goneaway holds the server's files, and `mysql --socket` reaches it at\n"
            "  /run/goneaway/server-*/sockets/mysqld.sock\n"
            "Press Enter to go on.",
            item->plan->id, worker);
    wait_for_enter(attend->fd);
}
