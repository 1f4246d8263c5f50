// SPDX-License-Identifier: Apache-2.0
// elf.c - what a program's file reveals before anybody runs it: its machine, and what it loads
//
// The file is read in small pieces at bounded offsets, each checked. A file that is cut short or
// lies leads to an error or to fewer libraries, and nothing worse.
#include "image/elf.h"

#include "base/text.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SEGMENTS = 128, MOST_ENTRIES = 4096, MOST_NEEDED = 500, MOST_TEXT = 4096 };

/** The file being read. */
struct reading {
    int fd;
    struct arena *arena;
    size_t count;
    Elf64_Phdr segments[MOST_SEGMENTS];
    uint64_t texts, texts_size; ///< offset and size of its string table
};

static bool read_at(const struct reading *reading, void *to, size_t size, uint64_t at) {
    return at <= INT64_MAX && pread(reading->fd, to, size, (off_t)at) == (ssize_t)size;
}

int elf_machine(int fd) {
    Elf64_Ehdr header;
    if (pread(fd, &header, sizeof header, 0) != sizeof header ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return -1;
    return header.e_ident[EI_DATA] == ELFDATA2MSB ? __builtin_bswap16(header.e_machine)
                                                  : header.e_machine;
}

int elf_own_machine(void) {
    cleanup_close int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -1 : elf_machine(fd);
}

const char *elf_machine_name(int machine) {
    static const struct {
        int machine;
        const char *name;
    } names[] = {{EM_X86_64, "x86_64"}, {EM_AARCH64, "aarch64"}, {EM_386, "i386"},
                 {EM_ARM, "arm"},       {EM_PPC64, "ppc64"},     {EM_S390, "s390x"},
                 {EM_RISCV, "riscv64"}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i].machine == machine)
            return names[i].name;
    return "another architecture";
}

// The file offset of an address; 0: none.
static uint64_t place_of(const struct reading *reading, uint64_t address) {
    for (size_t i = 0; i < reading->count; i++) {
        const Elf64_Phdr *segment = &reading->segments[i];
        if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
            address - segment->p_vaddr < segment->p_filesz)
            return segment->p_offset + (address - segment->p_vaddr);
    }
    return 0;
}

// NULL: there is none, or its length makes no sense.
static const char *text_at(const struct reading *reading, uint64_t at, uint64_t most) {
    char text[MOST_TEXT];
    ssize_t got = at > INT64_MAX ? -1 : pread(reading->fd, text, sizeof text, (off_t)at);
    size_t length = got > 0 ? (size_t)got : 0;
    const char *end = memchr(text, '\0', length < most ? length : (size_t)most);
    return end && end > text ? arena_text(reading->arena, text, (size_t)(end - text)) : NULL;
}

static const char *text_of(const struct reading *reading, uint64_t offset) {
    if (!reading->texts || offset >= reading->texts_size)
        return NULL;
    return text_at(reading, reading->texts + offset, reading->texts_size - offset);
}

static void add_needed(const struct reading *reading, struct elf *elf, const char *name) {
    if (elf->needed.count >= MOST_NEEDED)
        return;
    const char **needed = arena_alloc(reading->arena, (elf->needed.count + 1) * sizeof *needed);
    for (size_t i = 0; i < elf->needed.count; i++)
        needed[i] = ((const char **)elf->needed.items)[i];
    needed[elf->needed.count++] = name;
    elf->needed.items = needed;
}

static void take_entry(const struct reading *reading, const Elf64_Dyn *entry, struct elf *elf) {
    const char *text = NULL;
    if (entry->d_tag == DT_NEEDED || entry->d_tag == DT_RPATH || entry->d_tag == DT_RUNPATH)
        text = text_of(reading, entry->d_un.d_val);
    if (!text)
        return;
    if (entry->d_tag == DT_NEEDED)
        add_needed(reading, elf, text);
    else
        *(entry->d_tag == DT_RPATH ? &elf->rpath : &elf->runpath) = text;
}

// The string table may be named after the strings that refer to it.
static void read_dynamic(struct reading *reading, const Elf64_Phdr *segment, struct elf *elf) {
    Elf64_Dyn entry = {.d_tag = DT_DEBUG};
    for (int pass = 0; pass < 2; pass++, entry.d_tag = DT_DEBUG)
        for (uint64_t i = 0;
             i < MOST_ENTRIES && i < segment->p_filesz / sizeof entry && entry.d_tag != DT_NULL;
             i++) {
            if (!read_at(reading, &entry, sizeof entry, segment->p_offset + i * sizeof entry))
                break;
            if (pass == 1)
                take_entry(reading, &entry, elf);
            else if (entry.d_tag == DT_STRTAB)
                reading->texts = place_of(reading, entry.d_un.d_ptr);
            else if (entry.d_tag == DT_STRSZ)
                reading->texts_size = entry.d_un.d_val;
        }
}

static bool read_segments(struct reading *reading) {
    Elf64_Ehdr header;
    if (!read_at(reading, &header, sizeof header, 0) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_phentsize != sizeof *reading->segments || header.e_phnum > MOST_SEGMENTS)
        return false;
    reading->count = header.e_phnum;
    return read_at(reading, reading->segments, reading->count * sizeof *reading->segments,
                   header.e_phoff);
}

int elf_read(struct elf *elf, struct arena *arena, const char *path) {
    cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct reading reading = {.fd = fd, .arena = arena};
    *elf = (struct elf){.machine = -1};
    if (fd < 0)
        return -1;
    elf->machine = elf_machine(fd);
    errno = ENOEXEC;
    if (elf->machine < 0 || elf->machine != elf_own_machine() || !read_segments(&reading))
        return -1;
    for (size_t i = 0; i < reading.count; i++) {
        const Elf64_Phdr *segment = &reading.segments[i];
        if (segment->p_type == PT_INTERP)
            elf->interpreter = text_at(&reading, segment->p_offset, segment->p_filesz);
        if (segment->p_type == PT_DYNAMIC)
            read_dynamic(&reading, segment, elf);
    }
    return 0;
}
