// SPDX-License-Identifier: Apache-2.0
// clock.c - the monotonic clock and deadlines
#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <time.h>

double clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

double clock_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

double clock_used_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int clock_left_ms(double deadline_ms) {
    double left = ceil(deadline_ms - clock_ms());
    return left <= 0 ? 0 : left > 1e9 ? 1000000000 : (int)left;
}

int clock_wait(double ms, int fd) {
    double deadline = clock_ms() + ms;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    for (;;) {
        double left = deadline - clock_ms();
        if (left < 0)
            left = 0;
        struct timespec wait = {.tv_sec = (time_t)(left / 1e3),
                                .tv_nsec = (long)(fmod(left, 1e3) * 1e6)};
        int ready = ppoll(&poll_fd, 1, &wait, NULL);
        if (ready > 0)
            return 1;
        if (ready == 0 || errno != EINTR)
            return 0;
    }
}

void clock_look_again(double began_ms) {
    enum { LEAST_MS = 2, MOST_MS = 10, SHARE = 50 };
    clock_wait(fmin(fmax((clock_ms() - began_ms) / SHARE, LEAST_MS), MOST_MS), -1);
}
