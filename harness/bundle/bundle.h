// SPDX-License-Identifier: Apache-2.0
// bundle.h - a case to hand on: everything that was seen, and what it takes to run it again
//
// CASE.tar.zst, with
//
//     REPORT.md      for a person, and for an issue tracker
//     case.json      the case's line of the json report, and where it ran
//     scenario.yml   the scenario as it was read
//     timeline.txt   what was called, and what passed the network, on one clock
//     app.pcap, server.pcap   the same as packets, as each host saw them
//     variables.txt, status.txt   the server's variables, and its counters before and after
//     error.log      what the server logged
//     adapter.txt    what the apps were asked, what they answered, and wrote to standard error
//
// It contains no password, and no path of the home folder.
#ifndef GONEAWAY_BUNDLE_BUNDLE_H
#define GONEAWAY_BUNDLE_BUNDLE_H

#include "report/report.h"

#include <jansson.h>

/** What a bundle is made of. */
struct bundle_parts {
    const struct report_case *result; ///< its record with exhibits and the whole log
    const char *connector_title;      ///< of the connector's recipe
    const char *server_title;         ///< and of the server's
    const json_t *about;              ///< object: goneaway's version, the machine, the images
};

/** The path of a case's bundle: DIR/CASE_SERVER_CONNECTOR.tar.zst, with `-` for anything but
 * letters and digits. To be freed. */
char *bundle_path(const char *folder, const struct report_case *result);
/** Writes a bundle, replacing an existing one; makes the folder. */
int bundle_write(const char *path, const struct bundle_parts *parts, struct err *err);

/** A bundle as read. */
struct bundle {
    json_t *about;  ///< as in bundle_parts
    json_t *line;   ///< the case's line of the json report, for saved_read()
    char *scenario; ///< NUL-terminated; may contain further NULs
    size_t scenario_length;
};
/** Reads a bundle, which may come from anybody. Call bundle_release() after an error too. */
int bundle_read(struct bundle *bundle, const char *path, struct err *err);
void bundle_release(struct bundle *bundle);

/** Appends REPORT.md, with `file` as the bundle's name; see bundle_write(). */
void bundle_add_report(struct text *out, const struct bundle_parts *parts, const char *file);

#endif
