// SPDX-License-Identifier: Apache-2.0
// netem_uml.c - the backend "uml": User-Mode Linux inside the link
//
// A link consists of two veth pairs. The inner ends are in a separate namespace, `middle`, where
// the guest has a packet socket for each: what arrives at one it sends at the other, through its
// bridge and its netem. Needs neither root nor /dev/net/tun. The guest keeps its sockets as long as
// it runs; between cases they are bound to where nothing arrives.
//
//     wire -- wireN (vec 2N) == guest == (vec 2N+1) hostN -- host N
#include "world/netem.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "sandbox/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#ifndef GONEAWAY_LIBEXECDIR
#define GONEAWAY_LIBEXECDIR "/usr/local/libexec/goneaway"
#endif
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

enum {
    BOOT_DEADLINE_MS = 60000, // boots in 2 s
    COMMAND_DEADLINE_MS = 10000,
    END_DEADLINE_MS = 5000,
    NUDGE_MS = 20,
    SOCKETS = 2 * SIDES,
    RECEIVE_BYTES = 1 << 20,
    ETHERTYPE_NOBODY = 0x88b5, // IEEE 802: for local experiments
};

struct netem_uml {
    struct netns middle;
    int sockets[SOCKETS];
    pid_t pid;
    int to, from;      // the guest's console
    struct text inbox; // output that has not been read yet
    bool ready;
};

// ---- the guest's sockets -----------------------------------------------------------------------

static int bind_socket(int fd, int ifindex, int ethertype) {
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_ifindex = ifindex,
                                  .sll_protocol = htons((uint16_t)ethertype)};
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

// Index 1 is lo in every namespace. A socket whose link vanishes gets an error, which would stop
// the guest's device; so it is bound elsewhere first.
static int park(int fd) {
    return bind_socket(fd, 1, ETHERTYPE_NOBODY);
}

static int open_socket(const struct netns *netns, struct err *err) {
    int fd = netns_socket(netns, AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, err);
    if (fd < 0)
        return -1;
    int yes = 1, size = RECEIVE_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size); // the kernel grants what it allows
    if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) < 0 || park(fd) < 0) {
        err_errno(err, "set up packet socket");
        close(fd);
        return -1;
    }
    return fd;
}

static int open_sockets(struct netem_uml *uml, struct err *err) {
    struct err no_ipv6;
    if (netns_open(&uml->middle, err) < 0)
        return -1;
    netns_sysctl(&uml->middle, "ipv6/conf/default/disable_ipv6", "1", &no_ipv6);
    for (int i = 0; i < SOCKETS; i++)
        if ((uml->sockets[i] = open_socket(&uml->middle, err)) < 0)
            return -1;
    return 0;
}

// ---- the guest ---------------------------------------------------------------------------------

// The path must have no spaces, which the guest's command line could not hold.
static int check_guest(struct err *err) {
    if (access(SANDBOX_GUEST, X_OK) == 0 && access(SANDBOX_GUEST_LIBRARY, R_OK) == 0)
        return 0;
    if (err_is_exhaustion(errno))
        return err_errno(err, "look for goneaway-netem");
    err_set(err, "goneaway-netem is neither beside goneaway nor in " GONEAWAY_LIBEXECDIR);
    return err_remedy(err, "`make build` or `make install` anew");
}

static int spawn(struct netem_uml *uml, int in, int out, struct err *err) {
    static const char *const env[] = {"HOME=" SANDBOX_DIR, "TMPDIR=" SANDBOX_DIR,
                                      "LD_PRELOAD=" SANDBOX_GUEST_LIBRARY,
                                      "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    char devices[SOCKETS][64];
    const char *argv[32] = {SANDBOX_GUEST,
                            "linux.uml",
                            "mem=64M",
                            "rootfstype=hostfs",
                            "rootflags=/",
                            "rw",
                            "init=" SANDBOX_GUEST,
                            "uml_dir=" SANDBOX_DIR "/",
                            "con0=fd:0,fd:1",
                            "con=null",
                            "ssl=null",
                            "quiet",
                            "loglevel=1"};
    size_t count = 13;
    int keep[SOCKETS + 1];
    for (int i = 0; i < SOCKETS; i++) {
        snprintf(devices[i], sizeof devices[i], "vec%d:transport=fd,fd=%d,depth=64", i,
                 uml->sockets[i]);
        argv[count++] = devices[i];
        keep[i] = uml->sockets[i];
    }
    keep[SOCKETS] = -1;
    struct proc_spec spec = {.argv = argv,
                             .env = env,
                             .in = in,
                             .out = out,
                             .err = out,
                             .netns = -1,
                             .keep = keep,
                             .new_session = true};
    return proc_spawn(&spec, &uml->pid, err);
}

// All our descriptors are close-on-exec, so nobody else holds the end whose closing stops the
// guest.
static int boot(struct netem_uml *uml, struct err *err) {
    int in[2], out[2];
    cleanup_free char *program = proc_find_program("linux.uml");
    if (!program) {
        err_set(err, "linux.uml: program not found");
        return err_remedy(err, "install the package user-mode-linux");
    }
    if (check_guest(err) < 0)
        return -1;
    if (pipe2(in, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    uml->to = in[1];
    cleanup_close int guest_in = in[0];
    if (pipe2(out, O_CLOEXEC) < 0)
        return err_errno(err, "pipe");
    uml->from = out[0];
    cleanup_close int guest_out = out[1];
    return spawn(uml, guest_in, guest_out, err);
}

static void close_fd(int fd) {
    if (fd >= 0)
        close(fd);
}

static void uml_close(struct netem *netem) {
    struct netem_uml *uml = netem->uml;
    if (!uml)
        return;
    close_fd(uml->to);
    // it then ends by itself, in 20 ms; if killed, it would leave its processes behind, untraced
    int status;
    if (uml->pid > 0 && !proc_wait(uml->pid, clock_ms() + END_DEADLINE_MS, &status))
        proc_kill(uml->pid);
    close_fd(uml->from);
    for (int i = 0; i < SOCKETS; i++)
        close_fd(uml->sockets[i]);
    netns_close(&uml->middle);
    text_release(&uml->inbox);
    free(uml);
    netem->uml = NULL;
}

static int uml_start(struct netem *netem, struct err *err) {
    if (netem->uml)
        return 0;
    struct netem_uml *uml = netem->uml = xcalloc(1, sizeof *uml);
    *uml = (struct netem_uml){.middle = {.fd = -1}, .to = -1, .from = -1};
    memset(uml->sockets, -1, sizeof uml->sockets);
    if (open_sockets(uml, err) == 0 && boot(uml, err) == 0)
        return 0;
    uml_close(netem);
    return -1;
}

// ---- its console -------------------------------------------------------------------------------

#define MARK "goneaway: "

// The next answer, without its prefix; NULL if there is none yet.
static char *take_answer(struct netem_uml *uml) {
    char *mark = uml->inbox.length ? strstr(uml->inbox.data, MARK) : NULL;
    char *end = mark ? strchr(mark, '\n') : NULL;
    if (!end)
        return NULL;
    mark += strlen(MARK);
    char *answer = xprintf("%.*s", (int)(end - mark), mark);
    uml->inbox.length -= (size_t)(end + 1 - uml->inbox.data);
    memmove(uml->inbox.data, end + 1, uml->inbox.length + 1);
    return answer;
}

// Waits for output on the console: 1, or 0 at the deadline. The guest can miss a command, see
// netem_guest.c; an empty one makes it look again.
static int wait_console(const struct netem_uml *uml, double deadline_ms) {
    struct pollfd poll_fd = {.fd = uml->from, .events = POLLIN};
    for (;;) {
        int left = clock_left_ms(deadline_ms);
        if (poll(&poll_fd, 1, uml->ready && left > NUDGE_MS ? NUDGE_MS : left) == 1)
            return 1;
        if (left == 0 || (uml->ready && write(uml->to, "\n", 1) < 0))
            return 0;
    }
}

static char *wait_answer(struct netem_uml *uml, double deadline_ms, struct err *err) {
    char buffer[1024];
    char *answer;
    while (!(answer = take_answer(uml))) {
        int heard = wait_console(uml, deadline_ms);
        ssize_t got = heard ? read(uml->from, buffer, sizeof buffer) : 0;
        if (got < 0) {
            err_errno(err, "read from User-Mode Linux");
            return NULL;
        }
        if (got == 0) {
            err_set(err, "User-Mode Linux %s:\n%s", heard ? "has ended" : "does not answer",
                    text_tail(text_get(&uml->inbox), 5));
            return NULL;
        }
        text_append(&uml->inbox, buffer, (size_t)got);
    }
    return answer;
}

static int understand(const char *answer, struct netem_counts *ret_counts, struct err *err) {
    long long packets, bytes, dropped, waiting;
    if (sscanf(answer, "ok %lld %lld %lld %lld", &packets, &bytes, &dropped, &waiting) != 4)
        return err_set(err, "in User-Mode Linux: %s",
                       text_starts(answer, "failed ") ? answer + strlen("failed ") : answer);
    *ret_counts = (struct netem_counts){
        .packets = packets, .bytes = bytes, .dropped = dropped, .waiting = waiting};
    return 0;
}

// The guest reports once that its bridges are up.
static int wait_ready(struct netem_uml *uml, struct err *err) {
    struct netem_counts none;
    if (uml->ready)
        return 0;
    cleanup_free char *answer = wait_answer(uml, clock_ms() + BOOT_DEADLINE_MS, err);
    uml->ready = answer && understand(answer, &none, err) == 0;
    return uml->ready ? 0 : -1;
}

static int ask(struct netem_uml *uml, const char *line, struct netem_counts *ret_counts,
               struct err *err) {
    if (wait_ready(uml, err) < 0)
        return -1;
    if (write(uml->to, line, strlen(line)) != (ssize_t)strlen(line))
        return err_errno(err, "write to User-Mode Linux");
    cleanup_free char *answer = wait_answer(uml, clock_ms() + COMMAND_DEADLINE_MS, err);
    return answer ? understand(answer, ret_counts, err) : -1;
}

static int command(struct netem *netem, const char *verb, enum side towards, const char *settings,
                   struct netem_counts *ret_counts, struct err *err) {
    if (!netem->uml)
        return err_set(err, "User-Mode Linux is not running");
    cleanup_free char *line = xprintf("%s vec%d %s\n", verb, 2 * (int)towards + 1, settings);
    return ask(netem->uml, line, ret_counts, err);
}

static int uml_add(struct netem *netem, const struct netem_settings *args, struct err *err) {
    struct netem_counts none;
    cleanup_text struct text settings = {0};
    netem_settings_write(args, &settings);
    return command(netem, "add", (enum side)args->towards, text_get(&settings), &none, err);
}

static int uml_remove(struct netem *netem, enum side towards, struct err *err) {
    struct netem_counts none;
    return command(netem, "remove", towards, "", &none, err);
}

static int uml_count(struct netem *netem, enum side towards, struct netem_counts *ret_counts,
                     struct err *err) {
    return command(netem, "count", towards, "", ret_counts, err);
}

// ---- links -------------------------------------------------------------------------------------

// Opens one half of a link; its inner end is for the guest's socket `index`.
static int open_half(struct netem_uml *uml, int index, const struct link_end *outer,
                     struct err *err) {
    char name[16];
    snprintf(name, sizeof name, "%s%d", index % 2 ? "host" : "wire", index / 2);
    struct link_end inner = {&uml->middle, name, NULL, NULL};
    const struct link_end *ends[] = {&inner, outer};
    if (link_open(&inner, outer, err) < 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        cleanup_close int fd = netns_socket(ends[i]->netns, AF_INET, SOCK_DGRAM, err);
        if (fd < 0 || link_offloads_off(fd, ends[i]->name, err) < 0)
            return -1;
    }
    int ifindex = link_index(&uml->middle, name, err);
    if (ifindex < 0)
        return -1;
    return bind_socket(uml->sockets[index], ifindex, ETH_P_ALL) < 0 ? err_errno(err, "bind") : 0;
}

static int uml_join(struct netem *netem, enum side side, const struct link_end *wire,
                    const struct link_end *host, struct err *err) {
    struct netem_uml *uml = netem->uml;
    if (wait_ready(uml, err) < 0 || open_half(uml, 2 * (int)side, wire, err) < 0 ||
        open_half(uml, 2 * (int)side + 1, host, err) < 0) {
        uml_close(netem);
        return -1;
    }
    return 0;
}

static void uml_part(struct netem *netem, enum side side) {
    struct err ignored;
    char inner[16];
    if (!netem->uml)
        return;
    size_t first = 2 * (size_t)side;
    park(netem->uml->sockets[first]);
    park(netem->uml->sockets[first + 1]);
    // the wire's half vanishes, like any link, when the wire's end is closed
    snprintf(inner, sizeof inner, "host%d", (int)side);
    link_close(&netem->uml->middle, inner, &ignored);
    // removes a netem that was not lifted; usually there is none
    uml_remove(netem, side, &ignored);
}

const struct netem_ops netem_by_uml = {
    .name = "uml",
    .in_words = "User-Mode Linux",
    .mechanism = "netem (uml)",
    .start = uml_start,
    .join = uml_join,
    .part = uml_part,
    .add = uml_add,
    .remove = uml_remove,
    .count = uml_count,
    .close = uml_close,
};
