// SPDX-License-Identifier: Apache-2.0
// syscalls.c - system calls that programs in containers may not make
//
// A program in a container has no capabilities and can get none. Refused are calls that would give
// it some, in new namespaces of its own; calls whose effect does not end at the container's border
// (the user's keys, and sockets without network namespaces); and those that take unlimited memory.
// Everything else is allowed, since servers and clients are to find the Linux that they know.
// Refused calls fail as on a kernel without them.
#include "sandbox/syscalls.h"

#include "base/text.h"

#include <errno.h>
#include <linux/fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { USER_NAMESPACE = CLONE_NEWUSER };

struct refusal {
    int number, error;
};

static const struct refusal refused[] = {
    // its flags are in memory, where a filter cannot look; the C library then falls back to clone()
    {SCMP_SYS(clone3), ENOSYS},
    {SCMP_SYS(io_uring_setup), ENOSYS}, // does what is refused here, invisibly to a filter
    {SCMP_SYS(setns), EPERM},
    // memory that counts in no process's size, and in no tmpfs's limit; processes can share memory
    // in /dev/shm
    {SCMP_SYS(memfd_create), ENOSYS},
    {SCMP_SYS(memfd_secret), ENOSYS},
    {SCMP_SYS(shmget), ENOSYS},
    {SCMP_SYS(semget), ENOSYS},
    {SCMP_SYS(msgget), ENOSYS},
    {SCMP_SYS(io_setup), ENOSYS}, // the whole machine has a fixed number of these
    // a pidfd of a socket's peer leads into another container
    {SCMP_SYS(pidfd_getfd), EPERM},
    {SCMP_SYS(process_madvise), EPERM},
    {SCMP_SYS(process_mrelease), EPERM},
    {SCMP_SYS(kcmp), EPERM},
    {SCMP_SYS(add_key), EPERM},
    {SCMP_SYS(request_key), EPERM},
    {SCMP_SYS(keyctl), EPERM},
    {SCMP_SYS(bpf), EPERM},
    {SCMP_SYS(perf_event_open), EPERM},
    {SCMP_SYS(userfaultfd), EPERM},
    {SCMP_SYS(syslog), EPERM},
    {SCMP_SYS(open_by_handle_at), EPERM},
    {SCMP_SYS(move_pages), EPERM},
    {SCMP_SYS(kexec_load), EPERM},
    {SCMP_SYS(init_module), EPERM},
    {SCMP_SYS(finit_module), EPERM},
};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

static struct scmp_arg_cmp first_argument(uint64_t mask, uint64_t value) {
    return (struct scmp_arg_cmp){
        .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

static int refuse_user_namespaces(scmp_filter_ctx filter) {
    struct scmp_arg_cmp asked = first_argument(USER_NAMESPACE, USER_NAMESPACE);
    int ret = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1, &asked);
    return ret < 0
               ? ret
               : seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &asked);
}

// Refuses all families between and above the allowed ones; AF_VSOCK, for one, reaches the
// hypervisor from any namespace.
static int refuse_families(scmp_filter_ctx filter) {
    int ret = 0;
    for (unsigned family = 0; ret >= 0 && family < AF_MAX; family++) {
        bool allowed = false;
        for (size_t i = 0; i < COUNT_OF(families); i++)
            allowed |= (unsigned)families[i] == family;
        // the kernel uses the lower half as an int and ignores the upper
        struct scmp_arg_cmp is = first_argument(UINT32_MAX, family);
        if (!allowed)
            ret = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                                         &is);
    }
    return ret;
}

// Of netlink, only addresses and routes are allowed, which the C library asks for.
static int refuse_netlink(scmp_filter_ctx filter) {
    enum { PROTOCOLS = 32 };
    int ret = 0;
    for (unsigned protocol = NETLINK_ROUTE + 1; ret >= 0 && protocol < PROTOCOLS; protocol++) {
        struct scmp_arg_cmp are[] = {first_argument(UINT32_MAX, AF_NETLINK),
                                     first_argument(UINT32_MAX, protocol)};
        are[1].arg = 2;
        ret = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
                                     are);
    }
    return ret;
}

// A lease or delegation on a file of the host, even a read-only one, would make others' opens wait,
// including the host's. Notification of changes (F_NOTIFY) would leak what others do.
static int refuse_leases(scmp_filter_ctx filter) {
    enum { SET_DELEGATION = F_LINUX_SPECIFIC_BASE + 16 }; // since Linux 6.19
    static const unsigned commands[] = {F_SETLEASE, F_NOTIFY, SET_DELEGATION};
    int ret = 0;
    for (size_t i = 0; ret >= 0 && i < COUNT_OF(commands); i++) {
        struct scmp_arg_cmp is = {
            .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = commands[i]};
        ret = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(fcntl), 1, &is);
    }
    return ret;
}

// Refuses getting a process of another container from a socket connected to it.
static int refuse_peers(scmp_filter_ctx filter) {
    enum { PASS_PIDFD = 76, PEER_PIDFD = 77 }; // since Linux 6.5
    struct scmp_arg_cmp pass[] = {first_argument(UINT32_MAX, SOL_SOCKET),
                                  first_argument(UINT32_MAX, PASS_PIDFD)};
    struct scmp_arg_cmp peer[] = {first_argument(UINT32_MAX, SOL_SOCKET),
                                  first_argument(UINT32_MAX, PEER_PIDFD)};
    pass[0].arg = peer[0].arg = 1;
    pass[1].arg = peer[1].arg = 2;
    int ret =
        seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOPROTOOPT), SCMP_SYS(setsockopt), 2, pass);
    return ret < 0 ? ret
                   : seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOPROTOOPT),
                                            SCMP_SYS(getsockopt), 2, peer);
}

static int fill(scmp_filter_ctx filter) {
    int ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    for (size_t i = 0; ret >= 0 && i < COUNT_OF(refused); i++)
        ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)refused[i].error),
                               refused[i].number, 0);
    if (ret >= 0)
        ret = refuse_user_namespaces(filter);
    if (ret >= 0)
        ret = refuse_families(filter);
    if (ret >= 0)
        ret = refuse_leases(filter);
    if (ret >= 0)
        ret = refuse_peers(filter);
    return ret < 0 ? ret : refuse_netlink(filter);
}

// The library does not notice if the caller's file size limit has cut the filter short, which would
// make it useless.
static int check_whole(off_t size, struct err *err) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
        (rlim_t)size < limit.rlim_cur)
        return 0;
    err_set(err,
            "files may be no longer than %llu bytes here, too short for a filter of system "
            "calls",
            (unsigned long long)limit.rlim_cur);
    return err_remedy(err, "ulimit -f unlimited");
}

// The library can only write the filter to a file.
static int read_program(int fd, struct sock_fprog *ret, struct err *err) {
    off_t size = lseek(fd, 0, SEEK_END);
    if (check_whole(size, err) < 0)
        return -1;
    *ret = (struct sock_fprog){.filter = xcalloc(1, size > 0 ? (size_t)size : 1),
                               .len = (unsigned short)(size / (off_t)sizeof *ret->filter)};
    if (size > 0 && pread(fd, ret->filter, (size_t)size, 0) == size)
        return 0;
    free(ret->filter);
    return err_errno(err, "read the filter of system calls");
}

int syscalls_filter(struct sock_fprog *ret_filter, struct err *err) {
    cleanup_close int fd = memfd_create("syscalls", MFD_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "memfd_create");
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int ret = filter ? fill(filter) : -ENOMEM;
    if (ret >= 0)
        ret = seccomp_export_bpf(filter, fd);
    if (filter)
        seccomp_release(filter);
    if (ret < 0)
        return err_set(err, "make a filter of system calls: %s", strerror(-ret));
    return read_program(fd, ret_filter, err);
}
