// SPDX-License-Identifier: Apache-2.0
// registers.c - goneaway-netem.so: lets User-Mode Linux run on processors with large registers
//
// User-Mode Linux (6.1) sets the registers of its processes by PTRACE_SETREGSET, with the 2,696
// bytes that XSAVE needs on a processor with AVX-512. The host accepts nothing less than all that
// its own processor has (xstateregs_set() in arch/x86/kernel/fpu/regset.c), which with AMX is
// 11,008 bytes; the guest's process 1 dies of that. So this library, preloaded before the C
// library, adds the missing bytes: the registers as they are.
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

typedef long ptrace_function(enum __ptrace_request request, ...);

#define XSTATE ((void *)0x202) // NT_X86_XSTATE in elf.h

static ptrace_function *next;
static char whole[1 << 16];

__attribute__((constructor)) static void find_next(void) {
    *(void **)&next = dlsym(RTLD_NEXT, "ptrace");
}

static long set_whole(pid_t pid, const struct iovec *part) {
    struct iovec all = {whole, sizeof whole};
    long ret = next(PTRACE_GETREGSET, pid, XSTATE, &all);
    if (ret < 0)
        return ret;
    memcpy(whole, part->iov_base, part->iov_len < all.iov_len ? part->iov_len : all.iov_len);
    return next(PTRACE_SETREGSET, pid, XSTATE, &all);
}

long ptrace(enum __ptrace_request request, ...) {
    va_list args;
    va_start(args, request);
    pid_t pid = va_arg(args, pid_t);
    void *address = va_arg(args, void *);
    void *data = va_arg(args, void *);
    va_end(args);
    long ret = next(request, pid, address, data);
    if (ret < 0 && errno == EFAULT && request == PTRACE_SETREGSET && address == XSTATE)
        return set_whole(pid, data);
    return ret;
}
