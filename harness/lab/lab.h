// SPDX-License-Identifier: Apache-2.0
// lab.h - a lab: the world of a case, in which somebody's own command acts and asks for faults
//
//     main      makes the folder, starts the command in the app's host (command.c), waits for it
//     worker    builds the world, and keeps it until the command has ended (inside.c); meanwhile it
//               answers the control (control.c), whose socket main has made
//
// A lab is a case whose steps come from outside (plan/outside.h): what the control is asked for
// becomes a step (act.c), which is read by the language's tables and carried out by run/.
#ifndef GONEAWAY_LAB_LAB_H
#define GONEAWAY_LAB_LAB_H

#include "lab/folder.h"
#include "plan/outside.h"
#include "run/case.h"

/** The server's socket, in the folder where the command sees it. */
#define LAB_SOCKET "server/" SERVER_SOCKET_FILE

/** What main and the worker share: made before the worker is forked. */
struct lab {
    struct lab_folder folder;
    enum transport transport;
    bool served; ///< a name service answers for the server's name
    int link[2]; ///< main's end, then the worker's: see lab_send_world()
};

/** What the worker tells main when the world is ready: descriptors for struct lab_command. */
struct lab_world {
    int user, netns, sockets;
    int port; ///< of the control on the app host's loopback; 0: none
};
/** The worker: sends them over its end of the link. */
int lab_send_world(const struct lab *lab, const struct lab_world *world, struct err *err);
/** Main: takes them. The descriptors are the caller's. */
int lab_take_world(const struct lab *lab, struct lab_world *ret, struct err *err);

/** Replaces case_carry_out(): keeps the world until nobody holds main's end of the link. The
 * context of the dispatcher's options is a struct lab. */
void lab_carry_out(struct case_run *run);

/** The variables by which the command finds server and control, terminated by NULL; both to be
 * freed. */
char **lab_variables(const struct lab *lab, const struct lab_world *world);

// ---- in the worker -----------------------------------------------------------------------------

/** A lab as its worker has it. */
struct inside {
    struct lab *lab;
    struct case_run *run;
    struct scenario *scenario; ///< of the run's plan
    const struct server_recipe *server;
    struct record *record; ///< of a round after the first; NULL: the run's own is the dispatcher's
    int rounds;            ///< how often the world was made anew
    bool expected;         ///< a server for the next round boots already
    bool spends; ///< a round has left a server that could serve no other; the next may, too
};

/** Makes the world as new. `ret_fresh`: on another server. */
int inside_reset(struct inside *inside, bool *ret_fresh, struct err *err);
/** Lets a server boot for the next round, if the present one will not serve it. */
void inside_expect(struct inside *inside);

#endif
