#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# calls.sh - whether harness/test/fail/calls.def says of each function that the program calls how it fails
#
# usage: calls.sh PROGRAM
# `make faults` begins with the same; here it is seen before a change lands. What only the compiler's own
# optimisations call, and the checked variants of libc's functions, are known by the plain function.
set -euo pipefail
cd "$(dirname "$0")/.."

# by their plain names
plain() { sed -E 's/@.*//; s/^__(isoc[0-9]+_)?([a-z0-9_]+)_chk$/\2/; s/^__isoc[0-9]+_//' | sort -u; }
missing=$(nm --dynamic --undefined-only --just-symbols "$1" |
    grep -vE '^(_ITM_|__cxa_finalize|__gmon_start__|__stack_chk_fail|puts@|putchar@|fwrite@)' | plain |
    comm -23 - <(sed -nE 's/^[A-Z]+\(([A-Za-z0-9_]+)[,)].*/\1/p' harness/test/fail/calls.def | plain))
[ -z "$missing" ] || {
    echo "nothing says how these can fail; give each a row in harness/test/fail/calls.def:"
    echo "$missing"
    exit 1
}
