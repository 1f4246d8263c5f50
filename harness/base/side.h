// SPDX-License-Identifier: Apache-2.0
// side.h - the two hosts that the network connects
#ifndef GONEAWAY_BASE_SIDE_H
#define GONEAWAY_BASE_SIDE_H

enum side { SIDE_APP, SIDE_SERVER };
enum { SIDES = 2 };

#endif
