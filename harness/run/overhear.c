// SPDX-License-Identifier: Apache-2.0
// overhear.c - records what passes between the hosts while a case runs
#include "run/case.h"

#include "base/clock.h"
#include "plan/need.h"
#include "world/addresses.h"

// What a report can show of a case: its first and its last events.
enum { MOST_EVENTS = 200 };

void overhear_begin(struct case_run *run) {
    const struct world *world = run->world;
    struct err err;
    if (!run->overheard && !(run->plan->needs & NEED_BIT(NEED_PACKETS)))
        return;
    if (case_on_socket(run)) {
        run->record->blind = xstrdup("over a Unix socket there are no packets");
        return;
    }
    struct link_end app = {&world->app, "eth0", APP_ADDRESS, APP_ADDRESS6};
    struct link_end server = {&world->server.netns, "eth0", SERVER_ADDRESS, SERVER_ADDRESS6};
    if (traffic_open(&run->traffic, &app, &server, &err) < 0)
        run->record->blind = xstrdup(err.what);
}

void overhear_wait(struct case_run *run) {
    struct err err;
    if (run->traffic.opening && traffic_wait(&run->traffic, &err) < 0)
        run->record->blind = xstrdup(err.what);
}

void overhear_end(struct case_run *run) {
    const char *const names[SPEAKERS] = {[SPEAKER_APP] = "app",
                                         [SPEAKER_NETWORK] = run->proxy ? "proxy" : "network",
                                         [SPEAKER_SERVER] = "server"};
    struct traffic_event *events = NULL;
    size_t left_out = 0;
    overhear_wait(run); // the case may have ended early
    if (!run->traffic.ends[SIDE_APP])
        return;
    exhibits_keep_packets(run);
    size_t count = traffic_read(&run->traffic, run->proxy != NULL, MOST_EVENTS, &events, &left_out);
    for (size_t i = 0; i < count; i++) {
        struct record_event *event = record_add_event(run->record, names[events[i].from],
                                                      names[events[i].to], events[i].words);
        event->at_ms = events[i].at_ms - run->began_ms;
        event->connection = events[i].connection;
        event->lost = events[i].lost;
        event->fin = events[i].fin;
        event->rst = events[i].rst;
        event->quit = events[i].quit;
        event->again = events[i].again;
        event->error = events[i].error;
    }
    run->record->events_left_out = (int)left_out;
    traffic_free_events(events, count);
    exhibits_take_packets(run);
    traffic_close(&run->traffic);
}
