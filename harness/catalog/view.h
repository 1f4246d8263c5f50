// SPDX-License-Identifier: Apache-2.0
// view.h - the catalogue as a table: which row of outcomes holds on which server and connector
#ifndef GONEAWAY_CATALOG_VIEW_H
#define GONEAWAY_CATALOG_VIEW_H

#include "base/bits.h"
#include "catalog/catalog.h"

/** What is read from scenarios/ and fixtures/. */
struct library {
    struct catalog catalog;
    struct images images;
};
/** Reads the scenarios that the arguments name, like catalog_select(), and the recipes. Call
 * library_close() after an error too. */
int library_open(struct library *library, const char *home, int count, char **arguments,
                 struct err *err);
void library_close(struct library *library);

/** Scenarios, servers and connectors. Servers and connectors are identified by their index in the
 * images' lists, so that a set of them is a set of numbers. */
struct view {
    const struct catalog *catalog;
    const struct images *images;
};

/** Where something appears. */
struct spread {
    struct bits servers, connectors;
    unsigned transports; // a bit mask
};

/** Whether a scenario's `servers` include a server. */
bool view_is_for(const struct view *view, const struct scenario *scenario, size_t server);
/** The row that applies to a case there; NULL if none does, or if the scenario is not for that
 * place. */
const struct plan_row *view_row(const struct view *view, const struct plan_case *plan,
                                size_t server, size_t connector);
/** Whether an expectation, or one of its alternatives, is this error code. */
bool view_is_code(const struct expectation *cell, int code);
/** Whether a step of a case shows the code, on any server and with any connector. */
bool view_case_shows_code(const struct view *view, const struct plan_case *plan, int code);
/** Whether any case of the scenario does. */
bool view_shows_code(const struct view *view, const struct scenario *scenario, int code);

/** The names in a set, "tcp, tls"; "none" if empty. To be freed. */
char *view_servers(const struct view *view, struct bits servers);
char *view_connectors(const struct view *view, struct bits connectors);
char *view_transports(unsigned transports);
/** "tcp, tls; all servers; mariadb-c", to be freed. */
char *view_spread(const struct view *view, const struct spread *spread);
/** What must show on the server's side, "Aborted_clients +1"; "" for nothing. To be freed. */
char *view_evidence(const struct evidence_args *evidence);
/** What became of a remedy ("helps") or a claim ("partly true"). */
const char *view_judgement(const struct claim *claim);
/** A scenario file's path relative to scenarios/; unchanged if it is elsewhere. */
const char *view_path(const struct scenario *scenario);
/** Appends a name to a list, after a comma unless it is the first. */
void view_add_name(struct text *text, const char *name);

#endif
