// SPDX-License-Identifier: Apache-2.0
// wait.c - goneaway-wait: starts a container's program and reports how it ended
//
// bubblewrap reports only an exit status, in which SIGSEGV and exit status 139 are the same. So
// this program runs in between and writes the wait status, an int, to a descriptor. It runs in
// whatever root the container has, so it is linked statically.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_START = 127 };

static void start(char **argv) {
    setsid(); // a signal to the container's process group must not hit this process
    execvp(argv[0], argv);
    fprintf(stderr, "%s: %m\n", argv[0]);
    _exit(CANNOT_START);
}

int main(int argc, char **argv) {
    int fd = argc > 2 ? atoi(argv[1]) : -1, status = 0;
    if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        fputs("goneaway-wait is run by goneaway, in containers\n", stderr);
        return 2;
    }
    prctl(PR_SET_DUMPABLE, 0); // keeps the program from reaching the descriptor
    pid_t program = fork();
    if (program < 0) {
        perror("fork");
        return CANNOT_START;
    }
    if (program == 0)
        start(argv + 2);
    // closed, so that readers of the program's output see its end
    for (int i = 0; i <= STDERR_FILENO; i++)
        close(i);
    while (waitpid(program, &status, 0) < 0 && errno == EINTR)
        ;
    if (write(fd, &status, sizeof status) != sizeof status)
        return CANNOT_START;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
