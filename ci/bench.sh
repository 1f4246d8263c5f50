#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bench.sh - how long the bench set and the whole catalogue take, and what the time goes into
#
# usage: bench.sh [PROGRAM]     RUNS: how often the bench set runs (default: 5)
# Whole-process times on one machine, the bench set's as medians of several runs, to be compared with
# each other and not with another machine's. Nothing in a test depends on them.
set -eu
program=${1:-build/goneaway}
runs=${RUNS:-5}
bench_set='kill-idle@tcp wait-timeout/query@tcp oversized-blob/twice@tcp firewall-block/dropped@tcp
    skip-networking/skipped@tcp forked-connection/closes@tcp server-restart/kill@tcp'
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# measure SERVER REPORT JOBS CASE..: one run, its report into a file
measure() {
    server=$1 report=$2 jobs=$3
    shift 3
    "$program" run "$@" --server "$server" --connector libmysqlclient --jobs "$jobs" \
        --report "json=$report" >/dev/null || true
}

# summarise NAME REPORT..: medians, and shares of the work
summarise() {
    name=$1
    shift
    cat "$@" | awk -v name="$name" '
        function number(key) {
            if (!match($0, "\"" key "\":[0-9.]+"))
                return 0
            return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0
        }
        /"type":"case"/ { work += number("ms"); boot += number("boot_ms"); imposed += number("imposed_ms") }
        /"type":"summary"/ { totals[++n] = number("ms"); passed += number("pass") }
        END {
            for (i = 1; i <= n; i++)
                for (k = i + 1; k <= n; k++)
                    if (totals[k] < totals[i]) { t = totals[i]; totals[i] = totals[k]; totals[k] = t }
            printf "%-14s %6d %6.2f s %6.2f s %6.2f s   %.0f %%, %.0f %%, %.0f %%\n", name, passed / n,
                totals[int((n + 1) / 2)] / 1000, totals[1] / 1000, totals[n] / 1000,
                100 * imposed / work, 100 * boot / work, 100 * (work - imposed - boot) / work
        }'
}

heading() {
    printf '%-14s %6s %8s %8s %8s   %s\n' "$1" passed median least most \
        'of the work: imposed by faults, waiting for boots, ours'
}

"$program" prepare '*' >/dev/null
heading 'bench set'
for server in mysql-9.7 mariadb-10.11; do
    for run in $(seq "$runs"); do
        # shellcheck disable=SC2086 # a list of words
        measure "$server" "$folder/$server-$run.json" 2 $bench_set
    done
    summarise "$server" "$folder/$server"-*.json
done

# most cases of the catalogue wait for timeouts, so more of them than processors run at a time
jobs=$(($(nproc) * 6))
echo
heading "all, $jobs jobs"
for server in mysql-9.7 mariadb-10.11; do
    measure "$server" "$folder/all-$server.json" "$jobs"
    summarise "$server" "$folder/all-$server.json"
done

echo
echo 'where the time goes on mysql-9.7, by scenario (seconds of work, number of cases):'
awk '/"type":"case"/ {
        match($0, /"scenario":"[^"]*"/); name = substr($0, RSTART + 12, RLENGTH - 13)
        match($0, /"ms":[0-9.]+/); ms[name] += substr($0, RSTART + 5, RLENGTH - 5); cases[name]++
    }
    END { for (name in ms) printf "%8.1f %4d  %s\n", ms[name] / 1000, cases[name], name }' \
    "$folder/all-mysql-9.7.json" | sort -rn | head -15
