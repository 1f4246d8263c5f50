#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# include-order.sh - a file of harness/ may include only its own folder and those before it in the flow; in a
# folder of harness/test/ of the others there only lib
set -eu
cd "$(dirname "$0")/.."
flow="base yaml plan program record sandbox cache image world traffic guest run faults states baseline verdict report bundle cli catalog batch compare try explain export protocol lab main test"

find harness -name '*.[ch]' -exec grep -Hn '^#include "' {} + | awk -F: -v flow="$flow" '
    BEGIN { n = split(flow, names, " "); for (i = 1; i <= n; i++) place[names[i]] = i }
    {
        depth = split($1, path, "/"); split($3, quoted, "\""); parts = split(quoted[2], header, "/")
        from = path[2]; to = header[1]
        own = depth > 3 ? path[3] : ""; theirs = parts > 2 ? header[2] : ""
        if (!(from in place)) why = "harness/" from " has no place in the flow"
        else if (!(to in place)) why = "\"" quoted[2] "\": write it as \"FOLDER/NAME.h\""
        else if (place[to] > place[from]) why = to " comes after " from " in the flow"
        else if (own && from != "test") why = "harness/" from " has no folders"
        else if (own && to == from && theirs != own && theirs != "lib") why = "of test/ only lib and its own folder"
        else next
        print $1 ":" $2 ": " why
        bad = 1
    }
    END { if (bad) print "the flow: " flow; exit bad }' >&2
