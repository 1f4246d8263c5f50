#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bench.sh - how long one case, the seven famous failures and the whole catalogue take, beside what
# the seven take by pytest and by docker (ci/bench/peers), what an interpreter costs, and what the time
# goes into
#
# usage: bench.sh [PROGRAM]     RUNS: how often all but the catalogue runs (default: 5)
# Whole-process times as a user sees them, medians of several runs on one machine, to be compared with
# each other and not with another machine's. Nothing in a test depends on them.
set -eu
program=${1:-build/goneaway}
runs=${RUNS:-5}
bench_set=${SEVEN:?is set by make bench}
peers=$(dirname "$0")/peers/peers.sh
failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# measure SERVER REPORT OPTION..: one run, its report into a file
measure() {
    server=$1 report=$2
    shift 2
    "$program" run "$@" --server "$server" --connector libmysqlclient --report "json=$report" \
        >/dev/null || true
}

# clock NAME COMMAND..: how long it takes from start to end, in milliseconds, a line for each run;
# fails as the command does, with the end of what it said on standard error
clock() {
    times=$folder/$1.times
    shift
    for run in $(seq "$runs"); do
        before=$(date +%s%N)
        status=0
        "$@" >"$folder/said" 2>&1 || status=$?
        [ "$status" = 0 ] || { tail -n 3 "$folder/said" >&2 && return "$status"; }
        echo $((($(date +%s%N) - before) / 1000000)) >>"$times"
    done
}

# tell NAME TITLE: their median, minimum and maximum, and the ratio to the seven's median
tell() {
    seven=$(sort -n "$folder/seven.times" 2>/dev/null | sed -n "$(((runs + 1) / 2))p")
    sort -n "$folder/$1.times" | awk -v title="$2" -v seven="${seven:-0}" '
        { ms[NR] = $1 }
        END {
            median = ms[int((NR + 1) / 2)]
            printf "%-44s %5.2f s %5.2f s %5.2f s", title, median / 1000, ms[1] / 1000, ms[NR] / 1000
            if (seven) printf " %6.2f", median / seven
            print ""
        }'
}

# compare KIND TITLE: the same work by others; status 77 means that they cannot do it here
compare() {
    status=0
    why=$(clock "$1" "$peers" "$1" 2>&1) || status=$?
    case $status in
    0) tell "$1" "$2" ;;
    77) printf '%-44s %s\n' "$2" "$why" ;;
    *) printf '%-44s failed: %s\n' "$2" "$why" && failed=1 ;;
    esac
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
        /"type":"summary"/ { totals[++n] = number("ms"); passed += number("pass"); used += number("used_ms") }
        /"type":"case"/ { cases++ }
        END {
            for (i = 1; i <= n; i++)
                for (k = i + 1; k <= n; k++)
                    if (totals[k] < totals[i]) { t = totals[i]; totals[i] = totals[k]; totals[k] = t }
            printf "%-14s %6d %6.2f s %6.2f s %6.2f s %6.1f ms   %.0f %%, %.0f %%, %.0f %%\n", name, passed / n,
                totals[int((n + 1) / 2)] / 1000, totals[1] / 1000, totals[n] / 1000, used / cases,
                100 * imposed / work, 100 * boot / work, 100 * (work - imposed - boot) / work
        }'
}

# interpreter REPORT..: what an interpreter's start costs, from reports of runs with both connectors: the
# ratio of the cases that both ran
interpreter() {
    cat "$@" | awk '
        /"type":"case"/ && !/"verdict":"skip"/ {
            match($0, /"id":"[^"]*"/); id = substr($0, RSTART, RLENGTH)
            match($0, /"connector":\{"name":"[^"]*"/); name = substr($0, RSTART + 21, RLENGTH - 22)
            match($0, /"ms":[0-9.]+/); ms = substr($0, RSTART + 5, RLENGTH - 5)
            took[name, id] += ms; ran[name, id]++; ids[id]
        }
        END {
            for (id in ids)
                if (ran["mariadb-c", id] && ran["mariadb-c", id] == ran["pymysql", id]) {
                    c += took["mariadb-c", id]; python += took["pymysql", id]; n++
                }
            if (c) printf "%d cases: PyMySQL takes %.2f times what C takes (at most 2)\n", n, python / c
        }'
}

heading() {
    printf '%-14s %6s %8s %8s %8s %9s   %s\n' "$1" passed median least most 'a case' \
        'of the work: imposed by faults, waiting for boots, the rest'
}

"$program" prepare '*' >/dev/null
printf '%-44s %7s %7s %7s %6s\n' 'whole processes, mysql-9.7' median least most ratio
clock one "$program" run kill-idle@tcp --server mysql-9.7 --connector libmysqlclient
tell one 'one case'
# shellcheck disable=SC2086 # a list of words
clock seven "$program" run $bench_set --server mysql-9.7 --connector libmysqlclient
tell seven 'the seven'
compare cached 'the seven by pytest, PyMySQL and bubblewrap'
compare docker 'the seven by pytest, PyMySQL and docker'

# "a case": goneaway's own processor time, without servers, apps and tools
echo
heading 'bench set'
for server in mysql-9.7 mariadb-10.11; do
    for run in $(seq "$runs"); do
        # shellcheck disable=SC2086 # a list of words
        measure "$server" "$folder/$server-$run.json" --jobs 2 $bench_set
    done
    summarise "$server" "$folder/$server"-*.json
done

echo
heading headline
for server in mysql-9.7 mariadb-10.11; do
    measure "$server" "$folder/headline-$server.json" headline
    summarise "$server" "$folder/headline-$server.json"
done

echo
echo 'an interpreter beside C, headline on mysql-9.7'
"$program" run headline --server mysql-9.7 --connector mariadb-c,pymysql \
    --report "json=$folder/interpreter.json" >/dev/null || true
interpreter "$folder/interpreter.json"

echo
heading all
for server in mysql-9.7 mariadb-10.11; do
    measure "$server" "$folder/all-$server.json"
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
exit "$failed"
