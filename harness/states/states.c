// SPDX-License-Identifier: Apache-2.0
// states.c - the table of all states that can be waited for
#include "states/states.h"

#define STATE_WORD(name) &state_##name.word,
const struct verb *const state_verbs[] = {STATES(STATE_WORD) NULL};
