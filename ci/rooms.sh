#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rooms.sh - each file of harness/ holds one thing, and nobody but world/ writes what a world holds
set -eu
cd "$(dirname "$0")/.."
most=450
bad=0

# A longer one says why at its top: "// longer than 450 lines, because .."
for file in harness/*/*.[ch]; do
    case $file in harness/test/*) continue ;; esac
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$most" ] && ! head -n 20 "$file" | grep -q "^// longer than $most lines, because"; then
        echo "$file has $lines lines: split it by what it does, or say at its top why not"
        bad=1
    fi
done

# Others change it only by functions that say what happens, see world/world.h.
if grep -nE '\bworld(->|\.)[a-z_.]+ ?([-+|&^]|<<|>>)?= ' harness/run/*.c harness/faults/*.c \
    harness/states/*.c harness/cli/*.c harness/catalog/*.c harness/batch/*.c harness/compare/*.c harness/try/*.c \
    harness/explain/*.c harness/protocol/*.c harness/main/*.c; then
    echo "these write what a world holds: world/world.h has functions for that, or should have one"
    bad=1
fi
exit "$bad"
