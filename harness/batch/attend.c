// SPDX-License-Identifier: Apache-2.0
// attend.c - what a command does for its user while cases run: signals, and worlds that are held
#include "batch/attend.h"

#include "base/outlet.h"
#include "base/text.h"
#include "batch/kept.h"

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
static void wait_for_enter(int stop_fd, struct kept *kept) {
    for (char c = 0; c != '\n';) {
        struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = stop_fd, .events = POLLIN},
                               {.fd = kept->fd, .events = POLLIN}};
        if (poll(fds, COUNT_OF(fds), -1) < 0 && errno != EINTR)
            return;
        if (fds[2].revents)
            kept_answer(kept);
        if (fds[1].revents || (fds[0].revents && read(STDIN_FILENO, &c, 1) <= 0))
            return;
    }
}

bool attend_hold(const struct attend *attend, const struct run_item *item,
                 const struct held *held) {
    struct kept kept;
    struct err err = {0};
    int opened = kept_open(&kept, item, held, &err);
    cleanup_free char *after = held->step ? xprintf(", after step %d", held->step) : xstrdup("");
    fprintf(stderr, "\n%s on %s with %s is held%s. ", item->plan->id, item->server->name,
            item->connector->name, after);
    if (opened == 0)
        fprintf(stderr,
                "From another terminal, enter its hosts with\n  %s enter app|wire|server|admin\n",
                program_invocation_name);
    else
        fprintf(stderr, "It cannot be entered: %s%s%s\n", err.what, err.remedy[0] ? "; " : "",
                err.remedy);
    fputs("Press Enter to go on.", stderr);
    wait_for_enter(attend->fd, &kept);
    return kept_close(&kept);
}
