// SPDX-License-Identifier: Apache-2.0
// cell_check.c - checks of an outcome's long form that the tables cannot express
#include "plan/language_tables.h"
#include "plan/parts.h"

#include <string.h>

static int refuse_order(const struct node *max, struct err *err) {
    return node_error(max, err, "`max` is less than `min`");
}

static bool is_count(const struct node *node) {
    struct err unused;
    int64_t count;
    return table_decode(COUNT(0, MOST_COUNTED), node, &count, NULL, &unused) == 0;
}

static int check_values(const struct node *rows, struct err *err) {
    for (size_t i = 0; i < rows->count; i++) {
        const struct node *row = rows->items[i];
        bool fine = row->kind == NODE_LIST;
        for (size_t k = 0; fine && k < row->count; k++)
            fine = row->items[k]->kind == NODE_SCALAR;
        if (!fine)
            return node_error(row, err, "a row is a list of values, as in [[1, one], [2, two]]");
    }
    return 0;
}

static int check_rows(const struct node *rows, struct err *err) {
    if (!rows || is_count(rows))
        return 0;
    if (rows->kind == NODE_LIST)
        return check_values(rows, err);
    bool fine = rows->kind == NODE_MAP && rows->count > 0;
    for (size_t i = 0; fine && i < rows->count; i++)
        fine =
            (strcmp(rows->keys[i]->text, "min") == 0 || strcmp(rows->keys[i]->text, "max") == 0) &&
            is_count(rows->items[i]);
    struct err unused;
    int64_t least = -1, most = -1;
    if (fine && node_get(rows, "min") && node_get(rows, "max")) {
        table_decode(&type_count, node_get(rows, "min"), &least, NULL, &unused);
        table_decode(&type_count, node_get(rows, "max"), &most, NULL, &unused);
    }
    if (least > most)
        return refuse_order(node_get(rows, "max"), err);
    return fine ? 0
                : node_error(rows, err,
                             "rows are a list of rows, their number, or {min: N, max: N}, with "
                             "numbers up to %lld",
                             (long long)MOST_COUNTED);
}

int cell_check(const struct node *node, const struct cell_args *cell, enum outcome_kind kind,
               struct err *err) {
    if (check_rows(cell->rows, err) < 0)
        return -1;
    if (cell->error_number >= 0 && kind != OUTCOME_OK)
        return node_error(node_get(node, "error_number"), err,
                          "`error_number` is of a call that succeeds; write `error: %lld`",
                          (long long)cell->error_number);
    const struct bounds *within = cell->within;
    if (within && within->min_ms >= 0 && within->max_ms >= 0 && within->min_ms > within->max_ms)
        return refuse_order(node_get(node_get(node, "within"), "max"), err);
    return 0;
}
