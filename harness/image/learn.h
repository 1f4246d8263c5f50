// SPDX-License-Identifier: Apache-2.0
// learn.h - what a server without a recipe says about itself, and what follows from that
//
// `mysqld --version` gives its vendor, flavour and version, `mysqld --verbose --help` its options.
// From these follow the command that initialises its data, and the options for each start: those
// that make goneaway's own servers small and quick, as far as this one knows them.
#ifndef GONEAWAY_IMAGE_LEARN_H
#define GONEAWAY_IMAGE_LEARN_H

#include "base/arena.h"
#include "base/err.h"
#include "yaml/table.h"

/** What is known about a server; the strings live as long as the arena. */
struct learned {
    const char *daemon;     ///< path of the server program in the image
    const char *base;       ///< its basedir; NULL: /usr, or unknown
    const char *vendor;     ///< "mysql" or "mariadb": whose rows of outcomes apply
    const char *flavour;    ///< "MySQL", "Percona Server" or "MariaDB"
    const char *version;    ///< "8.0.36"
    const char *full;       ///< with the builder's suffix, "8.0.36-28"
    struct list initialise; ///< const char *: the command that initialises its data
    struct list options;    ///< const char *: options for each start, without the leading --
    struct list left_out;   ///< const char *: options of goneaway's own servers that it does not
                            ///< know
};

/** Most that a server may print when asked. */
enum { LEARN_MOST_BYTES = 4 << 20 };

/** Where a program is installed: /usr for /usr/sbin/mysqld, "" for a path with fewer than two
 * folders. */
const char *learn_base(struct arena *arena, const char *daemon);
/** Fills vendor, flavour and versions from the output of --version. */
int learn_version(struct learned *learned, struct arena *arena, const char *printed,
                  struct err *err);
/** Fills `options` and `left_out` from the output of --verbose --help. If something indispensable
 * is missing, the error says what for. */
int learn_options(struct learned *learned, struct arena *arena, const char *printed,
                  struct err *err);
/** Fills `initialise`. `installer`: the path of the vendor's script in the image, and its text;
 * both NULL if there is none. Only MySQL since 5.7 needs none. */
int learn_initialise(struct learned *learned, struct arena *arena, const char *installer,
                     const char *script, struct err *err);

#endif
