#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# include-order.sh - a file of harness/ may include only its own folder and those before it in the flow
set -eu
cd "$(dirname "$0")/.."
flow="base yaml plan program record sandbox cache image world traffic guest run faults states baseline verdict report bundle cli catalog batch compare try explain protocol main test"

grep -Hn '^#include "' harness/*/*.[ch] | awk -F: -v flow="$flow" '
    BEGIN { n = split(flow, names, " "); for (i = 1; i <= n; i++) place[names[i]] = i }
    {
        split($1, path, "/"); split($3, quoted, "\""); split(quoted[2], header, "/")
        from = path[2]; to = header[1]
        if (!(from in place)) why = "harness/" from " has no place in the flow"
        else if (!(to in place)) why = "\"" quoted[2] "\": write it as \"FOLDER/NAME.h\""
        else if (place[to] > place[from]) why = to " comes after " from " in the flow"
        else next
        print $1 ":" $2 ": " why
        bad = 1
    }
    END { if (bad) print "the flow: " flow; exit bad }' >&2
