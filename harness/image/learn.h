// SPDX-License-Identifier: Apache-2.0
// learn.h - what a server of which no recipe speaks says of itself, and what follows from that
//
// `mysqld --version` gives its vendor, flavour and version, `mysqld --verbose --help` its options.
// From these come the command that initialises its data and the options of each start: those that
// make goneaway's own servers small and quick, as far as this one knows them.
#ifndef GONEAWAY_IMAGE_LEARN_H
#define GONEAWAY_IMAGE_LEARN_H

#include "base/arena.h"
#include "base/err.h"
#include "yaml/table.h"

/** What is known of a server; the strings live as long as the arena. */
struct learned {
    const char *daemon;  ///< path of the server program in the image
    const char *base;    ///< what it is to be told that it is installed to; NULL: /usr, or unknown
    const char *vendor;  ///< "mysql" or "mariadb": whose rows of outcomes are for it
    const char *flavour; ///< "MySQL", "Percona Server" or "MariaDB"
    const char *version; ///< "8.0.36"
    const char *full;    ///< the same with what the builder has added, "8.0.36-28"
    struct list initialise; ///< const char *: the command that initialises its data
    struct list options;    ///< const char *: options of each start, without the leading --
    struct list left_out;   ///< const char *: those that goneaway's own have, and it does not know
};

/** Most of what a server may print when it is asked. */
enum { LEARN_MOST_BYTES = 4 << 20 };

/** What a program is installed to: /usr for /usr/sbin/mysqld, and "" for what lies in no two
 * folders. */
const char *learn_base(struct arena *arena, const char *daemon);
/** Fills vendor, flavour and versions from what --version printed. */
int learn_version(struct learned *learned, struct arena *arena, const char *printed,
                  struct err *err);
/** Fills `options` and `left_out` from what --verbose --help printed. What goneaway cannot do
 * without is an error that says what for. */
int learn_options(struct learned *learned, struct arena *arena, const char *printed,
                  struct err *err);
/** Fills `initialise`. `installer` is the path of the vendor's script in the image, with what it
 * says, or NULL, NULL if there is none: only MySQL since 5.7 needs none. */
int learn_initialise(struct learned *learned, struct arena *arena, const char *installer,
                     const char *script, struct err *err);

#endif
