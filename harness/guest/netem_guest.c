// SPDX-License-Identifier: Apache-2.0
// netem_guest.c - goneaway-netem: process 1 of a User-Mode Linux that stands in for sch_netem
//
// On the host it starts that User-Mode Linux; what follows is about its life inside.
//
// It bridges the devices vec0 and vec1, and vec2 and vec3. Then it reads commands from its console,
// one per line, and answers each with a line: "goneaway: ok .." or "goneaway: failed ..". Anything
// else on the console comes from the kernel. When its input ends it powers the machine off.
//
//     add LINK SETTINGS     adds a netem to what leaves by LINK; see netem_settings_write()
//     remove LINK
//     count LINK            answers with packets, bytes, dropped and waiting packets
#include "base/file.h"
#include "world/netem_qdisc.h"

#include <errno.h>
#include <fcntl.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>

enum { PAIRS = 2, LOOK_MS = 5 };

#define MODULES "/usr/lib/uml/modules"

static int load_file(const char *folder, const char *file, struct err *err) {
    cleanup_free char *path = xprintf("%s/%s", folder, file);
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
        return err_errno(err, "load %s", path);
    return 0;
}

// "a.ko: b.ko c.ko", a line of modules.dep; they are loaded from the last to the first.
static int load_line(const char *folder, char *line, struct err *err) {
    for (char *space; (space = strrchr(line, ' ')); *space = '\0')
        if (space[1] && load_file(folder, space + 1, err) < 0)
            return -1;
    line[strcspn(line, ":")] = '\0';
    return load_file(folder, line, err);
}

// A module built into the kernel is not listed.
static int load(const char *module, struct err *err) {
    struct utsname kernel;
    uname(&kernel);
    cleanup_free char *folder = xprintf(MODULES "/%s", kernel.release);
    cleanup_free char *list = xprintf("%s/modules.dep", folder);
    cleanup_free char *end = xprintf("/%s.ko:", module);
    cleanup_text struct text lines = {0};
    if (file_read(list, 1 << 20, &lines, err) < 0)
        return -1;
    char *rest = lines.data;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (strstr(line, end))
            return load_line(folder, line, err);
    return 0;
}

static int put_up(struct nl_sock *route, const char *name) {
    struct rtnl_link *link = NULL, *change = rtnl_link_alloc();
    int ret = rtnl_link_get_kernel(route, 0, name, &link);
    rtnl_link_set_flags(change, IFF_UP);
    if (ret == 0)
        ret = rtnl_link_change(route, link, change, 0);
    rtnl_link_put(link);
    rtnl_link_put(change);
    return ret;
}

static int join(struct nl_sock *route, const char *bridge, const char *port) {
    struct rtnl_link *master = NULL, *slave = NULL;
    int ret = rtnl_link_get_kernel(route, 0, bridge, &master);
    if (ret == 0)
        ret = rtnl_link_get_kernel(route, 0, port, &slave);
    if (ret == 0)
        ret = rtnl_link_enslave(route, master, slave);
    rtnl_link_put(master);
    rtnl_link_put(slave);
    return ret < 0 ? ret : put_up(route, port);
}

static int make_bridge(struct nl_sock *route, int fd, int pair, struct err *err) {
    cleanup_free char *bridge = xprintf("br%d", pair);
    int ret = rtnl_link_bridge_add(route, bridge);
    for (int i = 0; ret == 0 && i < 2; i++) {
        cleanup_free char *port = xprintf("vec%d", 2 * pair + i);
        if (link_offloads_off(fd, port, err) < 0)
            return -1;
        ret = join(route, bridge, port);
    }
    if (ret == 0)
        ret = put_up(route, bridge);
    return ret < 0 ? err_set(err, "make bridge %d: %s", pair, nl_geterror(ret)) : 0;
}

static int set_up(struct nl_sock *route, struct err *err) {
    struct err no_ipv6;
    mount("proc", "/proc", "proc", 0, NULL);
    if (load("bridge", err) < 0 || load("sch_netem", err) < 0)
        return -1;
    file_put("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1", &no_ipv6);
    cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int ret = nl_connect(route, NETLINK_ROUTE);
    if (ret < 0)
        return err_set(err, "open netlink socket: %s", nl_geterror(ret));
    for (int pair = 0; pair < PAIRS; pair++)
        if (make_bridge(route, fd, pair, err) < 0)
            return -1;
    return 0;
}

static int add(struct nl_sock *route, const char *link, const char *settings, struct err *err) {
    struct netem_settings args;
    if (netem_settings_read(settings, &args) < 0)
        return err_set(err, "not understood");
    return netem_qdisc_add(route, link, &args, err);
}

static int carry_out(struct nl_sock *route, char *line, struct netem_counts *counts,
                     struct err *err) {
    char *rest = line;
    const char *verb = strsep(&rest, " \n");
    const char *link = rest ? strsep(&rest, " \n") : "";
    if (strcmp(verb, "add") == 0)
        return add(route, link, rest ? rest : "", err);
    if (strcmp(verb, "remove") == 0)
        return netem_qdisc_remove(route, link, err);
    if (strcmp(verb, "count") == 0)
        return netem_qdisc_count(route, link, counts, err);
    return err_set(err, "unknown command");
}

static void answer(int ret, const struct netem_counts *counts, const struct err *err) {
    if (ret < 0)
        printf("\ngoneaway: failed %s\n", err->what);
    else
        printf("\ngoneaway: ok %lld %lld %lld %lld\n", (long long)counts->packets,
               (long long)counts->bytes, (long long)counts->dropped, (long long)counts->waiting);
    fflush(stdout);
}

static void make_raw(void) {
    struct termios settings;
    if (tcgetattr(0, &settings) < 0)
        return;
    settings.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    settings.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(0, TCSANOW, &settings);
}

// If User-Mode Linux is killed, this process lives on as one of the host, where it must not touch
// anything: reboot() would end the PID namespace.
static bool is_guest(void) {
    return getpid() == 1;
}

static int run_guest(void) {
    struct netem_counts counts = {0};
    struct err err = {0};
    struct nl_sock *route = nl_socket_alloc();
    char line[1024];
    make_raw();
    int ret = set_up(route, &err);
    answer(ret, &counts, &err);
    while (ret == 0 && fgets(line, sizeof line, stdin) && is_guest()) {
        if (strcmp(line, "\n") == 0)
            continue;
        counts = (struct netem_counts){0};
        answer(carry_out(route, line, &counts, &err), &counts, &err);
    }
    if (is_guest())
        reboot(RB_POWER_OFF);
    return 1;
}

// ---- on the host -------------------------------------------------------------------------------

// The SIGIO handler in User-Mode Linux's kernel (6.1) can be entered again while it processes what
// epoll reported, in an array that exists only once, so it loses some events; and epoll, used
// edge-triggered, does not repeat them. The packet, and those behind it, then stay in the socket
// until something else happens there. So sockets are watched from here, and if a packet stays too
// long, something is made to happen: a frame for no one leaves by the socket, which is an edge,
// announced by SIGIO.

/** The sockets of the devices vec0 .. */
struct watch {
    pid_t pid;
    int sockets[2 * PAIRS], count;
    bool waiting[2 * PAIRS]; ///< at the last look
};

static void find_sockets(struct watch *watch, char **argv) {
    for (int fd; *argv && watch->count < 2 * PAIRS; argv++)
        if (sscanf(*argv, "vec%*d:transport=fd,fd=%d", &fd) == 1)
            watch->sockets[watch->count++] = fd;
}

static void wake(const struct watch *watch, int fd) {
    // to the reserved address of link-local control frames, which bridges do not forward; IEEE
    // 802.1D
    static const unsigned char frame[60] = {0x01, 0x80, 0xc2, 0, 0, 0x01, 0x02,
                                            0,    0,    0,    0, 0, 0x88, 0xb5};
    if (send(fd, frame, sizeof frame, MSG_DONTWAIT) == (ssize_t)sizeof frame)
        kill(watch->pid, SIGIO);
}

static void look(struct watch *watch) {
    for (int i = 0; i < watch->count; i++) {
        int unread = 0;
        ioctl(watch->sockets[i], FIONREAD, &unread);
        if (unread > 0 && watch->waiting[i])
            wake(watch, watch->sockets[i]);
        watch->waiting[i] = unread > 0;
    }
}

static int run_host(char **argv) {
    int status;
    struct watch watch = {.pid = fork()};
    if (watch.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(argv[0], argv);
        fprintf(stderr, "exec %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    find_sockets(&watch, argv);
    close(0);
    close(1);
    close(2);
    // The end of UML is noticed at once. An event that it missed shows only in its sockets.
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, watch.pid, 0), .events = POLLIN};
    if (end.fd < 0)
        return 1;
    while (poll(&end, 1, LOOK_MS) <= 0)
        look(&watch);
    close(end.fd);
    return waitpid(watch.pid, &status, 0) == watch.pid ? 0 : 1;
}

int main(int argc, char **argv) {
    if (is_guest())
        return run_guest();
    if (argc > 1)
        return run_host(argv + 1);
    fputs("goneaway-netem is run by goneaway: outside, and inside, of User-Mode Linux\n", stderr);
    return 2;
}
