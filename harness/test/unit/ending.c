// SPDX-License-Identifier: Apache-2.0
// ending.c - who closed a connection, when, and why
#include "report/ending.h"
#include "test/lib/suites.h"

#include <stdio.h>
#include <string.h>

// Steps "AT END actor verb outcome [id]", then a line "-", then events "AT connection from to words",
// where words tell by "FIN", "RST", "COM_QUIT", "ERR" and "again" what they are, and "!" that it was
// lost.
static const struct {
    const char *story, *sentence;
} stories[] = {
    {"0 20 app connect ok\n57 83 fault kill ok\n83.5 90 app query error first\n-\n"
     "1 1 app server SYN\n19 1 server app OK\n65 1 server app FIN\n89.5 1 app server COM_QUERY "
     "SELECT "
     "1\n89.6 1 server app RST\n",
     "the server closed 8.0 ms after `fault kill`; the client wrote 24 ms later into a connection "
     "that "
     "had ended"},
    // nothing else happened, and the server's log says why
    {"0 20 app connect ok\n21 1021 until app-socket ok\n1022 1023 app query error first\n-\n"
     "1 1 app server SYN\n19 1 server app OK\n1020 1 server app FIN\n",
     "the server closed 1.0 s after its last packet (its log: Got timeout reading)"},
    {"0 20 app connect ok\n21 40 app query error first\n-\n"
     "1 1 app server SYN\n22 1 app server 999 bytes\n23 1 server app ERR 1153\n24 1 server app "
     "FIN\n",
     "the server sent error 1153 ER_NET_PACKET_TOO_LARGE 1.0 ms after the client's `999 bytes` and "
     "closed 1.0 ms later (its log: Got timeout reading)"},
    {"0 1 app connect error first\n-\n0.2 1 app server SYN\n0.3 1 server app RST\n",
     "the server's host refused it: RST 0.1 ms after the client's `SYN`"},
    // the network
    {"0 5 fault reject ok\n6 9 app connect error first\n-\n6.5 1 app server !SYN\n6.6 1 network "
     "app "
     "ICMP: host unreachable\n",
     "the network, neither of the two hosts, answered `ICMP: host unreachable` 6.6 ms after `fault "
     "reject` and 0.1 ms after the client's `SYN`, which did not reach the server"},
    {"0 20 app connect ok\n30 31 fault drop ok\n40 540 app query error first\n-\n1 1 app server "
     "SYN\n"
     "19 1 server app OK\n41 1 app server !COM_QUERY SELECT 1\n200 1 app server !again, 15 bytes\n"
     "400 1 app server !again, 15 bytes\n",
     "nobody closed it: `app query, first`, 10 ms after `fault drop`, failed after 500 ms; its "
     "`COM_QUERY SELECT 1` was lost; 2 retransmissions went unanswered"},
    // what is lifted afterwards does not matter
    {"0 5 fault drop ok\n6 506 app connect error first\n506 510 lift drop ok\n-\n"
     "7 1 app server !SYN\n",
     "no connection came about: `app connect, first`, 6.0 ms after `fault drop`, failed after 500 "
     "ms; "
     "its `SYN` was lost"},
    // a reset that was lost itself
    {"0 20 app connect ok\n30 31 fault destroy ok\n40 41 app query error first\n-\n1 1 app server "
     "SYN\n"
     "19 1 server app OK\n30.5 1 server app !RST\n40.5 1 app server COM_PING\n40.6 1 server app "
     "RST\n",
     "the server reset the connection 0.5 ms after `fault destroy`, which did not reach the "
     "client; "
     "the client wrote 10 ms later into a connection that had ended"},
    // a proxy passes on what happened behind it
    {"0 20 app connect ok\n30 40 fault kill ok\n50 51 app query error first\n-\n1 1 app proxy SYN\n"
     "2 2 proxy server SYN\n19 1 proxy app OK\n31 2 server proxy FIN\n33 1 proxy app FIN\n",
     "the proxy closed 2.0 ms after the server had closed its end (1.0 ms after `fault kill`)"},
    // the client
    {"0 20 app connect ok\n21 1025 app query error first\n-\n1 1 app server SYN\n19 1 server app "
     "OK\n"
     "22 1 app server COM_QUERY SELECT SLEEP(9)\n1022 1 app server FIN\n",
     "the client gave up: it closed 1.0 s after its `COM_QUERY SELECT SLEEP(9)`, which had no "
     "answer"},
    {"0 20 app connect ok\n21 22 app fork ok\n23 25 child close ok\n26 27 app query error "
     "first\n-\n"
     "1 1 app server SYN\n19 1 server app OK\n24 1 app server COM_QUIT\n24.1 1 server app FIN\n",
     "the client closed by COM_QUIT in `child close`, 2.0 ms before `app query, first`"},
    // another of its calls closes what a call is waiting for, or opens a connection beside it
    {"0 20 app connect ok\n21 90 app query error first\n80 85 app cancel ok\n-\n"
     "1 1 app server SYN\n19 1 server app OK\n22 1 app server COM_QUERY SELECT SLEEP(9)\n"
     "81 1 app server FIN\n",
     "the client closed in `app cancel`, 60 ms into `app query, first`"},
    {"0 20 app connect ok\n21 90 app query error first\n80 85 app cancel ok\n-\n"
     "1 1 app server SYN\n19 1 server app OK\n22 1 app server COM_QUERY SELECT SLEEP(9)\n"
     "81 2 app server SYN\n82 2 app server COM_QUERY KILL QUERY 12\n83 2 app server COM_QUIT\n"
     "84 1 server app ERR 1317\n",
     "the server answered with error 1317 ER_QUERY_INTERRUPTED, and nobody closed the connection"},
    // a call that hangs is ended, which closes its connection
    {"0 20 app connect ok\n21 2021 app query hang first\n-\n1 1 app server SYN\n19 1 server app "
     "OK\n"
     "22 1 app server COM_QUERY SELECT SLEEP(9)\n2020 1 app server FIN\n2020.5 1 server app FIN\n",
     "nobody closed it: `app query, first` had not returned after 2.0 s; its `COM_QUERY SELECT "
     "SLEEP(9)` had no answer"},
    {"0 20 app connect error first\n-\n1 9 app server SYN\n",
     "no connection came about: `app connect, first` failed after 20 ms; its `SYN` had no answer"},
    // an error is an answer, and the connection that ended is another
    {"0 20 app connect ok\n21 25 app query error first\n-\n1 1 app server SYN\n19 1 server app OK\n"
     "22 1 app server COM_QUERY SELECT 1\n24 1 server app ERR 1317\n",
     "the server answered with error 1317 ER_QUERY_INTERRUPTED, and nobody closed the connection"},
    {"0 20 app connect ok\n30 35 fault kill ok\n40 60 app query ok first\n-\n1 1 app server SYN\n"
     "19 1 server app OK\n31 1 server app FIN\n41 1 app server COM_PING\n42 2 app server SYN\n",
     "the server closed 1.0 ms after `fault kill`; the client wrote 10 ms later into a connection "
     "that "
     "had ended; no call failed"},
    // nothing to be said
    {"0 20 app connect ok\n21 25 app close ok\n-\n1 1 app server SYN\n22 1 app server COM_QUIT\n"
     "23 1 server app FIN\n",
     NULL},
    {"0 20 app connect error first\n-\n", NULL},
    {"0 20 app connect error first\n-\n1 0 app server SYN\n", NULL},
};

static void read_step(struct record *record, const char *line) {
    char actor[16], verb[16], outcome[16], id[16] = "";
    struct record_step *step = record_add_step(record);
    ck_assert_int_ge(sscanf(line, "%lf %lf %15s %15s %15s %15s", &step->at_ms, &step->end_ms, actor,
                            verb, outcome, id),
                     5);
    step->actor = xstrdup(actor);
    step->verb = xstrdup(verb);
    step->id = *id ? xstrdup(id) : NULL;
    step->ms = step->end_ms - step->at_ms - 0.01; // known here a moment later
    step->thread = 12;
    while (strcmp(outcome_names[step->outcome], outcome) != 0)
        step->outcome++;
}

static void read_event(struct record *record, const char *line) {
    char from[16], to[16];
    double at_ms;
    int connection, begin;
    ck_assert_int_eq(sscanf(line, "%lf %d %15s %15s %n", &at_ms, &connection, from, to, &begin), 4);
    const char *words = line + begin;
    struct record_event *event = record_add_event(record, from, to, words + (*words == '!'));
    event->at_ms = at_ms;
    event->connection = connection;
    event->lost = *words == '!';
    event->fin = strstr(words, "FIN") != NULL;
    event->rst = strstr(words, "RST") != NULL;
    event->quit = strstr(words, "COM_QUIT") != NULL;
    event->again = strstr(words, "again") != NULL;
    sscanf(words, "ERR %d", &event->error);
}

static struct record *read_story(const char *story) {
    cleanup_free char *copy = xstrdup(story);
    struct record *record = record_new("kill-idle@tcp");
    bool of_steps = true;
    for (char *rest = copy, *line; (line = strsep(&rest, "\n")) && *line;) {
        if (strcmp(line, "-") == 0)
            of_steps = false;
        else if (of_steps)
            read_step(record, line);
        else
            read_event(record, line);
    }
    record->ms = 5000;
    record_add_log(record, "Aborted connection 12 to db: 'x' (Got timeout reading)");
    return record;
}

START_TEST(who_closed_it_is_said_in_a_sentence) {
    static const struct plan_case plan = {0};
    cleanup_record struct record *record = read_story(stories[_i].story);
    if (!strstr(stories[_i].sentence ? stories[_i].sentence : "", "its log"))
        record_set_log(record, "", 0);
    cleanup_free char *sentence = ending_tell(&plan, record);
    if (!stories[_i].sentence)
        ck_assert_msg(!sentence, "%s", sentence);
    else
        ck_assert_str_eq(sentence ? sentence : "(nothing)", stories[_i].sentence);
}
END_TEST

// What was left out may be the close.
START_TEST(what_was_left_out_is_not_guessed) {
    static const struct plan_case plan = {0};
    cleanup_record struct record *record = read_story(
        "0 20 app connect ok\n21 40 app query error first\n-\n1 1 app server SYN\n22 1 app server "
        "COM_PING\n");
    record->events_left_out = 9;
    cleanup_free char *sentence = ending_tell(&plan, record);
    ck_assert_str_eq(sentence, "who closed it cannot be told: 9 segments are left out");
}
END_TEST

Suite *suite_ending(void) {
    Suite *suite = suite_create("ending");
    TCase *cases = tcase_create("sentences");
    tcase_add_loop_test(cases, who_closed_it_is_said_in_a_sentence, 0, (int)COUNT_OF(stories));
    tcase_add_test(cases, what_was_left_out_is_not_guessed);
    suite_add_tcase(suite, cases);
    return suite;
}
