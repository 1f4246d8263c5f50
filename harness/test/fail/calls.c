// SPDX-License-Identifier: Apache-2.0
// calls.c - stands between the harness and what it calls, notes each place, lets one fail
#include "test/fail/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <mysql.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __x86_64__ // only this machine's calling convention is known; the Makefile says so

enum how { HOW_PLAIN, HOW_LATE, HOW_STREAM, HOW_PARSER, HOW_PATTERN, HOW_CLIENT };

struct call {
    void *real; // must be first: fail_enter jumps there
    const char *name;
    enum how how;
    long value;
    int number;   // errno; 0: left alone
    int argument; // for HOW_STREAM, HOW_PARSER and HOW_PATTERN
};

/** Integer arguments as saved by fail_enter, and the return value if the call is to fail. */
struct saved {
    void *arguments[6];
    long rax, unused;
};

// The function's own symbol may have any type, since only its address is used. Weak, since some
// rows may not be called at present.
#define ROW(name_, how_, value_, number_, argument_)                                               \
    extern char __real_##name_[] __attribute__((weak));                                            \
    __attribute__((used)) struct call call_##name_ = {__real_##name_, #name_,  how_,               \
                                                      value_,         number_, argument_};         \
    __asm__(".text\n.globl __wrap_" #name_ "\n.type __wrap_" #name_ ", @function\n"                \
            "__wrap_" #name_ ":\n\tleaq call_" #name_ "(%rip), %r11\n\tjmp fail_enter\n");
#define FAILS(name, value, number) ROW(name, HOW_PLAIN, value, number, 0)
#define LATE(name, value, number) ROW(name, HOW_LATE, value, number, 0)
#define STREAM(name, value, number, argument) ROW(name, HOW_STREAM, value, number, argument)
#define PARSER(name, value, argument) ROW(name, HOW_PARSER, value, ENOMEM, argument)
#define PATTERN(name, value, argument) ROW(name, HOW_PATTERN, value, ENOMEM, argument)
#define CLIENT(name, value) ROW(name, HOW_CLIENT, value, 0, 0)
#define NEVER(name)
#include "test/fail/calls.def"

// Every argument is kept, also those of variadic functions, and the real function is jumped to as
// if it had been called: it may return twice, as fork() does.
__asm__(".text\nfail_enter:\n"
        "\tpushq %rbp\n\tmovq %rsp, %rbp\n\tsubq $208, %rsp\n"
        "\tmovq %rdi, (%rsp)\n\tmovq %rsi, 8(%rsp)\n\tmovq %rdx, 16(%rsp)\n\tmovq %rcx, 24(%rsp)\n"
        "\tmovq %r8, 32(%rsp)\n\tmovq %r9, 40(%rsp)\n\tmovq %rax, 48(%rsp)\n"
        "\tmovaps %xmm0, 64(%rsp)\n\tmovaps %xmm1, 80(%rsp)\n\tmovaps %xmm2, 96(%rsp)\n"
        "\tmovaps %xmm3, 112(%rsp)\n\tmovaps %xmm4, 128(%rsp)\n\tmovaps %xmm5, 144(%rsp)\n"
        "\tmovaps %xmm6, 160(%rsp)\n\tmovaps %xmm7, 176(%rsp)\n\tmovq %r11, 192(%rsp)\n"
        "\tmovq %rsp, %rdi\n\tmovq %r11, %rsi\n\tmovq %rbp, %rdx\n\tcall fail_decide\n"
        "\ttestb %al, %al\n\tmovq 48(%rsp), %rax\n\tjnz 1f\n"
        "\tmovq (%rsp), %rdi\n\tmovq 8(%rsp), %rsi\n\tmovq 16(%rsp), %rdx\n\tmovq 24(%rsp), %rcx\n"
        "\tmovq 32(%rsp), %r8\n\tmovq 40(%rsp), %r9\n"
        "\tmovaps 64(%rsp), %xmm0\n\tmovaps 80(%rsp), %xmm1\n\tmovaps 96(%rsp), %xmm2\n"
        "\tmovaps 112(%rsp), %xmm3\n\tmovaps 128(%rsp), %xmm4\n\tmovaps 144(%rsp), %xmm5\n"
        "\tmovaps 160(%rsp), %xmm6\n\tmovaps 176(%rsp), %xmm7\n\tmovq 192(%rsp), %r11\n"
        "\tleave\n\tjmp *(%r11)\n"
        "1:\tleave\n\tret\n");

static struct fail_file *file;
static char wanted[sizeof file->places[0].text];
static unsigned long wanted_number;

extern char __executable_start[], etext[], __start_base_text[], __stop_base_text[];

__attribute__((constructor)) static void open_file(void) {
    const char *path = getenv(FAIL_FILE), *place = getenv(FAIL_PLACE),
               *number = getenv(FAIL_NUMBER);
    if (!path)
        return;
    int (*real_open)(const char *, int, ...) = call_open.real;
    void *(*real_mmap)(void *, size_t, int, int, int, off_t) = call_mmap.real;
    int (*real_close)(int) = call_close.real;
    int fd = real_open(path, O_RDWR | O_CLOEXEC);
    void *mapped = real_mmap(NULL, sizeof *file, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || mapped == MAP_FAILED)
        abort();
    real_close(fd);
    snprintf(wanted, sizeof wanted, "%s", place ? place : "");
    wanted_number = number ? strtoul(number, NULL, 10) : 0;
    file = mapped;
}

// The frames below a call: base/ is compiled with frame pointers. A frame outside of the program,
// in a library that calls back into base/, is 0.
static void describe(const struct call *call, void *const *frame, char *text, size_t size) {
    int length = snprintf(text, size, "%s", call->name);
    for (int depth = 0; depth < FAIL_DEPTH; depth++, frame = (void *const *)frame[0]) {
        const char *address = frame[1];
        bool ours = address >= __executable_start && address < etext;
        length += snprintf(text + length, size - (size_t)length, " %tx",
                           ours ? address - __executable_start : (ptrdiff_t)0);
        if (address < __start_base_text || address >= __stop_base_text)
            return;
    }
}

static void note(const char *text) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
    hash |= 1;
    for (size_t i = 0; i < FAIL_PLACES; i++) {
        struct fail_place *place = &file->places[(hash + i) % FAIL_PLACES];
        uint64_t found = 0;
        if (__atomic_compare_exchange_n(&place->hash, &found, hash, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
            memcpy(place->text, text, strlen(text) + 1);
        if (found == 0 || found == hash) {
            __atomic_fetch_add(&place->count, 1, __ATOMIC_SEQ_CST);
            return;
        }
    }
    file->overflowed++;
}

static void set_client_error(MYSQL *mysql) {
    mysql->net.last_errno = 2008; // CR_OUT_OF_MEMORY
    snprintf(mysql->net.last_error, sizeof mysql->net.last_error, "Client run out of memory");
    memcpy(mysql->net.sqlstate, "HY000", 6);
}

static void set_parser_error(json_error_t *error) {
    if (error)
        *error = (json_error_t){.line = -1, .column = -1, .text = "out of memory"};
}

static void fail(const struct call *call, struct saved *saved) {
    void *argument = saved->arguments[call->argument < 0 ? 0 : call->argument];
    FILE *stream = call->argument < 0 ? stdout : argument;
    switch (call->how) {
    case HOW_LATE:
        ((long (*)(void *))call->real)(saved->arguments[0]);
        break;
    case HOW_STREAM:
        stream->_flags |= 0x20; // glibc's _IO_ERR_SEEN, which ferror() reports
        break;
    case HOW_PARSER:
        set_parser_error(argument);
        break;
    case HOW_PATTERN:
        *(int *)argument = 121; // PCRE2_ERROR_HEAP_FAILED
        *(size_t *)saved->arguments[call->argument + 1] = 0;
        break;
    case HOW_CLIENT:
        set_client_error(saved->arguments[0]);
        break;
    case HOW_PLAIN:
        break;
    }
    saved->rax = call->value;
    if (call->number)
        errno = call->number;
}

// Whether the call is to fail; fail_enter then returns saved->rax for it. `frame` is fail_enter's.
bool fail_decide(struct saved *saved, const struct call *call, void *const *frame);
__attribute__((used)) bool fail_decide(struct saved *saved, const struct call *call,
                                       void *const *frame) {
    char text[sizeof file->places[0].text];
    if (!file)
        return false;
    if (!wanted[0] || strncmp(wanted, call->name, strlen(call->name)) == 0) {
        int number = errno;
        describe(call, frame, text, sizeof text);
        if (!wanted[0])
            note(text);
        errno = number;
        if (strcmp(text, wanted) != 0)
            return false;
        uint32_t now = __atomic_add_fetch(&file->passed, 1, __ATOMIC_SEQ_CST);
        if (now == wanted_number || wanted_number == 0) {
            __atomic_fetch_add(&file->fired, 1, __ATOMIC_SEQ_CST);
            fail(call, saved);
            return true;
        }
    }
    return false;
}

#endif
