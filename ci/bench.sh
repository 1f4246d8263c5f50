#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bench.sh - how long the bench set takes, and what the time goes into; $1 is the program
#
# Whole-process times on one machine, as medians of several runs, to be compared with each other and
# not with another machine's. Nothing in a test depends on them.
set -eu
program=${1:-build/goneaway}
runs=${RUNS:-5}
set -- kill-idle@tcp wait-timeout/query@tcp oversized-blob/twice@tcp firewall-block/dropped@tcp \
    skip-networking/skipped@tcp forked-connection/closes@tcp server-restart/kill@tcp
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" prepare >/dev/null
printf '%-14s %8s %8s %8s   %s\n' server median least most \
    'of the work: imposed by faults, waiting for boots, ours'
for server in mysql-9.7 mariadb-10.11; do
    for run in $(seq "$runs"); do
        "$program" run "$@" --server "$server" --connector libmysqlclient --jobs 2 \
            --report "json=$folder/$run.json" >/dev/null
    done
    cat "$folder"/*.json | awk -v server="$server" '
        function number(key) {
            if (!match($0, "\"" key "\":[0-9.]+"))
                return 0
            return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0
        }
        /"type":"case"/ { work += number("ms"); boot += number("boot_ms"); imposed += number("imposed_ms") }
        /"type":"summary"/ { totals[++n] = number("ms") }
        END {
            for (i = 1; i <= n; i++)
                for (k = i + 1; k <= n; k++)
                    if (totals[k] < totals[i]) { t = totals[i]; totals[i] = totals[k]; totals[k] = t }
            printf "%-14s %6.2f s %6.2f s %6.2f s   %.0f %%, %.0f %%, %.0f %%\n", server,
                totals[int((n + 1) / 2)] / 1000, totals[1] / 1000, totals[n] / 1000,
                100 * imposed / work, 100 * boot / work, 100 * (work - imposed - boot) / work
        }'
done
