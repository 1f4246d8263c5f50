#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# templates.sh - holds the templates for pipelines, and this project's own workflows, against the schemas of their
# engines, and their shell against shellcheck
#
# usage: templates.sh BUILD     (`make lint` calls this)
# The schemas come in the npm packages that ci/templates/npm names, which land in BUILD/npm.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "$1/npm"
npm=$(realpath "$1/npm")

# The lock is copied last, to mark the installation as complete.
if ! cmp -s ci/templates/npm/package-lock.json "$npm/done"; then
    cp ci/templates/npm/package.json ci/templates/npm/package-lock.json "$npm/"
    (cd "$npm" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    cp ci/templates/npm/package-lock.json "$npm/done"
fi
cp ci/templates/npm/check.mjs "$npm/"
PATH=$npm/node_modules/.bin:$PATH

workflows="ci/templates/github-workflow.yml .github/workflows/gate.yml .github/workflows/nightly.yml"
for file in ci/github-action/action.yml ci/github-action/merge/action.yml $workflows; do
    action-validator "$file"
done
# shellcheck disable=SC2086 # a list of words
node "$npm/check.mjs" workflow $workflows
node "$npm/check.mjs" kubernetes ci/templates/kubernetes-job.yaml

# It expects the file to be in a repository with a remote.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp ci/templates/gitlab-ci.yml "$work/.gitlab-ci.yml"
git -C "$work" init --quiet
git -C "$work" remote add origin https://example.org/a/b.git
(cd "$work" && gitlab-ci-local --list >said 2>&1) || { cat "$work/said" >&2 && exit 1; }

rm -rf "$1/shell"
python3 ci/templates/pipeline.py shell "$1/shell"
shellcheck --severity=warning --exclude=SC2154 "$1"/shell/*.sh
