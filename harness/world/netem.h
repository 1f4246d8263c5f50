// SPDX-License-Identifier: Apache-2.0
// netem.h - a bad network: delay, loss, bandwidth and the rest of the kernel's sch_netem, on a link
//
// A netem stands on the wire's side of a link, at its way out towards a host: the host itself, with
// its firewall and its sockets, is spared, and rules in the wire see what comes before. There are
// two backends:
//
//     kernel   the netem of this kernel, on the wire's end of the link
//     uml      for kernels without: the link is cut in two and User-Mode Linux joins the halves as
//              a bridge, with the very same netem in there. It boots once (2 s, ahead of its time
//              if netem_expect() is called), and serves one case after the other.
//
// Only links that a case has asked for are made so; the others do not pay for it.
#ifndef GONEAWAY_WORLD_NETEM_H
#define GONEAWAY_WORLD_NETEM_H

#include "base/side.h"
#include "world/netem_qdisc.h"
#include "world/netns.h"

#include <stdbool.h>

enum netem_backend { NETEM_NONE, NETEM_KERNEL, NETEM_UML, NETEM_BACKENDS };

/** "kernel", "uml", or "" for NETEM_NONE. */
const char *netem_name(enum netem_backend backend);
/** The same for a sentence: "the kernel", "User-Mode Linux". */
const char *netem_in_words(enum netem_backend backend);
/** The backend of that name; NETEM_NONE for NULL and other names. */
enum netem_backend netem_backend_named(const char *name);

/** The bad networks of one world. All zero: none yet. */
struct netem {
    const struct netem_ops *ops; ///< the backend; NULL: none
    unsigned wanted; ///< 1 << enum side of each host whose link the present case may spoil
    struct link_end wires[SIDES]; ///< the wire's ends of the links that netem_join() has made
    unsigned joined;              ///< 1 << enum side of these
    struct netem_uml *uml;        ///< NULL: not started
};

/** Tries a backend by putting a netem on a link; call in a sandbox. */
int netem_try(enum netem_backend backend, struct err *err);

/** Which backend to use, for a zeroed one. */
void netem_use(struct netem *netem, enum netem_backend backend);
/** By what it spoils a link, for the record. */
const char *netem_mechanism(const struct netem *netem);
/** Begins what takes time, without waiting for it. */
void netem_expect(struct netem *netem);
/** Like link_open(), from the wire to the host of a side, for a link that can be spoilt. */
int netem_join(struct netem *netem, enum side side, const struct link_end *wire,
               const struct link_end *host, struct err *err);
/** Lets go of a link, before it is closed; one that was not joined is allowed. */
void netem_part(struct netem *netem, enum side side);
/** Ends it; a zeroed one is allowed. */
void netem_close(struct netem *netem);

/** Spoils the way towards a host whose link was joined. Change it by removing and adding. */
int netem_add(struct netem *netem, const struct netem_settings *args, struct err *err);
int netem_remove(struct netem *netem, enum side towards, struct err *err);
/** What it has done since it was added. */
int netem_count(struct netem *netem, enum side towards, struct netem_counts *ret_counts,
                struct err *err);

// ---- a backend ---------------------------------------------------------------------------------

/** What a backend is made of; what may be NULL is then nothing to do. */
struct netem_ops {
    const char *name, *in_words;
    const char *mechanism;
    /** Begins what takes time; may be NULL. It is called more than once. */
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
