#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh - runs the fuzz targets one after the other, and reports the coverage of each
#
# usage: fuzz.sh BUILD SECONDS TARGET..     (`make fuzz` builds the targets and calls this)
# With 0 seconds the targets, in BUILD itself, take the kept inputs and no others, so that the result is the same each
# time (`make sanitize-unit`).
# A target begins with the inputs in fixtures/test/fuzz/TARGET, which stay as they are. Those with a name
# are of mended defects, the others cover something that no input before them did. What a run finds
# beyond them is in BUILD/fuzz/TARGET; to keep what adds to them:
#   build/fuzz/fuzz-TARGET -merge=1 -use_counters=0 fixtures/test/fuzz/TARGET build/fuzz/TARGET
# Exit status 1 if a target failed.
set -eu
cd "$(dirname "$0")/.."
build=$1 seconds=$2
shift 2
out=$build/fuzz
passed=0 failed=0

# The files that a target is about, those whose coverage is shown.
files_of() {
    case $1 in
    bundle) echo harness/bundle/archive.c ;;
    answer) echo harness/run/answer.c harness/record/record.c ;;
    compare) echo harness/compare/*.c ;;
    merge)
        echo harness/batch/gathered.c harness/report/saved.c harness/report/markdown.c
        echo harness/report/github.c
        ;;
    outcomes) echo harness/baseline/*.c harness/plan/outcomes.c ;;
    pattern) echo harness/base/pattern.c ;;
    recipe) echo harness/image/recipe.c harness/yaml/yaml.c ;;
    record)
        echo harness/record/record.c harness/verdict/verdict.c harness/report/detail.c
        echo harness/report/human.c harness/report/listing.c harness/report/matrix*.c harness/report/reasons.c
        echo harness/report/html*.c harness/report/timeline.c harness/report/json.c harness/report/junit.c harness/report/tap.c
        ;;
    traffic) echo harness/traffic/dialogue.c harness/traffic/segment.c harness/traffic/spoken.c harness/traffic/stream.c ;;
    scenario) echo harness/yaml/*.c harness/plan/*.c harness/catalog/known.c ;;
    esac
}

# The folders whose files a target starts with.
inputs_of() {
    echo "fixtures/test/fuzz/$1"
    [ "$1" != scenario ] || echo scenarios fixtures/test/bad fixtures/test/fail fixtures/test/language
}

# The keys and words of the language come from its tables, by way of the schema.
dictionary() {
    cat fixtures/test/fuzz/dictionary
    "$build/goneaway" check --schema | grep -oE '"[A-Za-z0-9_-]+"' | sort -u
}

# regions TARGET: "97 % of 2031 regions (steps 98, yaml 95 ..)"; needs the package llvm
regions() {
    program=$out/fuzz-$1 profile=$out/$1.profdata
    llvm-profdata merge -o "$profile" "$out/$1.profraw" || return
    # shellcheck disable=SC2046 # a list of files
    llvm-cov report "$program" -instr-profile "$profile" $(files_of "$1") | awk '
        function share() { return sprintf("%.0f", 100 - 100 * $3 / $2) }
        $1 == "TOTAL" { all = share() " % of " $2 " regions" }
        $1 ~ /\.c$/ && $2 > 0 {
            sub(/.*\//, "", $1); sub(/\.c$/, "", $1)
            each = each (each ? ", " : "") $1 " " share()
        }
        END { if (!all) exit 1; print all " (" each ")" }'
}

# coverage TARGET: the same; without llvm, the edges of the whole program as libFuzzer counts them
coverage() {
    regions "$1" 2>/dev/null || sed -n 's/.* cov: \([0-9]*\) .*/\1 edges/p' "$out/$1.log" | tail -n 1
}

# tell_failure TARGET: what it printed about the failing input, and how to reproduce it
tell_failure() {
    input=$(sed -n 's/.*Test unit written to //p' "$out/$1.log" | tail -n 1)
    awk '/^broken promise: / { lines = 12 }
        /^==[0-9]+== *ERROR: / { lines = 0 }
        /^==[0-9]+== *ERROR: |runtime error: |^SUMMARY: | in .* harness\/| \/.*\/harness\// { print; next }
        lines-- > 0' "$out/$1.log" | cut -c 1-300 | head -n 40 >"$out/$1.told"
    [ -s "$out/$1.told" ] || tail -n 5 "$out/$1.log" | cut -c 1-300 >"$out/$1.told"
    cat "$out/$1.told"
    echo "fuzz: $1 failed with status $status; all that it said is in $out/$1.log"
    [ ! "$input" ] || echo "fuzz: the same input again: $out/fuzz-$1 $input"
}

# kept TARGET: only the inputs in fixtures
kept() {
    status=0
    # shellcheck disable=SC2046 # a list of folders
    TMPDIR=$room "$build/fuzz-$1" -runs=0 -timeout=20 -rss_limit_mb=2048 $(inputs_of "$1") >"$build/$1.log" 2>&1 ||
        status=$?
    if [ "$status" != 0 ]; then
        grep -vE '^(INFO|#[0-9])' "$build/$1.log" | head -n 40
        echo "fuzz: $1 failed with status $status; all that it said is in $build/$1.log"
        return 1
    fi
    printf '%-9s %s\n' "$1" "$(grep -oE 'Done [0-9]+ runs' "$build/$1.log")"
}

# run TARGET
run() {
    new=$out/$1 log=$out/$1.log status=0
    rm -rf "${new:?}"
    mkdir -p "$new"
    # shellcheck disable=SC2046 # a list of folders
    LLVM_PROFILE_FILE=$out/$1.profraw TMPDIR=$room \
        LSAN_OPTIONS=suppressions=ci/leaks.txt:print_suppressions=0 \
        "$out/fuzz-$1" "$new" $(inputs_of "$1") \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=16384 \
        -dict="$out/dictionary" -artifact_prefix="$out/$1-" -print_final_stats=1 \
        >"$log" 2>&1 || status=$?
    if [ "$status" != 0 ]; then
        failed=$((failed + 1))
        tell_failure "$1"
        return
    fi
    passed=$((passed + 1))
    printf '%-9s %7d inputs, %4d kept for what is new in them; %s\n' "$1" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
        "$(find "$new" -type f | wc -l)" "$(coverage "$1")"
}

# Recipes are files, which are faster to write in memory.
room=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'rm -rf "$room"' EXIT
if [ "$seconds" = 0 ]; then
    for target in "$@"; do
        if kept "$target"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    done
    echo "goneaway: $passed passed, $failed failed, 0 skipped"
    [ "$failed" = 0 ]
    exit
fi
dictionary >"$out/dictionary"
for target in "$@"; do
    run "$target"
done
echo "goneaway: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
