// SPDX-License-Identifier: Apache-2.0
// calls.h - shared by the program built for `make faults` and by fail_main.c
//
// The program is linked so that its calls of the functions in calls.def come to calls.c
// first (the linker's --wrap; what libraries call themselves does not). There each is noted, or one
// is made to fail. Both sides share a file, mapped before the program forks or clones anything: its
// workers see no folder of the host and keep no descriptor.
//
// A place is where a function is called from: its name, the return address, and while that is in
// base/, through which everything passes, the next return address as well. So file_read() has as
// many places as callers, rather than one.
#pragma once

#include <stdint.h>

/** Names the shared file; without it nothing is noted, and nothing fails. */
#define FAIL_FILE "GONEAWAY_FAIL_FILE"
/** The place whose call fails, as noted; empty: none. */
#define FAIL_PLACE "GONEAWAY_FAIL_PLACE"
/** Which call at the place fails: its number, from 1; 0: every one. */
#define FAIL_NUMBER "GONEAWAY_FAIL_NUMBER"

enum { FAIL_DEPTH = 8, FAIL_PLACES = 16384 };

/** A place: "NAME OFFSET ..", offsets of the program in hexadecimal, innermost first. */
struct fail_place {
    uint64_t hash;  ///< 0: unused
    uint32_t count; ///< how often it was reached
    char text[120];
};

struct fail_file {
    uint32_t passed;                       ///< how often the chosen place was reached
    uint32_t fired;                        ///< how often it failed
    uint32_t overflowed;                   ///< places that found no room
    struct fail_place places[FAIL_PLACES]; ///< an open hash table
};
