// SPDX-License-Identifier: Apache-2.0
// hosts.c - which hosts a case's world has at the moment, for whoever is to enter them
#include "run/hosts.h"

static json_t *host(const struct netns *netns, const char *root) {
    json_t *json = json_object();
    if (netns->route)
        json_object_set_new(json, "net", json_integer(netns->fd));
    if (root)
        json_object_set_new(json, "root", json_string(root));
    return json;
}

json_t *hosts_json(struct case_run *run, const struct plan_step *step) {
    const struct world *world = run->world;
    const struct server *server = &world->server;
    json_t *json = json_object(), *served = host(&server->netns, server->root);
    if (run->served && server_pid(server) > 0)
        json_object_set_new(served, "socket",
                            json_sprintf("%s/" SERVER_SOCKET_FILE, server->sockets));
    json_object_set_new(json, "app", host(&world->app, run->connector->root));
    json_object_set_new(json, "wire", host(&world->wire, NULL));
    json_object_set_new(json, "server", served);
    if (step)
        json_object_set_new(json, "step", json_integer(step->number));
    return json;
}
