// SPDX-License-Identifier: Apache-2.0
// traffic.c - joins what was captured at both ends, and puts it into words
#include "traffic/traffic.h"

#include "traffic/dialogue.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

// A segment as seen at one end.
struct sight {
    double at_ms;
    enum speaker from, to;
    int connection;
    uint32_t sequence;
    unsigned flags;
    size_t length;
    struct heard heard;
    bool icmp, matched, lost;
    char *words;
};

struct connection {
    bool ipv6;
    uint16_t app_port, server_port;
    int number; // the same at both ends
    struct dialogue *dialogue;
};

// Everything seen at one end.
struct end_view {
    enum side side;
    bool proxied;                  // the host's peer is a proxy on the network
    const struct end_view *before; // the end that was looked at before; NULL: none
    struct connection *connections;
    struct sight *sights;
    size_t connection_count, sight_count;
};

// ---- threads -----------------------------------------------------------------------------------

// The threads block all signals, which are for the main thread.
static int start(pthread_t *ret_thread, void *(*body)(void *), void *context, struct err *err) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    errno = pthread_create(ret_thread, NULL, body, context);
    int ret = errno ? err_errno(err, "start a thread") : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ret;
}

static void *open_ends(void *context) {
    struct traffic *traffic = context;
    for (int side = 0; side < SIDES; side++) {
        traffic->ends[side] = capture_open(&traffic->links[side], &traffic->err);
        if (!traffic->ends[side])
            break;
    }
    return NULL;
}

struct ends {
    struct capture *captures[SIDES];
};

static void *close_ends(void *context) {
    struct ends *ends = context;
    for (int side = 0; side < SIDES; side++)
        capture_close(ends->captures[side]);
    free(ends);
    return NULL;
}

int traffic_open(struct traffic *traffic, const struct link_end *app, const struct link_end *server,
                 struct err *err) {
    *traffic = (struct traffic){.links = {[SIDE_APP] = *app, [SIDE_SERVER] = *server}};
    traffic->opening = start(&traffic->opener, open_ends, traffic, err) == 0;
    return traffic->opening ? 0 : -1;
}

int traffic_wait(struct traffic *traffic, struct err *err) {
    if (traffic->opening)
        pthread_join(traffic->opener, NULL);
    traffic->opening = false;
    if (traffic->ends[SIDE_SERVER])
        return 0;
    *err = traffic->err;
    traffic_close(traffic);
    return -1;
}

void traffic_close(struct traffic *traffic) {
    struct ends *ends = xcalloc(1, sizeof *ends);
    struct err ignored;
    pthread_t closer;
    if (traffic->opening)
        pthread_join(traffic->opener, NULL);
    for (int side = 0; side < SIDES; side++)
        ends->captures[side] = traffic->ends[side];
    *traffic = (struct traffic){0};
    if (!ends->captures[SIDE_APP] || start(&closer, close_ends, ends, &ignored) < 0)
        close_ends(ends);
    else
        pthread_detach(closer);
}

// ---- one end -----------------------------------------------------------------------------------

static struct connection *find_connection(const struct end_view *view,
                                          const struct connection *like) {
    for (size_t i = view->connection_count; i-- > 0;) {
        struct connection *one = &view->connections[i];
        if (one->ipv6 == like->ipv6 && one->app_port == like->app_port &&
            one->server_port == like->server_port)
            return one;
    }
    return NULL;
}

// A number that no connection has yet, unless the other end has seen this one.
static int number_of(const struct end_view *view, const struct connection *connection) {
    const struct end_view *before = view->before;
    const struct connection *same =
        before && !view->proxied ? find_connection(before, connection) : NULL;
    return same ? same->number
                : 1 + (int)(view->connection_count + (before ? before->connection_count : 0));
}

static struct connection *connection_of(struct end_view *view, const struct segment *segment,
                                        bool app_is_source) {
    struct connection like = {.ipv6 = segment->ipv6,
                              .app_port = app_is_source ? segment->source : segment->target,
                              .server_port = app_is_source ? segment->target : segment->source};
    struct connection *found = find_connection(view, &like);
    if (found)
        return found;
    like.number = number_of(view, &like);
    like.dialogue = dialogue_new();
    view->connections = xgrow(view->connections, view->connection_count, sizeof *view->connections);
    view->connections[view->connection_count] = like;
    return &view->connections[view->connection_count++];
}

static enum speaker speaker_of(const struct end_view *view, enum side side) {
    if (view->proxied && side != view->side)
        return SPEAKER_NETWORK;
    return side == SIDE_APP ? SPEAKER_APP : SPEAKER_SERVER;
}

static void see(void *context, double at_ms, bool sent, const struct segment *segment) {
    struct end_view *view = context;
    enum side from = sent ? view->side : view->side == SIDE_APP ? SIDE_SERVER : SIDE_APP;
    bool icmp = segment->icmp_type >= 0;
    cleanup_text struct text words = {0};
    // an ICMP error goes back to the sender of what it is about
    bool app_is_source = icmp ? from == SIDE_SERVER : from == SIDE_APP;
    const struct connection *connection = connection_of(view, segment, app_is_source);
    struct heard heard = dialogue_hear(connection->dialogue, from, segment, &words);
    if (!*text_get(&words) && heard.untold == 0)
        return;
    view->sights = xgrow(view->sights, view->sight_count, sizeof *view->sights);
    view->sights[view->sight_count++] =
        (struct sight){.at_ms = at_ms,
                       .from = icmp && !sent ? SPEAKER_NETWORK : speaker_of(view, from),
                       .to = speaker_of(view, from == SIDE_APP ? SIDE_SERVER : SIDE_APP),
                       .connection = connection->number,
                       .sequence = segment->sequence,
                       .flags = segment->flags & (SEGMENT_SYN | SEGMENT_FIN | SEGMENT_RST),
                       .length = segment->length,
                       .heard = heard,
                       .icmp = icmp,
                       .words = xstrdup(text_get(&words))};
}

static void release(struct end_view *view) {
    for (size_t i = 0; i < view->connection_count; i++)
        dialogue_free(view->connections[i].dialogue);
    for (size_t i = 0; i < view->sight_count; i++)
        free(view->sights[i].words);
    free(view->connections);
    free(view->sights);
}

// ---- both ends ---------------------------------------------------------------------------------

static bool are_one(const struct sight *a, const struct sight *b) {
    return a->from == b->from && a->icmp == b->icmp && a->sequence == b->sequence &&
           a->flags == b->flags && a->length == b->length;
}

// A retransmission is the same segment; the one that arrived is the latest sent by then. Both ends
// use the same clock.
static struct sight *sent_before(struct end_view *sender, const struct sight *arrival) {
    enum { UNSURE_MS = 1 };
    struct sight *last = NULL;
    for (size_t i = 0; i < sender->sight_count; i++) {
        struct sight *one = &sender->sights[i];
        if (!one->matched && are_one(one, arrival) && one->at_ms <= arrival->at_ms + UNSURE_MS)
            last = one;
    }
    return last;
}

static void match(struct end_view *sender, struct end_view *receiver) {
    enum speaker from = sender->side == SIDE_APP ? SPEAKER_APP : SPEAKER_SERVER;
    for (size_t i = 0; i < receiver->sight_count; i++) {
        struct sight *arrival = &receiver->sights[i];
        struct sight *sent = arrival->from == from ? sent_before(sender, arrival) : NULL;
        if (sent)
            sent->matched = arrival->matched = true;
    }
}

// Segments may be split or merged on the way.
static bool overlaps(const struct sight *one, const struct end_view *other) {
    for (size_t i = 0; i < other->sight_count; i++) {
        const struct sight *seen = &other->sights[i];
        uint32_t ahead = one->sequence - seen->sequence, behind = seen->sequence - one->sequence;
        if (seen->from == one->from && seen->length > 0 &&
            (ahead < seen->length || behind < one->length))
            return true;
    }
    return false;
}

// Whether the segment itself was seen; if another copy of it was sent, that may be the one.
static bool has_copy(const struct sight *one, const struct end_view *other) {
    for (size_t i = 0; i < other->sight_count; i++)
        if (are_one(one, &other->sights[i]))
            return true;
    return false;
}

// For segments seen at one end only, decides who sent them and what became of them.
static void judge(struct end_view *view, const struct end_view *other, bool other_is_whole) {
    enum speaker own = view->side == SIDE_APP ? SPEAKER_APP : SPEAKER_SERVER;
    for (size_t i = 0; i < view->sight_count; i++) {
        struct sight *one = &view->sights[i];
        if (one->matched || !other_is_whole)
            continue;
        bool crossed = one->length > 0 && !has_copy(one, other) && overlaps(one, other);
        if (one->from == own)
            one->lost = !crossed && !one->icmp;
        else if (!crossed && (one->flags & SEGMENT_RST))
            one->from = SPEAKER_NETWORK;
    }
}

static void add(struct traffic_event **events, size_t *count, const struct sight *sight) {
    *events = xgrow(*events, *count, sizeof **events);
    (*events)[(*count)++] = (struct traffic_event){.at_ms = sight->at_ms,
                                                   .from = sight->from,
                                                   .to = sight->to,
                                                   .connection = sight->connection,
                                                   .lost = sight->lost,
                                                   .fin = (sight->flags & SEGMENT_FIN) != 0,
                                                   .rst = (sight->flags & SEGMENT_RST) != 0,
                                                   .quit = sight->heard.quit,
                                                   .again = sight->heard.again,
                                                   .error = sight->heard.error};
}

static int by_time(const void *a, const void *b) {
    const struct sight *const *x = a, *const *y = b;
    return ((*x)->at_ms > (*y)->at_ms) - ((*x)->at_ms < (*y)->at_ms);
}

// A segment seen at both ends is reported once, from its sender's view.
static bool is_told(const struct end_view *view, const struct sight *sight, bool proxied) {
    enum speaker own = view->side == SIDE_APP ? SPEAKER_APP : SPEAKER_SERVER;
    if (proxied || sight->from == SPEAKER_NETWORK || sight->from == own)
        return true;
    return !sight->matched && view->side == SIDE_APP;
}

static const struct sight **gather(const struct end_view *views, bool proxied, size_t *ret_count) {
    size_t most = views[SIDE_APP].sight_count + views[SIDE_SERVER].sight_count;
    const struct sight **all = xcalloc(most + 1, sizeof *all);
    *ret_count = 0;
    for (int side = 0; side < SIDES; side++)
        for (size_t i = 0; i < views[side].sight_count; i++)
            if (is_told(&views[side], &views[side].sights[i], proxied))
                all[(*ret_count)++] = &views[side].sights[i];
    qsort((void *)all, *ret_count, sizeof *all, by_time);
    return all;
}

static bool go_together(const struct sight *a, const struct sight *b) {
    return !*a->words && !*b->words && a->connection == b->connection && a->from == b->from &&
           a->to == b->to && a->lost == b->lost;
}

// Bulk data is described by its size.
static char *words_of(const struct sight *const *run, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += run[i]->heard.untold;
    const char *words = run[0]->words;
    if (bytes == 0)
        return xstrdup(words);
    cleanup_free char *segments = count > 1 ? xprintf(" in %zu segments", count) : xstrdup("");
    return xprintf("%s%s%zu byte%s%s", words, *words ? ", " : "", bytes, bytes == 1 ? "" : "s",
                   segments);
}

static size_t fold(const struct sight *const *all, size_t count, struct traffic_event **events) {
    size_t told = 0;
    for (size_t i = 0, run; i < count; i += run) {
        for (run = 1; i + run < count && go_together(all[i], all[i + run]);)
            run++;
        add(events, &told, all[i]);
        (*events)[told - 1].words = words_of(all + i, run);
    }
    return told;
}

// Keeps the first and the last events.
static size_t shorten(struct traffic_event *events, size_t count, size_t most) {
    if (count <= most)
        return count;
    size_t head = most / 2, tail = most - head;
    for (size_t i = head; i < count - tail; i++)
        free(events[i].words);
    memmove(events + head, events + count - tail, tail * sizeof *events);
    return most;
}

size_t traffic_read(struct traffic *traffic, bool proxied, size_t most,
                    struct traffic_event **ret_events, size_t *ret_left_out) {
    struct end_view views[SIDES] = {{.side = SIDE_APP, .proxied = proxied},
                                    {.side = SIDE_SERVER, .proxied = proxied, .before = views}};
    unsigned missed[SIDES] = {0};
    size_t count = 0;
    *ret_events = NULL;
    for (int side = 0; side < SIDES && traffic->ends[side]; side++) {
        capture_read(traffic->ends[side], see, &views[side]);
        missed[side] = capture_missed(traffic->ends[side]);
    }
    if (!proxied) {
        match(&views[SIDE_APP], &views[SIDE_SERVER]);
        match(&views[SIDE_SERVER], &views[SIDE_APP]);
        judge(&views[SIDE_APP], &views[SIDE_SERVER], missed[SIDE_SERVER] == 0);
        judge(&views[SIDE_SERVER], &views[SIDE_APP], missed[SIDE_APP] == 0);
    }
    const struct sight **all = gather(views, proxied, &count);
    size_t told = fold(all, count, ret_events);
    free((void *)all);
    for (int side = 0; side < SIDES; side++)
        release(&views[side]);
    size_t kept = shorten(*ret_events, told, most);
    *ret_left_out = told - kept + missed[SIDE_APP] + missed[SIDE_SERVER];
    return kept;
}

void traffic_free_events(struct traffic_event *events, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(events[i].words);
    free(events);
}

int traffic_keep(struct traffic *traffic, size_t most, struct err *err) {
    for (int side = 0; side < SIDES && traffic->ends[side]; side++)
        if (capture_keep(traffic->ends[side], most, err) < 0)
            return -1;
    return 0;
}

char *traffic_take_kept(struct traffic *traffic, enum side side, size_t *ret_length) {
    *ret_length = 0;
    return traffic->ends[side] ? capture_take_kept(traffic->ends[side], ret_length) : NULL;
}
