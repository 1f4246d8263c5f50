// SPDX-License-Identifier: Apache-2.0
// outlet.c - a stream whose reader may be slow, without keeping the process from being stopped
//
// Each write is at most what a pipe accepts without blocking once poll() reports room. But a pipe
// may have another writer, and a terminal may have less room, so these are opened again: setting
// O_NONBLOCK on the descriptor we were given would set it for everybody who shares it.
#include "base/outlet.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum { GRACE_MS = 500 };

struct outlet {
    int fd;
    bool own;      // owned by the stream, and closed with it
    double end_ms; // when to give up; 0: the process was not asked to end
};

static int stop = -1;

void outlet_heed(int stop_fd) {
    stop = stop_fd;
}

int outlet_columns(int fd) {
    enum { USUAL = 80 };
    struct winsize size = {0};
    const char *term = getenv("TERM");
    if (!isatty(fd) || !term || !*term || strcmp(term, "dumb") == 0)
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL;
}

bool outlet_is_deserted(int fd) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & (POLLERR | POLLHUP));
}

// Returns -1 with errno if there is no room in time.
static int wait_for_room(struct outlet *outlet) {
    for (;;) {
        struct pollfd fds[] = {{.fd = outlet->fd, .events = POLLOUT},
                               {.fd = outlet->end_ms > 0 ? -1 : stop, .events = POLLIN}};
        int most = outlet->end_ms > 0 ? clock_left_ms(outlet->end_ms) : -1;
        int ready = poll(fds, COUNT_OF(fds), most);
        if (ready < 0 && errno != EINTR)
            return -1;
        if (ready > 0 && fds[0].revents)
            return 0;
        if (ready > 0)
            outlet->end_ms = clock_ms() + GRACE_MS;
        if (ready == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
}

static ssize_t write_out(void *cookie, const char *data, size_t length) {
    struct outlet *outlet = cookie;
    size_t done = 0;
    while (done < length && wait_for_room(outlet) == 0) {
        size_t piece = length - done < PIPE_BUF ? length - done : PIPE_BUF;
        ssize_t put = write(outlet->fd, data + done, piece);
        if (put < 0 && errno != EINTR && errno != EAGAIN)
            break;
        done += put > 0 ? (size_t)put : 0;
    }
    return (ssize_t)done;
}

static int close_outlet(void *cookie) {
    struct outlet *outlet = cookie;
    int ret = outlet->own ? close(outlet->fd) : 0;
    free(outlet);
    return ret;
}

// Replaces the descriptor of a pipe or terminal by one of our own, if possible.
static void open_anew(struct outlet *outlet) {
    struct stat info;
    char path[64];
    if (outlet->own || fstat(outlet->fd, &info) < 0 ||
        (!S_ISFIFO(info.st_mode) && !isatty(outlet->fd)))
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", outlet->fd);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return;
    outlet->fd = fd;
    outlet->own = true;
}

FILE *outlet_open(int fd, bool own) {
    struct outlet *outlet = xmalloc(sizeof *outlet);
    *outlet = (struct outlet){.fd = fd, .own = own};
    open_anew(outlet);
    FILE *stream = fopencookie(outlet, "w",
                               (cookie_io_functions_t){.write = write_out, .close = close_outlet});
    if (!stream)
        close_outlet(outlet);
    return stream;
}
