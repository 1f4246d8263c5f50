// SPDX-License-Identifier: Apache-2.0
// wait.c - goneaway-wait: starts a container's program and reports how it ended
//
// bubblewrap reports the end of its program by an exit status alone, in which SIGSEGV and an exit
// with status 139 are the same. This stands between the two and writes the wait status, an int, to
// a descriptor. It runs in whatever root the program has, so it is linked statically.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_START = 127 };

static void start(char **argv) {
    setsid(); // a signal to all of its group is not for the one who reports it
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
    prctl(PR_SET_DUMPABLE, 0); // so that the program cannot reach the descriptor
    pid_t program = fork();
    if (program < 0) {
        perror("fork");
        return CANNOT_START;
    }
    if (program == 0)
        start(argv + 2);
    // the program's end is to be seen by those who read what it writes
    for (int i = 0; i <= STDERR_FILENO; i++)
        close(i);
    while (waitpid(program, &status, 0) < 0 && errno == EINTR)
        ;
    if (write(fd, &status, sizeof status) != sizeof status)
        return CANNOT_START;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
