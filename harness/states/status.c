// SPDX-License-Identifier: Apache-2.0
// status.c - a status counter of the server
#include "states/states.h"

#include <stdio.h>

struct status_args {
    const char *name;
    int64_t grown_by; ///< growth since the case began; -1: any
    int64_t at_most;  ///< the value itself; -1: any
};

static const struct type type_status = {
    .name = "status",
    .kind = TYPE_RECORD,
    .size = sizeof(struct status_args),
    .fields = (const struct field[]){
        FIELD(struct status_args, name, "name", &type_name, FIELD_REQUIRED,
              "a variable of SHOW GLOBAL STATUS"),
        FIELD(struct status_args, grown_by, "grown_by", COUNT(0, MOST_COUNTED), 0,
              "since the case began it has grown by this much or more"),
        FIELD(struct status_args, at_most, "at_most", COUNT(0, MOST_COUNTED), 0,
              "its value, not its growth, is this or less"),
        END}};

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct status_args *args = step->act.args;
    (void)plan;
    return args->grown_by >= 0 || args->at_most >= 0
               ? 0
               : node_error(step->act.node, err, "status needs `grown_by` or `at_most`");
}

static bool is_damage(const struct choice *what) {
    return ((const struct status_args *)what->args)->at_most < 0;
}

static int begin(struct case_run *run, const struct choice *what, int64_t *ret_before,
                 struct err *err) {
    const struct status_args *args = what->args;
    return admin_status(run->world->server.admin, args->name, ret_before, err);
}

static int look(struct case_run *run, const struct choice *what, struct state_look *look,
                struct err *err) {
    const struct status_args *args = what->args;
    int64_t now;
    if (admin_status(run->world->server.admin, args->name, &now, err) < 0)
        return -1;
    int64_t before = look->before;
    snprintf(look->seen, sizeof look->seen, "%s has grown by %lld to %lld", args->name,
             (long long)(now - before), (long long)now);
    return (args->grown_by < 0 || now - before >= args->grown_by) &&
           (args->at_most < 0 || now <= args->at_most);
}

const struct state_kind state_status = {
    .word = {"status", 0, &type_status, 0, "a status counter of the server"},
    .tale = "the server's counter {name}[ has grown by {grown_by}][ is at most {at_most}]",
    .check = check,
    .is_damage = is_damage,
    .begin = begin,
    .look = look,
};
