#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# measure.sh - measure connectors on servers, into fixtures/measured (or MEASURED)
#
# usage: measure.sh PROGRAM REPORTS CONNECTOR,.. SERVER,.. SCENARIOS [OPTION ..]
# Runs SCENARIOS three times, such as "headline pool*", and ten times what is known to race; if that is empty, the whole
# catalogue in portions: the headline set, pools and what races as often, the rest once. Each portion leaves its json
# report in the folder REPORTS when it is done, and what has a report there is not run again, so an interrupted
# measurement resumes where it was. Nothing is committed. A file that is new says in `only:` what of the catalogue was
# measured, until all of it is. A connector whose cases are broken is measured by the others; `explain VERDICT` says
# what it means.
set -eu
program=$1 reports=$2
connectors=$(echo "$3" | tr ',' ' ') servers=$(echo "$4" | tr ',' ' ') wanted=$5
shift 5
portion=12 measured=${MEASURED:-fixtures/measured}
mkdir -p "$reports"
trap 'exit 130' INT TERM

# run_portion REPORT SCENARIO.. -- OPTION..: one portion, unless it is done; 0 also if its cases are not all well
run_portion() {
    report=$1
    shift
    [ ! -e "$report" ] || return 0
    status=0
    "$program" run "$@" --baseline "$measured" --update-baseline --report "json=$report" \
        --report human=- -q >"$report.log" 2>&1 </dev/null || status=$?
    # 1: something violates its promise; 3: something could not be carried out; 4: nothing is for it
    case $status in
    0 | 1 | 3) tail -n 1 "$report.log" ;;
    4) : >"$report" ;;
    *) cat "$report.log" >&2 && rm -f "$report" && exit "$status" ;;
    esac
}

# mark LOG: has the file that a portion wrote say what was measured
mark() {
    file=$(sed -n 's/^goneaway: wrote \(.*\.yml\): .*/\1/p' "$1")
    if [ -z "$file" ]; then
        return
    elif [ -z "$wanted" ]; then
        sed -i '/^only: /d' "$file"
    elif ! echo "$before" | grep -qxF "$file" && ! grep -q '^only: ' "$file"; then
        sed -i "/^catalogue: /a only: [$(echo "$wanted" | sed 's/  */, /g')]" "$file"
    fi
}

# names of scenarios, one a line
names() {
    "$program" list scenarios "$@" | sed -n 's/^\([a-z0-9][a-z0-9-]*\)  *[0-9]* cases\{0,1\} .*/\1/p'
}

racy() {
    grep -l '^races:' scenarios/*/*.yml | sed 's|.*/\(.*\)\.yml|\1|'
}

first=$( (names headline && names 'pool*' && racy) | sort -u)
others=$(names | grep -vxF "$first" | xargs -n "$portion" | tr ' ' ',')
[ -z "$wanted" ] || first=$wanted others=
before=$(find "$measured" -name '*.yml')
for server in $servers; do
    for connector in $connectors; do
        echo "$connector on $server"
        place=$reports/$connector@$server
        # shellcheck disable=SC2086 # the names of scenarios are words
        report=$place-$(echo "${wanted:-first}" | tr -c 'a-z0-9\n-' _).json
        # shellcheck disable=SC2086
        (set -f && run_portion "$report" $first --server "$server" --connector "$connector" "$@")
        [ -z "$wanted" ] || mark "$report.log"
        number=0
        for names in $others; do
            number=$((number + 1))
            # shellcheck disable=SC2046 # so are these
            run_portion "$place-$number.json" $(echo "$names" | tr ',' ' ') --repeat 1 \
                --server "$server" --connector "$connector" "$@"
        done
        for log in "$place"-*.log; do
            [ -n "$wanted" ] || mark "$log"
        done
    done
done
