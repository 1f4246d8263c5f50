// SPDX-License-Identifier: Apache-2.0
// view.h - the catalogue as a table: which row of outcomes holds on which server and connector
#ifndef GONEAWAY_CATALOG_VIEW_H
#define GONEAWAY_CATALOG_VIEW_H

#include "base/bits.h"
#include "catalog/catalog.h"

/** What is read of scenarios/ and fixtures/. */
struct library {
    struct catalog catalog;
    struct images images;
};
/** Reads the scenarios that the arguments name, as catalog_select() does, and the recipes.
 * library_close() also after an error. */
int library_open(struct library *library, const char *home, int count, char **arguments,
                 struct err *err);
void library_close(struct library *library);

/** Scenarios, servers and connectors. The latter two are counted by their place in the images'
 * lists, so that a set of them is one of numbers. */
struct view {
    const struct catalog *catalog;
    const struct images *images;
};

/** Where something appears. */
struct spread {
    struct bits servers, connectors;
    unsigned transports; // a bit mask
};

/** Whether a scenario is for a server, by its `servers`. */
bool view_is_for(const struct view *view, const struct scenario *scenario, size_t server);
/** The row that holds for a case there; NULL: none does, or the scenario is not for it. */
const struct plan_row *view_row(const struct view *view, const struct plan_case *plan,
                                size_t server, size_t connector);
/** Whether an expectation, or an alternative of it, is this error code. */
bool view_is_code(const struct expectation *cell, int code);
/** Whether a step of a case shows the code, on some server and connector. */
bool view_case_shows_code(const struct view *view, const struct plan_case *plan, int code);
/** Whether some case of the scenario does. */
bool view_shows_code(const struct view *view, const struct scenario *scenario, int code);

/** The names in a set, "tcp, tls"; "none". Free them. */
char *view_servers(const struct view *view, struct bits servers);
char *view_connectors(const struct view *view, struct bits connectors);
char *view_transports(unsigned transports);
/** "tcp, tls; all servers; mariadb-c", to be freed. */
char *view_spread(const struct view *view, const struct spread *spread);
/** What the server's side must show, "Aborted_clients +1"; "" for nothing. Free it. */
char *view_evidence(const struct evidence_args *evidence);
/** What became of a remedy ("helps") or a claim ("partly true"). */
const char *view_judgement(const struct claim *claim);
/** Where a scenario's file lies, as seen from the folder scenarios/; that of another, as it is. */
const char *view_path(const struct scenario *scenario);
/** Appends a name of a list, behind a comma if it is not the first. */
void view_add_name(struct text *text, const char *name);

#endif
