// SPDX-License-Identifier: Apache-2.0
// values.c - the settings of a step in a line, as far as their effect is known
#include "try/values.h"

#include <stdlib.h>
#include <string.h>

int64_t try_timeout_in(const struct dict *values) {
    for (size_t i = 0; values && i < values->count; i++)
        if (strcmp(values->keys[i], "wait_timeout") == 0) {
            const struct node *value = ((const struct node **)values->items)[i];
            return value->kind == NODE_SCALAR ? (int64_t)atoi(value->text) * 1000 : 0;
        }
    return 0;
}

bool try_sets_more(const struct dict *values) {
    return values && values->count > (try_timeout_in(values) ? 1 : 0);
}

bool try_connects_plainly(const struct plan_step *step) {
    const struct connect_args *args = step->act.args;
    return !args || (!args->user && !args->password && args->ca < 0 && args->plugins < 0 &&
                     !args->init_command && args->to <= TO_SERVER && !args->database &&
                     args->connect_timeout_ms <= 0 && !try_sets_more(&args->session));
}
