// SPDX-License-Identifier: Apache-2.0
// message.h - what an application's error message speaks of
#ifndef GONEAWAY_EXPLAIN_MESSAGE_H
#define GONEAWAY_EXPLAIN_MESSAGE_H

#include "explain/symptoms.h"
#include "plan/codes.h"

#include <stdbool.h>

/** Whether a message has the code's number or symbol. */
bool message_names(const char *message, const struct code *code);
/** Whether it says what the code means, judging by how that begins. */
bool message_says(const char *message, const struct code *code);
/** The words in the message that a suspect's sign quotes, as in 2013 at 'reading initial
 * communication packet'; NULL if there are none. To be freed. */
char *message_sign(const char *message, const struct suspect *suspect);

#endif
