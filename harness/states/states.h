// SPDX-License-Identifier: Apache-2.0
// states.h - every kind of state that can be waited for, and what their files need
//
// To add one, write a file in this folder that defines its `struct state_kind`, and add a line
// here. The reference keeps this order.
#ifndef GONEAWAY_STATES_STATES_H
#define GONEAWAY_STATES_STATES_H

#include "plan/kind.h"
#include "plan/language_tables.h"
#include "run/case.h"

// clang-format off
#define STATES(STATE) \
    STATE(app_socket) \
    STATE(server_socket) \
    STATE(session) \
    STATE(server) \
    STATE(log) \
    STATE(status) \
    STATE(fault) \
    STATE(conntrack) \
    STATE(proxy_log) \
    STATE(accept_queue)
// clang-format on

#define STATE_DECLARE(name) extern const struct state_kind state_##name;
STATES(STATE_DECLARE)

#endif
