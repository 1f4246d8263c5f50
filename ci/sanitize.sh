#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sanitize.sh - the whole program under AddressSanitizer and UBSan: headline, and all that is hostile
#
# usage: sanitize.sh FOLDER     (`make sanitize` builds goneaway and goneaway-test there)
# ATTACKS=no in the environment leaves out the hostile files, which halves the time.
# A worker that a sanitizer ends makes its case broken. Other processes of a run may end unnoticed,
# and every one keeps standard error, so that is searched for reports too.
set -eu
cd "$(dirname "$0")/.."
folder=$1
# RLIMIT_AS cannot be used here, since a sanitized program reserves 20 TB of addresses.
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
export LSAN_OPTIONS="suppressions=$PWD/ci/leaks.txt:print_suppressions=0"
export GONEAWAY="$folder/goneaway"

# A sanitizer's report.
bad='ERROR: [A-Za-z]+Sanitizer|: runtime error: '

# try NAME COMMAND..: runs it, its output into FOLDER/NAME.log and on
try() {
    log=$folder/$1.log status=0
    shift
    echo "$*"
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" = 0 ] && ! grep -qE "$bad" "$log"; then
        tail -n 1 "$log"
        return
    fi
    cat "$log"
    echo "sanitize: $* failed (status $status); its output is in $log" >&2
    exit 1
}

try unit "$folder/goneaway-test" --unit
try check "$GONEAWAY" check scenarios
try prepare "$GONEAWAY" prepare
try headline "$GONEAWAY" run headline --time-scale 3 --jobs "$(($(nproc) * 4))"
[ "${ATTACKS-}" != no ] || exit 0
# `make check` runs the attacks as both; once is enough here
whose=root_is_safe
[ "$(id -u)" = 0 ] || whose=ordinary_user_is_safe
try hostile "$folder/goneaway-test" "live_hostile/$whose"
