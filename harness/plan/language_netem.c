// SPDX-License-Identifier: Apache-2.0
// language_netem.c - how a bad network is written
#include "plan/language_tables.h"

#define NETEM(member, key, kind, text) FIELD(struct netem_args, member, key, kind, 0, text)

const struct type type_netem = {
    .name = "netem",
    .kind = TYPE_RECORD,
    .size = sizeof(struct netem_args),
    .doc = "the words and their meanings are those of tc-netem(8)",
    .fields = (const struct field[]){
        FIELD(struct netem_args, towards, "towards", &type_side, FIELD_REQUIRED,
              "whose incoming packets are affected; the sender does not see what becomes of them"),
        NETEM(delay_ms, "delay", DURATION(0, MINUTE), "how much later each packet arrives"),
        NETEM(jitter_ms, "jitter", DURATION(0, MINUTE),
              "how much the delay varies, up and down; packets may overtake each other"),
        NETEM(delay_correlation_ppm, "delay_correlation", &type_percent,
              "how much a packet's delay depends on the one before"),
        NETEM(loss_ppm, "loss", &type_percent, "share of packets that are lost"),
        NETEM(loss_correlation_ppm, "loss_correlation", &type_percent,
              "how much a loss depends on the packet before"),
        NETEM(duplicate_ppm, "duplicate", &type_percent, "share of packets that arrive twice"),
        NETEM(duplicate_correlation_ppm, "duplicate_correlation", &type_percent,
              "how much a duplicate depends on the packet before"),
        NETEM(corrupt_ppm, "corrupt", &type_percent, "share of packets with one wrong bit"),
        NETEM(corrupt_correlation_ppm, "corrupt_correlation", &type_percent,
              "how much a wrong bit depends on the packet before"),
        NETEM(reorder_ppm, "reorder", &type_percent,
              "share of packets that are not delayed and so overtake others; needs a delay"),
        NETEM(reorder_correlation_ppm, "reorder_correlation", &type_percent,
              "how much an overtaking depends on the packet before"),
        NETEM(gap, "gap", COUNT(0, 10000),
              "reorder only every packet of this number (3: every third); needs reorder"),
        NETEM(rate_bits, "rate", RATE(1, 100 * GBIT),
              "bandwidth; packets wait for those before them"),
        NETEM(limit, "limit", COUNT(0, 1000000),
              "how many packets may wait (default: 1000); more are dropped"),
        END}};
