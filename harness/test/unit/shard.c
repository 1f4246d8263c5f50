// SPDX-License-Identifier: Apache-2.0
// shard.c - how cases are dealt to machines that do not communicate
#include "batch/deal.h"
#include "test/lib/suites.h"

#include <string.h>

enum { CASES = 60, COLUMNS = 4, CARDS = CASES * COLUMNS, MOST_SHARDS = 9 };

// As in a run: every case at each place in turn, some cases much longer than others.
static void make_cards(struct deal_card *cards) {
    for (int i = 0; i < CARDS; i++) {
        int number = i / COLUMNS;
        cards[i].cost_ms = number % 7 == 0 ? 2000 + number * 100 : 500;
        cards[i].column = i % COLUMNS;
    }
}

START_TEST(every_card_is_in_one_hand) {
    int shards = _i, hands[CARDS];
    struct deal_card cards[CARDS];
    memset(hands, -1, sizeof hands);
    make_cards(cards);
    deal_cards(cards, CARDS, shards, hands);
    for (int i = 0; i < CARDS; i++)
        ck_assert(hands[i] >= 0 && hands[i] < shards);
}
END_TEST

START_TEST(hands_take_about_as_long) {
    int shards = _i, hands[CARDS];
    int64_t loads[MOST_SHARDS] = {0}, longest = 0;
    struct deal_card cards[CARDS];
    make_cards(cards);
    deal_cards(cards, CARDS, shards, hands);
    for (int i = 0; i < CARDS; i++) {
        loads[hands[i]] += cards[i].cost_ms;
        longest = cards[i].cost_ms > longest ? cards[i].cost_ms : longest;
    }
    for (int i = 1; i < shards; i++)
        ck_assert_int_lt(loads[i] > loads[0] ? loads[i] - loads[0] : loads[0] - loads[i], longest);
}
END_TEST

// Otherwise one shard would boot MySQL for all its cases, and another MariaDB.
START_TEST(every_hand_has_its_part_of_a_column) {
    int shards = _i, hands[CARDS];
    struct deal_card cards[CARDS];
    for (int i = 0; i < CARDS; i++)
        cards[i] = (struct deal_card){.cost_ms = 500, .column = i % COLUMNS};
    deal_cards(cards, CARDS, shards, hands);
    for (int column = 0; column < COLUMNS; column++) {
        int counts[MOST_SHARDS] = {0};
        for (int i = 0; i < CARDS; i++)
            counts[hands[i]] += cards[i].column == column;
        for (int i = 0; i < shards; i++)
            ck_assert_int_le(counts[i] > CASES / shards ? counts[i] - CASES / shards
                                                        : CASES / shards - counts[i],
                             1);
    }
}
END_TEST

START_TEST(cards_are_always_dealt_alike) {
    int once[CARDS], again[CARDS];
    struct deal_card cards[CARDS];
    make_cards(cards);
    deal_cards(cards, CARDS, 5, once);
    deal_cards(cards, CARDS, 5, again);
    ck_assert_int_eq(memcmp(once, again, sizeof once), 0);
    deal_cards(cards, 0, 5, again);
}
END_TEST

Suite *suite_shard(void) {
    Suite *suite = suite_create("shard");
    TCase *all = tcase_create("deal");
    tcase_add_loop_test(all, every_card_is_in_one_hand, 1, MOST_SHARDS + 1);
    tcase_add_loop_test(all, hands_take_about_as_long, 1, MOST_SHARDS + 1);
    tcase_add_loop_test(all, every_hand_has_its_part_of_a_column, 1, MOST_SHARDS + 1);
    tcase_add_test(all, cards_are_always_dealt_alike);
    suite_add_tcase(suite, all);
    return suite;
}
