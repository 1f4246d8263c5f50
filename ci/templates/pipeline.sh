#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# pipeline.sh - runs the shell lines of the templates for pipelines, as their engines would
#
# usage: pipeline.sh [github] [gitlab] [kubernetes]     (default: all three)
# Makes the repository of a connector, whose adapter is ours in C built against the client library of
# this machine, and runs the templates in it with two scenarios: once as they should pass, and once with
# a wrong expectation, which must turn the pipeline red and be shown. Any user can run it who can run
# goneaway; what pipeline.py emulates of an engine is said there.
set -euo pipefail
cd "$(dirname "$0")/../.."
source=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

ok() {
    passed=$((passed + 1))
    echo "ok - $*"
}
not_ok() {
    echo "not ok - $*" >&2
    exit 1
}
# has FILE PATTERN
has() {
    grep -Eq -- "$2" "$1" || not_ok "$1 lacks $2, and ends in"$'\n'"$(tail -n 40 "$1" | sed 's/^/| /')"
}
emulate() {
    python3 "$source/ci/templates/pipeline.py" "$@"
}

# A repository that can be cloned, of what this tree is now.
make_goneaway() {
    mkdir "$work/goneaway"
    if git rev-parse --git-dir >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=-
    else
        tar --create --exclude=./build .
    fi | tar --extract --directory="$work/goneaway"
    git -C "$work/goneaway" init --quiet --initial-branch=main
    git -C "$work/goneaway" add .
    git -C "$work/goneaway" -c user.name=t -c user.email=t@example.org commit --quiet --message=t
}

make_connector() {
    mkdir -p "$work/connector/scenarios"
    cd "$work/connector"
    cp "$source"/fixtures/connectors/c/*.[ch] .
    # shellcheck disable=SC2016 # make's variables
    printf 'adapter: $(wildcard *.c)\n\tcc -D_GNU_SOURCE -o $@ $^ $$(mysql_config --cflags --libs) $$(pkg-config --libs jansson)\n' >Makefile
    cat >scenarios/killed.yml <<'END'
goneaway: 1
title: An idle session is killed
cause: killed
source: this connector's own tests
transport: [tcp, socket]
steps:
  - app: connect
  - fault: {kill: app}
  - until: {app-socket: closed-by-peer}
  - {id: first, app: {query: SELECT 1}}
outcomes:
  - {if: {transport: tcp}, first: 2013}
  - {first: {error: 2006, or: [{error: 2013}], why: the library decides}}
END
    cp "$source/ci/templates/github-workflow.yml" "$source/ci/templates/gitlab-ci.yml" "$source/ci/templates/kubernetes-job.yaml" .
    sed -i 's,scenarios: headline,scenarios: scenarios kill-idle,; s,servers: .*,servers: mariadb-10.11,' github-workflow.yml
}

expect_wrongly() {
    sed -i 's/first: 2013/first: 2014/' scenarios/killed.yml
}
expect_rightly() {
    sed -i 's/first: 2014/first: 2013/' scenarios/killed.yml
}

try_github() {
    emulate github github-workflow.yml "$work/goneaway" || not_ok 'the workflow fails'
    has .pipeline/summary.md '^### goneaway: [0-9]+ cases as expected$'
    test -s .pipeline/artifacts/goneaway/goneaway.xml
    ok 'GitHub: the workflow ends well, with a summary'
    expect_wrongly
    ! emulate github github-workflow.yml "$work/goneaway" || not_ok 'the workflow hides a failure'
    has .pipeline/log '^::error file=scenarios/killed.yml,title=wrong-code%3A killed@tcp \(mariadb-10.11%2C [a-z-]+\)::first: expected 2014'
    has .pipeline/summary.md '^\| killed&#64;tcp \| mariadb-10.11 .* \| wrong-code \| first: expected 2014'
    expect_rightly
    ok 'GitHub: what is not as expected turns it red, with an annotation and in the summary'
    rm -rf goneaway-reports
}

try_gitlab() {
    export GONEAWAY_URL="file://$work/goneaway" GONEAWAY_REF=main GONEAWAY_CACHE=$cache
    export GONEAWAY_SERVERS=mariadb-10.11 GONEAWAY_SCENARIOS='scenarios kill-idle'
    emulate gitlab gitlab-ci.yml || not_ok 'the GitLab pipeline fails'
    has goneaway.md '^### goneaway: [0-9]+ cases as expected$'
    has goneaway.xml '<testsuites name="goneaway" '
    ok 'GitLab: the pipeline ends well, with a report of all shards'
}

try_kubernetes() {
    export REPORTS=$work/reports ADAPTER=./adapter SERVERS=mariadb-10.11 WAIT_SECONDS=1
    export SCENARIOS='scenarios kill-idle'
    mkdir -p "$REPORTS"
    make --quiet adapter
    emulate kubernetes kubernetes-job.yaml "$work/goneaway/build" || not_ok 'the Kubernetes jobs fail'
    has .pipeline/log '^5 cases in '
    ok 'Kubernetes: each index is a shard, and the last job joins them'
    rm "$REPORTS"/shard-2.json
    expect_wrongly
    ! SCENARIOS='scenarios kill-idle no-such' emulate kubernetes kubernetes-job.yaml "$work/goneaway/build" ||
        not_ok 'jobs that leave no report are not noticed'
    expect_rightly
    ok 'Kubernetes: a shard that leaves no report fails'
}

cache=${GONEAWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/goneaway}
make_goneaway
make_connector
make --quiet -C "$work/goneaway" -j "$(nproc)" build >/dev/null
[ $# -gt 0 ] || set -- github gitlab kubernetes
for engine; do
    "try_$engine"
done
echo "goneaway: $passed passed, 0 failed, 0 skipped"
