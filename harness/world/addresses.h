// SPDX-License-Identifier: Apache-2.0
// addresses.h - the addresses, ports and names in a world; see the drawing in world.h
#ifndef GONEAWAY_WORLD_ADDRESSES_H
#define GONEAWAY_WORLD_ADDRESSES_H

#define APP_ADDRESS "192.0.2.10"
#define APP_GATEWAY "192.0.2.1"
#define SERVER_ADDRESS "198.51.100.10"
#define SERVER_GATEWAY "198.51.100.1"
#define APP_ADDRESS6 "2001:db8:1::10"
#define APP_GATEWAY6 "2001:db8:1::1"
#define SERVER_ADDRESS6 "2001:db8:2::10"
#define SERVER_GATEWAY6 "2001:db8:2::1"
/** The name by which apps can look up the server. */
#define SERVER_NAME "db.goneaway.test"
/** The name by which the server can know the apps' host. */
#define APP_NAME "app.goneaway.test"
/** Where a stub listens, next to the server: its port, and its file in the server's folder. */
#define STUB_PORT 3307
#define STUB_SOCKET_FILE "stub.sock"

#endif
