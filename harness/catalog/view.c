// SPDX-License-Identifier: Apache-2.0
// view.c - the catalogue as a table: which row of outcomes holds on which server and connector
#include "catalog/view.h"

#include "catalog/lineup.h"
#include "plan/causes.h"

#include <string.h>

int library_open(struct library *library, const char *home, int count, char **arguments,
                 struct err *err) {
    cleanup_free char *fixtures = xprintf("%s/fixtures", home);
    *library = (struct library){0};
    if (catalog_select(&library->catalog, home, count, arguments, err) < 0)
        return -1;
    if (images_open(&library->images, fixtures, err) < 0)
        return -1;
    if (library->images.server_count > BITS_MOST || library->images.connector_count > BITS_MOST)
        return err_usage(err, "%s has more than %d servers or connectors", fixtures, BITS_MOST);
    return 0;
}

void library_close(struct library *library) {
    images_close(&library->images);
    catalog_release(&library->catalog);
}

// A recipe's version is known once it is prepared; until then its name, mysql-9.7, is enough.
static const char *version_of(const struct server_recipe *server) {
    const char *dash = strrchr(server->name, '-');
    return server->version ? server->version : dash ? dash + 1 : "";
}

static struct place place_of(const struct server_recipe *server) {
    return (struct place){
        .server = server->name, .vendor = server->vendor, .server_version = version_of(server)};
}

bool view_is_for(const struct view *view, const struct scenario *scenario, size_t server) {
    struct place place = place_of(&view->images->servers[server]);
    return plan_is_for_server(scenario, &place);
}

const struct plan_row *view_row(const struct view *view, const struct plan_case *plan,
                                size_t server, size_t connector) {
    const struct connector_recipe *client = &view->images->connectors[connector];
    bool asked_for = client->on_request == 1 && client->only_named != 1;
    if (asked_for || !connector_is_for(client, plan->scenario))
        return NULL;
    struct place place = place_of(&view->images->servers[server]);
    place.connector = client->name;
    place.family = client->family ? client->family : client->name;
    place.connector_version = "";
    return plan_is_for_server(plan->scenario, &place) ? plan_find_row(plan, &place) : NULL;
}

bool view_is_code(const struct expectation *cell, int code) {
    for (; cell; cell = cell->or_else)
        if (cell->kind == OUTCOME_ERROR && cell->code == code)
            return true;
    return false;
}

static bool row_has_code(const struct plan_row *row, int code) {
    for (size_t i = 0; row && i < row->count; i++)
        if (view_is_code(row->expectations[i], code))
            return true;
    return false;
}

bool view_case_shows_code(const struct view *view, const struct plan_case *plan, int code) {
    for (size_t server = 0; server < view->images->usual_servers; server++)
        for (size_t i = 0; i < view->images->connector_count; i++)
            if (row_has_code(view_row(view, plan, server, i), code))
                return true;
    return false;
}

bool view_shows_code(const struct view *view, const struct scenario *scenario, int code) {
    for (size_t i = 0; i < scenario->case_count; i++)
        if (view_case_shows_code(view, &scenario->cases[i], code))
            return true;
    return false;
}

// ---- names -------------------------------------------------------------------------------------

void view_add_name(struct text *text, const char *name) {
    text_printf(text, "%s%s", text->length ? ", " : "", name);
}

char *view_servers(const struct view *view, struct bits servers) {
    struct text text = {0};
    for (size_t i = 0; i < view->images->usual_servers; i++)
        if (bits_has(servers, i))
            view_add_name(&text, view->images->servers[i].name);
    return text.data ? text.data : xstrdup("none");
}

// If a scenario names no connectors, its rows are for all libraries.
static bool are_all_libraries(const struct view *view, struct bits connectors) {
    struct bits libraries = bits_none();
    for (size_t i = 0; i < view->images->connector_count; i++)
        if (view->images->connectors[i].only_named != 1 &&
            view->images->connectors[i].on_request != 1)
            bits_add(&libraries, i);
    return bits_are_equal(connectors, libraries);
}

char *view_connectors(const struct view *view, struct bits connectors) {
    struct text text = {0};
    if (are_all_libraries(view, connectors))
        return xstrdup("all libraries");
    for (size_t i = 0; i < view->images->connector_count; i++)
        if (bits_has(connectors, i))
            view_add_name(&text, view->images->connectors[i].name);
    return text.data ? text.data : xstrdup("none");
}

char *view_transports(unsigned transports) {
    struct text text = {0};
    for (int i = 0; i < TRANSPORT_COUNT; i++)
        if (transports & 1U << i)
            view_add_name(&text, transport_words[i].name);
    return text.data ? text.data : xstrdup("none");
}

char *view_spread(const struct view *view, const struct spread *spread) {
    cleanup_free char *transports = view_transports(spread->transports);
    cleanup_free char *servers = view_servers(view, spread->servers);
    cleanup_free char *connectors = view_connectors(view, spread->connectors);
    struct bits all = bits_none();
    for (size_t i = 0; i < view->images->usual_servers; i++)
        bits_add(&all, i);
    bool everywhere = bits_are_equal(spread->servers, all);
    return xprintf("%s; %s; %s", transports, everywhere ? "all servers" : servers, connectors);
}

static void add_amount(struct text *text, const char *what, const struct amount_args *amount) {
    cleanup_free char *count = amount ? amount_text(amount) : NULL;
    if (count)
        text_printf(text, "%s %s; ", what, count);
}

static void add_packets(struct text *text, const char *before, const struct list *packets) {
    for (size_t i = 0; i < packets->count; i++) {
        cleanup_free char *packet = packet_text(((struct packet_evidence **)packets->items)[i]);
        text_printf(text, "%s %s; ", before, packet);
    }
}

static void add_wire(struct text *text, const struct wire_evidence *wire) {
    static const char *const closers[] = {[CLOSER_APP] = "the app closes first",
                                          [CLOSER_SERVER] = "the server closes first",
                                          [CLOSER_NETWORK] = "the network closes first",
                                          [CLOSER_NEITHER] = "nobody closes"};
    text_add(text, "on the wire: ");
    if (wire->first_close >= 0)
        text_printf(text, "%s; ", closers[wire->first_close]);
    add_amount(text, "resets", wire->resets);
    add_amount(text, "retransmissions", wire->retransmissions);
    if (wire->error_packet && wire_error(wire->error_packet))
        text_printf(text, "error packet %s; ", wire->error_packet->text);
    else if (wire->error_packet)
        text_add(text, "no error packet; ");
    add_packets(text, "a", &wire->packets);
    add_packets(text, "no", &wire->no_packets);
}

char *view_evidence(const struct evidence_args *evidence) {
    struct text text = {0};
    if (evidence && evidence->aborted_clients >= 0)
        text_printf(&text, "Aborted_clients +%lld; ", (long long)evidence->aborted_clients);
    if (evidence && evidence->aborted_connects >= 0)
        text_printf(&text, "Aborted_connects +%lld; ", (long long)evidence->aborted_connects);
    if (evidence && evidence->uptime_reset == 1)
        text_add(&text, "uptime begins anew; ");
    if (evidence && evidence->log)
        text_printf(&text, "the log matches \"%s\"; ", evidence->log);
    if (evidence && evidence->no_log)
        text_printf(&text, "no line of the log matches \"%s\"; ", evidence->no_log);
    if (evidence && evidence->wire)
        add_wire(&text, evidence->wire);
    if (text.length)
        text.data[text.length -= 2] = '\0';
    return text.data ? text.data : xstrdup("");
}

const char *view_judgement(const struct claim *claim) {
    static const char *const remedies[HOLDS_WORDS] = {
        [HOLDS_YES] = "helps", [HOLDS_PARTLY] = "helps partly", [HOLDS_NO] = "does not help"};
    static const char *const claims[HOLDS_WORDS] = {
        [HOLDS_YES] = "true", [HOLDS_PARTLY] = "partly true", [HOLDS_NO] = "false"};
    return (claim->remedy ? remedies : claims)[claim->holds];
}

const char *view_path(const struct scenario *scenario) {
    static const char folder[] = "/scenarios/";
    const char *path = scenario->file;
    for (const char *at = path; (at = strstr(at, folder)); at++)
        path = at + strlen(folder);
    return path;
}
