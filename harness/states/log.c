// SPDX-License-Identifier: Apache-2.0
// log.c - a line of the server's or the proxy's log
#include "states/states.h"

#include "base/pattern.h"
#include "plan/parts.h"

#include <stdio.h>

static int check_line(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    return check_pattern(plan->scenario, step->act.node, choice_text(&step->act), true, err);
}

static int check_proxy_line(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    return check_proxy(plan, step->act.node, err) < 0 ? -1 : check_line(plan, step, err);
}

static bool is_damage(const struct choice *what) {
    (void)what;
    return true;
}

static int look(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err) {
    cleanup_text struct text log = {0};
    if (what->verb == &state_proxy_log.word
            ? proxy_log_read(&run->world->proxy, &log, err) < 0
            : server_log_read(&run->world->server, run->log_offset, &log, err) < 0)
        return -1;
    cleanup_pattern struct pattern *pattern = pattern_open(choice_text(what), err);
    if (!pattern)
        return -1;
    int found = pattern_finds_line(pattern, text_get(&log), log.length, err);
    snprintf(look->seen, sizeof look->seen, "the log's last line is: %.200s",
             text_tail(text_get(&log), 1));
    return found;
}

const struct state_kind state_log = {
    .word = {"log", 0, &type_text, 0,
             "a line of the server's error log, written since the case began, that matches this "
             "regular expression (PCRE2)"},
    .tale = "the error log has a line that matches `{}`",
    .check = check_line,
    .is_damage = is_damage,
    .look = look,
};

const struct state_kind state_proxy_log = {
    .word = {"proxy-log", 0, &type_text, VERB_NEEDS_TCP,
             "a line of the proxy's log that matches this regular expression (PCRE2)"},
    .tale = "the proxy's log has a line that matches `{}`",
    .check = check_proxy_line,
    .is_damage = is_damage,
    .look = look,
};
