// SPDX-License-Identifier: Apache-2.0
// places.c - reads places from the shared file and from the program, and names them
#include "test/fail/places.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

#include <stdio.h>
#include <string.h>

enum { TOOL_DEADLINE_MS = 60000, MOST_BYTES = 64 << 20 };

#define FAILS(name, value, number) #name,
#define LATE(name, value, number) #name,
#define STREAM(name, value, number, argument) #name,
#define PARSER(name, value, argument) #name,
#define PATTERN(name, value, argument) #name,
#define CLIENT(name, value) #name,
#define NEVER(name) #name,
static const char *const rows[] = {
#include "test/fail/calls.def"
};

static bool has_row(const char *name, size_t length) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strncmp(rows[i], name, length) == 0 && !rows[i][length])
            return true;
    // the compiler's and the linker's
    return text_starts(name, "_ITM_") || text_starts(name, "__cxa_finalize") ||
           text_starts(name, "__gmon_start__");
}

static int run_tool(const char *const *argv, struct text *output, struct err *err) {
    struct proc_spec spec = {.argv = argv, .in = -1, .out = -1, .err = -1, .netns = -1};
    return proc_run(&spec, clock_ms() + TOOL_DEADLINE_MS, output, err);
}

int places_check(const char *program, struct err *err) {
    const char *const argv[] = {"nm",    "--dynamic", "--undefined-only", "--just-symbols",
                                program, NULL};
    cleanup_text struct text output = {0}, missing = {0};
    if (run_tool(argv, &output, err) < 0)
        return -1;
    char *rest = output.data;
    for (char *line; rest && *rest && (line = strsep(&rest, "\n"));) {
        size_t length = strcspn(line, "@");
        if (!has_row(line, length))
            text_printf(&missing, " %.*s", (int)length, line);
    }
    if (missing.length == 0)
        return 0;
    err_set(err, "nothing says whether these can fail:%s", text_get(&missing));
    return err_remedy(err, "give each a row in harness/test/fail/calls.def");
}

// Names addresses, one per line of `addresses`, as addr2line does: "FUNCTION\nFILE:LINE\n".
static int name_addresses(const char *program, const struct text *addresses, struct text *names,
                          struct err *err) {
    cleanup_free char *path = xprintf("%s.addresses", program);
    cleanup_free char *at = xprintf("@%s", path);
    const char *const argv[] = {"addr2line", "--functions", "--exe", program, at, NULL};
    if (file_write(path, text_get(addresses), addresses->length, err) < 0)
        return -1;
    int ret = run_tool(argv, names, err);
    unlink(path);
    return ret;
}

// The next name from name_addresses(): "read_version (image/prepare.c:21)".
static void take_name(char **rest, struct text *name) {
    const char *function = strsep(rest, "\n");
    char *where = *rest ? strsep(rest, "\n") : "?";
    const char *after = strstr(where, "harness/");
    const char *shown = after ? after + strlen("harness/") : where; // and without "(discriminator
                                                                    // 3)"
    text_printf(name, "%s (%.*s)", function, (int)strcspn(shown, " "), shown);
}

// A return address is that of the next instruction, which may be on another line.
static void list_addresses(const char *key, struct text *addresses) {
    const char *rest = strchr(key, ' ');
    for (; rest; rest = strchr(rest + 1, ' '))
        if (strtoul(rest, NULL, 16) > 0)
            text_printf(addresses, "0x%lx\n", strtoul(rest, NULL, 16) - 1);
}

static void set_name(struct place *place, char **rest) {
    cleanup_text struct text name = {0};
    text_printf(&name, "%.*s: ", (int)strcspn(place->key, " "), place->key);
    for (const char *c = strchr(place->key, ' '); c; c = strchr(c + 1, ' ')) {
        if (c != strchr(place->key, ' '))
            text_add(&name, " of ");
        if (strtoul(c, NULL, 16) > 0)
            take_name(rest, &name);
        else
            text_add(&name, "a library");
    }
    place->name = xstrdup(text_get(&name));
}

static int set_names(struct place *places, size_t count, const char *program, struct err *err) {
    cleanup_text struct text addresses = {0}, names = {0};
    for (size_t i = 0; i < count; i++)
        list_addresses(places[i].key, &addresses);
    if (count == 0 || name_addresses(program, &addresses, &names, err) < 0)
        return count == 0 ? 0 : -1;
    char *rest = names.data;
    for (size_t i = 0; i < count; i++)
        set_name(&places[i], &rest);
    return 0;
}

static bool holds(const struct places *places, const char *key) {
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i].key, key) == 0)
            return true;
    return false;
}

static void append(struct places *places, const char *key, uint32_t count) {
    if (places->count == places->capacity) {
        places->capacity = places->capacity * 2 + 64;
        places->items = xrealloc(places->items, places->capacity, sizeof *places->items);
    }
    struct place *place = &places->items[places->count++];
    *place = (struct place){.count = count};
    snprintf(place->key, sizeof place->key, "%s", key);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

static void sort(struct places *places, size_t from) {
    if (places->count > from)
        qsort(places->items + from, places->count - from, sizeof *places->items, by_name);
}

int places_add(struct places *places, const char *shared, const struct places *known,
               const char *program, struct err *err) {
    cleanup_text struct text data = {0};
    size_t before = places->count;
    if (file_read(shared, MOST_BYTES, &data, err) < 0)
        return -1;
    if (data.length != sizeof(struct fail_file))
        return err_set(err, "%s: not of the right size", shared);
    const struct fail_file *file = (const struct fail_file *)(const void *)data.data;
    if (file->overflowed)
        return err_set(err, "more than %d places", FAIL_PLACES);
    for (size_t i = 0; i < FAIL_PLACES; i++) {
        const char *key = file->places[i].text;
        if (*key && !holds(places, key) && !(known && holds(known, key)))
            append(places, key, file->places[i].count);
    }
    size_t added = places->count - before;
    if (set_names(places->items + before, added, program, err) < 0)
        return -1;
    sort(places, before);
    return 0;
}

static bool is_met(const struct places *places, unsigned long address) {
    for (size_t i = 0; i < places->count; i++) {
        const char *first = strchr(places->items[i].key, ' ');
        if (first && strtoul(first, NULL, 16) == address)
            return true;
    }
    return false;
}

static int print_unmet(const char *program, struct places *unmet, struct err *err) {
    if (set_names(unmet->items, unmet->count, program, err) < 0)
        return -1;
    sort(unmet, 0);
    for (size_t i = 0; i < unmet->count; i++)
        printf("not met: %s\n", unmet->items[i].name);
    return 0;
}

// "   12345:\tcall   6789 <__wrap_open>": the return address is that of the next line.
int places_count_unmet(const struct places *places, const char *program, bool print,
                       size_t *ret_all, size_t *ret_unmet, struct err *err) {
    const char *const argv[] = {"objdump", "--disassemble", "--no-show-raw-insn", program, NULL};
    cleanup_text struct text output = {0};
    struct places unmet = {0};
    char called[64] = "";
    if (run_tool(argv, &output, err) < 0)
        return -1;
    *ret_all = 0;
    char *rest = output.data;
    for (char *line; rest && (line = strsep(&rest, "\n"));) {
        unsigned long address = strtoul(line, NULL, 16);
        char key[128];
        if (*called && !is_met(places, address)) {
            snprintf(key, sizeof key, "%s %lx", called, address);
            append(&unmet, key, 0);
        }
        *ret_all += *called != 0;
        const char *at = strstr(line, "call") ? strstr(line, "<__wrap_") : NULL;
        snprintf(called, sizeof called, "%.*s", at ? (int)strcspn(at + 8, ">") : 0,
                 at ? at + 8 : "");
    }
    *ret_unmet = unmet.count;
    int ret = print ? print_unmet(program, &unmet, err) : 0;
    places_release(&unmet);
    return ret;
}

void places_release(struct places *places) {
    for (size_t i = 0; i < places->count; i++)
        free(places->items[i].name);
    free(places->items);
    *places = (struct places){0};
}
