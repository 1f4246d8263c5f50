// SPDX-License-Identifier: Apache-2.0
// bundle.h - a case to hand on: all that was seen of it, and what it takes to run it again
//
// CASE.tar.zst, with
//
//     REPORT.md      for a person, and for an issue tracker
//     case.json      the json report's line of the case, and where it ran
//     scenario.yml   the scenario as it was read
//     timeline.txt   what was called, and what passed the network, on one clock
//     app.pcap, server.pcap   the same as packets, as each host saw them
//     variables.txt, status.txt   the server's variables, and its counters before and after
//     error.log      what the server logged
//     adapter.txt    what the apps were asked, what they answered, and wrote to standard error
//
// There is no password in it, and no path of the home folder.
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

/** Where a case's bundle goes: DIR/CASE_SERVER_CONNECTOR.tar.zst, with `-` for what is not a letter
 * or digit. To be freed. */
char *bundle_path(const char *folder, const struct report_case *result);
/** Writes it, in place of one that is there; makes the folder. */
int bundle_write(const char *path, const struct bundle_parts *parts, struct err *err);

/** A bundle that was read. */
struct bundle {
    json_t *about;  ///< as of bundle_parts
    json_t *line;   ///< the json report's of the case, for saved_read()
    char *scenario; ///< with a NUL behind it, and maybe in it
    size_t scenario_length;
};
/** Reads one, whoever made it. bundle_release() also after an error. */
int bundle_read(struct bundle *bundle, const char *path, struct err *err);
void bundle_release(struct bundle *bundle);

/** Adds REPORT.md, with `file` as the bundle's name; see bundle_write(). */
void bundle_add_report(struct text *out, const struct bundle_parts *parts, const char *file);

#endif
