// SPDX-License-Identifier: Apache-2.0
// netem.h - a bad network: delay, loss, bandwidth and the rest of the kernel's sch_netem, on a link
//
// A netem is on the wire's side of a link, where packets leave towards a host. So the host itself,
// with its firewall and its sockets, is not affected, and rules in the wire see packets before it.
// There are two backends:
//
//     kernel   the netem of this kernel, on the wire's end of the link
//     uml      for kernels without: the link is cut in two and User-Mode Linux joins the halves as
//              a bridge, with the same netem inside. It boots once (2 s, in advance if
//              netem_expect() is called), and serves one case after the other.
//
// Only links for which a case asks are built this way; others do not pay for it.
#ifndef GONEAWAY_WORLD_NETEM_H
#define GONEAWAY_WORLD_NETEM_H

#include "base/side.h"
#include "world/netem_qdisc.h"
#include "world/netns.h"

#include <stdbool.h>

enum netem_backend { NETEM_NONE, NETEM_KERNEL, NETEM_UML, NETEM_BACKENDS };

/** "kernel", "uml", or "" for NETEM_NONE. */
const char *netem_name(enum netem_backend backend);
/** The same in a sentence: "the kernel", "User-Mode Linux". */
const char *netem_in_words(enum netem_backend backend);
/** The backend with this name; NETEM_NONE for NULL and unknown names. */
enum netem_backend netem_backend_named(const char *name);

/** The bad networks of one world. All zero: none yet. */
struct netem {
    const struct netem_ops *ops; ///< the backend; NULL: none
    unsigned wanted; ///< 1 << enum side for each host whose link the current case may spoil
    struct link_end wires[SIDES]; ///< the wire's ends of links made by netem_join()
    unsigned joined;              ///< 1 << enum side for each of these
    struct netem_uml *uml;        ///< NULL: not started
};

/** Tries a backend by putting a netem on a link; call in a sandbox. */
int netem_try(enum netem_backend backend, struct err *err);

/** Sets the backend of a zeroed struct. */
void netem_use(struct netem *netem, enum netem_backend backend);
/** What spoils the links, for the record. */
const char *netem_mechanism(const struct netem *netem);
/** Starts what takes time, without waiting for it. */
void netem_expect(struct netem *netem);
/** Like link_open(), from the wire to a side's host, for a link that can be spoilt. */
int netem_join(struct netem *netem, enum side side, const struct link_end *wire,
               const struct link_end *host, struct err *err);
/** Releases a link before it is closed. Accepts one that was not joined. */
void netem_part(struct netem *netem, enum side side);
/** Ends it. Accepts a zeroed struct. */
void netem_close(struct netem *netem);

/** Spoils the way towards a host whose link was joined. To change it, remove and add. */
int netem_add(struct netem *netem, const struct netem_settings *args, struct err *err);
int netem_remove(struct netem *netem, enum side towards, struct err *err);
/** What it has done since it was added. */
int netem_count(struct netem *netem, enum side towards, struct netem_counts *ret_counts,
                struct err *err);

// ---- a backend ---------------------------------------------------------------------------------

/** The operations of a backend. Those that may be NULL then do nothing. */
struct netem_ops {
    const char *name, *in_words;
    const char *mechanism;
    /** Starts what takes time; may be NULL. Called more than once. */
    int (*start)(struct netem *netem, struct err *err);
    int (*join)(struct netem *netem, enum side side, const struct link_end *wire,
                const struct link_end *host, struct err *err);
    void (*part)(struct netem *netem, enum side side); ///< may be NULL
    int (*add)(struct netem *netem, const struct netem_settings *args, struct err *err);
    int (*remove)(struct netem *netem, enum side towards, struct err *err);
    int (*count)(struct netem *netem, enum side towards, struct netem_counts *ret_counts,
                 struct err *err);
    void (*close)(struct netem *netem); ///< may be NULL
};
extern const struct netem_ops netem_by_kernel; ///< netem_kernel.c
extern const struct netem_ops netem_by_uml;    ///< netem_uml.c

#endif
