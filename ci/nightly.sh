#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nightly.sh - all that the gate leaves out: what explores, takes long, or needs other systems
#
# usage: nightly.sh BUILD [STAGE..]     (`make nightly` calls this; STAGES=.. names some of them)
# A stage that passed for this commit is not run again, unless it is named; one that fails does not keep the others
# from running. What each printed is in BUILD/nightly/COMMIT/STAGE.log, the table in BUILD/nightly/COMMIT/table.md.
# Takes about three hours on two processors; some stages want root. Exit status 1 if a stage failed.

# shellcheck disable=SC2317 # stage() calls functions by their names
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$1
shift
commit=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain)" ] || commit=$commit-dirty
folder=$build/nightly/$commit
mkdir -p "$folder"
jobs="--jobs $(($(nproc) * 4))"
all="--require all,operations --retries 1 $jobs"
wanted=" $* "
failed=0
rows=''

# stage NAME COMMAND..: once for each commit, with a line of the table
stage() {
    local name=$1 begin=$SECONDS verdict=passed log=$folder/$1.log note=''
    shift
    if [ "$wanted" != '  ' ]; then
        [[ $wanted == *" $name "* ]] || return 0
        rm -f "$folder/$name.passed"
    fi
    if [ -e "$folder/$name.passed" ] && [[ $commit != *-dirty ]]; then
        rows+="$(cat "$folder/$name.passed")"$'\n'
        return
    fi
    echo "== $name: $*"
    "$@" >"$log" 2>&1 </dev/null || verdict=FAILED
    # what counts: the last line that does
    note=$(grep -E '^(goneaway|goneaway-test): [0-9]+ passed|^[0-9]+ cases? in |^skipped: |^[0-9]+ timelines' "$log" |
        tail -n 1 | cut -c 1-120)
    if [ "$verdict" != passed ]; then
        failed=$((failed + 1))
        tail -n 30 "$log"
        echo "nightly: $name failed; all that it said is in $log"
    fi
    rows+=$(printf '| %s | %s | %d | %s |' "$name" "$verdict" $((SECONDS - begin)) "$note")$'\n'
    [ "$verdict" != passed ] || printf '%s' "$rows" | tail -n 1 >"$folder/$name.passed"
}

# A stage that makes a root filesystem of its own.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else echo "skipped: $*: needs root"; fi
}

# Every adapter that has an image of its own against PROTOCOL.md.
adapters() {
    local status=0 name
    for name in fixtures/connectors/*/recipe.yml; do
        name=$(basename "$(dirname "$name")")
        echo "-- $name"
        "$build/goneaway" adapter test --connector "$name" || status=1
    done
    return "$status"
}

must_build() {
    make setup && ci/setup.sh lint && ci/setup.sh soak && ci/setup.sh servers && ci/setup.sh tshark && ci/setup.sh peers &&
        make -j"$(nproc)" build "$build/goneaway-test"
}
must_build >"$folder/build.log" 2>&1 || { tail -n 30 "$folder/build.log"; exit 1; }

stage analyze make -k -j"$(nproc)" analyze
stage fuzz make -j"$(nproc)" fuzz
stage sanitize make -j"$(nproc)" sanitize
stage faults make -j"$(nproc)" faults
stage catalogue make run SCENARIOS= OPTIONS="$all --allow-borrowed --report json=$folder/all.json"
stage timed python3 ci/timed.py "$folder/all.json"
stage trixie as_root make on-debian SUITE=trixie
stage pipeline as_root make pipeline-on-debian SUITE=trixie
stage package as_root env DEB_BUILD_OPTIONS=nocheck make package
stage completion ci/completion.sh "$build/goneaway"
# no TLS with MySQL 5.6, whose library today's clients refuse; and mariadb-dump cannot dump from it
stage servers make servers SERVERS=mariadb-10.5,mariadb-11.8,mariadb-11.8-sid \
    OPTIONS="$all --allow-borrowed --report json=$folder/servers.json"
stage mysql-5.6 make servers SERVERS=mysql-5.6 OPTIONS="--transport tcp,socket --require all --retries 1 $jobs"
stage news ci/news.sh "$build/goneaway" "$folder" "$folder/all.json" "$folder/servers.json"
stage adapters adapters
stage peers ci/bench/peers/peers.sh cached
stage drivers ci/drivers.sh "$build/goneaway"
stage tshark make tshark
stage soak make soak ROUNDS=1 KILLS=60

{
    echo "# Nightly of $commit"
    echo
    echo "| stage | verdict | s | |"
    echo "|---|---|---|---|"
    printf '%s' "$rows"
} | tee "$folder/table.md"
exit $((failed > 0))
