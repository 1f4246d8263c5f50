// SPDX-License-Identifier: Apache-2.0
// pattern.c - regular expressions from untrusted sources: Perl's syntax, bounded matching
//
// PCRE2's own limits apply anew at each place where a match is tried, so on a long text they bound
// little. Here one bound covers all of them. PCRE2 calls out before every item of the pattern, and
// each call is charged for the distance that the match has moved since the last one, and for a
// share of the remaining text, which the item may scan before it fails. Longer items cost more,
// since a class is tested as a whole for each character. The bound counts work, not time, so the
// same pattern and text always give the same result.
#include "base/pattern.h"

#include "base/text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <string.h>

enum {
    MOST_BLOCK_BYTES = 8 << 20, ///< largest block that PCRE2 may allocate
    MOST_HEAP_KIB = MOST_BLOCK_BYTES >> 10,
    MOST_TRIES = 1000000, ///< at one position in the text
    STEPS = 10000000,     ///< of work in all, and ..
    STEPS_A_BYTE = 50,    ///< .. as many more for each byte of the text
    BYTES_A_STEP = 32,    ///< that a single item can scan
    ITEM_BYTES = 4,       ///< of the pattern; a longer item costs a multiple
    SHOWN_BYTES = 20,     ///< of a pattern, shown before its mistake
};

// A text that is not UTF-8 is matched all the same.
static const uint32_t OPTIONS = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOTALL |
                                PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;

struct pattern {
    const char *text;
    bool too_large; ///< it wanted a block of more than MOST_BLOCK_BYTES
    pcre2_general_context *general;
    pcre2_code *code;
    pcre2_match_context *limits;
    pcre2_match_data *found;
};

static void *allocate(size_t size, void *too_large) {
    *(bool *)too_large |= size > MOST_BLOCK_BYTES;
    return size <= MOST_BLOCK_BYTES ? xmalloc(size) : NULL;
}

static void release(void *block, void *unused) {
    (void)unused;
    free(block);
}

static int no_memory(struct err *err) {
    errno = ENOMEM;
    return err_errno(err, "compile a pattern");
}

static int tell(int number, const char *text, size_t offset, struct err *err) {
    PCRE2_UCHAR reason[128];
    pcre2_get_error_message(number, reason, sizeof reason);
    size_t shown = offset < SHOWN_BYTES ? offset : SHOWN_BYTES;
    return err_usage(err, "%s (after '%.*s')", (const char *)reason, (int)shown,
                     text + offset - shown);
}

// Whether inline options, such as `(?i)` or `(?x-i:`, may make it ignore case.
static bool may_ignore_case(const char *text) {
    while ((text = strstr(text, "(?"))) {
        text += 2;
        size_t options = strspn(text, "^-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (memchr(text, 'i', options))
            return true;
    }
    return false;
}

// Whether a class may have a range whose end is not a single byte or three octal digits. `(?xx)`
// ignores blanks there, and `\E` has no effect.
static bool may_have_wide_range(const char *text) {
    const char *class = strchr(text, '[');
    if (!class)
        return false;
    for (const char *dash = class; (dash = strchr(dash, '-'));) {
        dash += 1 + strspn(dash + 1, " \t");
        if ((unsigned char)*dash >= 0x80 || (*dash == '\\' && dash[1] && strchr("xoNQE", dash[1])))
            return true;
    }
    return false;
}

// Where case is ignored, PCRE2 looks up the other case of each character in a range, so a short
// class can take milliseconds. Compiling anything else takes time proportional to the pattern.
static int check_ranges(const char *text, struct err *err) {
    if (!may_ignore_case(text) || !may_have_wide_range(text))
        return 0;
    return err_usage(err, "it ignores case and has a range of characters outside of ASCII, which "
                          "takes too long; write those characters one by one");
}

static int compile(struct pattern *pattern, struct err *err) {
    pcre2_compile_context *context = pcre2_compile_context_create(pattern->general);
    if (!context)
        return no_memory(err);
    pcre2_set_parens_nest_limit(context, PATTERN_MAX_NESTING);
    // the caller splits lines; `\R` and `^` need no more than this
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    int number;
    size_t offset;
    pattern->code = pcre2_compile((PCRE2_SPTR)pattern->text, strlen(pattern->text), OPTIONS,
                                  &number, &offset, context);
    pcre2_compile_context_free(context);
    if (!pattern->code && number == PCRE2_ERROR_HEAP_FAILED && !pattern->too_large)
        return no_memory(err);
    return pattern->code ? 0 : tell(number, pattern->text, offset, err);
}

static int prepare(struct pattern *pattern, struct err *err) {
    pattern->general = pcre2_general_context_create(allocate, release, &pattern->too_large);
    if (!pattern->general)
        return no_memory(err);
    if (compile(pattern, err) < 0)
        return -1;
    pattern->limits = pcre2_match_context_create(pattern->general);
    pattern->found = pcre2_match_data_create(1, pattern->general);
    if (!pattern->limits || !pattern->found)
        return no_memory(err);
    pcre2_set_match_limit(pattern->limits, MOST_TRIES);
    pcre2_set_depth_limit(pattern->limits, MOST_TRIES);
    pcre2_set_heap_limit(pattern->limits, MOST_HEAP_KIB);
    return 0;
}

struct pattern *pattern_open(const char *text, struct err *err) {
    if (strlen(text) > PATTERN_MAX_BYTES) {
        err_usage(err, "it is longer than %d bytes", PATTERN_MAX_BYTES);
        return NULL;
    }
    struct pattern *pattern = xcalloc(1, sizeof *pattern);
    pattern->text = xstrdup(text);
    if (check_ranges(text, err) == 0 && prepare(pattern, err) == 0)
        return pattern;
    pattern_close(pattern);
    return NULL;
}

void pattern_close(struct pattern *pattern) {
    if (!pattern)
        return;
    pcre2_match_data_free(pattern->found);
    pcre2_match_context_free(pattern->limits);
    pcre2_code_free(pattern->code);
    pcre2_general_context_free(pattern->general);
    free((char *)pattern->text);
    free(pattern);
}

struct budget {
    size_t left;   ///< steps
    size_t at;     ///< where the match was last
    size_t length; ///< of the text
};

// A negative return value ends the match with that error.
static int charge(pcre2_callout_block *block, void *data) {
    struct budget *budget = data;
    size_t now = block->current_position;
    size_t cost = 1 + (now > budget->at ? now - budget->at : budget->at - now) +
                  (budget->length - now) / BYTES_A_STEP;
    cost *= 1 + block->next_item_length / ITEM_BYTES;
    budget->at = now;
    if (cost > budget->left)
        return PCRE2_ERROR_CALLOUT;
    budget->left -= cost;
    return 0;
}

static int match(const struct pattern *pattern, const char *text, size_t length,
                 struct budget *budget, struct err *err) {
    pcre2_set_callout(pattern->limits, charge, budget);
    budget->at = 0;
    budget->length = length;
    int ret =
        pcre2_match(pattern->code, (PCRE2_SPTR)text, length, 0, 0, pattern->found, pattern->limits);
    if (ret >= 0 || ret == PCRE2_ERROR_NOMATCH)
        return ret >= 0;
    err_set(err,
            "whether the pattern '%s' matches cannot be told within the bounds of time and memory",
            pattern->text);
    return err_remedy(err, "write the pattern with fewer repetitions inside or beside each other");
}

static struct budget budget_for(size_t length) {
    return (struct budget){.left = STEPS + length * STEPS_A_BYTE};
}

int pattern_matches(const struct pattern *pattern, const char *text, size_t length, size_t *steps,
                    struct err *err) {
    struct budget budget = budget_for(length);
    if (steps && *steps < budget.left)
        budget.left = *steps;
    size_t given = budget.left;
    int ret = match(pattern, text, length, &budget, err);
    if (steps)
        *steps -= given - budget.left;
    return ret;
}

int pattern_finds_line(const struct pattern *pattern, const char *text, size_t length,
                       struct err *err) {
    struct budget budget = budget_for(length);
    for (const char *end = text + length, *next; text < end; text = next + 1) {
        next = memchr(text, '\n', (size_t)(end - text));
        if (!next)
            next = end;
        int ret = match(pattern, text, (size_t)(next - text), &budget, err);
        if (ret != 0)
            return ret;
    }
    return 0;
}
