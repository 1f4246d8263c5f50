// SPDX-License-Identifier: Apache-2.0
// language_call.c - `call`: a function of the library, by name
#include "plan/language_tables.h"
#include "plan/plan.h"

#include <string.h>

const struct type type_call = {
    .name = "a call",
    .kind = TYPE_RECORD,
    .size = sizeof(struct call_args),
    .shorthand = "name",
    .fields = (const struct field[]){
        FIELD(struct call_args, name, "name", &type_line, FIELD_REQUIRED,
              "the library's function, as the adapter knows it: mysql_stat; get_server_info for "
              "PyMySQL"),
        FIELD(struct call_args, args, "args", &type_value_list, 0,
              "its arguments besides the connection, in order; they may also stand beside `call`"),
        END}};

enum { CALL_NAME_BYTES = 64 };

static int check_call_name(const struct plan_step *step, const char *name, struct err *err) {
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    size_t length = strlen(name);
    if (length > 0 && length <= CALL_NAME_BYTES && strspn(name, allowed) == length)
        return 0;
    return node_error(step->act.node, err,
                      "a call's name has up to %d letters, digits, _ and dots, as in "
                      "`{call: mysql_stat}`; its arguments stand in `args: [..]`",
                      CALL_NAME_BYTES);
}

int call_check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct call_args *args = step->act.args;
    (void)plan;
    return check_call_name(step, args->name, err);
}

int call_take_args(struct app_act *act, const struct node *node, struct err *err) {
    const struct node *beside = node_get(node, "args");
    struct call_args *call = act->op.args;
    if (!beside)
        return 0;
    if (!act->op.verb || act->op.verb->args != &type_call)
        return node_error(beside, err, "`args` stands beside `call`, and beside no other verb");
    if (call->args.items)
        return node_error(beside, err, "the arguments of the call stand in it already");
    call->args = act->args;
    return 0;
}
