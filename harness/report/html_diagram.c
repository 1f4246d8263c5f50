// SPDX-License-Identifier: Apache-2.0
// html_diagram.c - a case as a sequence diagram, in SVG: lanes for the app, the network, the server
//
//        time      what the app calls |  app    network   server | what others do
#include "report/html.h"
#include "report/timeline.h"

#include <string.h>

// In units of the picture, which scales to the available width.
enum {
    WIDTH = 1000,
    ROW = 20,
    TOP = 34,
    TIME_AT = 66,
    APP_AT = 350,
    NETWORK_AT = 520,
    SERVER_AT = 690,
    GAP = 10,
    ARROW = 6,
};

static int lane_of(const char *host) {
    if (strcmp(host, "network") == 0 || strcmp(host, "proxy") == 0)
        return NETWORK_AT;
    return strcmp(host, "server") == 0 ? SERVER_AT : APP_AT;
}

static void add_label(struct text *out, const char *kind, int x, int y, const char *text,
                      size_t most) {
    static const struct sheet utf8 = {.utf8 = true};
    cleanup_free char *shown = sheet_safe(&utf8, text, (int)most);
    text_printf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", kind, x, y);
    html_escape(out, shown);
    if (strcmp(shown, text) != 0) {
        text_add(out, "<title>");
        html_escape(out, text);
        text_add(out, "</title>");
    }
    text_add(out, "</text>");
}

static void add_arrow(struct text *out, const struct moment *moment, int y) {
    enum { WORDS_MOST = 48 };
    int from = lane_of(moment->who), to = lane_of(moment->to);
    int sign = to > from ? 1 : -1, tip = moment->bad ? (from + to) / 2 : to;
    const char *kind = moment->bad ? "bad" : "passed";
    text_printf(out, "<path class=\"%s\" d=\"M%d %dH%d", kind, from, y, tip);
    if (moment->bad)
        text_printf(out, "m-4 -4l8 8m0 -8l-8 8\"/>");
    else
        text_printf(out, "m%d -3l%d 3l%d 3\"/>", -sign * ARROW, sign * ARROW, -sign * ARROW);
    add_label(out, moment->bad ? "words bad" : "words", (from + to) / 2, y - 4, moment->words,
              WORDS_MOST);
}

static void add_call(struct text *out, const struct moment *moment, int y, bool decides) {
    enum { CALL_MOST = 36, OTHER_MOST = 40 };
    const char *kind = decides ? "call decides" : moment->bad ? "call bad" : "call";
    bool other = !timeline_is_app(moment->who); // such are behind the server's lane
    cleanup_free char *words = other || strcmp(moment->who, "app") != 0
                                   ? xprintf("%s: %s", moment->who, moment->words)
                                   : xstrdup(moment->words);
    int lane = other ? SERVER_AT : APP_AT;
    text_printf(out, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"3\"/>", kind, lane, y);
    if (other)
        add_label(out, "other", lane + GAP, y + 4, words, OTHER_MOST);
    else
        add_label(out, kind, lane - GAP, y + 4, words, CALL_MOST);
}

static void add_lane(struct text *out, const char *name, int x, int height) {
    text_printf(out,
                "<text class=\"lane\" x=\"%d\" y=\"14\">%s</text>"
                "<path class=\"lane\" d=\"M%d 20V%d\"/>",
                x, name, x, height);
}

void html_add_diagram(struct text *out, const struct report_case *result) {
    struct moments moments;
    timeline_gather(&moments, result->plan, result->record);
    if (!moments.items)
        return;
    int height = TOP + (int)moments.count * ROW;
    text_printf(out,
                "<div class=\"scroll\" tabindex=\"0\"><svg role=\"img\" viewBox=\"0 0 %d %d\" "
                "width=\"%d\" aria-label=\"What was called, and what passed the network; the same "
                "in words below\">",
                WIDTH, height, WIDTH);
    add_lane(out, "app", APP_AT, height);
    add_lane(out, "network", NETWORK_AT, height);
    add_lane(out, "server", SERVER_AT, height);
    for (size_t i = 0; i < moments.count; i++) {
        const struct moment *moment = &moments.items[i];
        int y = TOP + (int)i * ROW;
        cleanup_free char *time = xprintf("%.1f ms", moment->at_ms);
        add_label(out, "time", TIME_AT, y + 4, time, (size_t)GAP * 2);
        if (moment->to)
            add_arrow(out, moment, y);
        else
            add_call(out, moment, y,
                     moment->kind == MOMENT_END && moment->step >= 0 &&
                         moment->step == result->verdict->step);
    }
    text_add(out, "</svg></div>\n");
    timeline_release(&moments);
}
